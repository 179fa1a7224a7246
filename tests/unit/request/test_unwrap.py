"""Wrappers around a body are removed, within limits."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from shared.request.unwrap import MAX_BODIES, MAX_LAYERS, Unwrapped, unwrap, validation_code

BODY = {"ours": 1, "more": 2}


def knows(value: Any) -> bool:
    return isinstance(value, dict) and "ours" in value


def coded(value: Any) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        pytest.param(BODY, "", id="nothing"),
        pytest.param({"headers": {"a": "b"}, "body": BODY}, "/body", id="a Logic App"),
        pytest.param({"statusCode": 200, "headers": {}, "body": BODY}, "/body", id="an answer"),
        pytest.param({"$content-type": "application/json", "$content": coded(BODY)}, "/$content", id="$content"),
        pytest.param([{"id": "1", "eventType": "x", "data": BODY, "dataVersion": "1"}], "/0/data", id="Event Grid"),
        pytest.param({"specversion": "1.0", "id": "1", "data": BODY}, "/data", id="CloudEvent"),
        pytest.param({"specversion": "1.0", "id": "1", "data_base64": coded(BODY)}, "/data_base64", id="in base64"),
        pytest.param(json.dumps(json.dumps(BODY)), "", id="text in text"),
        pytest.param({"payload": json.dumps([BODY])}, "/payload/0", id="an array in a text"),
        pytest.param([[BODY]], "/0/0", id="arrays"),
    ],
)
def test_a_wrapper_is_taken_off(value: Any, pointer: str) -> None:
    assert unwrap(value, knows) == [Unwrapped(BODY, pointer)]


def test_bodies_side_by_side_are_all_found() -> None:
    found = unwrap([BODY, {"body": BODY}, json.dumps(BODY)], knows)
    assert [body.pointer for body in found] == ["/0", "/1/body", "/2"]


@pytest.mark.parametrize(
    "value",
    [
        7,
        None,
        "text",
        "7",
        [],
        [1, BODY],
        {"a": BODY},
        {"body": BODY, "other": 1},
        {"$content": "no base64!"},
        {"$content": coded("x")[:-2]},
        {"specversion": "1.0"},
    ],
)
def test_other_content_is_not_unwrapped(value: Any) -> None:
    assert unwrap(value, knows) == [Unwrapped(value, "")]


def test_layers_and_bodies_are_bounded() -> None:
    value: Any = BODY
    for _ in range(MAX_LAYERS + 1):
        value = {"body": value}
    assert unwrap(value, knows) == [Unwrapped({"body": BODY}, "/body" * MAX_LAYERS)]
    assert len(unwrap([BODY] * (MAX_BODIES + 5), knows)) == MAX_BODIES


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ([{"eventType": "Microsoft.EventGrid.SubscriptionValidationEvent", "data": {"validationCode": "c"}}], "c"),
        ({"eventType": "Microsoft.EventGrid.SubscriptionValidationEvent", "data": {"validationCode": 7}}, None),
        ({"eventType": "Microsoft.EventGrid.SubscriptionValidationEvent", "data": []}, None),
        ([{"eventType": "other", "data": {"validationCode": "c"}}], None),
        ([], None),
        ("x", None),
    ],
)
def test_the_code_of_a_handshake(value: Any, code: str | None) -> None:
    assert validation_code(value) == code
