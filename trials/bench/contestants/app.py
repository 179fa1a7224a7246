"""The app: what its queue function does with a message, from its bytes to the message of the status event."""

import json
import uuid
from datetime import UTC, datetime

from shared.inbox import Delivery
from shared.process import process
from trials.bench.contestants.loop import serve


def prepare(service_principal_id: str, job_id: str) -> Delivery:
    """The message as the intake writes it."""
    request = {
        "requestId": str(uuid.uuid4()),
        "servicePrincipalId": service_principal_id,
        "jobId": job_id,
        "requestedBy": {"source": "azure-monitor", "reference": "alert 1", "summary": "Contoso is in quarantine"},
        "requestedAt": "2026-11-23T10:00:00Z",
    }
    return Delivery(json.dumps(request).encode(), str(uuid.uuid4()), datetime.now(UTC))


def work(delivery: Delivery) -> list[str]:
    """Start the job. Returns the messages for the status queue."""
    return [event.to_message() for event in process().inbox.handle(delivery).events]


if __name__ == "__main__":
    serve(prepare, work)
