"""What a person can do next, for each reason that needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.event import waited
from shared.ledger.expansion import WhyLeft
from shared.outcome import Outcome, Reason

if TYPE_CHECKING:
    from shared.graph.job import JobError, Quarantine
    from shared.ledger.expansion import LeftJob
    from shared.starting.ending import Ending

_ADVICE = {
    Reason.START_ACCEPTED: "Check the job in a few minutes: Graph accepted the start, but does not show it yet.",
    Reason.ALREADY_ACTIVE: (
        "Nothing to fix: the job runs on its own schedule, and a start would not speed it up. To provision single "
        "users or groups at once, use provision on demand in the Microsoft Entra admin center."
    ),
    Reason.NOT_STARTABLE: (
        "Finish setting up provisioning for this application in the Microsoft Entra admin center. Start it there the "
        "first time."
    ),
    Reason.STATE_NOT_REQUESTED: "To start the job in this state, add the state to startWhen.",
    Reason.TOO_MANY_DELETES: (
        "Review the pending deletions in the provisioning logs, then allow or reject them in the Microsoft Entra "
        "admin center. To start the job anyway, send the request with force; that may delete those accounts."
    ),
    Reason.QUARANTINED_ON_DEMAND: (
        "Find out who put the job into quarantine, and why. To start it anyway, send the request with force."
    ),
    Reason.ESCROWS_PRUNED: (
        "Fix the causes of the errors; the provisioning logs show them. Then restart the job in the Microsoft Entra "
        "admin center to run its first cycle again. To resume where it stopped, send the request with force instead."
    ),
    Reason.ALREADY_STARTED: (
        "Wait for the event that says whether that start helped. To start the job again now, send the request with "
        "force."
    ),
    Reason.CREDENTIALS_INVALID: (
        "Renew the credentials of this application's provisioning in the Microsoft Entra admin center, and test the "
        "connection there. Then send the request again. With force, the app does not test the credentials."
    ),
    Reason.NO_SUCCESSFUL_RUN: (
        "Check the job's last runs in the provisioning logs: the job may be slow, or single entries may have errors."
    ),
    Reason.JOB_GONE: (
        "Check whether somebody removed provisioning of this application or set it up again. A new set-up has a new "
        "jobId."
    ),
    Reason.PERMISSION_MISSING: (
        "Grant the app's identity the application permission Synchronization.ReadWrite.All. Or grant it "
        "Application.ReadWrite.OwnedBy, and make it an owner of this enterprise application. A token issued before the "
        "grant lacks the permission for up to 24 hours: restart the app."
    ),
    Reason.LICENSE_MISSING: (
        "Graph allows this call only in a tenant with a Microsoft Entra ID P1 or P2 licence. Check that the app runs "
        "in the right tenant, and that this tenant has one."
    ),
    Reason.BLOCKED_BY_POLICY: (
        "A Conditional Access policy asks for claims that the identity's token does not have, and a managed identity "
        "can't add them. Exclude the app's identity from that policy."
    ),
    Reason.AUTHENTICATION_FAILED: (
        "Check that GRAPH_ENDPOINT is the cloud of the app's tenant, and that AZURE_CLIENT_ID names the right identity."
    ),
    Reason.BAD_REQUEST: "Look up Graph's error, and fix its cause before you send the request again.",
    Reason.INVALID_REQUEST: (
        "Correct the faults named here, and send the request again. schemas/start-request.schema.json describes it."
    ),
    Reason.UNREADABLE_MESSAGE: (
        "Send a start request in JSON, an array of them, or the Graph path of a job. Use UTF-8, plain or in base64."
    ),
    Reason.NOT_ALLOWED: (
        "If the app may start its jobs, add the id that the request uses (object id or application id) to the setting "
        "ALLOWED_SERVICE_PRINCIPALS."
    ),
    Reason.NO_JOB_REFERENCE: (
        "Ignore this after a test notification. Otherwise make the sender name the job: docs/senders has a page per "
        "sender that says where."
    ),
}

_RUNNING_WITH_ERRORS = (
    "The job runs. The provisioning logs show which entries failed and why; the job tries them again by itself."
)
_FIX_CAUSE = {
    Reason.QUARANTINE_CLEARED: "Fix the error shown for this quarantine, if it still exists. Otherwise the job goes "
    "back into quarantine.",
    Reason.QUARANTINED_AGAIN: "Fix the error shown for this quarantine; the provisioning logs have details. Then send "
    "a new request.",
    Reason.RELAPSING: "Fix the error shown for this quarantine: another start only hides it. Then send the request "
    "again with force.",
}
"""What to do if the job's error is known, and the tenant can fix it or may be able to."""
_FIND_CAUSE = {
    Reason.QUARANTINED_AGAIN: "Look for the cause in the provisioning logs, and fix it. Then send a new request.",
    Reason.RELAPSING: "Look for the cause in the provisioning logs, and fix it: another start only hides it. "
    "Then send the request again with force.",
}
"""What to do if Graph names no error."""
_NOT_YOURS = (
    "Graph says that you can't fix this error in your tenant (tenantActionable is false). Wait until the service has "
    "recovered. If the job stays in quarantine, open a support request with Microsoft."
)
_FAILED_ENTRIES = "Too many entries failed: the provisioning logs show which, and why. Fix them."
_RESTART = (
    "If you can't fix single entries, restart provisioning in the Microsoft Entra admin center. That clears the failed "
    "entries and the quarantine, and begins a full cycle, which can take long."
)
_ESCROWS = "escrow"
"""Part of the reason of a quarantine for too many failed entries, in lower case."""

_NOT_FOUND = {
    "resolve": "Check the application (client) id: this tenant has no enterprise application with it.",
    "list": (
        "Check servicePrincipalId: it is the object id of the enterprise application. For the application (client) id, "
        "use appId."
    ),
    "watch": (
        "Check the setting WATCH: this tenant has no enterprise application with that id, neither as its object id nor "
        "as its application (client) id."
    ),
}
_JOB_NOT_FOUND = (
    "Check both ids. servicePrincipalId is the object id of the enterprise application; for the application (client) "
    "id, use appId. The jobId changes when provisioning is set up again; leave it out to start every job."
)
_MAY_NOT_RESOLVE = (
    "To find an application by appId, the app's identity needs the application permission Application.Read.All. "
    "Grant it, or send servicePrincipalId instead."
)
_MAY_NOT_FIND = (
    "To watch all applications (WATCH is all), the app's identity needs the application permission "
    "Application.Read.All as well: infra/grant-graph-permission --watch-all grants both. Or let WATCH list the "
    "applications. A token issued before the grant lacks it for up to 24 hours: restart the app."
)


_NEVER_ENABLED = (
    "To start a job that was never enabled, send a request with its jobId, or start it in the Microsoft Entra admin "
    "center."
)
_NO_JOB = (
    "Check that this is the right application. You set up provisioning in its enterprise application, in the Microsoft "
    "Entra admin center."
)


def advice(ending: Ending) -> str | None:
    """What to do next; None if there is nothing to do."""
    reason = ending.reason
    if reason is Reason.GAVE_UP or reason.outcome is Outcome.DELAYED:
        return waited.advice(ending)
    advice = _of_reason(ending)
    return " ".join(filter(None, (advice, waited.LOOK_FIRST))) if ending.may_have_started else advice


def _of_reason(ending: Ending) -> str | None:
    reason = ending.reason
    if reason is Reason.NOT_FOUND:
        return _NOT_FOUND.get(ending.operation or "", _JOB_NOT_FOUND)
    if reason is Reason.PERMISSION_MISSING and ending.operation == "resolve":
        return _MAY_NOT_RESOLVE
    if reason is Reason.PERMISSION_MISSING and ending.operation == "find":
        return _MAY_NOT_FIND
    if reason is Reason.NOTHING_TO_START:
        return _NO_JOB if not ending.left else _NEVER_ENABLED if _has_never_enabled(ending.left) else None
    if reason is Reason.RUNNING_WITH_ERRORS:
        return _RUNNING_WITH_ERRORS
    return _about_cause(ending) or _ADVICE.get(reason)


def _about_cause(ending: Ending) -> str | None:
    """What to do about the error that stopped the job. Never refers to an error that the event does not have."""
    reason = ending.reason
    if reason not in (*_FIX_CAUSE, *_FIND_CAUSE, Reason.RESUMED, Reason.FIRST_CYCLE_RUNNING):
        return None
    cause = _cause(ending)
    if cause is not None and cause.tenant_actionable is False:
        return _NOT_YOURS
    advice = (_FIX_CAUSE if cause is not None else _FIND_CAUSE).get(reason)
    quarantine = _quarantine(ending)
    if quarantine is None or _ESCROWS not in (quarantine.reason or "").lower():
        return advice
    return f"{advice or _FAILED_ENTRIES} {_RESTART}"


def _cause(ending: Ending) -> JobError | None:
    """The error that the message names: the latest one, after the start if its result is known."""
    if ending.fate is not None:
        return ending.fate.cause
    return ending.before.cause if ending.before is not None else None


def _quarantine(ending: Ending) -> Quarantine | None:
    if ending.fate is not None:
        return ending.fate.quarantine
    return ending.before.quarantine if ending.before is not None else None


def _has_never_enabled(jobs: tuple[LeftJob, ...]) -> bool:
    return any(job.why is WhyLeft.NEVER_ENABLED for job in jobs)
