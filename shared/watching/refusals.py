"""Events for what Graph refuses the watch: one event per day and reason, after the refusal has lasted for a while.

Each id in WATCH that no application has gets its own event.

A refusal has to last because Graph is eventually consistent. A 404 was seen for 20 minutes after a creation, and a 403
from a replica that was behind.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from shared.event.happened import watch_refused
from shared.outcome import Reason
from shared.request.start_request import RequestedBy, derive_request_id
from shared.starting.ending import Ending
from shared.waiting.patience import REFUSED_FOR
from shared.watching.episodes import SOURCE
from shared.watching.memory import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from shared.event.status_event import StatusEvent
    from shared.graph.client import GraphCall
    from shared.settings import Settings
    from shared.watching.look import Refused

AGAIN_AFTER = timedelta(hours=24)
"""The time after which an event about the same refusal is repeated."""

MAX_NAMED = 10
"""The most further applications that an event names."""


def tell(
    refused: Iterable[Refused],
    before: Mapping[str, Refusal],
    *,
    settings: Settings,
    now: datetime,
    calls: tuple[GraphCall, ...],
    is_complete: bool,
) -> tuple[list[StatusEvent], dict[str, Refusal]]:
    """The events that are due, and the refusals to remember, by their keys.

    A refusal that a complete run did not meet is over.
    """
    by_key: dict[str, list[Refused]] = {}
    for each in refused:
        by_key.setdefault(_key(each), []).append(each)
    lasting = {} if is_complete else dict(before)
    events: list[StatusEvent] = []
    for key, met in by_key.items():
        since, told = before.get(key, Refusal(now))
        has_lasted = now - since >= min(REFUSED_FOR, settings.give_up_after)
        if has_lasted and (told is None or now - told >= AGAIN_AFTER):
            events.append(_event(key, met, settings, now, calls))
            told = now
        lasting[key] = Refusal(since, told)
    return events, lasting


def _key(refused: Refused) -> str:
    reason = refused.error.reason
    return f"{reason} {refused.application}" if reason is Reason.NOT_FOUND else reason.value


def _event(
    key: str, met: list[Refused], settings: Settings, now: datetime, calls: tuple[GraphCall, ...]
) -> StatusEvent:
    first, *others = met
    names = [str(each.application) for each in others if each.application is not None]
    more = len(names) - MAX_NAMED
    named = ", ".join([*names[:MAX_NAMED], *([f"{more} more"] if more > 0 else [])])
    error = first.error
    return watch_refused(
        Ending(
            reason=error.reason,
            job=first.application,
            operation=error.operation,
            error=f"{error.summary}; the same for {named}" if named else error.summary,
        ),
        site_name=settings.site_name,
        request_id=derive_request_id(SOURCE, settings.site_name, key, f"{now:%Y-%m-%d}"),
        requested_by=RequestedBy(SOURCE),
        seen_at=now,
        calls=calls,
    )
