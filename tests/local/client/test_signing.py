"""The app accepts what the local system signs, for every scheme of a source."""

from __future__ import annotations

import base64

import pytest

from local.client.signing import sign
from shared.errors import InvalidSignature
from shared.intake.signatures import verify
from shared.intake.sources import SOURCES
from tests.examples import WHEN

SECRET = "whsec_" + base64.b64encode(b"a key of the tests, 32 bytes lng").decode()
BODY = '{"title": "Zoë"}'.encode()
SCHEMES = {name: source.signature for name, source in SOURCES.items() if source.signature}
each_scheme = pytest.mark.parametrize("name", SCHEMES)


@each_scheme
def test_signed_body_is_accepted_and_another_refused(name: str) -> None:
    scheme = SCHEMES[name]

    headers = sign(scheme, SECRET, BODY, WHEN)

    verify(scheme, [scheme.key(SECRET)], headers, BODY, WHEN)
    with pytest.raises(InvalidSignature):
        verify(scheme, [scheme.key(SECRET)], headers, BODY + b" ", WHEN)


def test_same_body_is_the_same_delivery_of_a_standard_webhook() -> None:
    scheme = SCHEMES["standard-webhooks"]

    first, again, other = (sign(scheme, SECRET, body)["webhook-id"] for body in (BODY, BODY, BODY + b" "))

    assert first == again != other
