"""Finds the fates of a job's starts, from the ledger and from one read of the job."""

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
    """The fate of a start, and the calls to Graph that found it out."""

    start: Start
    fate: Fate
    calls: tuple[GraphCall, ...] = ()


def fates_by_ledger(entry: Entry) -> Iterator[SeenFate]:
    """The fates of starts that were followed by another start, if they were not reported yet."""
    if entry.lease is not None and now() < entry.lease.until:
        return  # The other start may still be released.
    for start, following in zip(entry.starts, entry.starts[1:], strict=False):
        if start.state is State.STARTED:
            yield SeenFate(start, fate_before(start, following))


def look(entry: Entry, graph: Graph) -> Entry:
    """The entry after a read of the job, with the fate of its latest start, if that is known. Raises TransientError.

    A 404 may come from a replica that is behind, so a job is gone only after a 404 in two runs in a row.
    """
    start = entry.latest
    try:
        job = graph.read(entry.job)
    except GraphRefused as error:
        # Any other refusal, such as a missing permission, says nothing about the job.
        _log.warning(line("job_unreadable", requestId=start.request_id, job=entry.job, error=error))
        is_missing = error.status == HTTPStatus.NOT_FOUND
        if is_missing and entry.missing_since is None:
            return entry._replace(missing_since=now())
        return _noted(entry, fate_of_unreadable(start, now(), gone=is_missing, error=shorten(str(error))))
    return _noted(entry._replace(missing_since=None), fate_of(start, job, now()))


def look_without_answer(entry: Entry, error: str) -> Entry:
    """The entry if Graph gave no answer. The fate is then known only after the deadline."""
    return _noted(entry, fate_of_unreadable(entry.latest, now(), gone=False, error=shorten(error)))


def _noted(entry: Entry, fate: Fate | None) -> Entry:
    return entry if fate is None else entry.with_due(fate)
