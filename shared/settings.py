"""The app's settings: read once from the environment, checked together, then fixed."""

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

SECRET_PREFIX = "WEBHOOK_SECRET_"  # noqa: S105 - what the names of settings begin with
NOTIFY_PREFIX = "NOTIFY_"


BESIDE_GRAPH = 45.0
"""Seconds that the slowest start takes beside waiting for Graph's answers: two connections to Graph (5 s each), two
calls of the ledger's table (15 s each) and a pause (5 s)."""


def _setting[T](name: str, default: T, parse: Callable[[str], T], *, secret: bool = False) -> T:
    """A field that is read from the setting of that name; what is secret is not shown by repr."""
    value: T = field(default=default, metadata={"name": name, "parse": parse}, repr=not secret)
    return value


_WHEN_WRONG: Mapping[str, frozenset[str]] = {"ALLOWED_SERVICE_PRINCIPALS": frozenset(), "SOURCES": frozenset()}
"""The values of settings that are wrong, where their defaults would allow more than what was meant."""


@dataclass(frozen=True)
class Settings:
    """What an operator can set, with the defaults of an app that sets nothing."""

    start_requests_queue: str = _setting("START_REQUESTS_QUEUE", "start-requests", kinds.queue_name)
    start_status_queue: str = _setting("START_STATUS_QUEUE", "start-status", kinds.queue_name)
    start_notices_queue: str = _setting("START_NOTICES_QUEUE", "start-notices", kinds.queue_name)
    queue_connection: str = _setting("QUEUE_CONNECTION", "AzureWebJobsStorage", kinds.connection_name)
    graph_endpoint: str = _setting("GRAPH_ENDPOINT", "https://graph.microsoft.com", kinds.endpoint)
    graph_version: str = _setting("GRAPH_VERSION", "v1.0", kinds.one_of("v1.0", "beta"))
    graph_timeout: float = _setting("GRAPH_TIMEOUT", 30.0, kinds.number(1, 100))
    """Seconds to wait for an answer of Graph."""
    held_reasons: frozenset[Reason] = _setting("HELD_REASONS", HOLDABLE, kinds.held_reasons)
    allowed_service_principals: frozenset[str] | None = _setting("ALLOWED_SERVICE_PRINCIPALS", None, kinds.guids)
    """Object ids and application ids, in lower case; None allows all."""
    ledger_table: str = _setting("LEDGER_TABLE", "StartLedger", kinds.table_name)
    status_table: str | None = _setting("STATUS_TABLE", None, kinds.table_name)
    """Where events are kept for whoever asks for the status of a request (shared.status); None: nowhere."""
    status_key: str | None = _setting("STATUS_KEY", None, kinds.text, secret=True)
    """The secret that signs the addresses of statuses (shared.status.address)."""
    job_lease: timedelta = _setting("JOB_LEASE", timedelta(seconds=105), kinds.seconds(1, 314))
    """How long a worker has a job for itself: as long as the slowest start needs, and no longer, since the job of a
    worker that died waits for it. Where it is not set, it follows graph_timeout."""
    second_start_after: timedelta = _setting("SECOND_START_AFTER", timedelta(seconds=60), kinds.seconds(0, 600))
    """How long a start whose answer was lost has to show its effect, before the job may be started once more."""
    give_up_after: timedelta = _setting("GIVE_UP_AFTER", timedelta(hours=24), kinds.hours(0.0005, 24 * 6))
    """How long after its first try a request waits for what may pass; a message can wait on a queue for seven days."""
    start_limit: int = _setting("START_LIMIT", 3, kinds.whole_number(1, 10))
    """How many automatic starts a job gets within start_window."""
    start_window: timedelta = _setting("START_WINDOW", timedelta(hours=24), kinds.hours(0.01, 24 * 30))
    recovery_schedule: str = _setting("RECOVERY_SCHEDULE", "0 */5 * * * *", kinds.schedule)
    recovery_deadline: timedelta = _setting("RECOVERY_DEADLINE", timedelta(hours=24), kinds.hours(0.001, 24 * 30))
    """How long after a start its success is looked for."""
    credential_check: bool = _setting("CREDENTIAL_CHECK", default=False, parse=kinds.flag)
    """Whether the saved credentials are tried before a job that lost them is started."""
    application_names: bool = _setting("APPLICATION_NAMES", default=False, parse=kinds.flag)
    """Whether the display names of applications are read (shared.event.application_names)."""
    watch: frozenset[str] = _setting("WATCH", frozenset(), kinds.watched)
    """Whose jobs are looked at without being asked: ids as above, or the one word all or allowed; none: nobody's."""
    watch_schedule: str | None = _setting("WATCH_SCHEDULE", None, kinds.schedule)
    """None: every ten minutes, at a second drawn for the app."""
    site_name: str = _setting("WEBSITE_SITE_NAME", "local", kinds.text)
    threads: int = _setting("PYTHON_THREADPOOL_THREAD_COUNT", 12, kinds.whole_number(1, 1000))
    """How many requests an instance works on at once; the Functions worker reads the same setting."""
    sources: frozenset[str] | None = _setting("SOURCES", None, kinds.names)
    """The kinds of senders that are open, in lower case; None where it is left to the secrets (shared.intake.keys)."""
    notify: Mapping[str, str] = field(default_factory=dict, repr=False)
    """By name of the setting, what the settings that begin with NOTIFY_PREFIX hold (shared.notices.set_up)."""
    webhook_secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """By name of the setting, what the settings that begin with SECRET_PREFIX hold (shared.intake.keys)."""

    @property
    def poison_queue(self) -> str:
        """Where the Functions host moves a message that failed maxDequeueCount times."""
        return f"{self.start_requests_queue}-poison"

    @property
    def graph_scope(self) -> str:
        """The scope of the tokens that Graph takes, in every cloud."""
        return f"{self.graph_endpoint}/.default"

    @property
    def slowest_start(self) -> timedelta:
        """How long a worker may need from taking a job to its last write of it."""
        return timedelta(seconds=2 * self.graph_timeout + BESIDE_GRAPH)

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> tuple[Settings, list[SettingFault]]:
        """The settings, and all that is wrong with them. What is wrong has its default, or guards more than that."""
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
        for check in (_queues_apart, _tables_apart, _long_enough, _somebody_allowed):
            settings, more = check(settings, {name for fault in faults for name in fault.settings}, environment)
            faults += more
        return settings, faults

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """The settings. Raises InvalidSettings, which names everything that is wrong."""
        settings, faults = cls.read(environment)
        if faults:
            raise InvalidSettings(faults)
        return settings


def setting_name(field_name: str) -> str:
    """The name of the setting that a field of Settings is read from."""
    return str(next(each.metadata["name"] for each in fields(Settings) if each.name == field_name))


def _beginning_with(prefix: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The settings whose names begin so; one that is blank is there, too."""
    return {name: text.strip() for name, text in environment.items() if name.startswith(prefix)}


def _somebody_allowed(
    settings: Settings, _wrong: set[str], _environment: Mapping[str, str]
) -> tuple[Settings, list[SettingFault]]:
    """The settings without a watch of those that are allowed, where all are."""
    if settings.watch != {"allowed"} or settings.allowed_service_principals is not None:
        return settings, []
    text = "WATCH is 'allowed', but ALLOWED_SERVICE_PRINCIPALS lists nobody; set it to all to watch everyone"
    return replace(settings, watch=frozenset()), [SettingFault((setting_name("watch"),), text)]


def _tables_apart(
    settings: Settings, _wrong: set[str], _environment: Mapping[str, str]
) -> tuple[Settings, list[SettingFault]]:
    """The settings without a table of statuses that is the ledger's; the service does not tell cases apart."""
    if (settings.status_table or "").lower() != settings.ledger_table.lower():
        return settings, []
    name = setting_name("status_table")
    text = f"{name} must not be the table of {setting_name('ledger_table')}"
    return replace(settings, status_table=None), [SettingFault((name,), text)]


def _queues_apart(
    settings: Settings, _wrong: set[str], environment: Mapping[str, str]
) -> tuple[Settings, list[SettingFault]]:
    """The settings without two that name one queue, or one that names the poison queue of another.

    Such settings have their defaults, which may be another's queue in their turn.
    """
    faults: list[SettingFault] = []
    while found := next(_shared_queues(settings), None):
        fields_, text = found
        names = tuple(name for name in map(setting_name, fields_) if name in environment)
        settings = replace(settings, **{name: _default(name) for name in fields_})
        faults.append(SettingFault(names, text))
    return settings, faults


def _shared_queues(settings: Settings) -> Iterator[tuple[tuple[str, str], str]]:
    """Two fields that name one queue, or of which one names the poison queue of the other, and a sentence on them."""
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
    """The settings with a lease that outlasts a start: else another worker may start a job that runs by then."""
    needed = settings.slowest_start
    if settings.job_lease >= needed:
        return settings, []
    given, timeout = setting_name("job_lease"), setting_name("graph_timeout")
    if given not in environment or {given, timeout} & wrong:
        return replace(settings, job_lease=needed), []
    text = (
        f"{given} is {settings.job_lease.total_seconds():g}, but a start may take {needed.total_seconds():g} seconds "
        f"where {timeout} is {settings.graph_timeout:g}: make one longer, or the other shorter"
    )
    return replace(settings, job_lease=needed), [SettingFault((given, timeout), text)]


def _default(field_name: str) -> Any:
    return next(each.default for each in fields(Settings) if each.name == field_name)
