"""Parsing synchronizationJobs as Graph really writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.graph.job import MAX_NAME, JobError, SynchronizationJob, parse_job
from shared.job_code import JobCode
from shared.text import MAX_TEXT
from tests.examples import job_json


def parsed(value: object) -> SynchronizationJob:
    job = parse_job(value)
    assert job is not None
    return job


def test_quarantine_is_read_whole() -> None:
    quarantine = parsed(job_json("Quarantine")).quarantine
    assert quarantine is not None
    assert quarantine.reason == "EncounteredQuarantineException"
    assert quarantine.series_began == "2026-11-22T21:14:09.1234567Z"
    assert quarantine.series_count == 3
    assert quarantine.error == JobError("SystemForCrossDomainIdentityManagementCredentialValidationFailure", "No.")


@pytest.mark.parametrize("no_date", [None, "", "0001-01-01T00:00:00Z", 7])
def test_every_form_of_a_missing_date_is_none(no_date: object) -> None:
    job = parsed(job_json("Quarantine", quarantine={"reason": "x", "seriesBegan": no_date, "nextAttempt": no_date}))
    assert job.quarantine is not None
    assert (job.quarantine.series_began, job.quarantine.next_attempt) == (None, None)


EMPTY = {"reason": "", "seriesBegan": "", "currentBegan": "", "nextAttempt": "", "seriesCount": 0}


def test_quarantine_of_a_paused_job_is_read_where_it_says_something() -> None:
    assert parsed(job_json("Paused", quarantine=EMPTY)).quarantine is None
    assert parsed(job_json("Paused", quarantine={**EMPTY, "error": {"code": "None", "message": ""}})).quarantine is None
    paused = parsed(job_json("Paused", quarantine={**EMPTY, "error": {"code": "Expired", "tenantActionable": True}}))
    assert paused.cause == JobError("Expired", "", tenant_actionable=True)
    deletes = parsed(job_json("Paused", quarantine={**EMPTY, "reason": "TooManyDeletes"}))
    assert deletes.quarantine is not None


def test_a_run_that_never_happened_is_none() -> None:
    never = {
        "state": "Failed",
        "error": {"code": "None", "message": "", "tenantActionable": False},
        "timeBegan": "0001-01-01T00:00:00Z",
        "timeEnded": "0001-01-01T00:00:00Z",
    }
    assert parsed(job_json("NotRun", lastExecution=never)).last_execution is None


@pytest.mark.parametrize(
    ("code", "schedule", "expected"),
    [
        ("Active", None, True),
        ("Active", "Disabled", True),
        ("NotRun", "Active", True),
        ("NotRun", "active", True),
        ("NotRun", "Disabled", False),
        ("NotRun", None, False),
        ("Paused", "Active", False),
        ("Quarantine", "Active", False),
        ("NotConfigured", "Active", False),
    ],
)
def test_running(code: str, schedule: str | None, *, expected: bool) -> None:
    value = {**job_json(code), "schedule": schedule and {"state": schedule, "interval": "PT40M"}}
    assert parsed(value).is_running is expected


@pytest.mark.parametrize(
    ("code", "schedule", "status", "expected"),
    [
        pytest.param("Paused", "Disabled", {}, True, id="as created"),
        pytest.param("Paused", "Active", {}, False, id="schedule on"),
        pytest.param(
            "Paused", "Disabled", {"lastExecution": {"timeBegan": "2026-11-23T09:00:00Z"}}, False, id="has run"
        ),
        pytest.param("Paused", "Disabled", {"escrowsPruned": True}, False, id="paused by its first cycle"),
        pytest.param("Paused", "Disabled", {"quarantine": {"reason": "Unknown"}}, False, id="was in quarantine"),
        pytest.param("Quarantine", "Disabled", {}, False, id="disabled after four weeks in quarantine"),
    ],
)
def test_never_enabled(code: str, schedule: str, status: dict[str, Any], *, expected: bool) -> None:
    value = {**job_json(code, **status), "schedule": {"state": schedule}}
    assert parsed(value).was_never_enabled is expected


def test_a_job_in_graphs_form_is_read_back_as_it_was() -> None:
    run = {
        "state": "EntryLevelErrors",
        "timeBegan": "2026-11-23T09:00:00Z",
        "countExported": 912,
        "countEscrowed": 3,
        "error": {"code": "E", "message": "why", "tenantActionable": False},
    }
    job = parsed(
        job_json(
            lastExecution=run,
            lastSuccessfulExecution=run,
            countSuccessiveCompleteFailures=4,
            troubleshootingUrl="https://learn.microsoft.com/x",
            escrowsPruned=True,
        )
    )
    assert parse_job(job.to_json()) == job


def test_unknown_code_is_kept_as_it_is() -> None:
    assert parsed(job_json("Hibernating")).code == "Hibernating"


def test_known_code_is_known_in_any_case() -> None:
    assert parsed(job_json("QUARANTINE")).code is JobCode.QUARANTINE


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="null"),
        pytest.param([], id="an array"),
        pytest.param("x", id="a string"),
        pytest.param({}, id="empty"),
        pytest.param({"id": ""}, id="empty id"),
        pytest.param({"id": 7}, id="id as a number"),
    ],
)
def test_value_without_id_is_not_a_job(value: object) -> None:
    assert parse_job(value) is None


def test_job_without_status_is_not_read() -> None:
    assert parse_job({"id": "x"}) is None
    assert parsed({"id": "x", "status": {}}).code == ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)
QUARANTINE = st.dictionaries(st.sampled_from(["reason", "seriesBegan", "seriesCount", "error"]), JSON)
STATUS = st.fixed_dictionaries({}, optional={"code": JSON, "escrowsPruned": JSON, "quarantine": QUARANTINE | JSON})


@given(status=STATUS | JSON)
def test_any_status_can_be_read(status: object) -> None:
    job = parse_job({"id": "x", "status": status, "templateId": status})
    assert (job is not None) == isinstance(status, dict)
    assert job is None or isinstance(job.code, str)


def test_runs_are_read_with_the_moment_that_graph_gives() -> None:
    began = {"state": "Succeeded", "timeBegan": "2026-11-23T09:00:00.1234567Z", "timeEnded": "2026-11-23T09:01:00Z"}
    ended = {"state": "Failed", "timeBegan": "0001-01-01T00:00:00Z", "timeEnded": "2026-11-23T09:01:00Z"}
    job = parsed(job_json("Active", lastExecution=began, lastSuccessfulExecution=ended))
    assert job.last_execution is not None
    assert job.last_execution.moment == datetime(2026, 11, 23, 9, 0, 0, 123456, tzinfo=UTC)
    assert job.last_successful_execution is not None
    assert job.last_successful_execution.moment == datetime(2026, 11, 23, 9, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "never",
    [
        pytest.param(None, id="null"),
        pytest.param({}, id="empty"),
        pytest.param("", id="a string"),
        pytest.param({"state": "Succeeded", "timeBegan": "", "timeEnded": "soon"}, id="dates of none"),
    ],
)
def test_a_run_without_any_date_is_none(never: object) -> None:
    assert parsed(job_json("Active", lastExecution=never)).last_execution is None


def test_texts_are_cut_to_what_an_event_and_an_entry_take() -> None:
    long, half = "x" * 100_000, "a\ud800b"
    quarantine = {"reason": long, "seriesBegan": half, "error": {"code": half, "message": long}}
    job = parsed(job_json("Quarantine", quarantine=quarantine))
    assert job.quarantine is not None
    assert (len(job.quarantine.reason or ""), job.quarantine.series_began) == (MAX_NAME, "a?b")
    assert job.cause is not None
    assert (job.cause.code, len(job.cause.message)) == ("a?b", MAX_TEXT)


@pytest.mark.parametrize("job_id", ["a\ud800", "x" * 201, "a b", "../me"])
def test_invalid_job_id_is_not_a_job(job_id: str) -> None:
    assert parse_job(job_json(job_id=job_id)) is None


def test_a_count_beyond_graphs_range_is_ignored() -> None:
    assert parsed(job_json("Active", countSuccessiveCompleteFailures=10**400)).successive_complete_failures is None
