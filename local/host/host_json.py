"""Reads and checks host.json, with the real host's names, defaults and limits."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Self

from local.host.errors import HostJsonFault
from local.host.time_span import parse_time_span

# The default of Flex Consumption, Premium and Dedicated plans.
_DEFAULT_FUNCTION_TIMEOUT: Final = timedelta(minutes=30)
_LONGEST_INVISIBILITY: Final = timedelta(days=7)


class MessageEncoding(StrEnum):
    """How the text of a message is encoded in the queue."""

    NONE = "none"
    BASE64 = "base64"


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """extensions.queues"""

    batch_size: int
    new_batch_threshold: int
    max_polling_interval: timedelta
    visibility_timeout: timedelta
    max_dequeue_count: int
    message_encoding: MessageEncoding


@dataclass(frozen=True, slots=True)
class HostJson:
    """The parts of host.json that this host supports. No function_timeout means no limit."""

    queues: QueueSettings
    route_prefix: str
    function_timeout: timedelta | None


def read_host_json(path: Path) -> HostJson:
    """Read and check the file. Raises HostJsonFault, which names every fault in it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as fault:
        raise HostJsonFault(f"{path} cannot be read: {fault.strerror}") from fault
    return parse_host_json(text)


def parse_host_json(text: str) -> HostJson:
    """Check the text of a host.json. Raises HostJsonFault, which names every fault in it."""
    try:
        document = json.loads(text)
    except ValueError as fault:
        raise HostJsonFault(f"host.json is not JSON: {fault}") from fault
    if not isinstance(document, dict):
        raise HostJsonFault("host.json must hold one JSON object")

    faults: list[str] = []
    root = _Section("", document, faults)
    if document.get("version") != "2.0":
        faults.append('version must be "2.0"')
    default_timeout: timedelta | None = _DEFAULT_FUNCTION_TIMEOUT
    timeout = root.take("functionTimeout", default_timeout, _timeout)
    extensions = root.section("extensions")
    prefix = extensions.section("http").take("routePrefix", "api", _route_prefix)
    queues = _queue_settings(extensions.section("queues"))
    if faults:
        raise HostJsonFault("host.json: " + "; ".join(faults))
    return HostJson(queues=queues, route_prefix=prefix, function_timeout=timeout)


class _Section:
    """One object of the document. Returns checked values, and collects each fault with its place."""

    def __init__(self, place: str, values: Mapping[str, Any], faults: list[str]) -> None:
        self._place = place
        self._values = values
        self._faults = faults

    def section(self, name: str) -> Self:
        inner = self._values.get(name, {})
        if not isinstance(inner, dict):
            self._faults.append(f"{self._place}{name} must be an object")
            inner = {}
        return type(self)(f"{self._place}{name}.", inner, self._faults)

    def take[T](self, name: str, default: T, check: Callable[[Any], T]) -> T:
        if name not in self._values:
            return default
        try:
            return check(self._values[name])
        except ValueError as fault:
            self._faults.append(f"{self._place}{name}: {fault}")
            return default

    def refuse_others(self, known: set[str]) -> None:
        self._faults.extend(f"{self._place}{name} is not a setting" for name in self._values if name not in known)


def _queue_settings(section: _Section) -> QueueSettings:
    section.refuse_others(
        {
            "batchSize",
            "newBatchThreshold",
            "maxPollingInterval",
            "visibilityTimeout",
            "maxDequeueCount",
            "messageEncoding",
        }
    )
    batch_size = section.take("batchSize", 16, _whole_number(1, 32))
    return QueueSettings(
        batch_size=batch_size,
        new_batch_threshold=section.take("newBatchThreshold", batch_size // 2, _whole_number(0, 1000)),
        max_polling_interval=section.take(
            "maxPollingInterval", timedelta(minutes=1), _span(timedelta(milliseconds=100), timedelta.max)
        ),
        visibility_timeout=section.take("visibilityTimeout", timedelta(0), _span(timedelta(0), _LONGEST_INVISIBILITY)),
        max_dequeue_count=section.take("maxDequeueCount", 5, _whole_number(1, 2**31 - 1)),
        message_encoding=section.take("messageEncoding", MessageEncoding.BASE64, _encoding),
    )


def _whole_number(least: int, most: int) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(f"{value!r} is not a whole number from {least} to {most}")
        return value

    return check


def _span(least: timedelta, most: timedelta) -> Callable[[Any], timedelta]:
    def check(value: Any) -> timedelta:
        if not isinstance(value, str):
            raise ValueError(f"{value!r} is not a time span in quotes")  # noqa: TRY004 - take() handles only ValueError
        span = parse_time_span(value)
        if not least <= span <= most:
            raise ValueError(f"{value!r} is out of range")
        return span

    return check


def _timeout(value: Any) -> timedelta | None:
    if value == "-1":
        return None
    return _span(timedelta(seconds=1), timedelta.max)(value)


def _route_prefix(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a string")  # noqa: TRY004 - take() handles only ValueError
    return value.strip("/")


def _encoding(value: Any) -> MessageEncoding:
    try:
        return MessageEncoding(str(value).lower())
    except ValueError:
        raise ValueError(f'{value!r} is neither "none" nor "base64"') from None
