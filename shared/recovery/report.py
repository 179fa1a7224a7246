"""The report of fates: each is one more status event of its request, and the ledger has it as told after that.

So an event may come twice, where the ledger did not take the note; it has the same id then (shared.event.status_event).
It never fails to come: what the ledger does not have as told, the next run tells.
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
    """Tells fates; used by all threads of a run."""

    def __init__(self, ledger: Ledger, tell: Callable[[StatusEvent], None], site_name: str) -> None:
        """`tell` returns once the event and its notices are on their queues. It raises TransientError."""
        self._ledger = ledger
        self._tell = tell
        self._site_name = site_name

    def report(self, entry: Entry, fates: list[SeenFate]) -> None:
        """Tell the fates of an entry, and note that. Raises TransientError; JobBusy where the entry was changed."""
        for seen in fates:
            start, fate = seen.start, seen.fate
            self._tell(fate_known(start, fate, entry.job, site_name=self._site_name, calls=seen.calls))
            entry = entry.with_fate(start.request_id, fate.started_at, fate.reason, fate.seen_at)
        self._ledger.put(entry)
