"""What the environment sets for this process: the settings, what intake makes of them, and all that is wrong with them.

A fault stops what uses its setting, and nothing else: it must neither keep the app from saying so, nor have it guard
less than what was meant.
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
"""What no start depends on. A wrong name of the queue of notices, which only the app uses, has its default."""


class Use(Enum):
    """What stops where a setting is wrong that it uses."""

    INTAKE = "intake"
    """Both HTTP routes: what they promise goes on the queue of requests."""
    STARTS = "starts"
    LEDGER = "ledger"
    FOLLOWING = "following"
    """Whether a start helped: a fate is noted only after its event is on the queue."""

    def needs(self, fault: SettingFault) -> bool:
        """Whether the fault stops this."""
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
    """The settings, and what is made of them at the start so that one list of faults names everything."""

    settings: Settings
    webhook_keys: WebhookKeys = field(repr=False)
    open_sources: frozenset[str] | None = None
    """The kinds of senders that are open; None for all."""
    status_keys: tuple[bytes, ...] = field(default=(), repr=False)
    """The keys of the addresses at which a status is read; none where no status is kept."""
    notices: NoticeSettings | None = None
    """Whom to tell of what; None where nobody is told."""
    faults: tuple[SettingFault, ...] = ()
    """All that is wrong."""
    closed_sources: Mapping[str, tuple[SettingFault, ...]] = field(default_factory=dict)
    """The kinds of senders from which nothing is taken, because of these faults."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Configuration:
        """Read everything."""
        settings, faults = Settings.read(environment)
        faults += _of_identity(environment)
        if "QUEUE_CONNECTION" in environment and not _is_connection(settings.queue_connection, environment):
            name = settings.queue_connection
            text = f"QUEUE_CONNECTION is {name}, but no setting has that name, or begins with {name}__"
            faults.append(SettingFault(("QUEUE_CONNECTION",), text))
            # What the host itself lives on: with a connection that is none it would not even index the functions.
            settings = replace(settings, queue_connection=Settings.queue_connection)
        keys: WebhookKeys = {}
        sources: frozenset[str] | None = None
        closed: Mapping[str, tuple[SettingFault, ...]] = {}
        if settings.webhook_secrets or settings.sources is not None:
            # A tenth of an instance's start, where nothing else needs it.
            from shared.intake.keys import read_senders

            of_sources = [fault for fault in faults if "SOURCES" in fault.settings]
            senders = read_senders(settings.webhook_secrets, settings.sources, of_sources)
            keys, sources, closed = senders.keys, senders.open, senders.closed
            faults += senders.faults
        status_keys: tuple[bytes, ...] = ()
        if settings.status_table is not None or settings.status_key is not None:
            from shared.status.address import status_keys as keys_of_status  # as the keys, above

            keys_given, texts = keys_of_status(settings.status_key)
            faults += [SettingFault((setting_name("status_key"),), text) for text in texts]
            if settings.status_table is not None:
                status_keys = keys_given
        notices, of_notices = _notices(settings)
        return cls(settings, keys, sources, status_keys, notices, (*faults, *of_notices), closed)

    def faults_of(self, use: Use) -> tuple[SettingFault, ...]:
        """The faults that stop this."""
        return tuple(filter(use.needs, self.faults))

    def require(self, use: Use) -> None:
        """Raise InvalidSettings where a fault stops this."""
        if faults := self.faults_of(use):
            raise InvalidSettings(faults)

    def log_faults(self) -> None:
        """One line for each fault: what is written at the start reaches nobody who looks at the log later."""
        import logging  # with what follows, only where there is something to say

        from shared.log import line

        for fault in self.faults:
            logging.getLogger(__name__).warning(line("setting_wrong", setting=fault.settings[0], fault=fault))


def _of_identity(environment: Mapping[str, str]) -> list[SettingFault]:
    """What is wrong with the settings that azure-identity reads."""
    faults: list[SettingFault] = []
    for name, parse in (("AZURE_TOKEN_CREDENTIALS", token_credentials), ("AZURE_CLIENT_ID", client_id)):
        try:
            if name in environment:
                value_of(environment[name], parse)
        except ValueError as error:
            faults.append(SettingFault((name,), f"{name} {error}"))
    return faults


def _is_connection(name: str, environment: Mapping[str, str]) -> bool:
    """Whether a setting holds that connection, or several do: the host looks for AzureWebJobs and the name, too."""
    names = (f"AzureWebJobs{name}", name)
    if any(environment.get(each) for each in names):
        return True
    sections = tuple(f"{each}__".lower() for each in names)
    return any(text and each.lower().startswith(sections) for each, text in environment.items())


def _notices(settings: Settings) -> tuple[NoticeSettings | None, list[SettingFault]]:
    """Whom to tell of what. A wrong setting keeps its own target from being told, and nothing else: starts go on."""
    if not settings.notify:
        return None, []
    from shared.notices.set_up import NoticeSettings  # as the keys, above

    notices, texts = NoticeSettings.read(settings.notify)
    faults = [SettingFault((text.partition(" ")[0],), text) for text in texts]
    return notices if notices.targets else None, faults


@cache
def configuration() -> Configuration:
    """The configuration of this process. The first call writes what is wrong to stderr, which a host shows."""
    read = Configuration.read(os.environ)
    if read.faults:
        # A line of a log would be dropped: no function runs yet.
        sys.stderr.write("".join(f"{text}\n" for text in ("Invalid application settings:", *map(str, read.faults))))
        sys.stderr.flush()
    if read.settings.sources is None and read.open_sources is not None:
        import logging  # with what follows, only where there is something to say

        from shared.log import line

        logging.getLogger(__name__).warning(
            line("sources_closed_without_secret", open=",".join(sorted(read.open_sources)))
        )
    return read
