"""The scenes of the demo, in the order in which they are sent. To add one, add an entry to the list."""

from __future__ import annotations

import random
import secrets
from typing import Final

from local.client import jobs, payloads
from local.demo.scene import Height, Http, Message, Nothing, Payload, Principal, Scene
from shared.intake.sources import SOURCES

_EXPENSES: Final = "a4d1c6f0-52b7-4c63-9d0a-6b0e7f3a1d01"
_EXPENSES_JOB: Final = "ExpensesOut.7b1e0c9d4f6a4a5f8c3d2e1f0a9b8c7d"
_CHAT: Final = "b5e2d7a1-63c8-4d74-8e1b-7c1f8a4b2e02"
_CHAT_JOB: Final = "ChatOut.8c2f1d0e5a7b4b6a9d4e3f2a1b0c9d8e"
_PAYROLL: Final = "c6f3e8b2-74d9-4e85-9f2c-8d2a9b5c3f03"
_PAYROLL_JOB: Final = "5d7f2b1c-9e3a-4c8d-b6f4-0a1e2d3c4b5f"
_STAFF: Final = "d7a4f9c3-85ea-4f96-8a3d-9e3b0c6d4a04"
_STAFF_APP: Final = "e8b5a0d4-96fb-4a07-9b4e-0f4c1d7e5b05"
_TRAVEL: Final = "0a1d7c4e-8b2f-4c69-9e5d-3f7a6b1c2d07"
_TRAVEL_JOB: Final = "TravelOut.3b7e6c5d0f2a4a1f8c9d8e7f6a5b4c3d"
_HR: Final = "1b2e8d5f-9c30-4d7a-8f6e-4a8b7c2d3e08"
_HR_JOB: Final = "HrIn.4c8f7d6e1a3b4b2a9d0e9f8a7b6c5d4e"
_HR_GROUPS_JOB: Final = "HrGroups.5d9a8e7f2b4c4c3b8e1f0a9b8c7d6e5f"
_HR_ROLES_JOB: Final = "HrRoles.6e0b9f8a3c5d4d4c9f2a1b0c9d8e7f6a"
_WIKI: Final = "2c3f9e6a-0d41-4e8b-9a7f-5b9c8d3e4f09"
_WIKI_JOB: Final = "WikiOut.7f1c0a9b4d6e4e5d8a3b2c1d0e9f8a7b"
_PORTAL: Final = "3d40af7b-1e52-4f9c-8b80-6c0d9e4f5a10"
_PORTAL_JOB: Final = "PortalOut.802d1b0c5e7f4f6e9b4c3d2e1f0a9b8c"
_CRM_APP: Final = "f9c6b1e5-07ac-4b18-8c5f-1a5d2e8f6c06"
_CRM_JOB: Final = "CrmOut.9d3a2e1f6b8c4c7b8e5f4a3b2c1d0e9f"

TICKET: Final = "INC0001042"
"""The ticket of the first scene, on which people read the result."""
TICKET_ID: Final = "5f0c2a7d4e8b4c1f9a3d6e7b8c9d0e1f"

_SECRET: Final = secrets.token_urlsafe(32)
SETTINGS: Final = {
    SOURCES["pagerduty"].secret_setting: _SECRET,
    "SOURCES": "azure-monitor,pagerduty,servicenow",
    "START_LIMIT": "2",
    "APPLICATION_NAMES": "true",
    "RECOVERY_SCHEDULE": "* * * * * *",
    "WATCH": _PORTAL,
    "WATCH_SCHEDULE": "* * * * * *",
}
"""The app settings of the demo. PagerDuty's requests must be signed, and a job gets two automatic starts per day. Each
second the app looks at started jobs, and at the jobs of the one application that it watches."""


LOWERED: Final = (
    "a job gets 2 automatic starts per day (usually 3). The app looks at started and watched jobs each second (usually "
    "every few minutes). It gives up after 11 seconds (usually a day)."
)
"""What differs from Azure, so that the demo does not take hours."""


def scenes() -> list[Scene]:
    """All scenes. Times in the jobs are relative to now."""
    unheard = jobs.quarantined(_PORTAL_JOB)
    return [
        Scene(
            application="Contoso Expenses",
            asks="this job",
            state="in quarantine: its credentials failed",
            sending=Payload(
                "ServiceNow ticket",
                "servicenow",
                {
                    "servicePrincipalId": _EXPENSES,
                    "jobId": _EXPENSES_JOB,
                    "requestedBy": {"reference": TICKET, "summary": "Credentials were renewed"},
                },
            ),
            principal=Principal(_EXPENSES, (jobs.quarantined(_EXPENSES_JOB),)),
        ),
        Scene(
            application="Contoso Chat",
            asks="this job, as a Graph path",
            state="active: nothing to start",
            sending=Message(f"servicePrincipals/{_CHAT}/synchronization/jobs/{_CHAT_JOB}/start"),
            principal=Principal(_CHAT, (jobs.active(_CHAT_JOB),)),
        ),
        Scene(
            application="Fabrikam Payroll",
            asks="this job",
            state="in quarantine: too many deletions",
            sending=Message({"servicePrincipalId": _PAYROLL, "jobId": _PAYROLL_JOB}, encoded=True),
            height=Height(
                "held/too_many_deletes",
                "A mass deletion that did not happen",
                "a start would delete more accounts than its threshold allows.",
                "no account was deleted; a person decides.",
            ),
            principal=Principal(_PAYROLL, (jobs.quarantined(_PAYROLL_JOB, reason="TooManyDeletes"),)),
        ),
        Scene(
            application="Fabrikam Staff",
            asks="every job, by appId",
            state="one paused, one paused by errors, one never run",
            sending=Http({"appId": _STAFF_APP}),
            principal=Principal(
                _STAFF,
                (
                    jobs.paused("StaffIn.0e4b3f2a7c9d4d8c9f6a5b4c3d2e1f0a"),
                    jobs.paused("StaffOut.1f5c4a3b8d0e4e9d8a7b6c5d4e3f2a1b", escrows_pruned=True),
                    jobs.not_run("StaffGroups.2a6d5b4c9e1f4f0e9b8c7d6e5f4a3b2c"),
                ),
                app_id=_STAFF_APP,
            ),
        ),
        Scene(
            application="Contoso HR",
            asks="three jobs, in one alert",
            state="one in quarantine, one active, one paused by a person",
            sending=Payload(
                "Azure Monitor alert",
                "azure-monitor",
                payloads.alert("demo-alert-1", _HR, _HR_JOB, _HR_GROUPS_JOB, _HR_ROLES_JOB),
            ),
            principal=Principal(
                _HR, (jobs.quarantined(_HR_JOB), jobs.active(_HR_GROUPS_JOB), jobs.paused(_HR_ROLES_JOB))
            ),
        ),
        Scene(
            application="Contoso Travel",
            asks="the job in the incident's title",
            state="in quarantine: its credentials failed",
            sending=Payload(
                "PagerDuty webhook, signed", "pagerduty", payloads.incident("PDEMO1", _TRAVEL, _TRAVEL_JOB), _SECRET
            ),
            principal=Principal(_TRAVEL, (jobs.quarantined(_TRAVEL_JOB),)),
        ),
        Scene(
            application="Fabrikam Wiki",
            asks="this job, again after each relapse",
            state="in quarantine, and back in it after each start",
            sending=Message({"servicePrincipalId": _WIKI, "jobId": _WIKI_JOB, "requestedBy": {"source": "demo"}}),
            height=Height(
                "held/relapsing",
                "A loop that ended",
                "each start looks like a success, and a moment later the job is back in quarantine.",
                "started twice, then held: another start would only hide the cause.",
            ),
            repeats=2,
            principal=Principal(
                _WIKI, (jobs.quarantined(_WIKI_JOB),), behaviour={"afterStart": "relapse", "afterSeconds": 1.2}
            ),
        ),
        Scene(
            application="Fabrikam Portal",
            asks="",
            state="in quarantine, but no alert fired",
            sending=Nothing(_PORTAL, unheard),
            principal=Principal(_PORTAL, (unheard,)),
        ),
        Scene(
            application="Contoso CRM",
            asks="this job",
            state="application id instead of the object id",
            sending=Http({"servicePrincipalId": _CRM_APP, "jobId": _CRM_JOB}),
        ),
        Scene(
            application="(none named)",
            asks="not a valid request",
            state="not a GUID, empty jobId, unknown field",
            sending=Message({"servicePrincipalId": "Contoso CRM", "jobId": "", "restart": True}),
        ),
        Scene(
            application="(none named)",
            asks="48 random bytes",
            state="not readable",
            sending=Message(random.randbytes(48), encoded=True),  # noqa: S311 - nothing secret depends on them
        ),
    ]
