"""Queue outputs: the messages that the real host makes of what a function returned."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.host.bindings import LARGEST_MESSAGE, queue_messages
from local.host.errors import InvocationFailed
from local.host.host_json import MessageEncoding
from local.host.protos import TypedData


def _plain(output: TypedData) -> list[str]:
    return list(queue_messages(output, MessageEncoding.NONE))


def test_json_array_becomes_one_message_an_element() -> None:
    output = TypedData(json='["plain", "{\\"a\\":1}", {"a": 1}, 3, null]')

    assert _plain(output) == ["plain", '{"a":1}', '{\n  "a": 1\n}', "3", "null"]


def test_string_that_is_a_json_array_becomes_one_message_an_element_as_well() -> None:
    assert _plain(TypedData(string=' ["a", "b"] ')) == ["a", "b"]


def test_json_object_is_indented_as_newtonsoft_does() -> None:
    output = TypedData(string='{"a":"é","b":[],"c":{},"d":[1,true]}')

    assert _plain(output) == ['{\n  "a": "é",\n  "b": [],\n  "c": {},\n  "d": [\n    1,\n    true\n  ]\n}']


@pytest.mark.parametrize("text", ["plain", "", "3", '"quoted"', "{open", "äöü"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert _plain(TypedData(string=text)) == [text]


def test_text_that_only_looks_like_json_fails_the_invocation() -> None:
    with pytest.raises(InvocationFailed, match="looks like JSON"):
        _plain(TypedData(string="{oops}"))


def test_empty_array_writes_nothing() -> None:
    assert _plain(TypedData(json="[]")) == []


def test_bytes_are_written_as_they_are() -> None:
    output = TypedData(bytes=b'["not", "parsed"]')

    assert _plain(output) == ['["not", "parsed"]']


def test_base64_encodes_each_message() -> None:
    messages = list(queue_messages(TypedData(json='["a", "é"]'), MessageEncoding.BASE64))

    assert [base64.b64decode(message).decode() for message in messages] == ["a", "é"]


def test_half_a_surrogate_pair_is_replaced() -> None:
    assert _plain(TypedData(json='["\\ud800"]')) == ["?"]


def test_largest_message_is_written() -> None:
    assert len(_plain(TypedData(string="x" * LARGEST_MESSAGE))[0]) == LARGEST_MESSAGE


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("x" * (LARGEST_MESSAGE + 1), MessageEncoding.NONE),
        ("é" * (LARGEST_MESSAGE // 2 + 1), MessageEncoding.NONE),
        ("x" * (LARGEST_MESSAGE * 3 // 4 + 1), MessageEncoding.BASE64),
    ],
)
def test_message_over_64_kib_once_encoded_fails_the_invocation(text: str, encoding: MessageEncoding) -> None:
    with pytest.raises(InvocationFailed, match="over the limit"):
        list(queue_messages(TypedData(string=text), encoding))


def test_messages_before_one_that_is_too_large_are_written() -> None:
    messages = queue_messages(TypedData(json=json.dumps(["small", "x" * 70_000])), MessageEncoding.NONE)

    assert next(messages) == "small"


def test_data_of_another_kind_fails_the_invocation() -> None:
    with pytest.raises(InvocationFailed, match="int"):
        _plain(TypedData(int=1))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_either_survives_or_is_json(text: str) -> None:
    try:
        messages = _plain(TypedData(string=text))
    except InvocationFailed:
        assert text.strip()[0] in "{["
        return
    if messages != [text]:
        json.loads(text)
