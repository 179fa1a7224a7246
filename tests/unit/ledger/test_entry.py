"""What an entry knows of the starts of its job."""

from __future__ import annotations

from datetime import timedelta

from shared.ledger.entry import Entry, State
from tests.examples import APP_ID, REQUEST_ID, WHEN, start, start_request

OTHER = start_request(request_id=APP_ID)
AGAIN = start_request(requested_at=WHEN + timedelta(hours=1))
"""Another request, whose sender used the same id again."""


def entry(*starts: object) -> Entry:
    *earlier, latest = starts
    return Entry(job=start_request().job, latest=latest, earlier=tuple(earlier))  # type: ignore[arg-type]


def test_a_start_is_that_of_the_request_with_the_same_id_and_time() -> None:
    first, second = start(), start(AGAIN)
    both = entry(first, second)
    assert both.start_of(start_request()) == first
    assert both.start_of(AGAIN) == second
    assert both.start_of(OTHER) is None


def test_the_last_of_several_starts_of_a_request_counts() -> None:
    late = start(at=WHEN + timedelta(hours=2))
    assert entry(start(), late, start(OTHER)).start_of(start_request()) == late


def test_a_start_that_is_under_way_is_of_its_request_but_not_taken_by_graph() -> None:
    under_way = start(reason=None)
    assert under_way.state is State.STARTING
    assert entry(under_way).start_of(start_request()) == under_way
    assert entry(under_way).started_by(REQUEST_ID) is None
    assert entry(start(), under_way).started_by(REQUEST_ID) == start()
