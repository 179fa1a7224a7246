"""HTTP answers."""

from __future__ import annotations

import json
from http import HTTPStatus

from shared.errors import MAX_FAULTS, Fault
from shared.intake.problem import answer, problem


def test_answer_is_json() -> None:
    given = answer(HTTPStatus.ACCEPTED, {"accepted": ["Zoë"]})
    assert (given.status, given.content_type, given.body) == (202, "application/json", '{"accepted":["Zo\\u00eb"]}')


def test_problem_has_the_members_of_rfc_9457() -> None:
    given = problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The body must be application/json.")
    assert (given.status, given.content_type) == (415, "application/problem+json")
    assert json.loads(given.body) == {
        "type": "about:blank",
        "title": "Unsupported Media Type",
        "status": 415,
        "detail": "The body must be application/json.",
    }


def test_place_of_a_fault_is_a_uri_fragment() -> None:
    faults = [Fault("", "is empty"), Fault("/0/jobId", "a"), Fault('/1/job~1 "ä%', "b")]
    errors = json.loads(problem(HTTPStatus.BAD_REQUEST, "3 faults.", faults).body)["errors"]
    assert [error["pointer"] for error in errors] == ["#", "#/0/jobId", "#/1/job~1%20%22%C3%A4%25"]


def test_only_the_first_faults_are_listed() -> None:
    faults = [Fault(f"/{index}", "is null") for index in range(MAX_FAULTS + 1)]
    errors = json.loads(problem(HTTPStatus.BAD_REQUEST, "", faults).body)["errors"]
    assert [error["pointer"] for error in errors] == [f"#/{index}" for index in range(MAX_FAULTS)]
