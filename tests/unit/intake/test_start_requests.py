"""HTTP requests: what is accepted, and what the sender is told."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import MAX_FAULTS
from shared.intake.start_requests import MAX_BODY, MAX_REQUESTS, Taken, take
from shared.request.reference import JobReference
from shared.request.start_request import RequestedBy
from tests.examples import APP_ID, JOB, PRINCIPAL, REQUEST_ID, SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Callable

MINIMAL = {"servicePrincipalId": PRINCIPAL, "jobId": JOB}
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
JSON_TYPE = "application/json"


def post(value: Any, content_type: str = JSON_TYPE, headers: dict[str, str] | None = None) -> Taken:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return take(body, {"content-type": content_type, **(headers or {})})


def problem(taken: Taken) -> dict[str, Any]:
    """The problem details of an answer that accepts nothing."""
    assert taken.requests == ()
    assert taken.answer.content_type == "application/problem+json"
    details: dict[str, Any] = json.loads(taken.answer.body)
    assert details["status"] == taken.answer.status
    return details


def test_a_request_is_taken_and_its_id_given() -> None:
    before = datetime.now(UTC)
    taken = post(MINIMAL)
    (request,) = taken.requests
    assert (taken.answer.status, taken.answer.content_type) == (202, "application/json")
    assert json.loads(taken.answer.body) == {"accepted": [{"requestId": request.request_id, **MINIMAL}]}
    assert (request.job, request.requested_by) == (JobReference(PRINCIPAL, None, JOB), RequestedBy("http"))
    assert before <= request.requested_at <= datetime.now(UTC)


def test_what_the_request_says_itself_stays() -> None:
    said = {"requestId": REQUEST_ID, "appId": APP_ID, "requestedBy": {"source": "script"}, "traceparent": TRACEPARENT}
    taken = post(said, headers={"traceparent": TRACEPARENT.replace("-01", "-00")})
    (request,) = taken.requests
    assert json.loads(taken.answer.body) == {"accepted": [{"requestId": REQUEST_ID, "appId": APP_ID}]}
    assert (request.requested_by.source, request.traceparent) == ("script", TRACEPARENT)


def test_the_trace_of_the_call_continues_in_each_request() -> None:
    taken = post([MINIMAL] * 2, headers={"traceparent": TRACEPARENT})
    assert {request.traceparent for request in taken.requests} == {TRACEPARENT}


def test_the_most_requests_of_one_body_are_taken_in_order() -> None:
    taken = post([{**MINIMAL, "jobId": f"job-{number}"} for number in range(MAX_REQUESTS)])
    accepted = json.loads(taken.answer.body)["accepted"]
    assert [item["jobId"] for item in accepted] == [f"job-{number}" for number in range(MAX_REQUESTS)]
    assert [item["requestId"] for item in accepted] == [request.request_id for request in taken.requests]
    assert len({request.request_id for request in taken.requests}) == MAX_REQUESTS


@pytest.mark.parametrize(
    ("value", "errors"),
    [
        pytest.param([], [("#", "the array is empty: it asks for nothing")], id="empty array"),
        pytest.param([0] * 1001, [("#", "the array has 1001 start requests; 1000 are allowed")], id="too many"),
        pytest.param("x", [("#", "a start request is a JSON object, not a string")], id="a string"),
        pytest.param(
            [MINIMAL, 7, {**MINIMAL, "force": 1}],
            [
                ("#/1", "a start request is a JSON object, not a number"),
                ("#/2/force", "must be true or false, not a number"),
            ],
            id="items of the wrong kind",
        ),
        pytest.param(
            [{**MINIMAL, "requestId": REQUEST_ID}, MINIMAL, {**MINIMAL, "requestId": REQUEST_ID.upper()}],
            [("#/2/requestId", "is the requestId of /0 too")],
            id="repeated id",
        ),
        pytest.param(
            {**MINIMAL, "requestedBy": {"na/me": 1}},
            [("#/requestedBy/na~1me", "unknown field; the fields here are reference, source, summary")],
            id="unknown field with a slash",
        ),
    ],
)
def test_every_fault_is_named_with_its_place(value: Any, errors: list[tuple[str, str]]) -> None:
    details = problem(post(value))
    assert details["status"] == 400
    assert [(error["pointer"], error["detail"]) for error in details["errors"]] == errors
    assert details["detail"] == f"{len(errors)} fault{'s' if len(errors) > 1 else ''}; nothing was queued."


def test_all_faults_are_counted_though_not_listed() -> None:
    details = problem(post([0] * MAX_REQUESTS))
    assert details["detail"] == "1000 faults; nothing was queued."
    assert len(details["errors"]) == 100


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "The body is empty."),
        (b"{", "The body is not JSON: Expecting property name enclosed in double quotes at line 1, column 2."),
        (b"\xff", "The body is not UTF-8: byte 0 is invalid."),
    ],
)
def test_a_body_that_is_not_json_is_400(body: bytes, detail: str) -> None:
    details = problem(post(body))
    assert (details["status"], details["detail"]) == (400, detail)


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "Application/JSON; charset=utf-8", "application/vnd.contoso+json", " application/json "],
)
def test_json_under_any_of_its_names_is_taken(content_type: str) -> None:
    assert post(MINIMAL, content_type).answer.status == 202


@pytest.mark.parametrize(
    ("content_type", "given"),
    [
        ("", "which the header Content-Type must say"),
        ("text/plain; charset=utf-8", "not text/plain"),
        ("text/json", "not text/json"),
        ("application/x-www-form-urlencoded", "not application/x-www-form-urlencoded"),
        ("image/svg+json", "not image/svg+json"),
    ],
)
def test_other_content_is_415(content_type: str, given: str) -> None:
    details = problem(post(MINIMAL, content_type))
    assert (details["status"], details["detail"]) == (415, f"The body must be application/json, {given}.")


@pytest.mark.parametrize("coding", ["chunked", "gzip, chunked"])
def test_a_body_that_did_not_arrive_is_411_and_says_why(coding: str) -> None:
    details = problem(post(b"", headers={"transfer-encoding": coding}))
    sent = f"it was sent with Transfer-Encoding: {coding}. Send it with a Content-Length instead."
    assert (details["status"], details["detail"]) == (411, f"The body did not arrive: {sent}")


def test_a_chunked_body_that_did_arrive_is_taken() -> None:
    assert post(MINIMAL, headers={"transfer-encoding": "chunked"}).answer.status == 202


@pytest.mark.parametrize("coding", ["gzip", "br", "GZIP, identity"])
def test_a_compressed_body_is_415_and_the_coding_named(coding: str) -> None:
    details = problem(post(b"\x1f\x8b", headers={"content-encoding": coding}))
    assert (details["status"], details["detail"]) == (
        415,
        f"The body must not be compressed, but its Content-Encoding is {coding.lower()}.",
    )


@pytest.mark.parametrize("coding", ["", "identity", " Identity "])
def test_a_body_that_says_it_is_not_compressed_is_taken(coding: str) -> None:
    assert post(MINIMAL, headers={"content-encoding": coding}).answer.status == 202


def test_a_body_over_the_limit_is_413() -> None:
    body = json.dumps(MINIMAL).encode()
    assert post(body.ljust(MAX_BODY)).answer.status == 202
    details = problem(post(body.ljust(MAX_BODY + 1)))
    assert (details["status"], details["detail"]) == (413, "The body has 1048577 bytes; 1048576 are allowed.")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)
LIKELY = st.dictionaries(st.sampled_from(sorted({*MINIMAL, "appId", "force"})), VALUES | st.just(PRINCIPAL))
BODIES = st.binary(max_size=200) | (VALUES | LIKELY | st.lists(LIKELY, max_size=4)).map(
    lambda value: json.dumps(value).encode()
)


@given(BODIES, st.sampled_from([JSON_TYPE, ""]) | st.text(max_size=30))
def test_whatever_comes_is_taken_whole_or_refused_with_reasons(body: bytes, content_type: str) -> None:
    taken = take(body, {"content-type": content_type})
    if taken.answer.status == 202:
        assert taken.requests
        for request in taken.requests:
            SCHEMAS["start-request"].validate(request.to_json())
        return
    details = problem(taken)
    assert details["status"] in (400, 415)
    assert details["detail"].endswith(".")
    assert all(error["pointer"].startswith("#") and error["detail"] for error in details.get("errors", []))


HOSTILE = {
    "empty items in startWhen": lambda: '{"startWhen":["",' + '"",' * 349_000 + '""]}',
    "wrong items in startWhen": lambda: '[{"startWhen":["x",' + '"y",' * 260_000 + '"z"]}]',
    "1,000 items with 140 unknown fields": lambda: (
        "[" + ",".join("{" + ",".join(f'"{n:x}":1' for n in range(140)) + "}" for _ in range(1000)) + "]"
    ),
    "unknown fields": lambda: "{" + ",".join(f'"{n:x}":1' for n in range(105_000)) + "}",
    "one request id": lambda: json.dumps([{**MINIMAL, "requestId": REQUEST_ID}] * 1000),
    "a long name": lambda: json.dumps({"x" * 1_000_000: 1}),
    "long unknown fields": lambda: "{" + ",".join(f'"{n:016x}":1' for n in range(49_000)) + "}",
    "empty objects": lambda: "[" + "{}," * 349_000 + "{}]",
    "empty arrays": lambda: "[" + "[]," * 349_000 + "[]]",
    "small objects": lambda: "[" + '{"a":{}},' * 33_000 + "{}]",
    "deep arrays": lambda: "[" * 99 + "[]," * 349_000 + "[]" + "]" * 99,
    "a wide text": lambda: json.dumps({"servicePrincipalId": f"{WIDE}{'x' * 1_000_000}"}, ensure_ascii=False),
    "a wide name": lambda: json.dumps({f"{WIDE}{'x' * 1_000_000}": 1}, ensure_ascii=False),
    "a text of words": lambda: json.dumps({"job": "a " * 500_000}),
}
WIDE = "\U0001f4a5"
PAYLOADS = ["empty objects", "long unknown fields", "small objects", "a wide text"]
PEAK = """
import logging, resource, sys, threading
from shared.intake import payloads, start_requests
from shared.request.message import pack
from shared.settings import Settings
logging.disable(logging.CRITICAL)
body, headers = sys.stdin.buffer.read(), {"content-type": "application/json"}
together = threading.Barrier(12)
def post():
    together.wait()
    if len(sys.argv) > 1:
        taken = payloads.take(sys.argv[1], body, headers, Settings(), {})
    else:
        taken = start_requests.take(body, headers)
    pack(taken.requests)
    [event.to_message() for event in taken.events]
threads = [threading.Thread(target=post) for _ in range(12)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak(body: bytes, *source: str) -> int:
    """The peak memory of a process that takes the body twelve times at once."""
    run = subprocess.run([sys.executable, "-c", PEAK, *source], input=body, capture_output=True, check=True)  # noqa: S603
    return int(run.stdout)


@pytest.fixture(scope="module")
def usual() -> int:
    """The peak memory for twelve bodies of 1,000 start requests."""
    request = {**MINIMAL, "requestedBy": {"source": "script", "summary": "x" * 512, "reference": "y" * 256}}
    return peak(json.dumps([request] * 1000).encode())


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=list(HOSTILE))
def test_refused_bodies_cost_no_more_memory_than_taken_ones(hostile: Callable[[], str], usual: int) -> None:
    body = hostile().encode()
    assert len(body) <= MAX_BODY
    assert len(problem(post(body)).get("errors", [])) <= MAX_FAULTS
    assert peak(body) < 1.5 * usual


@pytest.mark.parametrize("name", PAYLOADS)
def test_hostile_payloads_cost_no_more_memory_than_taken_requests(name: str, usual: int) -> None:
    assert peak(HOSTILE[name]().encode(), "generic") < 1.5 * usual


def test_all_faults_of_many_items_are_counted_and_a_hundred_listed() -> None:
    details = problem(post(json.dumps([{f"f{n}": 1 for n in range(3)}] * 100).encode()))
    assert (details["detail"], len(details["errors"])) == ("400 faults; nothing was queued.", MAX_FAULTS)
