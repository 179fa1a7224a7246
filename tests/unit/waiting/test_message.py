"""The message of a request that waits: nothing is lost in it, and readers of any version can process it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.request.message import MAX_CONTENT
from shared.request.start_request import RequestedBy
from shared.waiting.gate import Away, ServiceSeen
from shared.waiting.message import Refusal, Waiting, read_waiting, to_message
from tests.examples import REQUEST_ID, SCHEMAS, WHEN, open_message, start_request

LATER = WHEN + timedelta(hours=3)
WAITING = Waiting(
    since=WHEN,
    tries=7,
    told=True,
    error="read answered 503",
    at=WHEN + timedelta(hours=1),
    visible=WHEN + timedelta(hours=2),
    message_id="m-1",
    service=ServiceSeen("Microsoft Graph", Away((WHEN + timedelta(hours=2)).timestamp(), WHEN.timestamp(), 6)),
    refusal=Refusal("not_found", WHEN),
)


@pytest.mark.parametrize("waiting", [WAITING, Waiting(since=WHEN)])
def test_it_comes_back_as_it_was(waiting: Waiting) -> None:
    text = to_message(start_request(), waiting)
    SCHEMAS["waiting-request"].validate(open_message(text))
    read = read_waiting(text.encode(), LATER)
    assert read is not None
    assert read.waiting == waiting
    assert json.loads(read.body)["requestId"] == REQUEST_ID


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff", b"start", b'{"waiting": {}}', b'{"request": {}, "x": 1}'])
def test_any_other_message_is_not_a_waiting_request(body: bytes) -> None:
    assert read_waiting(body, LATER) is None


JSON = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=2)
FIELDS = [*WAITING.to_json(), "name", "until", "failures", "reason", "someday"]


@given(st.dictionaries(st.sampled_from(FIELDS), JSON | st.dictionaries(st.sampled_from(FIELDS), JSON)) | JSON)
def test_what_a_version_does_not_understand_counts_as_absent(waiting: Any) -> None:
    read = read_waiting(json.dumps({"request": {"requestId": REQUEST_ID}, "waiting": waiting}).encode(), LATER)
    assert read is not None
    assert read.waiting.since <= LATER
    assert read.waiting.tries >= 0


def test_the_largest_request_fits_with_what_it_met() -> None:
    wide = "\U0001f4a5"
    request = start_request(requested_by=RequestedBy(wide * 64, wide * 256, wide * 512))
    read = read_waiting(to_message(request, Waiting(since=WHEN, error=wide * 10_000)).encode(), LATER)
    assert read is not None


def test_what_a_request_has_met_gives_way_where_both_do_not_fit() -> None:
    long = "m" * (MAX_CONTENT - 700)
    met = Waiting(since=WHEN, message_id=long, error="x" * 490)
    read = read_waiting(to_message(start_request(), met).encode(), LATER)
    assert read is not None
    assert (read.waiting.error, len(read.waiting.message_id or "")) == ("", len(long))
    assert json.loads(read.body)["requestId"] == REQUEST_ID
