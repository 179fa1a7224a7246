"""Webhook signatures: what is accepted, and that everything else is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import InvalidSignature
from shared.intake.signatures import (
    HubSignature,
    PagerDutySignature,
    Scheme,
    StandardWebhooks,
    ZendeskSignature,
    verify,
)

if TYPE_CHECKING:
    from collections.abc import Callable

BODY = '{"title":"Zoë","n":1}'.encode()
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
SECONDS = str(int(NOW.timestamp()))
SECRET = "whsec_" + base64.b64encode(b"a key of the tests, 32 bytes lng").decode()
OTHER = "whsec_" + base64.b64encode(b"another key of the tests, longer").decode()


def digest(key: bytes, content: bytes) -> bytes:
    return hmac.new(key, content, hashlib.sha256).digest()


def pagerduty(secret: str, body: bytes = BODY) -> dict[str, str]:
    return {"x-pagerduty-signature": f"v1={digest(secret.encode(), body).hex()}"}


def hub(secret: str, body: bytes = BODY) -> dict[str, str]:
    return {"x-hub-signature": f"sha256={digest(secret.encode(), body).hex()}"}


def zendesk(secret: str, body: bytes = BODY, time: str = "2026-11-23T10:00:00Z") -> dict[str, str]:
    signature = base64.b64encode(digest(secret.encode(), time.encode() + body)).decode()
    return {"x-zendesk-webhook-signature": signature, "x-zendesk-webhook-signature-timestamp": time}


def standard(secret: str, body: bytes = BODY, time: str = SECONDS) -> dict[str, str]:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = base64.b64encode(digest(key, f"msg-7.{time}.".encode() + body)).decode()
    return {"webhook-id": "msg-7", "webhook-timestamp": time, "webhook-signature": f"v1,{signature}"}


SCHEMES: dict[str, tuple[Scheme, Callable[..., dict[str, str]]]] = {
    "pagerduty": (PagerDutySignature(), pagerduty),
    "hub": (HubSignature(), hub),
    "zendesk": (ZendeskSignature(), zendesk),
    "standard": (StandardWebhooks(), standard),
}
TIMED = ("zendesk", "standard")
each_scheme = pytest.mark.parametrize("name", SCHEMES)
each_timed_scheme = pytest.mark.parametrize("name", TIMED)


def accepts(
    name: str, headers: dict[str, str], *secrets: str, body: bytes = BODY, later: timedelta = timedelta()
) -> bool:
    scheme, _ = SCHEMES[name]
    try:
        verify(scheme, [scheme.key(secret) for secret in secrets], headers, body, NOW + later)
    except InvalidSignature:
        return False
    return True


@each_scheme
def test_signed_body_is_accepted(name: str) -> None:
    _, sign = SCHEMES[name]
    assert accepts(name, sign(SECRET), SECRET)


@each_scheme
def test_changed_body_is_refused(name: str) -> None:
    _, sign = SCHEMES[name]
    assert not accepts(name, sign(SECRET), SECRET, body=BODY + b" ")


@each_scheme
def test_another_secret_is_refused(name: str) -> None:
    _, sign = SCHEMES[name]
    assert not accepts(name, sign(OTHER), SECRET)


@each_scheme
def test_either_secret_of_a_rotation_is_accepted(name: str) -> None:
    _, sign = SCHEMES[name]
    assert accepts(name, sign(SECRET), OTHER, SECRET)
    assert accepts(name, sign(OTHER), OTHER, SECRET)


@each_scheme
def test_without_keys_nothing_is_accepted(name: str) -> None:
    _, sign = SCHEMES[name]
    assert not accepts(name, sign(SECRET))


@each_scheme
def test_each_header_is_needed(name: str) -> None:
    _, sign = SCHEMES[name]
    for header in sign(SECRET):
        assert not accepts(name, {key: value for key, value in sign(SECRET).items() if key != header}, SECRET)
        assert not accepts(name, {**sign(SECRET), header: ""}, SECRET)
        assert not accepts(name, {**sign(SECRET), header: " "}, SECRET)


@pytest.mark.parametrize(("name", "separator"), [("pagerduty", ","), ("pagerduty", ", "), ("standard", " ")])
def test_one_of_several_signatures_is_enough(name: str, separator: str) -> None:
    scheme, sign = SCHEMES[name]
    ours, theirs = sign(SECRET)[scheme.header], sign(OTHER)[scheme.header]
    for several in ([ours, theirs], [theirs, ours], ["v2,x", "", "v1", ours]):
        assert accepts(name, {**sign(SECRET), scheme.header: separator.join(several)}, SECRET)
    assert not accepts(name, {**sign(SECRET), scheme.header: separator.join([theirs, theirs])}, SECRET)


@each_timed_scheme
@pytest.mark.parametrize("minutes", [-5, 5])
def test_five_minutes_off_is_accepted_and_more_is_not(name: str, minutes: int) -> None:
    _, sign = SCHEMES[name]
    limit = timedelta(minutes=minutes)
    assert accepts(name, sign(SECRET), SECRET, later=limit)
    assert not accepts(name, sign(SECRET), SECRET, later=limit * 1.01)


@pytest.mark.parametrize(
    "time",
    ["2026-11-23T10:00:00", "yesterday", "1795428000", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"],
)
def test_zendesk_timestamp_must_be_a_time_near_now(time: str) -> None:
    assert not accepts("zendesk", zendesk(SECRET, time=time), SECRET)


@pytest.mark.parametrize(
    "time", ["-1", "1e9", "1795428000.5", "NaN", "٣", "99999999999", "9" * 400, "2026-11-23T10:00:00Z"]
)
def test_standard_timestamp_must_be_seconds_near_now(time: str) -> None:
    assert not accepts("standard", standard(SECRET, time=time), SECRET)


@each_scheme
@pytest.mark.parametrize(
    "value",
    [
        "v1",
        "v1=",
        "v1,",
        "v1=zz",
        "v1,!!!",
        "sha256=",
        f"sha1={'0' * 64}",
        f"md5={'0' * 32}",
        "=",
        ",",
        "é\ud800\x00",
        f"v1={'é' * 64}",
        "v1=" + "0" * 63,
        "v1," + base64.b64encode(b"short").decode(),
        "v1," * 20_000,
        "A" * 100_000,
    ],
)
def test_malformed_signature_is_refused(name: str, value: str) -> None:
    scheme, sign = SCHEMES[name]
    assert not accepts(name, {**sign(SECRET), scheme.header: value}, SECRET)


@given(st.sampled_from(list(SCHEMES)), st.data())
def test_any_headers_are_refused(name: str, data: st.DataObject) -> None:
    _, sign = SCHEMES[name]
    values = st.text(max_size=80) | st.sampled_from([*sign(OTHER).values(), "v1=", "v1,", "sha256="])
    headers = {header: data.draw(values) for header in sign(SECRET)}
    assert not accepts(name, headers, SECRET)


def test_published_example_of_standard_webhooks_is_accepted() -> None:
    scheme = StandardWebhooks()
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    key = scheme.key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    sent = datetime.fromtimestamp(1614265330, UTC)
    verify(scheme, [key], headers, b'{"test": 2432232314}', sent)


def test_standard_secret_is_base64_with_or_without_its_prefix() -> None:
    scheme = StandardWebhooks()
    assert scheme.key("whsec_c2VjcmV0") == scheme.key("c2VjcmV0") == b"secret"
    with pytest.raises(ValueError, match=r"^is not whsec_ followed by base64$"):
        scheme.key("whsec_not base64!")
