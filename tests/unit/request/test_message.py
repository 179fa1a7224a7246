"""Queue messages: what the app reads, and what it sends."""

from __future__ import annotations

import base64
import codecs
import json
import re
import textwrap
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import UnreadableMessage
from shared.request import message
from shared.request.message import MAX_CONTENT, MAX_MESSAGE, InvalidItem, encode, pack, unpack
from shared.request.reference import JobReference
from shared.request.start_request import RequestedBy, StartRequest
from tests.examples import JOB, PRINCIPAL, REQUEST_ID, SCHEMAS, WHEN, open_message, start_request

MINIMAL = {"servicePrincipalId": PRINCIPAL, "jobId": JOB}
PATH = f"servicePrincipals/{PRINCIPAL}/synchronization/jobs/{JOB}"


def read(body: str | bytes, message_id: str = "m1") -> list[StartRequest | InvalidItem]:
    data = body.encode() if isinstance(body, str) else body
    return message.read(data, message_id=message_id, inserted=WHEN)


def one(body: str | bytes) -> StartRequest:
    (item,) = read(body)
    assert isinstance(item, StartRequest)
    return item


@pytest.mark.parametrize("text", [json.dumps(MINIMAL), json.dumps(MINIMAL, indent=2), PATH, f"/{PATH}/start"])
def test_plain_and_base64_are_understood_alike(text: str) -> None:
    coded = base64.b64encode(text.encode()).decode()
    wrapped = "\r\n".join(textwrap.wrap(coded, 76))
    marked = codecs.BOM_UTF8 + text.encode()
    assert one(text) == one(coded) == one(wrapped) == one(marked)
    assert one(text) == one(base64.b64encode(marked)) == one(codecs.BOM_UTF8 + coded.encode())
    assert one(text).job == JobReference(PRINCIPAL, None, JOB)


def test_what_a_message_leaves_open_comes_from_its_delivery() -> None:
    request = one(json.dumps(MINIMAL))
    assert (request.requested_by, request.requested_at) == (RequestedBy("queue"), WHEN)
    assert request.request_id == one(PATH).request_id
    assert read(PATH, "m1") == read(PATH, "m1") != read(PATH, "m2")


def test_items_of_an_array_succeed_and_fail_alone() -> None:
    good, bad, also_good = read(json.dumps([MINIMAL, {"requestId": REQUEST_ID, "jobId": 7}, MINIMAL]))
    assert isinstance(good, StartRequest)
    assert isinstance(also_good, StartRequest)
    assert good.request_id != also_good.request_id
    assert isinstance(bad, InvalidItem)
    assert bad.request_id == REQUEST_ID
    assert [fault.pointer for fault in bad.error.faults] == ["/1/servicePrincipalId", "/1/jobId"]


def test_one_request_id_in_two_items_is_a_fault_of_the_second() -> None:
    twice = {**MINIMAL, "requestId": REQUEST_ID}
    first, second, third = read(json.dumps([twice, {**twice, "force": True}, {"requestId": REQUEST_ID, "jobId": 7}]))
    assert isinstance(first, StartRequest)
    assert isinstance(second, InvalidItem)
    assert isinstance(third, InvalidItem)
    assert [str(fault) for fault in second.error.faults] == ["/1/requestId: is the requestId of /0 too"]
    assert len({first.request_id, second.request_id, third.request_id}) == 3


def test_an_array_too_large_for_one_invocation_is_refused() -> None:
    assert len(read(json.dumps([0] * 1000))) == 1000
    with pytest.raises(UnreadableMessage, match=r"^The message is an array of 1001 items; 1000 are allowed$"):
        read(json.dumps([0] * 1001))


def test_a_plain_word_is_not_taken_for_base64() -> None:
    with pytest.raises(UnreadableMessage, match=r"^The message is not JSON: Expecting value at line 1, column 1$"):
        read("started8")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"\xff\xfe\x00",
        base64.b64encode(b"\x00\xff\x88"),
        b"[]",
        b"7",
        b'"x"',
        b"null",
        b'{"a":1',
        b"MTIz",
    ],
)
def test_other_messages_are_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableMessage, match=r"^The message "):
        read(body)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        items = read(body)
    except UnreadableMessage:
        return
    assert items


def test_a_single_request_is_sent_as_an_object() -> None:
    (text,) = pack([start_request()])
    assert open_message(text) == start_request().to_json()


def test_many_requests_are_packed_into_few_messages_that_fit() -> None:
    requests = [start_request()._replace(request_id=f"{n:08x}{REQUEST_ID[8:]}") for n in range(1000)]
    texts = pack(requests)
    assert len(texts) <= 10
    assert all(len(text) <= MAX_MESSAGE for text in texts)
    for text in texts:
        SCHEMAS["start-request"].validate(open_message(text))
    assert [item for text in texts for item in read(text)] == requests


def test_packing_fills_a_message_to_the_byte() -> None:
    def filled(size: int) -> list[StartRequest]:
        padded = start_request(requested_by=RequestedBy("http", summary=""))
        item = len(json.dumps(padded.to_json(), separators=(",", ":")))
        count = (size - 2) // (item + 1)
        rest = size - 1 - count * (item + 1)
        requests = [padded] * count
        for index in range(count):
            extra = min(512, rest)
            requests[index] = padded._replace(requested_by=RequestedBy("http", summary="x" * extra))
            rest -= extra
        assert rest == 0
        return requests

    assert len(pack(filled(MAX_CONTENT))) == 1
    assert len(pack(filled(MAX_CONTENT))[0]) == MAX_MESSAGE
    assert len(pack(filled(MAX_CONTENT + 1))) == 2


def test_unpacked_requests_go_out_one_a_message() -> None:
    texts = unpack([start_request(), start_request(dry_run=True)])
    assert [one(text).dry_run for text in texts] == [False, True]


def test_a_message_that_would_not_fit_is_never_sent() -> None:
    encode("x" * MAX_CONTENT)
    with pytest.raises(ValueError, match="does not fit"):
        encode("x" * (MAX_CONTENT + 1))


def test_largest_request_fits_a_message() -> None:
    wide = "\U0001f4a5"
    largest: dict[str, Any] = {
        "request_id": REQUEST_ID,
        "job": JobReference(PRINCIPAL, None, "x" * 200),
        "requested_by": RequestedBy(wide * 64, wide * 256, wide * 512),
    }
    assert pack([start_request(**largest)] * 2)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (base64.b64encode(json.dumps(MINIMAL).encode("utf-16")), "is base64 of UTF-16"),
        (base64.b64encode(json.dumps(MINIMAL).encode("utf-16-le")), "is base64 of UTF-16"),
        (base64.b64encode(PATH.encode("utf-16-be")), "is base64 of UTF-16"),
        (json.dumps(MINIMAL).encode("utf-16"), "it is UTF-16"),
        (base64.b64encode(base64.b64encode(json.dumps(MINIMAL).encode())), "it is base64 of base64; encode it once"),
        (base64.b64encode(base64.b64encode(PATH.encode())), "it is base64 of base64; encode it once"),
        (b"[{servicePrincipalId: x}]", "lost its quotation marks"),
        (f"https://graph.microsoft.com/v1.0/servicePrincipals/{PRINCIPAL}".encode(), "a URL that names no job"),
        (f"https://graph.microsoft.com/v1.0/{PATH}/restart".encode(), "a URL that names no job"),
        (b"https://[x", "a Graph path that names no job"),
    ],
)
def test_unreadable_message_is_reported_with_its_likely_cause(body: bytes, told: str) -> None:
    with pytest.raises(UnreadableMessage, match=re.escape(told)):
        read(body)


@pytest.mark.parametrize("body", ["hello", "hello world", "MTIz", "a: b", "{", '{"a', "c3RhcnQ"])
def test_other_texts_are_not_guessed_at(body: str) -> None:
    with pytest.raises(UnreadableMessage) as caught:
        read(body)
    assert "; it" not in str(caught.value)
