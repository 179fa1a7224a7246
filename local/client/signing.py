"""Signs a body as its sender does, in the form that `shared.intake.signatures` checks."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from shared.intake.signatures import HubSignature, PagerDutySignature, StandardWebhooks, ZendeskSignature

if TYPE_CHECKING:
    from shared.intake.signatures import Scheme


def sign(scheme: Scheme, secret: str, body: bytes, now: datetime | None = None) -> dict[str, str]:
    """The headers that sign the body. Raises ValueError for an invalid secret; the text continues "The secret …"."""
    now = now or datetime.now(UTC)
    key = scheme.key(secret)
    match scheme:
        case PagerDutySignature():
            return {scheme.header: f"v1={_digest(key, body).hex()}"}
        case HubSignature():
            return {scheme.header: f"sha256={_digest(key, body).hex()}"}
        case ZendeskSignature():
            time = now.isoformat(timespec="seconds")
            return {scheme.header: _base64(_digest(key, time.encode() + body)), scheme.timestamp_header: time}
        case StandardWebhooks():
            # Derived from the body: a second attempt of a sender has the same id as the first.
            message_id = f"msg_{hashlib.sha256(body).hexdigest()[:24]}"
            seconds = str(int(now.timestamp()))
            signature = _base64(_digest(key, f"{message_id}.{seconds}.".encode() + body))
            return {
                scheme.id_header: message_id,
                scheme.timestamp_header: seconds,
                scheme.header: f"v1,{signature}",
            }
    raise TypeError(f"cannot sign as {type(scheme).__name__}")


def _digest(key: bytes, content: bytes) -> bytes:
    return hmac.digest(key, content, "sha256")


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode("ascii")
