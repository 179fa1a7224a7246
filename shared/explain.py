"""Each reason in words: one sentence that says what happened, and what to do next where there is something."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from shared.outcome import Reason
from shared.start_request import format_time
from shared.text import shorten

if TYPE_CHECKING:
    from shared.ending import Ending
    from shared.job import SynchronizationJob
    from shared.reference import JobReference

_ADVICE = {
    Reason.START_ACCEPTED: (
        "Look at the job in a few minutes: Graph took the start, but the job's new state did not show yet."
    ),
    Reason.NOT_STARTABLE: (
        "Finish the set-up of provisioning for this application in the Microsoft Entra admin center, and start it "
        "there the first time."
    ),
    Reason.STATE_NOT_REQUESTED: "List the job's state in startWhen if it should be started in it.",
    Reason.TOO_MANY_DELETES: (
        "Review the pending deletions in the provisioning logs. Then allow or reject them in the Microsoft Entra "
        "admin center, or send the request again with force to start all the same; accounts may be deleted then."
    ),
    Reason.QUARANTINED_ON_DEMAND: (
        "Find out who put the job into quarantine, and why. Send the request again with force to start it all the same."
    ),
    Reason.ESCROWS_PRUNED: (
        "Mend the causes of the errors (see the provisioning logs). Then restart the job so that the first cycle "
        "runs again, or send the request again with force to resume where it stopped."
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
    Reason.BAD_REQUEST: "Look up Graph's error in this event before sending the request again.",
    Reason.GAVE_UP: (
        "Look for this requestId in the app's log, mend the cause, and send the request again: it is in this event."
    ),
    Reason.INVALID_REQUEST: (
        "Correct what the message names, and send the request again; schemas/start-request.schema.json has its form."
    ),
    Reason.UNREADABLE_MESSAGE: "Send JSON or a Graph path of a job, plain or base64, in UTF-8.",
    Reason.NOT_ALLOWED: "Add the id to the setting ALLOWED_SERVICE_PRINCIPALS if this app is meant to start its jobs.",
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


def message(ending: Ending, job: JobReference | None) -> str:  # noqa: PLR0912 - a list of sentences
    """What happened, in one sentence."""
    name = "The job" if job is None or job.job_id is None else f"Job {job.job_id}"
    code = ending.before.code if ending.before is not None else None
    match ending.reason:
        case Reason.QUARANTINE_CLEARED:
            return f"{name} was in quarantine{_why(ending.before)}; it was started and is Active again."
        case Reason.RESUMED:
            return f"{name} was paused; it was started and is Active again."
        case Reason.START_ACCEPTED if ending.code_after is None:
            return f"{name} was {code}; Graph accepted the start, but the job could not be read afterwards."
        case Reason.START_ACCEPTED:
            return f"{name} was {code}; Graph accepted the start, but the job reads {ending.code_after}."
        case Reason.ALREADY_ACTIVE:
            return f"{name} is Active already; it was not started."
        case Reason.STATE_NOT_REQUESTED:
            return f"{name} is {code}, a state in which the request does not ask for a start."
        case Reason.NOT_STARTABLE:
            return f"{name} is {code or 'in no known state'}, a state in which a start is not right."
        case Reason.NOTHING_TO_START if ending.codes:
            return f"None of the service principal's jobs is in a state to start: {', '.join(ending.codes)}."
        case Reason.NOTHING_TO_START:
            return "The service principal has no provisioning job."
        case Reason.DRY_RUN:
            return f"{name} is {code}{_why(ending.before)}; it would have been started, but this is a dry run."
        case Reason.TOO_MANY_DELETES:
            return f"{name} is in quarantine because of too many deletions; starting it could delete accounts."
        case Reason.QUARANTINED_ON_DEMAND:
            return f"{name} was put into quarantine on demand; somebody meant it."
        case Reason.ESCROWS_PRUNED:
            return f"{name} paused after a first cycle with too many errors, which were dropped (escrowsPruned)."
        case Reason.ALREADY_STARTED:
            start = ending.starts[-1]
            by, at = start.requested_by.source, format_time(start.at)
            return f"{name} was started at {at} by request {start.request_id} ({by}) and still reads {code}."
        case Reason.RELAPSING:
            starts = len(ending.starts)
            times = "once" if starts == 1 else f"{starts} times"
            since, error = format_time(ending.starts[0].at), _error(ending.before)
            return (
                f"{name} was started {times} since {since} and reads {code} again{error}; it was not started once more."
            )
        case Reason.CREDENTIALS_INVALID:
            return f"The saved credentials of {name[0].lower()}{name[1:]} do not work ({ending.error})."
        case Reason.RUNNING_AGAIN:
            return f"{name} has recovered: a run that began after the start succeeded."
        case Reason.QUARANTINED_AGAIN:
            return f"{name} is in quarantine again{_lasted(ending)}."
        case Reason.NO_SUCCESSFUL_RUN:
            return f"{name} was started, but no run without errors was seen since{_reads(ending)}."
        case Reason.STARTED_AGAIN:
            return f"{name} was started again before it was known whether this start helped."
        case Reason.JOB_GONE:
            return f"{name} was started, but is not there any more."
        case Reason.NOT_FOUND:
            return f"Graph does not know {job}."
        case Reason.PERMISSION_MISSING:
            return (
                f"Graph refused {ending.operation} on {job}: the app's identity lacks the permission ({ending.error})."
            )
        case Reason.AUTHENTICATION_FAILED:
            return f"Graph did not accept the token of the app's identity ({ending.error})."
        case Reason.BAD_REQUEST:
            return f"Graph refused {ending.operation} on {job} ({ending.error})."
        case Reason.GAVE_UP:
            return "The request failed each time it was tried; nothing more is done about it."
        case Reason.INVALID_REQUEST:
            return f"The message is no start request: {ending.error}."
        case Reason.UNREADABLE_MESSAGE:
            return f"{ending.error}."
        case Reason.NOT_ALLOWED:
            return f"{job} is not in ALLOWED_SERVICE_PRINCIPALS; Graph was not called."
        case Reason.NO_JOB_REFERENCE if ending.error is None:
            return "The sender asks for a start, but names no provisioning job."
        case Reason.NO_JOB_REFERENCE:
            return f"The sender asks for a start, but names no valid provisioning job: {ending.error}."
        case Reason.JOBS_QUEUED:
            count = len(ending.queued)
            return f"{count} {'job is' if count == 1 else 'jobs are'} queued, each as a request of its own."


def advice(ending: Ending) -> str | None:
    """What to do next; None where nothing is to do."""
    if ending.reason is Reason.NOT_FOUND:
        return _NOT_FOUND.get(ending.operation or "", _JOB_NOT_FOUND)
    if ending.reason is Reason.PERMISSION_MISSING and ending.operation == "resolve":
        return _MAY_NOT_RESOLVE
    return _ADVICE.get(ending.reason)


def _error(job: SynchronizationJob | None) -> str:
    """What the job's quarantine names as its cause."""
    quarantine = job.quarantine if job is not None else None
    if quarantine is None or quarantine.error is None:
        return _why(job)
    return f" ({shorten(f'{quarantine.error.code}: {quarantine.error.message}', _MAX_ERROR)})"


def _lasted(ending: Ending) -> str:
    """How long it went well, and what the new quarantine names as its cause."""
    recovery = ending.recovery
    if recovery is None or recovery.lasted_seconds is None:
        return ""
    quarantine = recovery.quarantine
    error = quarantine.error if quarantine is not None else None
    cause = error.code if error is not None and error.code else quarantine.reason if quarantine is not None else None
    return f" {timedelta(seconds=recovery.lasted_seconds)} after its start{f' ({cause})' if cause else ''}"


def _reads(ending: Ending) -> str:
    """What was seen instead of a success."""
    recovery = ending.recovery
    if recovery is None or recovery.error is not None:
        return f" ({recovery.error})" if recovery is not None else ""
    last = recovery.last_execution
    run = f", its last run {last.state}" if last is not None and last.state else ""
    return f"; it reads {recovery.code}{run}"


def _why(job: SynchronizationJob | None) -> str:
    quarantine = job.quarantine if job is not None else None
    return f" ({quarantine.reason})" if quarantine is not None and quarantine.reason else ""
