"""What is known of a started job now: the fates of its starts, by the ledger and by one read of the job."""

from __future__ import annotations

import logging
from dataclasses import replace
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


class Seen(NamedTuple):
    """What a look at a job came to."""

    entry: Entry
    """The entry, with a note of what the next run has to know."""
    fate: SeenFate | None = None
    """The fate of the latest start, where it is known."""


def fates_by_ledger(entry: Entry) -> Iterator[SeenFate]:
    """The fates of starts that were followed by another one before they were known."""
    if entry.lease is not None and now() < entry.lease.until:
        return  # The other one may still be called off.
    for start, following in zip(entry.starts, entry.starts[1:], strict=False):
        if start.state is State.STARTED:
            yield SeenFate(start, fate_before(start, following))


def look(entry: Entry, graph: Graph) -> Seen:
    """Read the job, and see what became of its latest start. Raises TransientError.

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
            return Seen(replace(entry, missing_since=now()))
        fate = fate_of_unreadable(start, now(), gone=is_missing, error=shorten(str(error)))
    else:
        entry = replace(entry, missing_since=None)
        fate = fate_of(start, job, now())
    return Seen(entry, SeenFate(start, fate, tuple(graph.calls)) if fate is not None else None)


def look_without_answer(entry: Entry, graph: Graph, error: str) -> SeenFate | None:
    """The fate of the latest start where Graph gave no answer: known only once its deadline is over."""
    fate = fate_of_unreadable(entry.latest, now(), gone=False, error=shorten(error))
    return SeenFate(entry.latest, fate, tuple(graph.calls)) if fate is not None else None
