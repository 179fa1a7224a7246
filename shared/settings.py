"""The app's settings: read once from the environment, checked together, then fixed."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from shared.errors import InvalidSettings
from shared.outcome import HOLDABLE, Reason
from shared.request.reference import parse_guid

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shared.intake.signatures import Scheme

START_REQUESTS_QUEUE = "START_REQUESTS_QUEUE"
START_STATUS_QUEUE = "START_STATUS_QUEUE"
QUEUE_CONNECTION = "QUEUE_CONNECTION"
GRAPH_ENDPOINT = "GRAPH_ENDPOINT"
GRAPH_VERSION = "GRAPH_VERSION"
GRAPH_TIMEOUT = "GRAPH_TIMEOUT"
HELD_REASONS = "HELD_REASONS"
ALLOWED_SERVICE_PRINCIPALS = "ALLOWED_SERVICE_PRINCIPALS"
LEDGER_TABLE = "LEDGER_TABLE"
JOB_LEASE = "JOB_LEASE"
START_LIMIT = "START_LIMIT"
START_WINDOW = "START_WINDOW"
START_RECOVERY_QUEUE = "START_RECOVERY_QUEUE"
RECOVERY_SCHEDULE = "RECOVERY_SCHEDULE"
RECOVERY_DEADLINE = "RECOVERY_DEADLINE"
CREDENTIAL_CHECK = "CREDENTIAL_CHECK"
WEBSITE_SITE_NAME = "WEBSITE_SITE_NAME"
PYTHON_THREADPOOL_THREAD_COUNT = "PYTHON_THREADPOOL_THREAD_COUNT"
SECRET_PREFIX = "WEBHOOK_SECRET_"  # noqa: S105 - what the names of settings begin with

_QUEUE_NAME = re.compile(r"(?=.{3,56}$)[a-z0-9](?:-?[a-z0-9])*")
"""Queue Storage allows 63 characters; the poison queue's name has 7 more than the queue's."""
_TABLE_NAME = re.compile(r"(?!(?i:tables)$)[A-Za-z][A-Za-z0-9]{2,62}")
"""Source: Microsoft Learn, "Understanding the Table service data model"."""
_SCHEDULE = re.compile(r"[\dA-Za-z*/,-]+(?: [\dA-Za-z*/,-]+){4,5}|(?:\d+\.)?\d{1,2}:\d{1,2}:\d{1,2}")
"""The form of an NCRONTAB expression or of a time span; the Functions host looks closer."""
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
    ledger_table: str = "StartLedger"
    job_lease: timedelta = timedelta(seconds=300)
    """How long a worker has a job for itself: not less than functionTimeout in host.json (shared.ledger.entry)."""
    start_limit: int = 3
    """How many automatic starts a job gets within start_window."""
    start_window: timedelta = timedelta(hours=24)
    start_recovery_queue: str = "start-recovery"
    recovery_schedule: str = "0 */5 * * * *"
    recovery_deadline: timedelta = timedelta(hours=24)
    """How long after a start its success is looked for."""
    credential_check: bool = False
    """Whether the saved credentials are tried before a job that lost them is started."""
    site_name: str = "local"
    threads: int = 32
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
            queue_connection=reader.connection(QUEUE_CONNECTION, cls.queue_connection),
            graph_endpoint=reader.endpoint(GRAPH_ENDPOINT, cls.graph_endpoint),
            graph_version=reader.one_of(GRAPH_VERSION, ("v1.0", "beta")),
            graph_timeout=reader.number(GRAPH_TIMEOUT, cls.graph_timeout, least=1, most=100),
            held_reasons=reader.held_reasons(HELD_REASONS),
            allowed_service_principals=reader.guids(ALLOWED_SERVICE_PRINCIPALS),
            ledger_table=reader.matching(
                LEDGER_TABLE,
                cls.ledger_table,
                _TABLE_NAME,
                "a table name has 3 to 63 letters and digits, a letter first",
            ),
            job_lease=timedelta(seconds=reader.number(JOB_LEASE, cls.job_lease.seconds, least=1, most=314)),
            start_limit=int(reader.number(START_LIMIT, cls.start_limit, least=1, most=10)),
            start_window=timedelta(hours=reader.number(START_WINDOW, 24, least=0.01, most=24 * 30)),
            start_recovery_queue=reader.queue_name(START_RECOVERY_QUEUE, cls.start_recovery_queue),
            recovery_schedule=reader.matching(
                RECOVERY_SCHEDULE,
                cls.recovery_schedule,
                _SCHEDULE,
                "must be an NCRONTAB expression such as 0 */5 * * * *",
            ),
            recovery_deadline=timedelta(hours=reader.number(RECOVERY_DEADLINE, 24, least=0.001, most=24 * 30)),
            credential_check=reader.flag(CREDENTIAL_CHECK),
            site_name=reader.text(WEBSITE_SITE_NAME, cls.site_name),
            threads=int(reader.number(PYTHON_THREADPOOL_THREAD_COUNT, cls.threads, least=1, most=1000)),
            webhook_keys=reader.webhook_keys(),
        )
        queues = {
            START_REQUESTS_QUEUE: settings.start_requests_queue,
            START_STATUS_QUEUE: settings.start_status_queue,
            START_RECOVERY_QUEUE: settings.start_recovery_queue,
        }
        reader.faults.extend(_shared_queues(queues))
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

    def matching(self, name: str, default: str, pattern: re.Pattern[str], rule: str) -> str:
        value = self.text(name, default)
        if not pattern.fullmatch(value):
            self.faults.append(f"{name} is {value!r}, but {rule}")
        return value

    def connection(self, name: str, default: str) -> str:
        value = self.text(name, default)
        if "=" in value or ";" in value:
            # Without the value: it holds a key.
            self.faults.append(f"{name} is a connection string, but must be the name of the setting that holds it")
        return value

    def one_of(self, name: str, choices: tuple[str, ...]) -> str:
        value = self.text(name, choices[0])
        if value not in choices:
            self.faults.append(f"{name} is {value!r}, but must be one of {', '.join(choices)}")
        return value

    def flag(self, name: str) -> bool:
        value = self.text(name, "false").lower()
        if value not in ("true", "false"):
            self.faults.append(f"{name} is {value!r}, but must be true or false")
        return value == "true"

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
        value = self.text(name, default).rstrip("/").lower()
        try:
            url = urlsplit(value)
            host = url.hostname
            _ = url.port  # raises where it is no number
        except ValueError:
            self.faults.append(f"{name} is {value!r}, which is no URL")
            return value
        if not host or value != f"{url.scheme}://{url.netloc}" or "@" in url.netloc:
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
        names = self.items(name, text)
        for unknown in sorted(names - known.keys()):
            self.faults.append(f"{name} lists {unknown!r}, but knows only {', '.join(sorted(known))}, or none")
        return frozenset(known[item] for item in names & known.keys())

    def guids(self, name: str) -> frozenset[str] | None:
        items = self.items(name, self.text(name, ""))
        for item in sorted(items):
            if parse_guid(item) is None:
                self.faults.append(f"{name} lists {item!r}, which is no GUID")
        return frozenset(items) or None

    def webhook_keys(self) -> dict[str, tuple[bytes, ...]]:
        """The keys of the sources that have secrets. A secret that nothing would check is a fault."""
        names = sorted(name for name in self._environment if name.startswith(SECRET_PREFIX) and self.text(name, ""))
        if not names:
            return {}
        from shared.intake.sources import SOURCES  # a tenth of an instance's start, where nothing else needs them

        sources = {source.secret_setting: source for source in SOURCES.values()}
        keys: dict[str, tuple[bytes, ...]] = {}
        for name in names:
            source = sources.get(name)
            if source is None:
                self.faults.append(f"{name} is for no known source; they are {', '.join(SOURCES)}")
            elif source.signature is None:
                self.faults.append(f"{name} would never be checked: requests from {source.name} are not signed")
            else:
                keys[source.name] = self._keys(name, self.text(name, ""), source.signature)
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

    def items(self, name: str, text: str) -> frozenset[str]:
        """The items of a list that is separated by commas, without case. A list of nothing says nothing clear."""
        items = frozenset(item.strip().lower() for item in text.split(",") if item.strip())
        if text and not items:
            self.faults.append(f"{name} is {text!r}, which lists nothing")
        return items


def _key(secret: str, scheme: Scheme) -> bytes:
    """The key of one secret. Raises ValueError, with the rest of a sentence."""
    if not secret:
        raise ValueError("is empty")
    if secret.lower().startswith("@microsoft.keyvault("):
        # App Service hands out the text of a reference that it can't resolve; anybody could sign with that.
        raise ValueError("is a Key Vault reference which was not resolved")
    return scheme.key(secret)


def _shared_queues(queues: Mapping[str, str]) -> Iterator[str]:
    """What is wrong where two settings name one queue, or one names the poison queue of another."""
    for (name, queue), (other, its_queue) in combinations(queues.items(), 2):
        if queue == its_queue:
            yield f"{other} must not be the queue of {name}"
        elif its_queue == f"{queue}-poison":
            yield f"{other} must not be the poison queue of {name}"
        elif queue == f"{its_queue}-poison":
            yield f"{name} must not be the poison queue of {other}"
