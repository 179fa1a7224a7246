"""A run of the recovery timer: look at each started job, and say of which the fate is known."""

from __future__ import annotations

import logging
import random
import time
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from shared.errors import GraphRefused, TransientError
from shared.ledger.entry import State, now
from shared.log import line
from shared.recovery.fate import fate_before, fate_of, fate_of_unreadable
from shared.recovery.message import SeenFate
from shared.text import shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shared.graph.client import Graph
    from shared.ledger.entry import Entry, Ledger

PACE = 0.1
"""Seconds between two reads."""

LONGEST_RUN = 120.0
"""Seconds after which a run reads no further job; far from functionTimeout, whatever the last read takes."""

UNTOUCHED = timedelta(days=90)
"""How long the entry of a job is kept that is not started any more."""

MOST_REMOVED = 100
"""How many entries a run removes at most."""

_log = logging.getLogger(__name__)


def follow_starts(
    ledger: Ledger, new_graph: Callable[[], Graph], *, sleep: Callable[[float], None] = time.sleep
) -> list[SeenFate]:
    """Read the started jobs one after another, and return the fates that are known now.

    The ledger is not changed by that: a fate is written down where it is reported (shared.recovery.report), so that
    a run that fails loses none. The jobs are read in an order by chance, so that none waits behind others for good
    when runs end early: at Graph's first refusal to answer (429, 5xx, nothing at all), or after LONGEST_RUN. Raises
    LedgerUnavailable.
    """
    removed = ledger.remove_untouched(now() - UNTOUCHED, MOST_REMOVED)
    entries = list(ledger.followed())
    random.shuffle(entries)
    seen = [fate for entry in entries for fate in _known_by_ledger(entry)]
    waiting = [entry for entry in entries if entry.latest.state is State.STARTED]
    seen += _known_by_graph(waiting, new_graph, sleep)
    _log.info(line("starts_followed", jobs=len(waiting), fates=len(seen), removed=removed))
    return seen


def _known_by_ledger(entry: Entry) -> Iterator[SeenFate]:
    """The fates of starts that were followed by another one before they were known."""
    if entry.lease is not None and now() < entry.lease.until:
        return  # The other one may still be called off.
    for start, following in zip(entry.starts, entry.starts[1:], strict=False):
        if start.state is State.STARTED:
            yield SeenFate(entry.job, start.request_id, fate_before(start, following))


def _known_by_graph(
    entries: list[Entry], new_graph: Callable[[], Graph], sleep: Callable[[float], None]
) -> Iterator[SeenFate]:
    began = time.monotonic()
    for index, entry in enumerate(entries):
        if time.monotonic() - began > LONGEST_RUN:
            _log.warning(line("follow_starts_out_of_time", jobsLeft=len(entries) - index))
            return
        if index:
            sleep(PACE)
        start, graph = entry.latest, new_graph()
        unanswered: TransientError | None = None
        try:
            fate = fate_of(start, graph.read(entry.job), now())
        except GraphRefused as error:
            # Without a permission nothing is known of the job, until it is granted or the deadline is over.
            _log.warning(line("job_unreadable", requestId=start.request_id, job=entry.job, error=error))
            gone = error.status == HTTPStatus.NOT_FOUND
            fate = fate_of_unreadable(start, now(), gone=gone, error=shorten(str(error)))
        except TransientError as error:
            unanswered = error
            fate = fate_of_unreadable(start, now(), gone=False, error=shorten(str(error)))
        if fate is not None:
            yield SeenFate(entry.job, start.request_id, fate, tuple(graph.calls))
        if unanswered is not None:
            _log.warning(line("follow_starts_stopped", jobsLeft=len(entries) - index - 1, error=unanswered))
            return
