"""What the environment sets for this process: the settings, and the keys that intake makes of them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from shared.errors import InvalidSettings
from shared.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.intake.keys import WebhookKeys


@dataclass(frozen=True)
class Configuration:
    """The settings, and what is made of them at the start so that one list of faults names everything."""

    settings: Settings
    webhook_keys: WebhookKeys = field(repr=False)

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Configuration:
        """Read everything. Raises InvalidSettings, which names all that is wrong."""
        settings, faults = Settings.read(environment)
        keys: WebhookKeys = {}
        if settings.webhook_secrets:
            from shared.intake.keys import webhook_keys  # a tenth of an instance's start, where nothing else needs it

            keys, faults_of_keys = webhook_keys(settings.webhook_secrets)
            faults += faults_of_keys
        if faults:
            raise InvalidSettings(faults)
        return cls(settings, keys)


@cache
def configuration() -> Configuration:
    """The configuration of this process. Raises InvalidSettings."""
    return Configuration.read(os.environ)
