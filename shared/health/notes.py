"""Checks without a call of their own: settings, targets of notices, the timer, and what only Azure knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from shared.health.check import Check, failing, not_checked, ok
from shared.notices.set_up import NoticeSettings
from shared.notices.target import Target
from shared.settings import NOTIFY_PREFIX
from shared.time_text import format_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from shared.errors import SettingFault
    from shared.settings import Settings

type Notes = Mapping[str, Mapping[str, Any]]

_EVERY_FIVE_MINUTES = "0 */5 * * * *"
_LATE = timedelta(minutes=20)
"""How old the last run may be if the timer is due every five minutes."""

_NO_LEDGER = "The app could not read the ledger, so it does not know when this last worked."

BEYOND = (
    not_checked(
        "alertRule",
        "Only Azure knows whether the alert rule for quarantines exists and is enabled.",
        'az monitor scheduled-query list --resource-group "$APP_RESOURCE_GROUP" --output table',
    ),
    not_checked(
        "auditLogs",
        "Only Azure knows whether Microsoft Entra ID sends its audit logs to the rule's workspace.",
        "az rest --method get --url "
        "'https://management.azure.com/providers/microsoft.aadiam/diagnosticSettings?api-version=2017-04-01'",
    ),
)
"""What the app has no permission to check, each with a command that checks it."""


def of_settings(faults: Iterable[SettingFault]) -> Check:
    """Whether the app's settings are valid. Settings of targets are in the check of each target."""
    texts = [fault.text for fault in faults if not fault.settings[0].startswith(NOTIFY_PREFIX)]
    if not texts:
        return ok("settings", "The app's settings are in order.")
    told = f"{'; '.join(texts)}."
    return failing("settings", told, "Correct them: see docs/settings.md. The app reads them when it restarts.")


def follow_up(settings: Settings, runs: Notes | None) -> Check:
    """When the timer last checked whether starts helped."""
    if runs is None:
        return not_checked("followUp", _NO_LEDGER)
    if "follow_starts" not in runs:
        return not_checked("followUp", "The timer follow_starts has not run yet.", "Ask again when it was due.")
    at: datetime = runs["follow_starts"]["At"]
    told = f"The timer follow_starts last ran at {format_time(at)}."
    if settings.recovery_schedule == _EVERY_FIVE_MINUTES and datetime.now(UTC) - at > _LATE:
        to_do = "It is due every five minutes: look for follow_starts in the app's log, and restart the app."
        return failing("followUp", told, to_do, lastRun=format_time(at))
    return ok("followUp", told, lastRun=format_time(at))


def targets(settings: Settings, notes: Notes | None) -> Iterator[Check]:
    """Whether each target of notices is set up, and what it answered last."""
    read, faults = NoticeSettings.read(settings.notify)
    left = list(faults)
    for target in Target:
        prefix = f"NOTIFY_{target.upper()}"
        own = [fault for fault in faults if fault.startswith((f"{prefix} ", f"{prefix}_"))]
        left = [fault for fault in left if fault not in own]
        if own:
            yield failing(f"target {target}", f"{'; '.join(own)}.", f"Correct it: see docs/targets/{target}.md.")
        elif target in read.targets:
            yield _answered(target, notes)
    if left:
        yield failing("targets", f"{'; '.join(left)}.", "Correct the setting: see docs/targets.")
    elif not settings.notify:
        yield ok("targets", "The app sends no notices: no target is set up.")


def _answered(target: Target, notes: Notes | None) -> Check:
    name = f"target {target}"
    if notes is None:
        return not_checked(name, f"It is set up. {_NO_LEDGER}")
    refused, delivered = notes.get(f"{target} refused"), notes.get(f"{target} delivered")
    if refused is not None and (delivered is None or delivered["At"] < refused["At"]):
        return failing(
            name,
            f"It refused a notice for good at {format_time(refused['At'])}: {refused.get('Error')}.".replace("..", "."),
            f"Correct its settings (docs/targets/{target}.md). The check passes again once a notice arrives.",
        )
    if delivered is None:
        return ok(name, "It is set up; no notice was sent to it yet.")
    return ok(name, f"It is set up, and took a notice at {format_time(delivered['At'])} or later.")
