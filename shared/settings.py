"""The app's settings: read once from the environment, checked together, then immutable."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from itertools import combinations
from typing import TYPE_CHECKING, Any

from shared import setting_kinds as kinds
from shared.errors import InvalidSettings, SettingFault
from shared.outcome import HOLDABLE, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

SECRET_PREFIX = "WEBHOOK_SECRET_"  # noqa: S105 - a prefix of names
NOTIFY_PREFIX = "NOTIFY_"


BESIDE_GRAPH = 45.0
"""Seconds that the slowest start takes in addition to the wait for Graph's answers.

Two connections to Graph take 5 s each, two calls of the ledger's table 15 s each, and a pause 5 s."""


def _setting[T](name: str, default: T, parse: Callable[[str], T], *, secret: bool = False) -> T:
    """A field that is read from the setting with that name. repr does not show a secret."""
    value: T = field(default=default, metadata={"name": name, "parse": parse}, repr=not secret)
    return value


_WHEN_WRONG: Mapping[str, frozenset[str]] = {"ALLOWED_SERVICE_PRINCIPALS": frozenset(), "SOURCES": frozenset()}
"""Values in place of wrong settings whose defaults would allow more than intended."""


@dataclass(frozen=True)
class Settings:
    """What an operator can set, with the defaults."""

    start_requests_queue: str = _setting("START_REQUESTS_QUEUE", "start-requests", kinds.queue_name)
    start_status_queue: str = _setting("START_STATUS_QUEUE", "start-status", kinds.queue_name)
    start_notices_queue: str = _setting("START_NOTICES_QUEUE", "start-notices", kinds.queue_name)
    queue_connection: str = _setting("QUEUE_CONNECTION", "AzureWebJobsStorage", kinds.connection_name)
    graph_endpoint: str = _setting("GRAPH_ENDPOINT", "https://graph.microsoft.com", kinds.endpoint)
    graph_version: str = _setting("GRAPH_VERSION", "v1.0", kinds.one_of("v1.0", "beta"))
    graph_timeout: float = _setting("GRAPH_TIMEOUT", 30.0, kinds.number(1, 100))
    """Seconds to wait for an answer from Graph."""
    held_reasons: frozenset[Reason] = _setting("HELD_REASONS", HOLDABLE, kinds.held_reasons)
    allowed_service_principals: frozenset[str] | None = _setting("ALLOWED_SERVICE_PRINCIPALS", None, kinds.guids)
    """Object ids and application ids, in lower case; None allows all."""
    ledger_table: str = _setting("LEDGER_TABLE", "StartLedger", kinds.table_name)
    status_table: str | None = _setting("STATUS_TABLE", None, kinds.table_name)
    """The table that keeps events for the status of requests (shared.status); None to keep none."""
    status_key: str | None = _setting("STATUS_KEY", None, kinds.text, secret=True)
    """The secret that signs the addresses of statuses (shared.status.address)."""
    job_lease: timedelta = _setting("JOB_LEASE", timedelta(seconds=105), kinds.seconds(1, 314))
    """How long a worker has a job for itself. It is as long as the slowest start, but not longer, because the job of a
    worker that died has to wait for it. If it is not set, it depends on graph_timeout."""
    second_start_after: timedelta = _setting("SECOND_START_AFTER", timedelta(seconds=60), kinds.seconds(0, 600))
    """How long the app waits for the effect of a start whose answer was lost, before it may start the job again."""
    give_up_after: timedelta = _setting("GIVE_UP_AFTER", timedelta(hours=24), kinds.hours(0.0005, 24 * 6))
    """How long after its first try a request may wait. A message stays on a queue for at most seven days."""
    start_limit: int = _setting("START_LIMIT", 3, kinds.whole_number(1, 10))
    """Most automatic starts of a job within start_window."""
    start_window: timedelta = _setting("START_WINDOW", timedelta(hours=24), kinds.hours(0.01, 24 * 30))
    recovery_schedule: str = _setting("RECOVERY_SCHEDULE", "0 */5 * * * *", kinds.schedule)
    recovery_deadline: timedelta = _setting("RECOVERY_DEADLINE", timedelta(hours=24), kinds.hours(0.001, 24 * 30))
    """How long after a start the app looks for a successful run."""
    credential_check: bool = _setting("CREDENTIAL_CHECK", default=False, parse=kinds.flag)
    """Whether Graph tests the saved credentials before the start of a job in quarantine because of credentials."""
    application_names: bool = _setting("APPLICATION_NAMES", default=False, parse=kinds.flag)
    """Whether the app reads the display names of applications (shared.event.application_names)."""
    watch: frozenset[str] = _setting("WATCH", frozenset(), kinds.watched)
    """Applications whose jobs the app checks without an alert: ids as above, or only the word all or allowed."""
    watch_schedule: str | None = _setting("WATCH_SCHEDULE", None, kinds.schedule)
    """None for every ten minutes, at a second that depends on the app's name."""
    site_name: str = _setting("WEBSITE_SITE_NAME", "local", kinds.text)
    threads: int = _setting("PYTHON_THREADPOOL_THREAD_COUNT", 12, kinds.whole_number(1, 1000))
    """How many requests an instance works on at once. The Functions worker reads the same setting."""
    sources: frozenset[str] | None = _setting("SOURCES", None, kinds.names)
    """The names of the sources that are open, in lower case. If None, the secrets decide (shared.intake.keys)."""
    notify: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The values of settings that begin with NOTIFY_PREFIX, by the setting's name (shared.notices.set_up)."""
    webhook_secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The values of settings that begin with SECRET_PREFIX, by the setting's name (shared.intake.keys)."""

    @property
    def poison_queue(self) -> str:
        """Where the Functions host moves a message that failed maxDequeueCount times."""
        return f"{self.start_requests_queue}-poison"

    @property
    def graph_scope(self) -> str:
        """The scope of tokens for Graph, in every cloud."""
        return f"{self.graph_endpoint}/.default"

    @property
    def slowest_start(self) -> timedelta:
        """How long a worker may need, from its claim on a job to its last write to the ledger."""
        return timedelta(seconds=2 * self.graph_timeout + BESIDE_GRAPH)

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> tuple[Settings, list[SettingFault]]:
        """The settings, and all their faults. A wrong setting has its default, or a value that allows less."""
        values: dict[str, Any] = {}
        faults: list[SettingFault] = []
        for each in fields(cls):
            name = each.metadata.get("name", "")
            text = environment.get(name)
            if text is None:
                continue
            try:
                values[each.name] = kinds.value_of(text, each.metadata["parse"])
            except ValueError as error:
                faults += (SettingFault((name,), f"{name} {fault}") for fault in error.args)
                if name in _WHEN_WRONG:
                    values[each.name] = _WHEN_WRONG[name]
        settings = cls(
            **values,
            webhook_secrets=_beginning_with(SECRET_PREFIX, environment),
            notify=_beginning_with(NOTIFY_PREFIX, environment),
        )
        for check in (_queues_apart, _tables_apart, _long_enough, _allowed_are_listed):
            settings, more = check(settings, {name for fault in faults for name in fault.settings}, environment)
            faults += more
        return settings, faults

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """The settings. Raises InvalidSettings, which names every fault."""
        settings, faults = cls.read(environment)
        if faults:
            raise InvalidSettings(faults)
        return settings


def setting_name(field_name: str) -> str:
    """The name of the setting that a field of Settings is read from."""
    return str(next(each.metadata["name"] for each in fields(Settings) if each.name == field_name))


def _beginning_with(prefix: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The settings whose names begin with the prefix, including blank ones."""
    return {name: text.strip() for name, text in environment.items() if name.startswith(prefix)}


def _allowed_are_listed(
    settings: Settings, _wrong: set[str], _environment: Mapping[str, str]
) -> tuple[Settings, list[SettingFault]]:
    """The settings, with an empty watch if it is `allowed` although no list says which applications are."""
    if settings.watch != {"allowed"} or settings.allowed_service_principals is not None:
        return settings, []
    text = "WATCH is 'allowed', but ALLOWED_SERVICE_PRINCIPALS is not set. Set it, or set WATCH to 'all'"
    return replace(settings, watch=frozenset()), [SettingFault((setting_name("watch"),), text)]


def _tables_apart(
    settings: Settings, _wrong: set[str], _environment: Mapping[str, str]
) -> tuple[Settings, list[SettingFault]]:
    """The settings, without a status table if it is the ledger's table. The service ignores case in table names."""
    if (settings.status_table or "").lower() != settings.ledger_table.lower():
        return settings, []
    name = setting_name("status_table")
    text = f"{name} must not be the table of {setting_name('ledger_table')}"
    return replace(settings, status_table=None), [SettingFault((name,), text)]


def _queues_apart(
    settings: Settings, _wrong: set[str], environment: Mapping[str, str]
) -> tuple[Settings, list[SettingFault]]:
    """The settings, with defaults for two that name the same queue, or if one names the poison queue of the other.

    A default may again be the queue of another setting, so this repeats until all differ.
    """
    faults: list[SettingFault] = []
    while found := next(_shared_queues(settings), None):
        fields_, text = found
        names = tuple(name for name in map(setting_name, fields_) if name in environment)
        settings = replace(settings, **{name: _default(name) for name in fields_})
        faults.append(SettingFault(names, text))
    return settings, faults


def _shared_queues(settings: Settings) -> Iterator[tuple[tuple[str, str], str]]:
    """Two fields that name the same queue, or a queue and its poison queue, with a sentence about them."""
    queues = ("start_requests_queue", "start_status_queue", "start_notices_queue")
    for one, other in combinations(queues, 2):
        queue, its_queue = getattr(settings, one), getattr(settings, other)
        name, its_name = setting_name(one), setting_name(other)
        if queue == its_queue:
            yield (one, other), f"{its_name} must not be the queue of {name}"
        elif its_queue == f"{queue}-poison":
            yield (one, other), f"{its_name} must not be the poison queue of {name}"
        elif queue == f"{its_queue}-poison":
            yield (one, other), f"{name} must not be the poison queue of {its_name}"


def _long_enough(
    settings: Settings, wrong: set[str], environment: Mapping[str, str]
) -> tuple[Settings, list[SettingFault]]:
    """The settings, with a lease that outlasts a start. Otherwise two workers could start the same job."""
    needed = settings.slowest_start
    if settings.job_lease >= needed:
        return settings, []
    given, timeout = setting_name("job_lease"), setting_name("graph_timeout")
    if given not in environment or {given, timeout} & wrong:
        return replace(settings, job_lease=needed), []
    text = (
        f"{given} is {settings.job_lease.total_seconds():g}, but a start may take {needed.total_seconds():g} seconds "
        f"if {timeout} is {settings.graph_timeout:g}. Make {given} longer, or {timeout} shorter"
    )
    return replace(settings, job_lease=needed), [SettingFault((given, timeout), text)]


def _default(field_name: str) -> Any:
    return next(each.default for each in fields(Settings) if each.name == field_name)
