"""What is known of a started job now: the fates of its starts, by the ledger and by one read of the job."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from shared.errors import GraphRefused
from shared.ledger.entry import State, now
from shared.log import line
from shared.recovery.fate import fate_before, fate_of, fate_of_unreadable
from shared.text import shorten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.graph.client import Graph, GraphCall
    from shared.ledger.entry import Entry, Start
    from shared.ledger.fate import Fate

_log = logging.getLogger(__name__)


class SeenFate(NamedTuple):
    """The fate of a start, and the calls by which it was found out."""

    start: Start
    fate: Fate
    calls: tuple[GraphCall, ...] = ()


def fates_by_ledger(entry: Entry) -> Iterator[SeenFate]:
    """The fates of starts that were followed by another one before they were known."""
    if entry.lease is not None and now() < entry.lease.until:
        return  # The other one may still be called off.
    for start, following in zip(entry.starts, entry.starts[1:], strict=False):
        if start.state is State.STARTED:
            yield SeenFate(start, fate_before(start, following))


def look(entry: Entry, graph: Graph) -> Entry:
    """Read the job, and note what became of its latest start, where that is known. Raises TransientError.

    One 404 may come from a replica that lags behind: a job is gone when two runs in a row were told so.
    """
    start = entry.latest
    try:
        job = graph.read(entry.job)
    except GraphRefused as error:
        # Without a permission nothing is known of the job, until it is granted or the deadline is over.
        _log.warning(line("job_unreadable", requestId=start.request_id, job=entry.job, error=error))
        is_missing = error.status == HTTPStatus.NOT_FOUND
        if is_missing and entry.missing_since is None:
            return entry._replace(missing_since=now())
        return _noted(entry, fate_of_unreadable(start, now(), gone=is_missing, error=shorten(str(error))))
    return _noted(entry._replace(missing_since=None), fate_of(start, job, now()))


def look_without_answer(entry: Entry, error: str) -> Entry:
    """The entry where Graph gave no answer: that tells a fate only once the deadline is over."""
    return _noted(entry, fate_of_unreadable(entry.latest, now(), gone=False, error=shorten(error)))


def _noted(entry: Entry, fate: Fate | None) -> Entry:
    return entry if fate is None else entry.with_due(fate)
