"""Other libraries can read our events, and their signatures and ours are compatible."""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from standardwebhooks import Webhook, WebhookVerificationError

from shared.errors import InvalidSignature
from shared.event.status_event import StatusEvent
from shared.intake.signatures import StandardWebhooks, verify
from shared.json_text import write_json
from shared.notices.targets.webhook import signature_headers
from shared.outcome import Reason
from shared.request.start_request import RequestedBy
from tests.examples import REQUEST_ID
from tests.words.said import THE_JOB, endings

KEY = bytes(range(24))
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"
BODY = '{"servicePrincipalId": "6f1f5c0e-3b0c-4f0c-9d43-0a5a4c3c1e11", "name": "Zoë"}'
NOW = datetime(2026, 11, 23, 10, 0, 2, tzinfo=UTC)


@pytest.mark.parametrize("reason", list(Reason))
def test_cloudevents_reads_an_event_of_every_reason(reason: Reason) -> None:
    made = StatusEvent(
        site_name="contoso",
        request_id=REQUEST_ID,
        requested_by=RequestedBy("http"),
        requested_at=NOW,
        began_at=NOW,
        finished_at=NOW,
        ending=next(endings(reason)),
        job=THE_JOB,
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ).to_json()
    read = JSONFormat().read(CloudEvent, write_json(made).encode())
    assert (read.get_id(), read.get_source(), read.get_type()) == (made["id"], made["source"], made["type"])
    assert (read.get_subject(), read.get_time()) == (made["subject"], NOW)
    assert read.get_extension("traceparent") == made["traceparent"]
    assert read.get_data() == made["data"]


def test_standardwebhooks_accepts_what_the_app_sends() -> None:
    headers = signature_headers("msg_1", round(time.time()), BODY.encode(), (bytes(24), KEY))
    assert Webhook(SECRET).verify(BODY, headers) is not None
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(BODY.replace("Zoë", "Zoe"), headers)


def test_the_app_accepts_what_standardwebhooks_signs() -> None:
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(round(NOW.timestamp())),
        "webhook-signature": Webhook(SECRET).sign("msg_1", NOW, BODY),
    }
    scheme = StandardWebhooks()
    verify(scheme, [scheme.key(SECRET)], headers, BODY.encode(), NOW)
    with pytest.raises(InvalidSignature):
        verify(scheme, [scheme.key(SECRET)], headers, BODY.replace("Zoë", "Zoe").encode(), NOW)
