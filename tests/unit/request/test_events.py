"""Messages as senders write them, one file each in tests/events/start-requests, and their expected content.

`message` is the text of the message, or its JSON. `requests` has the expected parts of its requests, `faults` the
faults by place. `unreadable` says why the whole message cannot be read.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from shared.errors import UnreadableMessage
from shared.intake.start_requests import take
from shared.request import message
from shared.request.message import InvalidItem
from shared.request.start_request import StartRequest
from tests.examples import SCHEMAS, WHEN

EVENTS = {
    file.stem: json.loads(file.read_text()) for file in (Path(__file__).parents[2] / "events/start-requests").iterdir()
}


def events(kind: str) -> pytest.MarkDecorator:
    chosen = {name: event for name, event in EVENTS.items() if kind in event}
    return pytest.mark.parametrize("event", chosen.values(), ids=list(chosen))


def text_of(event: dict[str, Any]) -> bytes:
    given = event["message"]
    return (given if isinstance(given, str) else json.dumps(given)).encode()


def read(event: dict[str, Any]) -> list[StartRequest | InvalidItem]:
    """The items of the message, which are the same in plain text and in base64."""
    plain, coded = (
        message.read(body, message_id="m-1", inserted=WHEN)
        for body in (text_of(event), base64.b64encode(text_of(event)))
    )
    assert list(map(repr, plain)) == list(map(repr, coded))
    return plain


@events("requests")
def test_requests_of_a_message(event: dict[str, Any]) -> None:
    requests = [item.to_json() for item in read(event) if isinstance(item, StartRequest)]
    for request, expected in zip(requests, event["requests"], strict=True):
        SCHEMAS["start-request"].validate(request)
        assert request == {**request, **expected}


@events("faults")
def test_faults_of_a_message(event: dict[str, Any]) -> None:
    invalid = [item for item in read(event) if isinstance(item, InvalidItem)]
    assert {fault.pointer: fault.detail for item in invalid for fault in item.error.faults} == event["faults"]


@events("faults")
def test_the_same_faults_by_http(event: dict[str, Any]) -> None:
    taken = take(text_of(event), {"content-type": "application/json"})
    errors = json.loads(taken.answer.body)["errors"]
    assert {error["pointer"].removeprefix("#"): error["detail"] for error in errors} == event["faults"]
    assert taken.requests == ()


@events("unreadable")
def test_message_that_cannot_be_read(event: dict[str, Any]) -> None:
    for body in (text_of(event), base64.b64encode(text_of(event))):
        with pytest.raises(UnreadableMessage) as caught:
            message.read(body, message_id="m-1", inserted=WHEN)
        assert str(caught.value) == event["unreadable"]
