"""The checks after a run with faults: each finds its kind of fault, and none finds anything in a good run."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from shared.event.status_event import StatusEvent
from shared.graph.job import parse_job
from shared.job_code import JobCode
from shared.ledger.fate import Fate
from shared.outcome import Reason
from shared.request.reference import JobReference
from shared.request.start_request import RequestedBy
from shared.starting.ending import Ending
from tests.examples import JOB, PRINCIPAL, REQUEST_ID, WHEN, job_json, open_message, start, start_request
from trials.chaos.checks import broken, missing
from trials.chaos.record import Record
from trials.chaos.send import Sent
from trials.chaos.sendings import Sending, Way

OTHER_REQUEST = "7b1d2c3e-1111-4222-8333-944445555666"
SERIES = "2026-11-22T21:14:09.1234567Z"
LATER_SERIES = "2026-11-23T11:00:00.1234567Z"


def event(reason: Reason, request_id: str = REQUEST_ID, *, after_seconds: float = 0, **ending: Any) -> dict[str, Any]:
    """An event of the app, `after_seconds` after the first."""
    before = parse_job(job_json())
    facts = {"before": before, "code_after": JobCode.ACTIVE} if reason.outcome == "started" else {}
    moment = WHEN + timedelta(seconds=after_seconds)
    made = StatusEvent(
        site_name="contoso-start",
        request_id=request_id,
        requested_by=RequestedBy("http"),
        requested_at=WHEN,
        began_at=moment,
        finished_at=moment + timedelta(milliseconds=20),
        ending=Ending(reason=reason, **{**facts, **ending}),
        job=JobReference(service_principal_id=PRINCIPAL, job_id=JOB),
    )
    told: dict[str, Any] = open_message(made.to_message())
    return told


def fate(request_id: str = REQUEST_ID, *, after_seconds: float = 0) -> dict[str, Any]:
    started = WHEN + timedelta(seconds=after_seconds)
    recovery = Fate(reason=Reason.RUNNING_AGAIN, started_at=started, seen_at=started + timedelta(seconds=1))
    return event(Reason.RUNNING_AGAIN, request_id, after_seconds=after_seconds, fate=recovery)


def start_call(
    code: str = "Quarantine", series: str | None = SERIES, *, after_seconds: float = 0, **call: Any
) -> dict[str, Any]:
    at = sim_time(after_seconds)
    return {
        "method": "POST",
        "path": f"/v1.0/servicePrincipals/{PRINCIPAL}/synchronization/jobs/{JOB}/start",
        "headers": {"client-request-id": "c-1"},
        "status": 204,
        "durationMs": 1,
        "time": at,
        "start": {
            "time": at,
            "tookEffect": code != "Active",
            "codeBefore": code,
            "seriesBeganBefore": series,
            "ranBefore": code == "Active",
        },
        **call,
    }


def sim_time(after_seconds: float) -> str:
    """A time as the simulation writes it."""
    return (WHEN + timedelta(seconds=after_seconds)).isoformat(timespec="microseconds")


def sent(
    *request_ids: str, is_valid: bool = True, refused_with: int | None = None, asks: tuple[dict[str, Any], ...] = ()
) -> Sent:
    return Sent(Sending(at=0, way=Way.HTTP, content="{}", is_valid=is_valid, asks=asks), request_ids, refused_with)


def asks(**request: Any) -> tuple[dict[str, Any], ...]:
    """One request for the job, in the direct form."""
    return ({"servicePrincipalId": PRINCIPAL, "jobId": JOB, **request},)


def was(code: str, since: float = -3600, **status: Any) -> dict[str, Any]:
    """A state of the job from `since` on, in seconds after the beginning. If it is Active, its last run succeeded."""
    run = {"state": "Succeeded", "timeBegan": sim_time(since + 0.5), "timeEnded": sim_time(since + 0.5)}
    ran = {"lastExecution": run, "lastSuccessfulExecution": run}
    job = job_json(code, **(ran if code == "Active" else {"lastExecution": None, "lastSuccessfulExecution": None}))
    job["status"].update(status)
    return {"since": sim_time(since), "job": job}


RAN_FROM_THE_START_ON = (was("Quarantine"), was("Active", 0))

GOOD = Record(
    sent=(sent(REQUEST_ID, asks=asks()),),
    events=(event(Reason.QUARANTINE_CLEARED), fate()),
    calls=(start_call(),),
    left={"start-requests": 0, "start-status": 0},
    history={JOB: RAN_FROM_THE_START_ON},
    job_ids={PRINCIPAL: frozenset({JOB})},
)


def found(**changes: Any) -> str:
    record = replace(GOOD, **changes)
    return "\n".join([*missing(record), *broken(record, start_limit=3)])


def test_nothing_is_found_in_a_run_that_went_well() -> None:
    assert found() == ""


def test_a_request_without_a_terminal_event_is_found() -> None:
    assert f"Request {OTHER_REQUEST} has no terminal event" in found(sent=(sent(REQUEST_ID, OTHER_REQUEST),))


def test_a_fate_is_not_a_terminal_event() -> None:
    assert "has no terminal event" in found(events=(fate(),))


def test_a_part_of_a_request_without_a_terminal_event_is_found() -> None:
    part = start_request(request_id=OTHER_REQUEST)
    expanded = event(Reason.JOBS_QUEUED, queued=(part,))
    assert f"Request {OTHER_REQUEST} has no terminal event" in found(events=(*GOOD.events, expanded))


def test_a_start_without_a_fate_is_found() -> None:
    assert "Nothing says whether the start" in found(events=GOOD.events[:1])


def test_a_message_left_in_a_queue_is_found() -> None:
    assert found(left={"start-requests-poison": 1}) == "Queue start-requests-poison still holds 1 message."


def test_a_valid_request_that_was_refused_is_found() -> None:
    assert "refused with 400" in found(sent=(sent(refused_with=400),))


def test_a_refused_invalid_request_is_no_finding() -> None:
    assert found(sent=(*GOOD.sent, sent(refused_with=400, is_valid=False))) == ""


def test_an_invalid_request_that_was_accepted_is_found() -> None:
    assert "An invalid request was accepted" in found(sent=(sent(REQUEST_ID, is_valid=False),))


def test_an_event_that_breaks_the_schema_is_found() -> None:
    broken_event = {**fate(), "specversion": "0.3"}
    assert "does not match the schema, at $.specversion" in found(events=(*GOOD.events, broken_event))


def test_two_contents_under_one_id_are_found() -> None:
    other = event(Reason.QUARANTINE_CLEARED, code_after=JobCode.PAUSED)
    same_id = {**other, "id": GOOD.events[0]["id"]}
    assert "and differ in /data/job/codeAfter ('Active', 'Paused')" in found(events=(*GOOD.events, same_id))


def test_a_repeated_event_with_other_times_and_calls_is_right() -> None:
    assert found(events=(*GOOD.events, event(Reason.QUARANTINE_CLEARED, after_seconds=9))) == ""


def test_a_second_start_in_one_quarantine_is_found() -> None:
    assert f"was started 2 times in the quarantine since {SERIES}" in found(calls=(start_call(), start_call()))


def test_a_second_start_in_one_pause_is_found() -> None:
    paused = start_call("Paused", None)
    assert "was started 2 times while Paused" in found(calls=(paused, paused))


def test_starts_in_two_quarantines_are_right_where_each_has_its_event() -> None:
    again = (event(Reason.QUARANTINE_CLEARED, OTHER_REQUEST, after_seconds=99), fate(OTHER_REQUEST, after_seconds=99))
    later = {"reason": None, "seriesBegan": LATER_SERIES, "currentBegan": LATER_SERIES}
    relapsed = (was("Quarantine", 90, quarantine=later), was("Active", 99))
    calls = (start_call(), start_call(series=LATER_SERIES, after_seconds=99))
    history = {JOB: (*RAN_FROM_THE_START_ON, *relapsed)}
    assert found(events=(*GOOD.events, *again), calls=calls, history=history) == ""


def test_a_start_of_an_active_job_is_found() -> None:
    assert "was started while Active" in found(calls=(start_call(), start_call("Active", None)))


def test_more_starts_than_the_limit_are_found() -> None:
    calls = tuple(start_call(series=f"2026-11-23T1{hour}:00:00Z") for hour in range(4))
    assert "was started 4 times, 3 are allowed" in found(calls=calls)


def test_a_start_that_no_event_tells_of_is_found() -> None:
    skipped = event(Reason.ALREADY_ACTIVE)
    assert "but only 0 events report it" in found(events=(skipped,))


def test_a_start_of_a_request_that_was_given_up_is_told() -> None:
    given_up = event(Reason.GAVE_UP, request_id=REQUEST_ID)
    assert found(events=(given_up,)) == ""


def test_an_event_of_a_start_that_never_was_is_found() -> None:
    assert "was started 0 times, but requests" in found(calls=())


def test_a_request_that_denies_its_start_later_is_found() -> None:
    assert "had started its job already" in found(events=(*GOOD.events, event(Reason.ALREADY_ACTIVE, after_seconds=5)))


def test_a_request_that_is_a_new_task_in_a_later_quarantine_is_right() -> None:
    later = event(Reason.RELAPSING, after_seconds=5, starts=(start(),))
    later["data"]["job"] = {"codeBefore": "Quarantine", "quarantine": {"seriesBegan": LATER_SERIES}}
    assert "had started its job already" not in found(events=(*GOOD.events, later))


def test_a_request_that_was_skipped_before_it_started_its_job_is_right() -> None:
    skipped = event(Reason.STATE_NOT_REQUESTED, after_seconds=-5)
    assert "had started its job already" not in found(events=(*GOOD.events, skipped))


def test_a_start_of_an_application_that_is_not_allowed_is_found() -> None:
    assert "not on the list of those that are allowed" in found(allowed=frozenset({OTHER_REQUEST}))
    assert found(allowed=frozenset({PRINCIPAL})) == ""


def test_a_start_by_a_dry_run_is_found() -> None:
    assert "the request was a dry run" in found(sent=(sent(REQUEST_ID, asks=asks(dryRun=True)),))


def test_a_start_in_a_state_that_was_not_asked_for_is_found() -> None:
    assert "only Paused was asked for" in found(sent=(sent(REQUEST_ID, asks=asks(startWhen=["Paused"])),))


def test_a_start_without_a_request_is_found() -> None:
    assert "no request asked for it" in found(sent=(sent(REQUEST_ID),))


def test_a_start_of_a_held_job_is_found_unless_it_was_forced() -> None:
    held = was("Quarantine")
    held["job"]["status"]["quarantine"]["reason"] = "TooManyDeletes"
    history = {JOB: (held, was("Active", 0))}
    assert "it was held: too_many_deletes" in found(history=history)
    assert found(history=history, sent=(sent(REQUEST_ID, asks=asks(force=True)),)) == ""


def test_a_start_of_what_can_not_be_started_is_found() -> None:
    assert "a job that is NotRun must not be" in found(calls=(start_call("NotRun", None),))


def test_an_event_that_calls_a_stopped_job_active_is_found() -> None:
    skipped = event(Reason.ALREADY_ACTIVE, after_seconds=-5)
    assert "it did not run" in found(events=(skipped,), calls=())


def test_a_hold_that_the_job_has_not_is_found() -> None:
    held = event(Reason.TOO_MANY_DELETES, after_seconds=-5)
    assert "its hold was {None}" in found(events=(held,), calls=())


def test_an_event_of_a_start_that_did_not_happen_is_found() -> None:
    skipped = event(Reason.ALREADY_STARTED, after_seconds=-5, starts=(start(),))
    assert "it was not started in this episode" in found(events=(skipped,), calls=())


def test_a_start_that_was_not_seen_to_work_though_nothing_failed_is_found() -> None:
    accepted = event(Reason.START_ACCEPTED)
    accepted["data"]["graph"] = [{"operation": "start", "status": 204, "clientRequestId": "c-1", "durationMs": 1}]
    assert "it was not read after that, and no call had failed" in found(events=(accepted,))


def test_a_refusal_that_nothing_in_a_run_gives_is_found() -> None:
    refused = event(Reason.PERMISSION_MISSING, error="403", operation="read")
    assert "nothing in a run gives a reason for that" in found(events=(refused,), calls=())


def test_a_recovery_of_a_job_that_did_not_run_is_found() -> None:
    relapsed = was("Quarantine", 0.2, quarantine={"reason": None, "seriesBegan": "2026-11-23T10:00:00.2Z"})
    assert "Untrue: recovered/running_again: the job was Quarantine" in found(
        history={JOB: (was("Quarantine"), relapsed)}
    )


def test_a_relapse_of_a_job_that_runs_is_found() -> None:
    relapsed = fate()
    relapsed["data"].update(outcome="relapsed", reason="quarantined_again")
    assert "Untrue: relapsed/quarantined_again" in found(events=(GOOD.events[0], relapsed))


def test_two_fates_of_one_start_are_found() -> None:
    other = fate()
    other["data"].update(outcome="unconfirmed", reason="no_successful_run")
    assert "One start has two fates" in found(events=(*GOOD.events, other))


def test_a_second_terminal_event_is_found_where_nothing_fails() -> None:
    other = event(Reason.RESUMED)
    assert "came once, and has 2 terminal events" in found(events=(*GOOD.events, other), is_calm=True)


def test_a_list_of_jobs_that_leaves_one_out_is_found() -> None:
    parent = event(Reason.NOTHING_TO_START, after_seconds=-5)
    everything = ({"servicePrincipalId": PRINCIPAL},)
    assert "it names 0 jobs of 1" in found(sent=(sent(REQUEST_ID, asks=everything),), events=(parent,), calls=())


def test_a_parent_that_says_nothing_of_its_children_is_found() -> None:
    child = {**fate(OTHER_REQUEST)}
    child["data"] = {**child["data"], "parentRequestId": REQUEST_ID}
    lie = event(Reason.NOTHING_TO_START)
    assert "The request was made from another, which does not name it" in found(events=(lie, child))


def test_a_parent_that_names_its_children_is_right() -> None:
    part = start_request(request_id=OTHER_REQUEST)
    child = event(Reason.ALREADY_ACTIVE, OTHER_REQUEST)
    child["data"] = {**child["data"], "parentRequestId": REQUEST_ID}
    expanded = event(Reason.JOBS_QUEUED, queued=(part,))
    assert "does not name it" not in found(events=(expanded, child), calls=())
    # Sent again, the request found the job Active.
    again = event(Reason.NOTHING_TO_START, after_seconds=9)
    assert "does not name it" not in found(events=(expanded, child, again), calls=())
