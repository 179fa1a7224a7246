"""The configuration of a process, from its environment: the settings, the objects parsed from them, and all faults.

A fault stops only the parts of the app that use the setting. The app still reports the fault, and no guard becomes
weaker than intended.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING

from shared.errors import InvalidSettings, SettingFault
from shared.setting_kinds import client_id, token_credentials, value_of
from shared.settings import NOTIFY_PREFIX, SECRET_PREFIX, Settings, setting_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.intake.keys import WebhookKeys
    from shared.notices.set_up import NoticeSettings

_QUEUES = frozenset({"QUEUE_CONNECTION", "START_REQUESTS_QUEUE"})
_LEDGER = frozenset({"QUEUE_CONNECTION", "LEDGER_TABLE"})
_IDENTITY = frozenset({"AZURE_TOKEN_CREDENTIALS", "AZURE_CLIENT_ID"})
_GRAPH = frozenset({"GRAPH_ENDPOINT", "GRAPH_VERSION", "GRAPH_TIMEOUT"}) | _IDENTITY
_NOT_FOR_STARTS = frozenset(
    {
        "SOURCES",
        "WATCH",
        "WATCH_SCHEDULE",
        "RECOVERY_SCHEDULE",
        "START_NOTICES_QUEUE",
        "APPLICATION_NAMES",
        "STATUS_TABLE",
        "STATUS_KEY",
    }
)
"""Settings that no start depends on. A wrong name of the notices queue, which only the app uses, has its default."""


class Use(Enum):
    """A part of the app that stops if a setting that it uses is wrong."""

    INTAKE = "intake"
    """Both HTTP routes, which put the requests that they accept on the start-requests queue."""
    STARTS = "starts"
    LEDGER = "ledger"
    FOLLOWING = "following"
    """The check whether a start helped. It records the result only after the event is on the queue."""

    def needs(self, fault: SettingFault) -> bool:
        """Whether the fault stops this part."""
        match self:
            case Use.INTAKE:
                return not _QUEUES.isdisjoint(fault.settings)
            case Use.LEDGER:
                return not _LEDGER.isdisjoint(fault.settings)
            case Use.FOLLOWING:
                return not (_LEDGER | _GRAPH | {"START_STATUS_QUEUE"}).isdisjoint(fault.settings)
            case Use.STARTS:
                return any(
                    name not in _NOT_FOR_STARTS and not name.startswith((SECRET_PREFIX, NOTIFY_PREFIX))
                    for name in fault.settings
                )


@dataclass(frozen=True)
class Configuration:
    """The settings, and the objects parsed from them. All are parsed at the start, so that one list has all faults."""

    settings: Settings
    webhook_keys: WebhookKeys = field(repr=False)
    open_sources: frozenset[str] | None = None
    """The names of the sources that are open; None for all."""
    status_keys: tuple[bytes, ...] = field(default=(), repr=False)
    """The keys that sign the addresses of statuses; empty if no status is kept."""
    notices: NoticeSettings | None = None
    """Which target gets which events; None if no target is set up."""
    faults: tuple[SettingFault, ...] = ()
    """All faults in the settings."""
    closed_sources: Mapping[str, tuple[SettingFault, ...]] = field(default_factory=dict)
    """The sources that accept nothing until these faults are corrected."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Configuration:
        """Parse all settings, and collect their faults."""
        settings, faults = Settings.read(environment)
        faults += _of_identity(environment)
        if "QUEUE_CONNECTION" in environment and not _is_connection(settings.queue_connection, environment):
            name = settings.queue_connection
            text = f"QUEUE_CONNECTION is {name}, but no setting has that name, or begins with {name}__"
            faults.append(SettingFault(("QUEUE_CONNECTION",), text))
            # The host itself uses this connection. If it does not exist, the host does not even index the functions.
            settings = replace(settings, queue_connection=Settings.queue_connection)
        keys: WebhookKeys = {}
        sources: frozenset[str] | None = None
        closed: Mapping[str, tuple[SettingFault, ...]] = {}
        if settings.webhook_secrets or settings.sources is not None:
            # This import takes a tenth of an instance's start, so it is done only if needed.
            from shared.intake.keys import read_senders

            of_sources = [fault for fault in faults if "SOURCES" in fault.settings]
            senders = read_senders(settings.webhook_secrets, settings.sources, of_sources)
            keys, sources, closed = senders.keys, senders.open, senders.closed
            faults += senders.faults
        status_keys: tuple[bytes, ...] = ()
        if settings.status_table is not None or settings.status_key is not None:
            from shared.status.address import status_keys as keys_of_status  # only if needed, as above

            keys_given, texts = keys_of_status(settings.status_key)
            faults += [SettingFault((setting_name("status_key"),), text) for text in texts]
            if settings.status_table is not None:
                status_keys = keys_given
        notices, of_notices = _notices(settings)
        return cls(settings, keys, sources, status_keys, notices, (*faults, *of_notices), closed)

    def faults_of(self, use: Use) -> tuple[SettingFault, ...]:
        """The faults that stop this part of the app."""
        return tuple(filter(use.needs, self.faults))

    def require(self, use: Use) -> None:
        """Raise InvalidSettings if a fault stops this part of the app."""
        if faults := self.faults_of(use):
            raise InvalidSettings(faults)

    def log_faults(self) -> None:
        """Log one line per fault, because the log does not contain what the start writes to stderr."""
        import logging  # with the next import, only if there is something to log

        from shared.log import line

        for fault in self.faults:
            logging.getLogger(__name__).warning(line("setting_wrong", setting=fault.settings[0], fault=fault))


def _of_identity(environment: Mapping[str, str]) -> list[SettingFault]:
    """The faults in the settings that azure-identity reads."""
    faults: list[SettingFault] = []
    for name, parse in (("AZURE_TOKEN_CREDENTIALS", token_credentials), ("AZURE_CLIENT_ID", client_id)):
        try:
            if name in environment:
                value_of(environment[name], parse)
        except ValueError as error:
            faults.append(SettingFault((name,), f"{name} {error}"))
    return faults


def _is_connection(name: str, environment: Mapping[str, str]) -> bool:
    """Whether one setting or several have that connection. Like the host, also tries the name after AzureWebJobs."""
    names = (f"AzureWebJobs{name}", name)
    if any(environment.get(each) for each in names):
        return True
    sections = tuple(f"{each}__".lower() for each in names)
    return any(text and each.lower().startswith(sections) for each, text in environment.items())


def _notices(settings: Settings) -> tuple[NoticeSettings | None, list[SettingFault]]:
    """Which target gets which events, and all faults. A wrong setting stops only the notices to its own target."""
    if not settings.notify:
        return None, []
    from shared.notices.set_up import NoticeSettings  # only if needed, as the keys above

    notices, texts = NoticeSettings.read(settings.notify)
    faults = [SettingFault((text.partition(" ")[0],), text) for text in texts]
    return notices if notices.targets else None, faults


@cache
def configuration() -> Configuration:
    """The configuration of this process. The first call writes all faults to stderr, which the host shows."""
    read = Configuration.read(os.environ)
    if read.faults:
        # The log would lose the line, because no function runs yet.
        sys.stderr.write("".join(f"{text}\n" for text in ("Invalid application settings:", *map(str, read.faults))))
        sys.stderr.flush()
    if read.settings.sources is None and read.open_sources is not None:
        import logging  # with the next import, only if there is something to log

        from shared.log import line

        logging.getLogger(__name__).warning(
            line("sources_closed_without_secret", open=",".join(sorted(read.open_sources)))
        )
    return read
