"""What to do next about each reason, where there is something to do."""

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
    Reason.START_ACCEPTED: "Check the job in a few minutes: Graph accepted the start, but its effect did not show yet.",
    Reason.ALREADY_ACTIVE: (
        "If you want the latest changes at once, use provision on demand in the Microsoft Entra admin center: it "
        "provisions single users or groups. A start would not help: the job runs on its own schedule."
    ),
    Reason.NOT_STARTABLE: (
        "Finish the set-up of provisioning for this application in the Microsoft Entra admin center, and start it "
        "there the first time."
    ),
    Reason.STATE_NOT_REQUESTED: "If the job is to be started in this state, list the state in startWhen.",
    Reason.TOO_MANY_DELETES: (
        "Review the pending deletions in the provisioning logs, then allow or reject them in the Microsoft Entra "
        "admin center. The same request with force starts the job all the same, and may delete those accounts."
    ),
    Reason.QUARANTINED_ON_DEMAND: (
        "Find out who put the job into quarantine, and why. The same request with force starts it all the same."
    ),
    Reason.ESCROWS_PRUNED: (
        "Fix the causes of the errors; the provisioning logs show them. Then restart the job in the Microsoft Entra "
        "admin center, so that its first cycle runs again, or send the same request with force, to resume where it "
        "stopped."
    ),
    Reason.ALREADY_STARTED: (
        "Wait for the event that says whether that start helped. To start the job again now, send the request with "
        "force."
    ),
    Reason.CREDENTIALS_INVALID: (
        "Renew the credentials of this application's provisioning in the Microsoft Entra admin center, and test the "
        "connection there. Then send the request again; with force, the credentials are not tried."
    ),
    Reason.NO_SUCCESSFUL_RUN: (
        "Look at the job's last runs in the provisioning logs: it may be slow, or have errors in single entries."
    ),
    Reason.JOB_GONE: (
        "Look whether provisioning of this application was removed or set up anew; a new set-up gives a new jobId."
    ),
    Reason.PERMISSION_MISSING: (
        "Grant the app's identity the application permission Synchronization.ReadWrite.All, or "
        "Application.ReadWrite.OwnedBy and ownership of this enterprise application. A token issued before the "
        "grant goes on without it for up to 24 hours: restart the app."
    ),
    Reason.LICENSE_MISSING: (
        "Graph allows this call only in a tenant with a Microsoft Entra ID P1 or P2 licence. Check that the app's "
        "tenant has one, and that the app runs in the tenant that you mean."
    ),
    Reason.BLOCKED_BY_POLICY: (
        "A Conditional Access policy asks for claims that the identity's token does not have, and a managed identity "
        "can't add them. Exclude the app's identity from that policy."
    ),
    Reason.AUTHENTICATION_FAILED: (
        "Check that GRAPH_ENDPOINT is the cloud of the app's tenant, and that AZURE_CLIENT_ID names the identity "
        "that is meant."
    ),
    Reason.BAD_REQUEST: "Look up Graph's error, and fix its cause before you send the request again.",
    Reason.INVALID_REQUEST: (
        "Correct what is named here, and send the request again; schemas/start-request.schema.json describes its form."
    ),
    Reason.UNREADABLE_MESSAGE: (
        "Send a start request in JSON, an array of them, or the Graph path of a job; plain or base64, in UTF-8."
    ),
    Reason.NOT_ALLOWED: (
        "If this app is meant to start its jobs, add the id to the setting ALLOWED_SERVICE_PRINCIPALS: the one that "
        "the request uses, object id or application id."
    ),
    Reason.NO_JOB_REFERENCE: (
        "A test notification needs nothing more. Otherwise have the sender name the job: docs/senders has a page for "
        "each kind of sender that says where it is looked for."
    ),
}

_RUNNING_WITH_ERRORS = (
    "The job runs. The provisioning logs show which entries failed and why; they are tried again on their own."
)
_FIX_CAUSE = {
    Reason.QUARANTINE_CLEARED: "If the error that the message names still exists, fix it: otherwise the job falls back "
    "into quarantine.",
    Reason.QUARANTINED_AGAIN: "Fix the error that the message names; the provisioning logs tell more. Then send a new "
    "request.",
    Reason.RELAPSING: "Fix the error that the message names: starting the job again only hides it. Then send the "
    "request again with force.",
}
"""What to do where the job's error is known, and the tenant can fix it, or may."""
_FIND_CAUSE = {
    Reason.QUARANTINED_AGAIN: "Look for the cause in the provisioning logs, and fix it. Then send a new request.",
    Reason.RELAPSING: "Look for the cause in the provisioning logs, and fix it: starting the job again only hides it. "
    "Then send the request again with force.",
}
"""What to do where Graph names no error."""
_NOT_YOURS = (
    "Graph says that this error can't be fixed in your tenant (tenantActionable is false). Wait until the service has "
    "recovered; if the job stays in quarantine, open a support request with Microsoft."
)
_FAILED_ENTRIES = "Too many entries failed: the provisioning logs show which, and why. Fix them."
_RESTART = (
    "If single entries can't be fixed, restart provisioning in the Microsoft Entra admin center: that clears the "
    "failed entries and the quarantine, and begins with a full cycle, which may take long."
)
_ESCROWS = "escrow"
"""In the reason of a quarantine for too many failed entries, in lower case."""

_NOT_FOUND = {
    "resolve": "Check the application (client) id: this tenant has no enterprise application with it.",
    "list": (
        "Check servicePrincipalId: it is the object id of the enterprise application, not the application (client) "
        "id; use appId for that."
    ),
}
_JOB_NOT_FOUND = (
    "Check both ids. servicePrincipalId is the object id of the enterprise application, not the application (client) "
    "id; use appId for that. A jobId changes when provisioning is set up anew; leave it out to start every job."
)
_MAY_NOT_RESOLVE = (
    "To find an application by appId, the app's identity needs the application permission Application.Read.All. "
    "Grant it, or give servicePrincipalId instead."
)


_NEVER_ENABLED = (
    "A job that was never enabled is started only by a request that names its jobId, or in the Microsoft Entra admin "
    "center."
)
_NO_JOB = (
    "Check that this is the application that is meant: provisioning is set up in its enterprise application, in the "
    "Microsoft Entra admin center."
)


def advice(ending: Ending) -> str | None:
    """What to do next; None where nothing is to do."""
    reason = ending.reason
    if reason is Reason.GAVE_UP or reason.outcome is Outcome.DELAYED:
        return waited.advice(ending)
    if reason is Reason.NOT_FOUND:
        return _NOT_FOUND.get(ending.operation or "", _JOB_NOT_FOUND)
    if reason is Reason.PERMISSION_MISSING and ending.operation == "resolve":
        return _MAY_NOT_RESOLVE
    if reason is Reason.NOTHING_TO_START:
        return _NO_JOB if not ending.left else _NEVER_ENABLED if _has_never_enabled(ending.left) else None
    if reason is Reason.RUNNING_WITH_ERRORS:
        return _RUNNING_WITH_ERRORS
    return _about_cause(ending) or _ADVICE.get(reason)


def _about_cause(ending: Ending) -> str | None:
    """What to do about the error that the job stopped for; never points at an error that the event does not have."""
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
    """The error in the words of the message: of the quarantine that the job is in now, or was in before."""
    if ending.fate is not None:
        return ending.fate.cause
    return ending.before.cause if ending.before is not None else None


def _quarantine(ending: Ending) -> Quarantine | None:
    if ending.fate is not None:
        return ending.fate.quarantine
    return ending.before.quarantine if ending.before is not None else None


def _has_never_enabled(jobs: tuple[LeftJob, ...]) -> bool:
    return any(job.why is WhyLeft.NEVER_ENABLED for job in jobs)
