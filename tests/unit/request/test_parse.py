"""Start requests from JSON: every fault with its place; what is written is read again."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import InvalidRequest
from shared.job_code import JobCode
from shared.request.parse import Defaults, parse_start_request
from shared.request.reference import JobReference
from shared.request.start_request import RequestedBy, StartRequest
from tests.examples import APP_ID, JOB, PRINCIPAL, REQUEST_ID, SCHEMAS, WHEN

DEFAULTS = Defaults(REQUEST_ID, "http", WHEN)
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
MINIMAL = {"servicePrincipalId": PRINCIPAL, "jobId": JOB}
FULL = {
    "requestId": REQUEST_ID.upper(),
    "servicePrincipalId": PRINCIPAL,
    "jobId": JOB,
    "startWhen": ["Paused", "Paused"],
    "force": True,
    "dryRun": True,
    "requestedBy": {"source": "script", "reference": "INC-7", "summary": "Quarantine of Contoso"},
    "requestedAt": "2026-11-23T11:00:00+01:00",
    "traceparent": TRACEPARENT,
    "parentRequestId": APP_ID,
}


def parse(value: Any, **changes: Any) -> StartRequest:
    return parse_start_request(value, DEFAULTS, **changes)


def faults(value: Any, **changes: Any) -> dict[str, str]:
    with pytest.raises(InvalidRequest) as caught:
        parse(value, **changes)
    return {fault.pointer: fault.detail for fault in caught.value.faults}


def test_two_references_are_enough() -> None:
    assert parse(MINIMAL) == StartRequest(
        REQUEST_ID,
        JobReference(PRINCIPAL, None, JOB),
        RequestedBy("http"),
        WHEN,
        frozenset({JobCode.QUARANTINE, JobCode.PAUSED}),
    )


def test_every_field_is_read() -> None:
    assert parse(FULL) == StartRequest(
        request_id=REQUEST_ID,
        job=JobReference(PRINCIPAL, None, JOB),
        requested_by=RequestedBy("script", "INC-7", "Quarantine of Contoso"),
        requested_at=WHEN,
        start_when=frozenset({JobCode.PAUSED}),
        force=True,
        dry_run=True,
        traceparent=TRACEPARENT,
        parent_request_id=APP_ID,
    )


def test_null_counts_as_absent() -> None:
    assert parse({**dict.fromkeys(FULL), **MINIMAL}) == parse(MINIMAL)


def test_app_id_can_replace_the_object_id() -> None:
    assert parse({"appId": APP_ID}).job == JobReference(app_id=APP_ID)


def test_what_is_written_is_read_again() -> None:
    written = parse(FULL).to_json()
    SCHEMAS["start-request"].validate(written)
    assert parse(written) == parse(FULL)


@pytest.mark.parametrize(
    ("value", "pointers"),
    [
        pytest.param({}, ["/servicePrincipalId"], id="empty"),
        pytest.param({"jobId": JOB}, ["/servicePrincipalId"], id="no principal"),
        pytest.param({**MINIMAL, "appId": APP_ID}, ["/appId"], id="both ids"),
        pytest.param({**MINIMAL, "servicePrincipalId": "Contoso"}, ["/servicePrincipalId"], id="principal by name"),
        pytest.param({**MINIMAL, "servicePrincipalId": 7}, ["/servicePrincipalId"], id="principal as a number"),
        pytest.param({"appId": "Contoso"}, ["/appId"], id="app id by name"),
        pytest.param({**MINIMAL, "jobId": "../x"}, ["/jobId"], id="job id of a path"),
        pytest.param({**MINIMAL, "jobId": ""}, ["/jobId"], id="job id empty"),
        pytest.param({**MINIMAL, "startWhen": []}, ["/startWhen"], id="startWhen empty"),
        pytest.param({**MINIMAL, "startWhen": "Paused"}, ["/startWhen"], id="startWhen as a string"),
        pytest.param({**MINIMAL, "startWhen": ["Active"]}, ["/startWhen"], id="startWhen of Active"),
        pytest.param({**MINIMAL, "startWhen": [{}]}, ["/startWhen"], id="startWhen of objects"),
        pytest.param({**MINIMAL, "force": "true"}, ["/force"], id="force as a string"),
        pytest.param({**MINIMAL, "dryRun": 1}, ["/dryRun"], id="dryRun as a number"),
        pytest.param({**MINIMAL, "requestId": "7"}, ["/requestId"], id="requestId no GUID"),
        pytest.param({**MINIMAL, "requestedAt": "yesterday"}, ["/requestedAt"], id="requestedAt in words"),
        pytest.param(
            {**MINIMAL, "requestedAt": "2026-11-23T10:00:00"}, ["/requestedAt"], id="requestedAt without offset"
        ),
        pytest.param(
            {**MINIMAL, "requestedAt": "0001-01-01T00:00:00+14:00"}, ["/requestedAt"], id="requestedAt before year 1"
        ),
        pytest.param({**MINIMAL, "requestedAt": "2026-02-29T00:00:00Z"}, ["/requestedAt"], id="requestedAt on no day"),
        pytest.param({**MINIMAL, "requestedAt": "2026-W48-1T10:00:00Z"}, ["/requestedAt"], id="requestedAt by weeks"),
        pytest.param(
            {**MINIMAL, "requestedAt": "2026-11-23 10:00:00Z"}, ["/requestedAt"], id="requestedAt with a space"
        ),
        pytest.param(
            {**MINIMAL, "requestedAt": "2026-11-23T10:00:00+0100"}, ["/requestedAt"], id="requestedAt without colon"
        ),
        pytest.param(
            {**MINIMAL, "requestedAt": "1999-12-31T23:59:59Z"}, ["/requestedAt"], id="requestedAt last century"
        ),
        pytest.param({**MINIMAL, "traceparent": "x"}, ["/traceparent"], id="traceparent too short"),
        pytest.param(
            {**MINIMAL, "traceparent": f"ff{TRACEPARENT[2:]}"}, ["/traceparent"], id="traceparent of version ff"
        ),
        pytest.param(
            {**MINIMAL, "traceparent": f"00-{'1' * 32}-{'0' * 16}-01"},
            ["/traceparent"],
            id="traceparent without parent",
        ),
        pytest.param(
            {**MINIMAL, "traceparent": f"00-{'0' * 32}-00f067aa0ba902b7-01"},
            ["/traceparent"],
            id="traceparent without trace",
        ),
        pytest.param({**MINIMAL, "requestedBy": "me"}, ["/requestedBy"], id="requestedBy as a string"),
        pytest.param(
            {**MINIMAL, "requestedBy": {"source": "x" * 65}}, ["/requestedBy/source"], id="requestedBy too long"
        ),
        pytest.param(
            {**MINIMAL, "requestedBy": {"name": "me", "summary": []}},
            ["/requestedBy/name", "/requestedBy/summary"],
            id="requestedBy unknown field",
        ),
        pytest.param({**MINIMAL, "job/id~": 1}, ["/job~1id~0"], id="unknown field to escape"),
        pytest.param({"force": 1, "jobID": JOB}, ["/jobID", "/servicePrincipalId", "/force"], id="several"),
        pytest.param(
            {**MINIMAL, "job": f"servicePrincipals/{PRINCIPAL}/synchronization/jobs/{JOB}"},
            ["/servicePrincipalId", "/jobId"],
            id="job beside ids",
        ),
        pytest.param({"job": 7}, ["/job"], id="job as a number"),
    ],
)
def test_every_fault_is_named_with_its_place(value: Any, pointers: list[str]) -> None:
    assert sorted(faults(value)) == sorted(pointers)
    assert not SCHEMAS["start-request"].is_valid(value)


@pytest.mark.parametrize(
    ("value", "kind"),
    [(None, "null"), (True, "a boolean"), ("x", "a string"), (1.5, "a number"), ([], "an array")],
)
def test_other_json_is_not_a_start_request(value: Any, kind: str) -> None:
    assert faults(value, pointer="/3") == {"/3": f"a start request is a JSON object, not {kind}"}


def test_pointer_of_an_item_precedes_its_fields() -> None:
    assert list(faults({**MINIMAL, "force": {}}, pointer="/12")) == ["/12/force"]


VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=30) | st.lists(st.text(max_size=5), max_size=3)
LIKELY = st.sampled_from(
    [PRINCIPAL, JOB, "Paused", ["Quarantine"], {"source": "x"}, "2026-11-23T10:00:00Z", TRACEPARENT]
)


@given(st.dictionaries(st.sampled_from(list(FULL)) | st.text(max_size=5), VALUES | LIKELY))
def test_an_object_is_taken_exactly_if_the_schema_takes_it(value: dict[str, Any]) -> None:
    try:
        parse(value)
        taken = True
    except InvalidRequest:
        taken = False
    assert taken == SCHEMAS["start-request"].is_valid(value)


@pytest.mark.parametrize("text", ["2000-01-01T00:00:00+01:00", "2999-12-31T23:59:59-01:00"])
def test_a_time_that_could_not_be_read_again_is_refused(text: str) -> None:
    assert list(faults({**MINIMAL, "requestedAt": text})) == ["/requestedAt"]


def test_a_list_of_wrong_states_is_one_fault() -> None:
    told = faults({**MINIMAL, "startWhen": ["Active", "x", "y"]})
    assert told == {"/startWhen": "lists 'Active' and 2 more; a job can be started in Quarantine and Paused only"}


def test_long_names_of_strangers_are_shortened() -> None:
    assert list(faults({**MINIMAL, "x" * 5000: 1})) == [f"/{'x' * 79}…"]


def test_faults_beyond_the_room_are_counted_and_not_made() -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse({f"f{number}": 1 for number in range(1000)}, room=7)
    assert len(caught.value.faults) == 7
    assert caught.value.count == 1001
