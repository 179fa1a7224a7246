"""Reports fates. Each is one more status event of its request, and is noted in the ledger after the event is sent.

So no fate is lost: without the note, the next run sends the event again. The event is then sent twice, with the same id
(shared.event.status_event).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.event.happened import fate_known

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.event.status_event import StatusEvent
    from shared.ledger.entry import Entry, Ledger
    from shared.recovery.look import SeenFate


class Reporter:
    """Reports fates. All threads of a run use it."""

    def __init__(self, ledger: Ledger, tell: Callable[[StatusEvent], None], site_name: str) -> None:
        """`tell` returns when the event and its notices are on their queues. It raises TransientError."""
        self._ledger = ledger
        self._tell = tell
        self._site_name = site_name

    def report(self, entry: Entry, fates: list[SeenFate]) -> None:
        """Report the fates of an entry, and note that. Raises TransientError, and JobBusy if the entry has changed."""
        for seen in fates:
            start, fate = seen.start, seen.fate
            self._tell(fate_known(start, fate, entry.job, site_name=self._site_name, calls=seen.calls))
            entry = entry.with_fate(start.request_id, fate.started_at, fate.reason, fate.seen_at)
        self._ledger.put(entry)
