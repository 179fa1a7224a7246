"""Which targets get an event: a pure function of the event and the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.notices.target import Target
from shared.notices.ticket import ticket_of

if TYPE_CHECKING:
    from shared.notices.set_up import NoticeSettings

CHANNELS = (Target.TEAMS, Target.SLACK, Target.WEBHOOK)
"""Targets that get the events of every request. A ticket system only gets those of its own tickets' requests."""


def targets_of(outcome: str, source: str, reference: str | None, settings: NoticeSettings) -> list[Target]:
    """The targets that get an event. `source` and `reference` are those of requestedBy."""
    if outcome not in settings.wanted:
        return []
    ticket = ticket_of(source, reference)
    return [target for target in settings.targets if target in CHANNELS or (ticket and ticket.target is target)]
