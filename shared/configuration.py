"""What the environment sets for this process: the settings, and the keys that intake makes of them."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from shared.errors import InvalidSettings
from shared.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.intake.keys import WebhookKeys
    from shared.notices.set_up import NoticeSettings

_log = logging.getLogger(__name__)


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

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Configuration:
        """Read everything. Raises InvalidSettings, which names all that is wrong."""
        settings, faults = Settings.read(environment)
        keys: WebhookKeys = {}
        sources: frozenset[str] | None = None
        if settings.webhook_secrets or settings.sources is not None:
            # A tenth of an instance's start, where nothing else needs it.
            from shared.intake.keys import open_sources, webhook_keys

            keys, faults_of_keys = webhook_keys(settings.webhook_secrets)
            sources, faults_of_sources = open_sources(settings.sources, keys)
            faults += [*faults_of_keys, *faults_of_sources]
        status_keys: tuple[bytes, ...] = ()
        if settings.status_table is not None:
            from shared.status.address import status_keys as keys_of_status  # as the keys, above

            status_keys, faults_of_status = keys_of_status(settings.status_key)
            faults += faults_of_status
        if faults:
            raise InvalidSettings(faults)
        return cls(settings, keys, sources, status_keys, _notices(settings))


def _notices(settings: Settings) -> NoticeSettings | None:
    """Whom to tell of what. A wrong setting keeps its own target from being told, and nothing else: starts go on."""
    if not settings.notify:
        return None
    from shared.log import line
    from shared.notices.set_up import NoticeSettings  # as the keys, above

    notices, faults = NoticeSettings.read(settings.notify)
    for fault in faults:
        _log.warning(line("notify_setting_wrong", fault=fault))
    return notices if notices.targets else None


@cache
def configuration() -> Configuration:
    """The configuration of this process. Raises InvalidSettings."""
    read = Configuration.read(os.environ)
    if read.settings.sources is None and read.open_sources is not None:
        import logging  # with what follows, only where there is something to say

        from shared.log import line

        logging.getLogger(__name__).warning(
            line("sources_closed_without_secret", open=",".join(sorted(read.open_sources)))
        )
    return read
