"""A receiver that checks what CloudEvents and Standard Webhooks require of a sender.

Sources: CloudEvents, "HTTP 1.1 Web Hooks for Event Delivery" 1.0.2; "Standard Webhooks" 1.0.0.
"""

from __future__ import annotations

import base64
import hmac
import json
import time

from local.targets.vendor import Arrived, Reply, Request, Vendor

_TOLERANCE = 300


class Webhook(Vendor):
    """One receiver. It requires a handshake before the first event, and drops repeats."""

    url = "/events"

    def __init__(self, key: bytes) -> None:
        super().__init__()
        self._key = key
        self._agreed: set[str] = set()
        self._seen: set[str] = set()

    @property
    def secret(self) -> str:
        """The secret as Standard Webhooks writes it."""
        return f"whsec_{base64.b64encode(self._key).decode()}"

    def answer(self, request: Request) -> Reply:
        """See Vendor."""
        origin = request.headers.get("webhook-request-origin", "")
        if request.path != self.url:
            return Reply(404)
        if request.method == "OPTIONS":
            if not origin:
                return Reply(400, "no WebHook-Request-Origin")
            self._agreed.add(origin)
            return Reply(200, "", {"WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": "6000", "Allow": "POST"})
        if request.method != "POST":
            return Reply(405)
        if origin not in self._agreed:
            return Reply(403, "no handshake before the event")
        if not request.headers.get("content-type", "").startswith("application/cloudevents+json"):
            return Reply(415)
        if not self._is_signed(request):
            return Reply(401, "the signature does not match")
        event = json.loads(request.body)
        if any(not event.get(name) for name in ("id", "source", "type")) or event.get("specversion") != "1.0":
            return Reply(400, "not a CloudEvent 1.0")
        if event["id"] not in self._seen:
            self._seen.add(event["id"])
            self.arrived.append(Arrived("receiver", request.body.decode()))
        return Reply(204)

    def _is_signed(self, request: Request) -> bool:
        message_id, timestamp = (request.headers.get(f"webhook-{name}", "") for name in ("id", "timestamp"))
        if not timestamp.isdecimal() or abs(int(timestamp) - time.time()) > _TOLERANCE:
            return False
        content = f"{message_id}.{timestamp}.".encode() + request.body
        expected = base64.b64encode(hmac.digest(self._key, content, "sha256")).decode()
        return f"v1,{expected}" in request.headers.get("webhook-signature", "").split()
