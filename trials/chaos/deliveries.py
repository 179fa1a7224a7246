"""Payloads that senders of each kind post in a run, signed with their secret, or forged."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, Final

from local.client.delivery import Delivery
from shared.intake.sources import SOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping

SECRETS: Final[Mapping[str, str]] = {
    "zendesk": "a-secret-that-only-zendesk-and-the-app-know",
    "pagerduty": "a-secret-that-only-pagerduty-and-the-app-know",
    "standard-webhooks": f"whsec_{base64.b64encode(b'known to the sender and the app.').decode()}",
}
"""The secrets by source."""

_GUESSED: Final = base64.b64encode(b"not the secret but a guess of it").decode()


def settings() -> dict[str, str]:
    """The app settings with which it checks the signatures."""
    return {SOURCES[source].secret_setting: secret for source, secret in SECRETS.items()}


def body(source: str, request: Mapping[str, Any]) -> str:
    """The source's payload that asks for the job."""
    if source != "pagerduty":
        return json.dumps(request)
    path = f"servicePrincipals/{request['servicePrincipalId']}/synchronization/jobs/{request['jobId']}"
    incident = {"id": "PCHAOS1", "type": "incident", "title": f"Quarantine: {path}."}
    return json.dumps({"event": {"event_type": "incident.triggered", "data": incident}})


def delivery(source: str, content: str, *, is_genuine: bool) -> Delivery:
    """A delivery of it, signed with the secret, or with another one if it is forged."""
    return Delivery(SOURCES[source], content.encode(), SECRETS[source] if is_genuine else _GUESSED)
