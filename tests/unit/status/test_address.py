"""Signed addresses: who made them, for which request, and until when they are valid."""

from __future__ import annotations

import hmac
import json
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import pytest

from shared.configuration import Configuration
from shared.intake.problem import Answer
from shared.status.address import KEPT_FOR, address, collection_of, issued_at, status_keys, with_addresses
from tests.examples import REQUEST_ID, WHEN

if TYPE_CHECKING:
    from datetime import datetime

OLD, NEW = "the old secret that is long enough", "the new secret that is long enough"
OTHER_ID = "1c8a5a52-6c13-4f7e-9a57-2f3c1d5b7e33"


def keys(text: str = NEW) -> tuple[bytes, ...]:
    made, faults = status_keys(text)
    assert faults == []
    return made


def asked(url: str, made_of: tuple[bytes, ...], now: datetime = WHEN) -> datetime | None:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    return issued_at(parts.path.rsplit("/", 1)[1], query["issued"], query["signature"], made_of, now)


def made(request_id: str = REQUEST_ID, text: str = NEW) -> str:
    return address("https://contoso.com/api/start-requests", request_id, keys(text)[0], WHEN)


def test_an_address_is_valid_for_thirty_days() -> None:
    assert asked(made(), keys(), WHEN + KEPT_FOR) == WHEN
    assert asked(made(), keys(), WHEN + KEPT_FOR + timedelta(seconds=1)) is None


def test_an_address_of_the_future_is_not_valid_but_for_what_clocks_differ() -> None:
    assert asked(made(), keys(), WHEN - timedelta(minutes=1)) == WHEN
    assert asked(made(), keys(), WHEN - timedelta(hours=1)) is None


def test_while_secrets_are_exchanged_both_are_good() -> None:
    assert asked(made(text=OLD), keys(f"{NEW}, {OLD}")) == WHEN
    assert made(text=f"{NEW},{OLD}") == made(text=NEW)
    assert asked(made(text=OLD), keys(NEW)) is None


@pytest.mark.parametrize(
    "url",
    [
        made().replace(REQUEST_ID, OTHER_ID),
        made().replace(REQUEST_ID, REQUEST_ID.upper()),
        made().replace("issued=", "issued=0"),
        made().replace("issued=1", "issued=2"),
        made() + "A",
        made()[:-1],
        made().replace("signature=", "signature=%00"),
        made().replace("signature=", "signature=ü"),
        made().replace("issued=", "issued=%D9%A1"),
        made(text=OLD),
    ],
)
def test_what_was_changed_or_made_by_another_app_is_not_valid(url: str) -> None:
    assert asked(url, keys()) is None


@pytest.mark.parametrize(
    ("request_id", "issued", "signature"),
    [
        pytest.param(REQUEST_ID, str(int(WHEN.timestamp())), "A" * 43, id="wrong signature"),
        pytest.param(OTHER_ID, "1", "A" * 43, id="expired"),
        pytest.param("x" * 10_000, "soon", "A" * 10_000, id="of another form"),
        pytest.param("", "", "", id="nothing"),
    ],
)
def test_whatever_is_wrong_each_key_is_compared_in_constant_time(
    request_id: str, issued: str, signature: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = []
    compare = hmac.compare_digest

    def counted(left: bytes, right: bytes) -> bool:
        compared.append(len(left))
        return compare(left, right)

    monkeypatch.setattr(hmac, "compare_digest", counted)
    assert issued_at(request_id, issued, signature, keys(f"{NEW},{OLD}"), WHEN) is None
    assert compared == [43, 43]


def test_an_address_is_below_the_url_that_was_called() -> None:
    assert (
        collection_of("https://contoso.com/api/start-requests?code=secret") == "https://contoso.com/api/start-requests"
    )
    assert (
        collection_of("https://contoso.com/api/start-requests/x?issued=1") == "https://contoso.com/api/start-requests"
    )
    assert collection_of("https://contoso.com/gate/start-requests/") == "https://contoso.com/gate/start-requests"


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({}, "STATUS_KEY is missing"),
        ({"STATUS_KEY": "@Microsoft.KeyVault(VaultName=kv;SecretName=status-key)"}, "Key Vault reference"),
        ({"STATUS_KEY": "short"}, "fewer than 32 characters"),
        ({"STATUS_KEY": f"{NEW},"}, "fewer than 32 characters"),
        ({"STATUS_KEY": f"{NEW},{OLD},{OLD}"}, "lists 3 secrets"),
        ({"STATUS_KEY": NEW, "LEDGER_TABLE": "startstatus"}, "STATUS_TABLE must not be the table of LEDGER_TABLE"),
    ],
)
def test_what_is_wrong_with_the_settings_is_named_and_shows_no_secret(settings: dict[str, str], fault: str) -> None:
    read = Configuration.read({"STATUS_TABLE": "StartStatus", **settings})
    told = "; ".join(each.text for each in read.faults)
    assert fault in told
    assert "secret that is" not in told
    assert "STATUS_KEY" not in told or read.status_keys == (), "with a key that is wrong, no address is signed"


def test_the_configuration_has_the_keys_and_shows_none() -> None:
    read = Configuration.read({"STATUS_TABLE": "StartStatus", "STATUS_KEY": NEW})
    assert read.status_keys == keys()
    assert NEW not in repr(read)
    assert Configuration.read({"STATUS_KEY": NEW}).status_keys == ()


def accepting(*ids: str) -> Answer:
    return Answer(HTTPStatus.ACCEPTED, "application/json", json.dumps({"accepted": [{"requestId": i} for i in ids]}))


def test_a_request_that_is_taken_has_its_address_in_body_and_header() -> None:
    answer = with_addresses(accepting(REQUEST_ID), "https://contoso.com/api/start-requests?code=hidden", keys(), WHEN)
    assert json.loads(answer.body)["accepted"] == [{"requestId": REQUEST_ID, "status": made()}]
    assert answer.headers == {"Location": made(), "Retry-After": "5"}
    assert "hidden" not in answer.body


def test_several_requests_have_an_address_each_and_no_single_location() -> None:
    answer = with_addresses(accepting(REQUEST_ID, OTHER_ID), "https://contoso.com/api/start-requests", keys(), WHEN)
    addresses = [item["status"] for item in json.loads(answer.body)["accepted"]]
    assert addresses == [made(), made(OTHER_ID)]
    assert answer.headers == {"Retry-After": "5"}
