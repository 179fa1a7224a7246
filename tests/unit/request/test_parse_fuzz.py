"""Almost valid start requests: parser and schema agree on each, and what is written can be read again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Fault, InvalidRequest, UnreadableMessage
from shared.job_code import JobCode
from shared.request import message
from shared.request.message import InvalidItem, pack, unpack
from shared.request.parse import Defaults, parse_start_request
from shared.request.reference import JobReference, parse_guid
from shared.request.start_request import RequestedBy, StartRequest
from tests.examples import REQUEST_ID, SCHEMAS, WHEN, open_message

DEFAULTS = Defaults(REQUEST_ID, "http", WHEN)


def nearly(pattern: str) -> st.SearchStrategy[str]:
    """Texts that match the pattern. No control characters, because Python's $ also matches before a last line feed."""
    return st.from_regex(pattern, fullmatch=True, alphabet=st.characters(min_codepoint=32, max_codepoint=126))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
GUIDS = st.uuids().map(str)
GUIDS_NEARLY = GUIDS | GUIDS.map(str.upper) | GUIDS.map(lambda guid: guid.replace("-", "")) | nearly(r"[0-9a-g-]{36}")
JOB_IDS = nearly(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
JOB_IDS_NEARLY = JOB_IDS | nearly(r"[A-Za-z0-9._/% -]{0,210}")
CODES = st.lists(st.sampled_from(["Quarantine", "Paused"]), max_size=3)
CODES_NEARLY = CODES | st.lists(st.sampled_from(["Quarantine", "paused", "Active", None, 1]), max_size=3)
TIMES = st.datetimes(datetime(2000, 1, 2), datetime(2999, 12, 30)).map(lambda moment: f"{moment.isoformat()}Z")  # noqa: DTZ001 - the Z follows
TIMES_NEARLY = TIMES | nearly(
    r"[0-3][0-9]{3}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-5][0-9](:[0-6][0-9](\.[0-9]{0,9})?)?"
    r"([Zz]|[+-][0-2][0-9]:?[0-5][0-9])?"
)
TRACEPARENTS = nearly(r"0[0-9]-[0-9a-f]{31}1-1[0-9a-f]{15}-0[01]")
TRACEPARENTS_NEARLY = TRACEPARENTS | nearly(r"(00|ff|FF)-(0{32}|[0-9a-fA]{32})-(0{16}|[0-9a-f]{15,16})-0[01]")
TEXTS = st.text(max_size=20) | st.integers(63, 513).map(lambda length: "\U0001f4a5" * length)
REQUESTED_BY_NEARLY = st.dictionaries(
    st.sampled_from(["source", "reference", "summary"]) | st.text(max_size=5), TEXTS | JSON, max_size=4
)
FIELDS = {
    "requestId": GUIDS_NEARLY,
    "servicePrincipalId": GUIDS_NEARLY,
    "appId": GUIDS_NEARLY,
    "jobId": JOB_IDS_NEARLY,
    "startWhen": CODES_NEARLY,
    "force": st.booleans(),
    "dryRun": st.booleans(),
    "requestedBy": REQUESTED_BY_NEARLY,
    "requestedAt": TIMES_NEARLY,
    "traceparent": TRACEPARENTS_NEARLY,
    "parentRequestId": GUIDS_NEARLY,
}


@st.composite
def nearly_valid(draw: st.DrawFn) -> dict[str, Any]:
    """A valid request with one or two fields that may be invalid."""
    value: dict[str, Any] = {draw(st.sampled_from(["servicePrincipalId", "appId"])): draw(GUIDS)}
    for name in draw(st.lists(st.sampled_from(sorted(FIELDS)), max_size=2)):
        value[name] = draw(FIELDS[name] | st.none() | JSON)
    if draw(st.integers(0, 9)) == 0:
        value[draw(st.text(max_size=9))] = draw(JSON)
    return value


REQUESTS = st.builds(
    StartRequest,
    request_id=GUIDS,
    job=st.builds(JobReference, GUIDS, st.none(), st.none() | JOB_IDS)
    | st.builds(JobReference, st.none(), GUIDS, st.none() | JOB_IDS),
    requested_by=st.builds(
        RequestedBy,
        st.text(min_size=1, max_size=64),
        st.none() | st.text(max_size=256),
        st.none() | st.text(max_size=512),
    ),
    requested_at=st.datetimes(datetime(2000, 1, 2), datetime(2999, 12, 30), timezones=st.just(UTC)).map(  # noqa: DTZ001 - see timezones
        lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    ),
    start_when=st.sets(st.sampled_from([JobCode.QUARANTINE, JobCode.PAUSED]), min_size=1).map(frozenset),
    force=st.booleans(),
    dry_run=st.booleans(),
    traceparent=st.none() | TRACEPARENTS,
    parent_request_id=st.none() | GUIDS,
)


@given(nearly_valid())
def test_parser_and_schema_agree(value: dict[str, Any]) -> None:
    faults: tuple[Fault, ...] = ()
    try:
        parse_start_request(value, DEFAULTS)
    except InvalidRequest as error:
        faults = error.faults
    assert all(fault.pointer.startswith("/") and fault.detail for fault in faults)
    assert (not faults) == SCHEMAS["start-request"].is_valid(value), value


@given(REQUESTS)
def test_what_is_written_is_read_again(request: StartRequest) -> None:
    SCHEMAS["start-request"].validate(request.to_json())
    assert parse_start_request(request.to_json(), DEFAULTS) == request


@given(st.lists(REQUESTS, min_size=1, max_size=5, unique_by=lambda request: request.request_id))
def test_what_is_sent_is_received(requests: list[StartRequest]) -> None:
    for texts in (pack(requests), unpack(requests)):
        received = [item for text in texts for item in message.read(text.encode(), message_id="m-1", inserted=WHEN)]
        assert received == requests
    assert [open_message(text) for text in unpack(requests)] == [request.to_json() for request in requests]


@given(st.lists(nearly_valid() | JSON, max_size=4) | nearly_valid() | JSON)
def test_an_item_of_a_message_is_a_request_or_has_its_faults_named(value: object) -> None:
    try:
        items = message.read(json.dumps(value).encode(), message_id="m-1", inserted=WHEN)
    except UnreadableMessage:
        assert not isinstance(value, dict)
        return
    assert len(items) == (len(value) if isinstance(value, list) else 1)
    assert len({item.request_id for item in items}) == len(items)
    for index, item in enumerate(items):
        assert parse_guid(item.request_id) == item.request_id
        if isinstance(item, InvalidItem):
            place = f"/{index}" if isinstance(value, list) else ""
            assert item.error.faults
            assert all(fault.pointer.startswith(place) and fault.detail for fault in item.error.faults)
