"""Webhook signatures: HMAC-SHA256 in the form of each sender.

A scheme knows which headers hold the signatures, and which bytes they sign. The check itself is the same for all.

Sources of the forms:

- PagerDuty developer documentation, "Verifying Signatures"
- Atlassian, "Webhooks" (Jira Cloud platform; the form is WebSub's)
- Zendesk developer documentation, "Verifying the authenticity of webhook requests"
- "Standard Webhooks" specification 1.0
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from shared.errors import InvalidSignature

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TOLERANCE = timedelta(minutes=5)
"""How far a signed timestamp may be in the past or in the future."""

_HEX_DIGEST = re.compile(r"[0-9A-Fa-f]{64}")
_SECONDS = re.compile(r"[0-9]{1,11}")
_DIGEST_SIZE = 32


@dataclass(frozen=True, slots=True)
class Signed:
    """What a request claims: the signed bytes, their possible digests, and the time sent if the scheme has one."""

    content: bytes
    digests: tuple[bytes, ...]
    sent: datetime | None = None


class Scheme(ABC):
    """The form in which a kind of sender signs. Header names are in lower case here and in requests."""

    header: str
    """The header that holds the signatures."""
    signed_headers: frozenset[str] = frozenset()
    """The headers that the signatures cover, in addition to the body."""
    least_key: int = 1
    """The shortest key that the scheme allows, in bytes."""

    def key(self, secret: str) -> bytes:
        """The HMAC key of a secret. Raises ValueError for an invalid secret; the error's text completes a sentence."""
        return secret.encode("utf-8", "surrogateescape")

    @abstractmethod
    def read(self, headers: Mapping[str, str], body: bytes) -> Signed:
        """What the request claims. Raises InvalidSignature if a header is missing or invalid."""


def verify(scheme: Scheme, keys: Iterable[bytes], headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Check that one of the keys signed the request. Raises InvalidSignature.

    Senders rotate secrets with several keys and several signatures. Every pair is compared, each in constant time, so
    that the time of the answer reveals nothing.
    """
    signed = scheme.read(headers, body)
    if signed.sent is not None and abs(now - signed.sent) > TOLERANCE:
        minutes = round(TOLERANCE / timedelta(minutes=1))
        raise InvalidSignature(f"The signature's timestamp is more than {minutes} minutes off.")
    if not signed.digests:
        raise InvalidSignature(f"The header {scheme.header} holds no signature of the expected form.")
    expected = [hmac.digest(key, signed.content, "sha256") for key in keys]
    matches = [hmac.compare_digest(ours, theirs) for ours in expected for theirs in signed.digests]
    if not any(matches):
        raise InvalidSignature(f"No signature in the header {scheme.header} fits the body and a secret of this app.")


class PagerDutySignature(Scheme):
    """`v1=<hex>,v1=<hex>` over the body, with one signature per secret of the subscription."""

    header = "x-pagerduty-signature"

    def read(self, headers: Mapping[str, str], body: bytes) -> Signed:
        """The signatures of version v1. Others are for a later version of the scheme."""
        entries = (entry.strip().partition("=") for entry in _header(headers, self.header).split(","))
        return Signed(body, _hex_digests(value for version, _, value in entries if version == "v1"))


class HubSignature(Scheme):
    """`sha256=<hex>` over the body, as WebSub writes it."""

    header = "x-hub-signature"

    def read(self, headers: Mapping[str, str], body: bytes) -> Signed:
        """The one signature. Only the method sha256 is accepted."""
        method, _, value = _header(headers, self.header).partition("=")
        return Signed(body, _hex_digests([value] if method == "sha256" else []))


class ZendeskSignature(Scheme):
    """Base64 over the timestamp (RFC 3339) followed by the body."""

    header = "x-zendesk-webhook-signature"
    timestamp_header = "x-zendesk-webhook-signature-timestamp"

    def read(self, headers: Mapping[str, str], body: bytes) -> Signed:
        """The one signature."""
        timestamp = _header(headers, self.timestamp_header)
        digests = _base64_digests([_header(headers, self.header)])
        try:
            sent = datetime.fromisoformat(timestamp)
        except ValueError:
            sent = None
        if sent is None or sent.tzinfo is None:
            raise InvalidSignature(f"The header {self.timestamp_header} is not an RFC 3339 time with an offset.")
        return Signed(_bytes(timestamp) + body, digests, sent)


class StandardWebhooks(Scheme):
    """`v1,<base64> v1,<base64>` over id, timestamp and body, joined by full stops. Secrets are `whsec_<base64>`."""

    header = "webhook-signature"
    id_header = "webhook-id"
    timestamp_header = "webhook-timestamp"
    signed_headers = frozenset({"webhook-id", "webhook-timestamp"})
    least_key = 24

    def key(self, secret: str) -> bytes:
        """The bytes that the secret has in base64. Raises ValueError."""
        try:
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except (binascii.Error, ValueError) as error:
            raise ValueError("is not whsec_ followed by base64") from error

    def read(self, headers: Mapping[str, str], body: bytes) -> Signed:
        """The symmetric signatures (v1). The asymmetric ones (v1a) need a public key in place of a secret."""
        headers = by_one_name(headers)
        message_id, timestamp = _header(headers, self.id_header), _header(headers, self.timestamp_header)
        if not _SECONDS.fullmatch(timestamp):
            raise InvalidSignature(f"The header {self.timestamp_header} is not a time in seconds since 1970.")
        entries = (entry.partition(",") for entry in _header(headers, self.header).split())
        digests = _base64_digests(value for version, _, value in entries if version == "v1")
        content = b".".join([_bytes(message_id), _bytes(timestamp), body])
        return Signed(content, digests, datetime.fromtimestamp(int(timestamp), UTC))


def by_one_name(headers: Mapping[str, str]) -> Mapping[str, str]:
    """The headers, with Svix's older ones (svix-id and so on) also under the names of Standard Webhooks."""
    if "svix-signature" not in headers or "webhook-signature" in headers:
        return headers
    return {
        **headers,
        **{f"webhook-{part}": headers.get(f"svix-{part}", "") for part in ("id", "timestamp", "signature")},
    }


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name, "").strip()
    if not value:
        raise InvalidSignature(f"The header {name} is missing; this app takes only signed requests from this source.")
    return value


def _hex_digests(values: Iterable[str]) -> tuple[bytes, ...]:
    """The digests among the values, without invalid ones."""
    return tuple(bytes.fromhex(value) for value in values if _HEX_DIGEST.fullmatch(value))


def _base64_digests(values: Iterable[str]) -> tuple[bytes, ...]:
    """The digests among the values, without invalid ones."""
    return tuple(digest for digest in map(_base64, values) if len(digest) == _DIGEST_SIZE)


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _bytes(text: str) -> bytes:
    """The header's bytes. A character that UTF-8 can't encode becomes a question mark, which matches no signature."""
    return text.encode("utf-8", "replace")
