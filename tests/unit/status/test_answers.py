"""The answer before a request has ended, after that, and for an unknown request."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, urlsplit

import pytest

from shared.errors import LedgerUnavailable, StatusUnavailable
from shared.outcome import Reason
from shared.settings import Settings
from shared.starting.ending import Ending
from shared.status.address import address, status_keys
from shared.status.answers import LATE, of_application, of_request
from shared.status.entity import day, days, event_of, to_entity
from tests.examples import PRINCIPAL, REQUEST_ID, WHEN, check_event, start_request
from tests.unit.event.test_status_event import event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.event.status_event import StatusEvent
    from shared.intake.problem import Answer
    from shared.status.table import StatusTable

KEYS, _ = status_keys("a secret of at least thirty-two characters")
ALL = "https://contoso.com/api/start-requests"
HERE = address(ALL, REQUEST_ID, KEYS[0], WHEN)


class Events:
    """A status table in memory."""

    def __init__(self, *events: StatusEvent, error: Exception | None = None) -> None:
        self._events = [event_of(to_entity(each)) for each in events]
        self._error = error

    def of_request(self, request_id: str, since: datetime, until: datetime) -> list[dict[str, Any]]:
        if self._error is not None:
            raise self._error
        return [each for each in self._events if each["data"]["requestId"] == request_id]

    def of_application(self, principal: str, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
        if self._error is not None:
            raise self._error
        found = [each for each in self._events if each["data"]["job"]["servicePrincipalId"] == principal]
        yield from sorted(found, key=lambda each: (each["time"], each["id"]), reverse=True)


def asked(events: Events, *, url: str = HERE, after: timedelta = timedelta(seconds=3)) -> Answer:
    parts = urlsplit(url)
    return of_request(
        parts.path.rsplit("/", 1)[1],
        dict(parse_qsl(parts.query)),
        url,
        keys=KEYS,
        settings=Settings(),
        table=lambda: cast("StatusTable", events),
        now=WHEN + after,
    )


def test_before_any_event_it_is_under_way() -> None:
    answer = asked(Events())
    assert answer.status == 202
    assert answer.headers == {"Location": HERE, "Retry-After": "5"}
    assert json.loads(answer.body) == {
        "requestId": REQUEST_ID,
        "status": "underWay",
        "createdTime": "2026-11-23T10:00:00.000Z",
        "events": [],
    }


def test_longer_waits_are_polled_less_often() -> None:
    answer = asked(Events(event(Reason.GRAPH_UNAVAILABLE)))
    assert (answer.status, answer.headers["Retry-After"]) == (202, "60")
    assert len(json.loads(answer.body)["events"]) == 1


def test_after_its_end_the_status_has_the_outcome_and_later_the_fate() -> None:
    ended = event()
    relapsed = event(Reason.QUARANTINED_AGAIN, finished_at=WHEN + timedelta(hours=1))
    answer = asked(Events(ended, relapsed), after=timedelta(days=29))
    told = json.loads(answer.body)
    assert (answer.status, told["status"], told["outcome"]) == (200, "ended", "started")
    assert told["lastUpdatedTime"] == "2026-11-23T11:00:00.000Z"
    assert [each["data"]["outcome"] for each in told["events"]] == ["started", "relapsed"]


def test_a_refusal_is_an_end_too() -> None:
    told = json.loads(asked(Events(event(Reason.PERMISSION_MISSING))).body)
    assert (told["status"], told["outcome"]) == ("ended", "failed")


def test_events_of_an_earlier_request_of_the_same_id_do_not_count() -> None:
    before = event(finished_at=WHEN - timedelta(hours=1))
    assert asked(Events(before)).status == 202


def test_request_is_not_found_after_its_last_possible_event() -> None:
    after = Settings().give_up_after + LATE + timedelta(seconds=1)
    assert asked(Events(), after=after).status == 404
    assert asked(Events(), after=after - timedelta(seconds=2)).status == 202


def test_an_address_that_does_not_hold_asks_no_table() -> None:
    answer = asked(Events(error=AssertionError("asked")), url=HERE + "A")
    assert answer.status == 404


@pytest.mark.parametrize("error", [StatusUnavailable("the status table answered 503"), LedgerUnavailable("x")])
def test_an_unavailable_table_is_answered_503(error: Exception) -> None:
    answer = asked(Events(error=error))
    assert (answer.status, answer.headers["Retry-After"]) == (503, "60")
    table = cast("StatusTable", Events(error=error))
    assert of_application({"servicePrincipal": PRINCIPAL}, ALL, table=lambda: table).status == 503


def test_a_request_is_listed_once_at_the_place_of_its_last_event() -> None:
    ids = [f"0c8a5a52-6c13-4f7e-9a57-2f3c1d5b7e{number:02}" for number in range(7)]
    early = [event(request_id=each, finished_at=WHEN + timedelta(seconds=index)) for index, each in enumerate(ids)]
    late = event(Reason.QUARANTINED_AGAIN, request_id=ids[0], finished_at=WHEN + timedelta(hours=1))
    events = Events(*early, late)
    found: list[str] = []
    url: str | None = f"{ALL}?servicePrincipal={PRINCIPAL}&top=3"
    while url is not None:
        query = dict(parse_qsl(urlsplit(url).query))
        page = json.loads(of_application(query, url, table=lambda: cast("StatusTable", events), now=WHEN).body)
        found += [item["requestId"] for item in page["value"]]
        url = page.get("nextLink")
    assert found == [ids[0], *reversed(ids[1:])]


def test_an_event_comes_back_as_it_was_and_fits_however_long_it_is() -> None:
    whole = event(ending=Ending(reason=Reason.GAVE_UP, error="💥" * 20_000))
    entity = to_entity(whole)
    assert all(len(value) <= 30_000 for value in entity.values())
    assert check_event(event_of(entity))["id"] == whole.event_id
    assert event_of(to_entity(event())) == event().to_json()


def test_a_partition_is_a_day() -> None:
    assert list(days(WHEN, WHEN + timedelta(days=2))) == ["2026-11-23", "2026-11-24", "2026-11-25"]
    assert day(WHEN.replace(hour=23, minute=59)) == "2026-11-23"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        pytest.param({}, "servicePrincipal must be", id="no application"),
        pytest.param({"servicePrincipal": "contoso"}, "servicePrincipal must be", id="application by name"),
        pytest.param({"servicePrincipal": PRINCIPAL, "top": "0"}, "from 1 to 100", id="none"),
        pytest.param({"servicePrincipal": PRINCIPAL, "top": "101"}, "from 1 to 100", id="too many"),
        pytest.param({"servicePrincipal": PRINCIPAL, "top": "\u0663"}, "from 1 to 100", id="Arabic digit"),
        pytest.param({"servicePrincipal": PRINCIPAL, "top": ""}, "from 1 to 100", id="top without a value"),
        pytest.param({"servicePrincipal": PRINCIPAL, "after": "A"}, "nextLink", id="no base64"),
        pytest.param({"servicePrincipal": PRINCIPAL, "after": "_____w"}, "nextLink", id="no ASCII"),
        pytest.param({"servicePrincipal": PRINCIPAL, "after": "bm8gY3Vyc29y"}, "nextLink", id="no cursor"),
    ],
)
def test_a_list_that_is_asked_for_wrongly_says_how_and_asks_no_table(query: dict[str, str], words: str) -> None:
    def table() -> StatusTable:
        raise AssertionError("asked")

    answer = of_application(query, ALL, table=table)
    assert answer.status == 400
    assert words in json.loads(answer.body)["detail"]


def test_the_request_of_a_list_names_its_address_so_that_the_next_request_can_be_asked_for() -> None:
    parent = event(Reason.JOBS_QUEUED, ending=Ending(reason=Reason.JOBS_QUEUED, queued=(start_request(),)))
    told = json.loads(asked(Events(parent)).body)
    (queued,) = told["queued"]
    assert asked(Events(), url=queued["status"]).status == 202
