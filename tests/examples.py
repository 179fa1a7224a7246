"""Values that the tests use, and the published schemas to check messages against."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

from shared.graph.job import parse_job
from shared.job_code import JobCode
from shared.ledger.entry import Start, new_start
from shared.outcome import Reason
from shared.request.reference import JobReference
from shared.request.start_request import RequestedBy, StartRequest

PRINCIPAL = "6f1f5c0e-3b0c-4f0c-9d43-0a5a4c3c1e11"
APP_ID = "c3a1b1de-7d2f-4f0f-8a77-1f9a6a0f2b22"
JOB = "scim.11112222333344445555666677778888.aaaabbbbccccddddeeeeffff00001111"
REQUEST_ID = "0c8a5a52-6c13-4f7e-9a57-2f3c1d5b7e33"
WHEN = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def job_json(code: str = "Quarantine", *, job_id: str = JOB, **status: Any) -> dict[str, Any]:
    """A synchronizationJob as Graph returns it."""
    quarantine = None
    if code == "Quarantine":
        quarantine = {
            "reason": "EncounteredQuarantineException",
            "seriesBegan": "2026-11-22T21:14:09.1234567Z",
            "currentBegan": "2026-11-23T03:14:09.7654321Z",
            "nextAttempt": "0001-01-01T00:00:00Z",
            "seriesCount": 3,
            "error": {"code": "SystemForCrossDomainIdentityManagementCredentialValidationFailure", "message": "No."},
        }
    return {
        "id": job_id,
        "templateId": "scim",
        "schedule": {"interval": "PT40M", "state": "Active"},
        "status": {"code": code, "escrowsPruned": False, "quarantine": quarantine, **status},
    }


def start(request: StartRequest | None = None, **changes: Any) -> Start:
    """A start of the job in quarantine that Graph accepted, five minutes after WHEN."""
    before = parse_job(job_json())
    assert before is not None
    at = WHEN + timedelta(minutes=5)
    made = new_start(
        request or start_request(),
        before,
        message_id="message-1",
        app_id=None,
        credential_check=None,
        at=at,
        followed_for=timedelta(hours=24),
    )
    return made._replace(**{"reason": Reason.QUARANTINE_CLEARED, "code_after": JobCode.ACTIVE, **changes})


def start_request(**changes: Any) -> StartRequest:
    """A direct request for the one job."""
    values: dict[str, Any] = {
        "request_id": REQUEST_ID,
        "job": JobReference(service_principal_id=PRINCIPAL, job_id=JOB),
        "requested_by": RequestedBy("http", "INC-7", "Quarantine of Contoso"),
        "requested_at": WHEN,
    }
    return StartRequest(**{**values, **changes})


def graph_error(code: str, message: str = "") -> dict[str, Any]:
    """An error body in Graph's form."""
    return {"error": {"code": code, "message": message, "innerError": {"date": "2026-11-23T10:00:00"}}}


def _validators() -> dict[str, Draft202012Validator]:
    files = sorted((Path(__file__).parents[1] / "schemas").glob("*.schema.json"))
    schemas = {file.name.removesuffix(".schema.json"): json.loads(file.read_text()) for file in files}
    registry = Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in schemas.values())
    return {
        name: Draft202012Validator(schema, registry=registry, format_checker=FormatChecker())
        for name, schema in schemas.items()
    }


SCHEMAS = _validators()


def check_event(event: dict[str, Any]) -> dict[str, Any]:
    """The event, after checking it against the published schema."""
    SCHEMAS["start-status"].validate(event)
    return event


def open_message(text: str) -> Any:
    """The JSON in a message of the app. A start request is checked against its schema."""
    return json.loads(base64.b64decode(text, validate=True))
