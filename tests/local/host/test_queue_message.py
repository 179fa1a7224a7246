"""Messages from the queue: body and trigger metadata."""

from datetime import UTC, datetime

import azure.functions as func
import pytest
from azure.functions.meta import Datum
from azure.functions.queue import QueueMessageInConverter
from azure.storage.queue import QueueMessage

from local.host.host_json import MessageEncoding
from local.host.protos import TypedData
from local.host.queue_message import Undecodable, decode, trigger_metadata

_INSERTED = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
_EXPIRES = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)
_VISIBLE = datetime(2026, 11, 23, 10, 10, tzinfo=UTC)


def _message(text: str | None) -> QueueMessage:
    message = QueueMessage(
        content=text,
        id="from-the-queue",
        inserted_on=_INSERTED,
        expires_on=_EXPIRES,
        next_visible_on=_VISIBLE,
        dequeue_count=2,
        pop_receipt="receipt",
    )
    assert message.pop_receipt == "receipt"
    return message


def _as_the_function_sees_it(text: str) -> func.QueueMessage:
    """The message after azure.functions' own decoder."""
    body = TypedData(string=text)
    metadata = trigger_metadata(_message(text), body)
    seen = QueueMessageInConverter.decode(
        Datum(body.value, body.kind),
        trigger_metadata={name: Datum(data.value, data.kind) for name, data in metadata.items()},
    )
    assert isinstance(seen, func.QueueMessage)
    return seen


def test_function_sees_all_metadata() -> None:
    seen = _as_the_function_sees_it("text")

    assert (seen.get_body(), seen.id, seen.dequeue_count, seen.pop_receipt) == (b"text", "from-the-queue", 2, "receipt")
    assert (seen.insertion_time, seen.expiration_time, seen.time_next_visible) == (_INSERTED, _EXPIRES, _VISIBLE)


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ('{"id": "mine"}', "mine"),
        (' {"ID": 7}', "7"),
        ('{"id": ["kept", "out"]}', "from-the-queue"),
        ('{"id": null}', "from-the-queue"),
        ('[{"id": "mine"}]', "from-the-queue"),
        ('{"id": "broken"', "from-the-queue"),
    ],
)
def test_top_level_id_of_a_json_message_overrides_the_messages_own(text: str, id_: str) -> None:
    assert _as_the_function_sees_it(text).id == id_


def test_plain_text_is_passed_as_a_string() -> None:
    body = decode(_message("plain"), MessageEncoding.NONE, binary=False)

    assert (body.kind, body.value) == ("string", "plain")


def test_binary_binding_gets_bytes() -> None:
    body = decode(_message("AP8="), MessageEncoding.BASE64, binary=True)

    assert (body.kind, body.value) == ("bytes", b"\x00\xff")


def test_base64_is_decoded_and_invalid_utf8_replaced() -> None:
    assert decode(_message("w6kg/w=="), MessageEncoding.BASE64, binary=False).value == "é \ufffd"


def test_empty_message_is_an_empty_string() -> None:
    assert decode(_message(None), MessageEncoding.BASE64, binary=False).value == ""


@pytest.mark.parametrize("text", ["plain text!", "YQ", "YQ=", "ä"])
def test_text_that_is_not_base64_is_undecodable(text: str) -> None:
    with pytest.raises(Undecodable):
        decode(_message(text), MessageEncoding.BASE64, binary=False)
