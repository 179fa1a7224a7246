"""Any webhook: the CloudEvent in structured mode, signed as in Standard Webhooks.

The id of the delivery is the event's id, by which a receiver drops repeats. If the setting says so, the app first asks
the receiver for its consent. Sources: CloudEvents, "HTTP 1.1 Web Hooks for Event Delivery" 1.0.2; "Standard Webhooks"
1.0.0.
"""

from __future__ import annotations

import base64
import hmac
import time
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING

from shared.errors import TargetRefused, TargetUnavailable
from shared.json_text import write_json
from shared.notices.targets.client import TargetClient
from shared.notices.targets.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.notices.http import Answer, Http
    from shared.notices.targets.client import Outgoing

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
CONSENT_LASTS = 24 * 3600.0
"""Seconds after which a receiver is asked for its consent again."""

_ALWAYS = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.GONE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    }
)
_MINUTE = 60.0


class Webhook(TargetClient):
    """One receiver."""

    drops_repeats = True

    def __init__(
        self,
        http: Http,
        url: str,
        keys: tuple[bytes, ...] = (),
        *,
        origin: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`origin` is the app's name when it asks for consent; None does not ask."""
        self._http = http
        self._url = url
        self._keys = keys
        self._origin = origin
        self._clock = clock
        self._lock = Lock()
        self._consent_until = 0.0
        self._pace = Pace(0.0)

    def send(self, outgoing: Outgoing) -> None:
        """Post the event."""
        headers = {"Content-Type": CONTENT_TYPE}
        if self._origin is not None:
            self._ask(self._origin)
            headers["WebHook-Request-Origin"] = self._origin
        body = write_json(outgoing.event).encode()
        self._pace.wait()
        headers |= signature_headers(outgoing.told.event_id, round(self._clock()), body, self._keys)
        answer = self._http.call("POST", self._url, headers=headers, data=body)
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS and answer.retry_after:
            self._pace.hold(answer.retry_after)
        answer.raise_unless_success(always=_ALWAYS)

    def _ask(self, origin: str) -> None:
        """Get the receiver's consent, unless it still lasts. Raises TargetRefused if the receiver does not consent."""
        with self._lock:
            if self._clock() < self._consent_until:
                return
            answer = self._http.call("OPTIONS", self._url, headers={"WebHook-Request-Origin": origin})
            if answer.headers.get("webhook-allowed-origin") not in (origin, "*"):
                answered = f"answered {answer.status} to the handshake, and agrees to nothing"
                if answer.status in range(500, 600) or answer.status == HTTPStatus.TOO_MANY_REQUESTS:
                    raise TargetUnavailable(answered, retry_after=answer.retry_after)
                raise TargetRefused(answered, always=True)
            self._pace.gap = _gap(answer)
            self._consent_until = self._clock() + CONSENT_LASTS


def signature_headers(message_id: str, timestamp: int, body: bytes, keys: tuple[bytes, ...]) -> dict[str, str]:
    """The headers of Standard Webhooks, with one signature per key. Without keys, webhook-signature is absent."""
    headers = {"webhook-id": message_id, "webhook-timestamp": str(timestamp)}
    content = f"{message_id}.{timestamp}.".encode() + body
    signatures = [base64.b64encode(hmac.digest(key, content, "sha256")).decode() for key in keys]
    if signatures:
        headers["webhook-signature"] = " ".join(f"v1,{each}" for each in signatures)
    return headers


def _gap(answer: Answer) -> float:
    """Seconds between two deliveries, from the rate per minute that the receiver allows."""
    rate = answer.headers.get("webhook-allowed-rate", "").strip()
    return _MINUTE / int(rate) if rate.isdecimal() and int(rate) else 0.0
