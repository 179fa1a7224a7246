"""The app's settings: read once from the environment, checked together, then fixed."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from shared.errors import InvalidSettings
from shared.outcome import HOLDABLE, Reason
from shared.reference import parse_guid
from shared.sources import SOURCES
from shared.sources.source import SECRET_PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.signatures import Scheme

START_REQUESTS_QUEUE = "START_REQUESTS_QUEUE"
START_STATUS_QUEUE = "START_STATUS_QUEUE"
QUEUE_CONNECTION = "QUEUE_CONNECTION"
GRAPH_ENDPOINT = "GRAPH_ENDPOINT"
GRAPH_VERSION = "GRAPH_VERSION"
GRAPH_TIMEOUT = "GRAPH_TIMEOUT"
HELD_REASONS = "HELD_REASONS"
ALLOWED_SERVICE_PRINCIPALS = "ALLOWED_SERVICE_PRINCIPALS"
WEBSITE_SITE_NAME = "WEBSITE_SITE_NAME"
PYTHON_THREADPOOL_THREAD_COUNT = "PYTHON_THREADPOOL_THREAD_COUNT"

_QUEUE_NAME = re.compile(r"(?=.{3,56}$)[a-z0-9](?:-?[a-z0-9])*")
"""Queue Storage allows 63 characters; the poison queue's name has 7 more than the queue's."""
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Settings:
    """What an operator can set, with the defaults of an app that sets nothing."""

    start_requests_queue: str = "start-requests"
    start_status_queue: str = "start-status"
    queue_connection: str = "AzureWebJobsStorage"
    graph_endpoint: str = "https://graph.microsoft.com"
    graph_version: str = "v1.0"
    graph_timeout: float = 30.0
    """Seconds to wait for an answer of Graph."""
    held_reasons: frozenset[Reason] = HOLDABLE
    allowed_service_principals: frozenset[str] | None = None
    """Object ids and application ids, in lower case; None allows all."""
    site_name: str = "local"
    threads: int = 24
    """How many requests an instance works on at once; the Functions worker reads the same setting."""
    webhook_keys: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict, repr=False)
    """By name of the source, the keys of which one must have signed what it sends."""

    @property
    def poison_queue(self) -> str:
        """Where the Functions host moves a message that failed maxDequeueCount times."""
        return f"{self.start_requests_queue}-poison"

    @property
    def graph_scope(self) -> str:
        """The scope of the tokens that Graph takes, in every cloud."""
        return f"{self.graph_endpoint}/.default"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the settings; an empty value counts as not set.

        Raises InvalidSettings, which names everything that is wrong.
        """
        reader = _Reader(environment)
        settings = cls(
            start_requests_queue=reader.queue_name(START_REQUESTS_QUEUE, cls.start_requests_queue),
            start_status_queue=reader.queue_name(START_STATUS_QUEUE, cls.start_status_queue),
            queue_connection=reader.text(QUEUE_CONNECTION, cls.queue_connection),
            graph_endpoint=reader.endpoint(GRAPH_ENDPOINT, cls.graph_endpoint),
            graph_version=reader.one_of(GRAPH_VERSION, ("v1.0", "beta")),
            graph_timeout=reader.number(GRAPH_TIMEOUT, cls.graph_timeout, least=1, most=100),
            held_reasons=reader.held_reasons(HELD_REASONS),
            allowed_service_principals=reader.guids(ALLOWED_SERVICE_PRINCIPALS),
            site_name=reader.text(WEBSITE_SITE_NAME, cls.site_name),
            threads=int(reader.number(PYTHON_THREADPOOL_THREAD_COUNT, cls.threads, least=1, most=1000)),
            webhook_keys=reader.webhook_keys(),
        )
        if settings.start_requests_queue == settings.start_status_queue:
            reader.faults.append(f"{START_STATUS_QUEUE} must not be the queue of {START_REQUESTS_QUEUE}")
        if reader.faults:
            raise InvalidSettings(reader.faults)
        return settings


@cache
def current() -> Settings:
    """The settings of this process. Raises InvalidSettings."""
    return Settings.from_environment(os.environ)


class _Reader:
    """Reads one setting after another, and remembers what was wrong."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.faults: list[str] = []

    def text(self, name: str, default: str) -> str:
        return self._environment.get(name, "").strip() or default

    def queue_name(self, name: str, default: str) -> str:
        value = self.text(name, default)
        if not _QUEUE_NAME.fullmatch(value):
            self.faults.append(
                f"{name} is {value!r}, but a queue name has 3 to 56 lower-case letters, digits and single hyphens"
            )
        return value

    def one_of(self, name: str, choices: tuple[str, ...]) -> str:
        value = self.text(name, choices[0])
        if value not in choices:
            self.faults.append(f"{name} is {value!r}, but must be one of {', '.join(choices)}")
        return value

    def number(self, name: str, default: float, *, least: float, most: float) -> float:
        text = self.text(name, "")
        try:
            value = float(text) if text else default
        except ValueError:
            value = most + 1
        if not least <= value <= most:
            self.faults.append(f"{name} is {text!r}, but must be a number from {least:g} to {most:g}")
            return default
        return value

    def endpoint(self, name: str, default: str) -> str:
        value = self.text(name, default).rstrip("/")
        try:
            url = urlsplit(value)
            host = url.hostname
            _ = url.port  # raises where it is no number
        except ValueError:
            self.faults.append(f"{name} is {value!r}, which is no URL")
            return value
        if not host or url.path or url.query or url.fragment or url.username is not None:
            self.faults.append(f"{name} is {value!r}, but must be a root such as {Settings.graph_endpoint}")
        elif url.scheme != "https" and not (url.scheme == "http" and host in _LOOPBACK):
            self.faults.append(f"{name} is {value!r}, but must be https (tokens are sent to it)")
        return value

    def held_reasons(self, name: str) -> frozenset[Reason]:
        text = self.text(name, "")
        if not text:
            return HOLDABLE
        if text.lower() == "none":
            return frozenset()
        known = {reason.value: reason for reason in HOLDABLE}
        names = _items(text)
        for unknown in sorted(names - known.keys()):
            self.faults.append(f"{name} lists {unknown!r}, but knows only {', '.join(sorted(known))}, or none")
        return frozenset(known[item] for item in names & known.keys())

    def guids(self, name: str) -> frozenset[str] | None:
        items = _items(self.text(name, ""))
        for item in sorted(items):
            if parse_guid(item) is None:
                self.faults.append(f"{name} lists {item!r}, which is no GUID")
        return frozenset(items) or None

    def webhook_keys(self) -> dict[str, tuple[bytes, ...]]:
        """The keys of the sources that have secrets. A secret that nothing would check is a fault."""
        sources = {source.secret_setting: source for source in SOURCES.values()}
        keys: dict[str, tuple[bytes, ...]] = {}
        for name in sorted(self._environment):
            text = self.text(name, "") if name.startswith(SECRET_PREFIX) else ""
            if not text:
                continue
            source = sources.get(name)
            if source is None:
                self.faults.append(f"{name} is for no known source; they are {', '.join(SOURCES)}")
            elif source.signature is None:
                self.faults.append(f"{name} would never be checked: requests from {source.name} are not signed")
            else:
                keys[source.name] = self._keys(name, text, source.signature)
        return keys

    def _keys(self, name: str, text: str, scheme: Scheme) -> tuple[bytes, ...]:
        """The keys in a list of secrets that is separated by commas; faults never show a secret."""
        keys: list[bytes] = []
        for secret in map(str.strip, text.split(",")):
            try:
                keys.append(_key(secret, scheme))
            except ValueError as error:
                self.faults.append(f"{name} lists a secret that {error}")
        return tuple(keys)


def _key(secret: str, scheme: Scheme) -> bytes:
    """The key of one secret. Raises ValueError, with the rest of a sentence."""
    if not secret:
        raise ValueError("is empty")
    if secret.lower().startswith("@microsoft.keyvault("):
        # App Service hands out the text of a reference that it can't resolve; anybody could sign with that.
        raise ValueError("is a Key Vault reference which was not resolved")
    return scheme.key(secret)


def _items(text: str) -> frozenset[str]:
    """The items of a list that is separated by commas, without case."""
    return frozenset(item.strip().lower() for item in text.split(",") if item.strip())
