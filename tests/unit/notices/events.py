"""Events as they are in notices: of each outcome, and with texts as long and as hostile as possible."""

from __future__ import annotations

from typing import Any

from tests.examples import APP_ID, JOB, PRINCIPAL, REQUEST_ID

EVENT_ID = "4f9d6f0e-51f1-5c0a-8b7e-0d1c2b3a4e5f"
NAME = "Contoso ServiceNow (production)"

HOSTILE = (
    "<!channel> <!here> @here @everyone <@U012AB3CD> <at>Everyone</at> [click](https://evil.example) "
    "<https://evil.example|click> **bold** <b>bold</b> <script>alert(1)</script> &lt;i&gt; [code]<i>x</i>[/code] "
    "@[sys_user:admin] [~accountid:5b10] \u202etxet desrever"
)
"""Mentions, links and markup of every target, in one text."""


def event(outcome: str = "started", **data: Any) -> dict[str, Any]:
    """A CloudEvent of that outcome, as it is read from the queue."""
    return {
        "specversion": "1.0",
        "id": EVENT_ID,
        "source": "/start-job-function/contoso-start",
        "type": f"EntraProvisioning.SynchronizationJob.Start{outcome.capitalize()}",
        "subject": f"servicePrincipals/{PRINCIPAL}/synchronization/jobs/{JOB}",
        "time": "2026-11-23T10:00:02.000Z",
        "datacontenttype": "application/json",
        "data": {
            "outcome": outcome,
            "reason": "quarantine_cleared",
            "message": f"The job of {NAME} was in quarantine; The app started it, and it is Active again.",
            "advice": "Fix the error that the message names, if it still exists.",
            "requestId": REQUEST_ID,
            "requestedBy": {
                "source": "servicenow",
                "reference": "INC0010007",
                "summary": "Nobody new gets an account",
            },
            "job": {
                "servicePrincipalId": PRINCIPAL,
                "appId": APP_ID,
                "jobId": JOB,
                "appDisplayName": NAME,
                "quarantine": {
                    "reason": "EncounteredQuarantineException",
                    "seriesBegan": "2026-11-22T21:14:09Z",
                    "error": {
                        "code": "SystemForCrossDomainIdentityManagementCredentialValidationFailure",
                        "message": "We received this unexpected response from your application.",
                    },
                },
            },
            "graph": [],
            **data,
        },
    }


def longest(filler: str = "long words of a person ") -> dict[str, Any]:
    """An event in which every text has its greatest length."""
    text = (filler * 500)[:2000]
    found = event("relapsed", message=text, advice=text)
    found["data"]["requestedBy"] |= {"summary": text[:512]}
    found["data"]["job"]["appDisplayName"] = text[:256]
    found["data"]["job"]["quarantine"]["error"]["message"] = text
    return found
