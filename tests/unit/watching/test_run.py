"""Runs of the watch: what is requested once, what is remembered, and what is reported."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.errors import GraphUnavailable, QueueUnavailable, ServiceAway
from shared.ledger.entry import Entry
from shared.outcome import Reason
from shared.request.reference import JobReference
from shared.watching.memory import Dealt, Memory
from tests.examples import APP_ID, JOB, PRINCIPAL, job_json, start
from tests.unit.watching.tenant import BEGAN, FORBIDDEN, FakeTenant, principal, refused

SERIES_BEGAN = datetime(2026, 11, 22, 21, 14, 9, tzinfo=UTC)
LATER = SERIES_BEGAN + timedelta(hours=1)
BY_OBJECT_ID = JobReference(PRINCIPAL, None, JOB)


def tenant_of(*jobs: dict[str, Any], **more: Any) -> FakeTenant:
    return FakeTenant({PRINCIPAL: list(jobs)}, **more)


def new_series(began: str) -> dict[str, Any]:
    job = job_json()
    job["status"]["quarantine"]["seriesBegan"] = began
    return job


def test_quarantine_is_asked_for_once() -> None:
    tenant = tenant_of(job_json(), job_json("Active", job_id="b"), job_json("Paused", job_id="c"))
    for _ in range(3):
        assert tenant.run(WATCH=PRINCIPAL) == []
    (request,) = tenant.asked
    assert request.job == BY_OBJECT_ID
    assert request.requested_by.source == "watch"
    assert request.requested_by.summary == (
        "In quarantine since 2026-11-22T21:14:09.1234567Z: EncounteredQuarantineException"
    )
    assert {code.value for code in request.start_when} == {"Quarantine"}
    assert not request.force


def test_job_that_is_held_for_a_day_is_asked_for_once() -> None:
    tenant = tenant_of(job_json())
    for minute in range(0, 24 * 60, 10):
        tenant.now = BEGAN + minute * 60
        held = job_json()
        # Graph imposes the quarantine again every six hours.
        held["status"]["quarantine"]["currentBegan"] = f"2026-11-23T{minute // 360 * 6:02}:00:00Z"
        tenant.jobs[PRINCIPAL] = [held]
        tenant.run(WATCH=PRINCIPAL)
    assert len(tenant.asked) == 1


def test_next_quarantine_is_asked_for_under_another_id() -> None:
    tenant = tenant_of(job_json())
    tenant.run(WATCH=PRINCIPAL)
    tenant.jobs[PRINCIPAL] = [new_series("2026-11-23T09:00:00Z")]
    tenant.run(WATCH=PRINCIPAL)
    first, second = tenant.asked
    assert first.request_id != second.request_id


def test_stale_answer_after_the_quarantine_requests_nothing() -> None:
    tenant = tenant_of(job_json())
    for job in (job_json(), job_json("Active"), job_json()):
        tenant.jobs[PRINCIPAL] = [job]
        tenant.run(WATCH=PRINCIPAL)
    assert len(tenant.asked) == 1


def test_quarantine_without_dates_is_one_as_long_as_it_is_seen() -> None:
    undated = job_json()
    undated["status"]["quarantine"] = {"reason": "Unknown", "seriesBegan": "", "currentBegan": "0001-01-01T00:00:00Z"}
    tenant = tenant_of(undated)
    for job in (undated, undated, job_json("Active"), undated):
        tenant.jobs[PRINCIPAL] = [job]
        tenant.now += 600
        tenant.run(WATCH=PRINCIPAL)
    assert len({request.request_id for request in tenant.asked}) == 2


@pytest.mark.parametrize("fate", [None, Reason.NO_SUCCESSFUL_RUN, Reason.RUNNING_AGAIN])
def test_job_started_by_another_request_in_this_episode_is_not_requested(fate: Reason | None) -> None:
    tenant = tenant_of(job_json())
    made = start(at=LATER)._replace(fate=fate, fate_seen_at=None if fate is None else LATER)
    tenant.ledger.put(Entry(job=BY_OBJECT_ID, latest=made))
    tenant.run(WATCH=PRINCIPAL)
    assert tenant.asked == []


def test_start_of_an_earlier_episode_does_not_count() -> None:
    tenant = tenant_of(job_json())
    tenant.ledger.put(Entry(job=BY_OBJECT_ID, latest=start(at=SERIES_BEGAN - timedelta(hours=1))))
    tenant.run(WATCH=PRINCIPAL)
    assert len(tenant.asked) == 1


@pytest.mark.parametrize(("at", "asked"), [(LATER, 0), (SERIES_BEGAN - timedelta(hours=1), 1)])
def test_hold_of_another_request_counts_for_its_episode(at: datetime, asked: int) -> None:
    tenant = tenant_of(job_json())
    Memory(tenant.ledger).note_dealt([(BY_OBJECT_ID, Dealt(at, "too_many_deletes"))])
    for _ in range(2):
        tenant.run(WATCH=PRINCIPAL)
    assert len(tenant.asked) == asked


def test_request_that_the_queue_did_not_take_is_made_again() -> None:
    tenant = tenant_of(job_json(), put_fault=QueueUnavailable("503"))
    tenant.run(WATCH=PRINCIPAL)
    tenant.put_fault = None
    tenant.run(WATCH=PRINCIPAL)
    assert len(tenant.asked) == 1


def test_application_id_is_resolved_once_and_remembered() -> None:
    tenant = tenant_of(app_ids={PRINCIPAL: APP_ID})
    for _ in range(3):
        tenant.run(WATCH=APP_ID)
    tenant.jobs[PRINCIPAL] = [job_json()]
    tenant.run(WATCH=APP_ID)
    assert len(tenant.resolved) == 1
    assert [request.job for request in tenant.asked] == [BY_OBJECT_ID]


@pytest.mark.parametrize("answered", ["", "someday"])
def test_an_answer_without_an_object_id_is_asked_for_again(answered: str) -> None:
    tenant = tenant_of(job_json(), app_ids={answered: APP_ID})
    assert tenant.run(WATCH=APP_ID) == []
    assert tenant.asked == []
    tenant.app_ids = {PRINCIPAL: APP_ID}
    tenant.run(WATCH=APP_ID)
    assert len(tenant.resolved) == 2
    assert [request.job for request in tenant.asked] == [BY_OBJECT_ID]


@pytest.mark.parametrize(
    ("watched", "job"),
    [("allowed", JobReference(None, APP_ID, JOB)), (APP_ID, JobReference(None, APP_ID, JOB)), (PRINCIPAL, None)],
)
def test_request_names_the_application_as_it_is_allowed(watched: str, job: JobReference | None) -> None:
    tenant = tenant_of(job_json(), app_ids={PRINCIPAL: APP_ID})
    tenant.run(WATCH=watched, ALLOWED_SERVICE_PRINCIPALS=APP_ID)
    assert [request.job for request in tenant.asked] == ([] if job is None else [job])


def test_all_looks_at_those_that_are_allowed_alone() -> None:
    tenant = FakeTenant({principal(number): [job_json()] for number in range(5)})
    tenant.run(WATCH="all", ALLOWED_SERVICE_PRINCIPALS=principal(3))
    assert tenant.looks == [principal(3)]
    assert [request.job.service_principal_id for request in tenant.asked] == [principal(3)]


def test_application_that_is_listed_by_both_ids_is_asked_for_once() -> None:
    tenant = tenant_of(job_json(), app_ids={PRINCIPAL: APP_ID})
    for _ in range(2):
        tenant.run(WATCH=f"{PRINCIPAL},{APP_ID}")
    assert len(tenant.asked) == 1


def test_application_that_two_pages_show_is_asked_for_once() -> None:
    tenant = FakeTenant({principal(number): [job_json()] for number in range(3)}, page_size=2)

    def moves(path: str) -> None:
        if "skiptoken=2" in path:
            # An application was deleted meanwhile and one was added, so that applications have moved to another page.
            tenant.jobs = {"x": [], principal(0): [job_json()], principal(1): [job_json()], principal(2): [job_json()]}

    tenant.before = moves
    tenant.run(WATCH="all")
    assert sorted(request.job.service_principal_id or "" for request in tenant.asked) == list(map(principal, range(3)))


def many(count: int, with_jobs: int) -> FakeTenant:
    return FakeTenant({principal(n): [job_json("Active")] if n < with_jobs else [] for n in range(count)})


def test_all_are_looked_at_once_a_day_and_those_with_jobs_in_every_run() -> None:
    tenant = many(1200, with_jobs=30)
    tenant.run(WATCH="all")
    assert sorted(tenant.looks) == sorted(tenant.jobs)
    assert len(tenant.pages) == 3

    tenant.looks.clear()
    for _ in range(6):
        tenant.now += 3600
        tenant.run(WATCH="all")
    assert sorted(tenant.looks) == sorted([principal(n) for n in range(30)] * 6)
    assert len(tenant.pages) == 3

    tenant.looks.clear()
    tenant.now = BEGAN + 24 * 3600
    tenant.run(WATCH="all")
    assert sorted(tenant.looks) == sorted(tenant.jobs)


def test_round_continues_where_it_stopped() -> None:
    tenant = many(3000, with_jobs=30)
    tenant.seconds = 1.0
    runs = 0
    while tenant.looks.count(principal(2999)) == 0:
        before = tenant.now
        tenant.run(seconds=30, WATCH="all")
        assert tenant.now - before <= 32
        runs += 1
        assert runs < 20
    assert runs > 3
    assert set(tenant.looks) == tenant.jobs.keys()
    assert all(tenant.looks.count(principal(n)) == 1 for n in range(30, 3000))


def test_round_that_died_continues_at_its_last_page() -> None:
    tenant = many(1200, with_jobs=0)

    def dies(path: str) -> None:
        if principal(700) in path:
            raise RuntimeError("killed")

    tenant.before = dies
    with pytest.raises(RuntimeError):
        tenant.run(WATCH="all")
    tenant.before = lambda _: None
    tenant.looks.clear()
    tenant.run(WATCH="all")
    assert set(tenant.looks) == {principal(n) for n in range(500, 1200)}


def test_unanswered_question_is_asked_again_in_the_next_run() -> None:
    tenant = many(40, with_jobs=0)
    tenant.jobs[principal(33)] = [job_json()]

    def away(path: str) -> None:
        if principal(33) in path:
            raise GraphUnavailable("list answered 500")

    tenant.before = away
    tenant.run(WATCH="all")
    assert tenant.asked == []
    tenant.before = lambda _: None
    tenant.looks.clear()
    tenant.run(WATCH="all")
    assert tenant.looks == [principal(33)]
    assert len(tenant.asked) == 1


def refuses_page(tenant: FakeTenant, number: int) -> None:
    """Make Graph refuse the link to a page."""

    def expired(path: str) -> None:
        if f"skiptoken={number}" in path:
            raise refused(Reason.BAD_REQUEST, 400, "find")

    tenant.before = expired


def test_expired_link_to_a_page_starts_the_round_again() -> None:
    tenant = many(3000, with_jobs=0)
    tenant.seconds = 1.0
    tenant.run(seconds=60, WATCH="all")
    assert 500 < len(tenant.looks) < 3000
    (next_page,) = {row["Pass"].partition("skiptoken=")[2].partition('"')[0] for row in tenant.ledger.others.values()}
    refuses_page(tenant, int(next_page))
    tenant.seconds = 0.1
    begun_anew = len(tenant.pages)
    tenant.run(WATCH="all")
    assert tenant.pages[begun_anew : begun_anew + 2][1] == tenant.pages[0]
    tenant.before = lambda _: None
    tenant.run(WATCH="all")
    assert set(tenant.looks) == tenant.jobs.keys()


def test_page_that_graph_refuses_in_every_run_is_told() -> None:
    tenant = many(1200, with_jobs=0)
    refuses_page(tenant, 500)
    events = [event for _ in range(4) if _sleep(tenant) for event in tenant.run(WATCH="all")]
    assert [event.ending.reason for event in events] == [Reason.BAD_REQUEST]
    assert len(tenant.pages) <= 12


def test_incomplete_list_of_jobs_is_not_used() -> None:
    tenant = tenant_of(job_json())

    def breaks_off(_: object) -> list[Any]:
        raise GraphUnavailable("list answered 500")

    whole = tenant.jobs_in
    tenant.jobs_in = breaks_off  # type: ignore[method-assign, assignment]
    tenant.run(WATCH=PRINCIPAL)
    assert tenant.asked == []
    tenant.jobs_in = whole  # type: ignore[method-assign]
    tenant.run(WATCH=PRINCIPAL)
    assert len(tenant.asked) == 1


def test_application_that_is_gone_is_forgotten() -> None:
    tenant = many(3, with_jobs=2)
    tenant.run(WATCH="all")
    del tenant.jobs[principal(0)]
    tenant.run(WATCH="all")
    tenant.looks.clear()
    assert tenant.run(WATCH="all") == []
    assert tenant.looks == [principal(1)]


def test_graph_that_is_away_for_longer_than_a_run_ends_it() -> None:
    tenant = many(3, with_jobs=1)

    def away(_: str) -> None:
        raise ServiceAway("Microsoft Graph", "throttled", until=tenant.now + 500)

    tenant.before = away
    assert tenant.run(WATCH="all") == []
    assert tenant.now < BEGAN + 100


def test_refusal_is_told_once_a_day_after_it_has_lasted() -> None:
    tenant = many(3, with_jobs=1)

    def forbids(path: str) -> None:
        if path.startswith("servicePrincipals?"):
            raise refused(Reason.PERMISSION_MISSING, 403, "find")

    tenant.before = forbids
    told: dict[int, list[str]] = {}
    for minute in range(0, 26 * 60, 10):
        tenant.now = BEGAN + minute * 60
        for event in tenant.run(WATCH="all"):
            told.setdefault(minute, []).append(event.event_id)
            data = event.to_json()["data"]
            assert data["reason"] == "permission_missing"
            assert "refused to find the tenant's applications" in data["message"]
            assert "Application.Read.All" in data["advice"]
    assert list(told) == [10, 10 + 24 * 60]
    assert told[10] != told[10 + 24 * 60]


def test_refusal_that_comes_back_is_reported_again() -> None:
    tenant = tenant_of(job_json("Active"))
    minutes_told = []
    for minute in range(0, 80, 10):
        tenant.now = BEGAN + minute * 60

        def forbids(_: str, minute: int = minute) -> None:
            if minute != 40:
                raise FORBIDDEN

        tenant.before = forbids
        minutes_told += [minute for _ in tenant.run(WATCH=PRINCIPAL)]
    assert minutes_told == [10, 60]


def test_all_with_a_permission_for_some_tells_nothing() -> None:
    tenant = many(40, with_jobs=5)

    def owned(path: str) -> None:
        if "/synchronization" in path and principal(2) not in path:
            raise FORBIDDEN

    tenant.before = owned
    assert [tenant.run(WATCH="all") for _ in range(3) if _sleep(tenant)] == [[], [], []]
    tenant.before = lambda path: _raise(FORBIDDEN) if "/synchronization" in path else None
    tenant.now += 1200
    events = [event for _ in range(3) if _sleep(tenant) for event in tenant.run(WATCH="all")]
    assert [event.ending.reason for event in events] == [Reason.PERMISSION_MISSING]


def _sleep(tenant: FakeTenant) -> bool:
    tenant.now += 700
    return True


def _raise(error: Exception) -> None:
    raise error


def test_each_wrong_id_is_told_by_an_event_of_its_own() -> None:
    tenant = FakeTenant()
    assert tenant.run(WATCH=f"{PRINCIPAL},{APP_ID}") == []
    tenant.now += 600
    events = tenant.run(WATCH=f"{PRINCIPAL},{APP_ID}")
    assert {str(event.job) for event in events} == {f"servicePrincipals/{PRINCIPAL}", f"servicePrincipals/{APP_ID}"}
    assert {event.ending.reason for event in events} == {Reason.NOT_FOUND}


def test_run_is_one_line_and_one_for_each_quarantine(caplog: pytest.LogCaptureFixture) -> None:
    tenant = tenant_of(job_json(), job_json("Active", job_id="b"), job_json("Paused", job_id="c"))
    caplog.set_level("INFO", "shared.watching")
    tenant.run(WATCH=PRINCIPAL)
    lines = [record.getMessage() for record in caplog.records]
    (run,) = (text for text in lines if text.startswith("jobs_watched "))
    assert "applications=1 withJobs=1 jobs=3 inQuarantine=1 active=1 paused=1 other=0 asked=1" in run
    assert "complete=true" in run
    (seen,) = (text for text in lines if text.startswith("quarantine_watched "))
    assert f"jobId={JOB} reason=EncounteredQuarantineException began=2026-11-22T21:14:09.1234567Z" in seen


def test_unreadable_rows_are_replaced() -> None:
    tenant = tenant_of(job_json())
    tenant.ledger.keep_row({"PartitionKey": "watch", "RowKey": "progress", "Pass": "x"})
    tenant.ledger.keep_row({"PartitionKey": "watch", "RowKey": PRINCIPAL, "Jobs0": "[]"})
    tenant.run(WATCH=PRINCIPAL)
    assert len(tenant.asked) == 1
