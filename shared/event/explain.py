"""Each reason in words: one sentence that says what happened, and what to do next where there is something."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from shared.job_code import JobCode
from shared.outcome import Reason
from shared.request.start_request import format_time
from shared.text import shorten

if TYPE_CHECKING:
    from shared.graph.job import SynchronizationJob
    from shared.ledger.fate import Fate
    from shared.request.reference import JobReference
    from shared.starting.ending import Ending

_ADVICE = {
    Reason.START_ACCEPTED: (
        "Look at the job in a few minutes: Graph accepted the start, but its effect did not show yet."
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
        "Mend the causes of the errors; the provisioning logs show them. Then restart the job in the Microsoft Entra "
        "admin center, so that its first cycle runs again, or send the same request with force, to resume where it "
        "stopped."
    ),
    Reason.ALREADY_STARTED: (
        "Wait for the event that says whether that start helped. Send the request again with force to start the job "
        "once more in the same quarantine."
    ),
    Reason.RELAPSING: (
        "Mend the cause that the quarantine's error names: starting the job again only hides it. Then send the request "
        "again with force."
    ),
    Reason.CREDENTIALS_INVALID: (
        "Renew the credentials of this application's provisioning in the Microsoft Entra admin center, and test the "
        "connection there. Then send the request again; with force, the credentials are not tried."
    ),
    Reason.QUARANTINED_AGAIN: (
        "Mend the cause that the quarantine's error in this event names; see the provisioning logs for more. Then send "
        "a new request."
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
    Reason.AUTHENTICATION_FAILED: (
        "Check that GRAPH_ENDPOINT is the cloud of the app's tenant, and that AZURE_CLIENT_ID names the identity "
        "that is meant."
    ),
    Reason.BAD_REQUEST: "Look up Graph's error, and mend its cause before sending the request again.",
    Reason.GAVE_UP: (
        "Look for this requestId or this job in the app's log to find the cause, and mend it. Then send the request "
        "again; it is in this event."
    ),
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

_MAX_ERROR = 300
"""Longest error within a sentence, in characters; the event holds all of it."""

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


_NO_JOB = (
    "Check that this is the application that is meant: provisioning is set up in its enterprise application, in the "
    "Microsoft Entra admin center."
)


def message(ending: Ending, job: JobReference | None) -> str:  # noqa: PLR0912 - a list of sentences
    """What happened, in one sentence."""
    name = "The job" if job is None or job.job_id is None else f"Job {job.job_id}"
    state = _state(ending.before)
    error = (ending.error or "").rstrip(".")
    match ending.reason:
        case Reason.QUARANTINE_CLEARED:
            return f"{name} was {state}; it was started and is Active again."
        case Reason.RESUMED:
            return f"{name} was paused; it was started and is Active again."
        case Reason.START_ACCEPTED if ending.code_after is None:
            return f"{name} was {state}; Graph accepted the start, but the job could not be read after it."
        case Reason.START_ACCEPTED:
            after = ending.code_after or "unknown"
            return f"{name} was {state}; Graph accepted the start, but right after it the job's state was {after}."
        case Reason.ALREADY_ACTIVE:
            return f"{name} is Active already; it was not started."
        case Reason.STATE_NOT_REQUESTED:
            return f"{name} is {state}; the request does not ask for a start in that state."
        case Reason.NOT_STARTABLE:
            return f"{name} is {state}; only a job in the state Quarantine or Paused is started."
        case Reason.NOTHING_TO_START if ending.codes:
            codes = ", ".join(code or "unknown" for code in ending.codes)
            return f"None of the service principal's jobs is in a state that the request asks to start: {codes}."
        case Reason.NOTHING_TO_START:
            return "The service principal has no provisioning job."
        case Reason.DRY_RUN:
            return f"{name} is {state}; it would have been started, but this is a dry run."
        case Reason.TOO_MANY_DELETES:
            return (
                f"{name} is in quarantine because it would delete too many accounts; it was not started, since that "
                f"could delete them."
            )
        case Reason.QUARANTINED_ON_DEMAND:
            return f"{name} was put into quarantine on purpose (on demand); it was not started."
        case Reason.ESCROWS_PRUNED:
            return (
                f"{name} is paused after a first cycle with so many errors that they were dropped (escrowsPruned); it "
                f"was not started."
            )
        case Reason.ALREADY_STARTED:
            start = ending.starts[-1]
            by, at = start.requested_by.source, format_time(start.at)
            return f"{name} was started at {at} by request {start.request_id} ({by}), and is still {state}."
        case Reason.RELAPSING:
            count, since = len(ending.starts), format_time(ending.starts[0].at)
            times = "once" if count == 1 else f"{count} times"
            return f"{name} was started {times} since {since}, and is {_again(ending.before)}; it was not started."
        case Reason.CREDENTIALS_INVALID:
            return f"The saved credentials of {name[0].lower()}{name[1:]} do not work ({error}); it was not started."
        case Reason.RUNNING_AGAIN:
            return f"{name} has recovered: a run that began after the start succeeded."
        case Reason.QUARANTINED_AGAIN:
            return f"{name} is in quarantine again{_lasted(ending.fate)}."
        case Reason.NO_SUCCESSFUL_RUN:
            return f"{name} was started, but no run without errors was seen since{_seen(ending.fate)}."
        case Reason.STARTED_AGAIN:
            return f"{name} was started again before it was known whether this start helped."
        case Reason.JOB_GONE:
            return f"{name} was started, but is not there any more."
        case Reason.NOT_FOUND:
            return f"Graph does not know {job}."
        case Reason.PERMISSION_MISSING:
            return f"Graph refused to {ending.operation} {job}: the app's identity lacks the permission ({error})."
        case Reason.AUTHENTICATION_FAILED:
            return f"Graph did not accept the token of the app's identity ({error})."
        case Reason.BAD_REQUEST:
            return f"Graph refused to {ending.operation} {job} ({error})."
        case Reason.GAVE_UP:
            return "The request failed each time it was tried; it is not tried again."
        case Reason.INVALID_REQUEST:
            return f"The message is no start request: {error}."
        case Reason.UNREADABLE_MESSAGE:
            return f"{error}."
        case Reason.NOT_ALLOWED:
            principal = "The service principal" if job is None else job.principal
            return f"{principal} is not in ALLOWED_SERVICE_PRINCIPALS; Graph was not called."
        case Reason.NO_JOB_REFERENCE if ending.error is None:
            return "The sender asks for a start, but names no provisioning job."
        case Reason.NO_JOB_REFERENCE:
            return f"The sender asks for a start, but names no valid provisioning job: {error}."
        case Reason.JOBS_QUEUED:
            count = len(ending.queued)
            return f"{count} {'job is' if count == 1 else 'jobs are'} queued, each as a request of its own."


def advice(ending: Ending) -> str | None:
    """What to do next; None where nothing is to do."""
    if ending.reason is Reason.NOT_FOUND:
        return _NOT_FOUND.get(ending.operation or "", _JOB_NOT_FOUND)
    if ending.reason is Reason.PERMISSION_MISSING and ending.operation == "resolve":
        return _MAY_NOT_RESOLVE
    if ending.reason is Reason.NOTHING_TO_START and not ending.codes:
        return _NO_JOB
    return _ADVICE.get(ending.reason)


def _again(job: SynchronizationJob | None) -> str:
    """The state in which a job is once more, with what its quarantine names as the cause."""
    quarantine = job.quarantine if job is not None else None
    if quarantine is None or quarantine.error is None:
        return f"{_state(job)} again"
    return f"in quarantine again ({shorten(f'{quarantine.error.code}: {quarantine.error.message}', _MAX_ERROR)})"


def _lasted(fate: Fate | None) -> str:
    """How long it went well, and what the new quarantine names as its cause."""
    if fate is None or fate.lasted_seconds is None:
        return ""
    quarantine = fate.quarantine
    error = quarantine.error if quarantine is not None else None
    cause = error.code if error is not None and error.code else quarantine.reason if quarantine is not None else None
    return f" {timedelta(seconds=fate.lasted_seconds)} after its start{f' ({cause})' if cause else ''}"


def _seen(fate: Fate | None) -> str:
    """What was seen instead of a success."""
    if fate is None or fate.error is not None:
        return f" ({fate.error})" if fate is not None else ""
    last = fate.last_execution
    run = f", and its last run {last.state}" if last is not None and last.state else ""
    return f"; it is {fate.code}{run}"


def _state(job: SynchronizationJob | None) -> str:
    """The state of a job, as it follows "is" or "was"."""
    code = job.code if job is not None else ""
    quarantine = job.quarantine if job is not None else None
    if quarantine is not None and quarantine.reason:
        return f"in quarantine ({quarantine.reason})"
    return {JobCode.QUARANTINE: "in quarantine", JobCode.PAUSED: "paused", "": "in an unknown state"}.get(code, code)
