"""Each reason in words: one or two short sentences that say what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from shared.event import waited
from shared.job_code import JobCode
from shared.ledger.expansion import WhyLeft
from shared.outcome import Reason
from shared.text import shorten
from shared.time_text import format_time

if TYPE_CHECKING:
    from shared.graph.job import JobError, SynchronizationJob
    from shared.ledger.expansion import LeftJob
    from shared.ledger.fate import Fate
    from shared.request.reference import JobReference
    from shared.starting.ending import Ending

_MAX_ERROR = 300
"""Longest error within a sentence, in characters; the event holds all of it."""


def message(ending: Ending, job: JobReference | None, application: str | None = None) -> str:
    """What happened. If the application's name is known, it comes first, and the job's id last."""
    if application is None:
        return _sentence(ending, _by_id(job)) + waited.start_sent(ending)
    job_id = job.job_id if job is not None else None
    what = "the application's jobs" if job_id is None else "the job"
    sentence = _sentence(ending, _Names("The job", "The application", what))
    lower = sentence[0].lower() + sentence[1:] if sentence.startswith(("The ", "No job")) else sentence
    ending_in_id = "" if job_id is None else f" (Job {job_id}.)"
    return f"{application}: {lower}{ending_in_id}{waited.start_sent(ending)}"


class _Names(NamedTuple):
    """How a sentence names what it is about. The first two begin a sentence."""

    job: str
    application: str
    what: str
    """What Graph was asked about."""


def _by_id(job: JobReference | None) -> _Names:
    if job is None:
        return _Names("The job", "The application", "the tenant's applications")
    return _Names("The job" if job.job_id is None else f"Job {job.job_id}", job.principal, str(job))


def _sentence(ending: Ending, names: _Names) -> str:  # noqa: PLR0912 - a list of sentences
    name, what = names.job, names.what
    state = _state(ending.before)
    error = (ending.error or "").rstrip(".")
    match ending.reason:
        case Reason.QUARANTINE_CLEARED | Reason.RESUMED:
            return f"{name} was {state}. The app started it, and it is Active again."
        case Reason.FIRST_CYCLE_RUNNING:
            return f"{name} was {state}. The app started it, and its first cycle is running (NotRun until it ends)."
        case Reason.START_ACCEPTED if ending.code_after is None:
            return f"{name} was {state}. Graph accepted the start, but the app could not read the job afterwards."
        case Reason.START_ACCEPTED:
            after = ending.code_after or "unknown"
            return f"{name} was {state}. Graph accepted the start, but the job's state afterwards was still {after}."
        case Reason.ALREADY_ACTIVE if ending.before is not None and ending.before.code is not JobCode.ACTIVE:
            return f"{name} is running its first cycle ({ending.before.code}). The app did not start it."
        case Reason.ALREADY_ACTIVE:
            return f"{name} is already Active. The app did not start it."
        case Reason.STATE_NOT_REQUESTED:
            return f"{name} is {state}. The request does not ask for a start in that state."
        case Reason.NOT_STARTABLE:
            return f"{name} is {state}. The app starts a job only in the state Quarantine or Paused."
        case Reason.NOTHING_TO_START if ending.left:
            return f"No job of this application is in a requested state (found: {_codes(ending.left)})."
        case Reason.NOTHING_TO_START:
            return "The application has no provisioning job."
        case Reason.DRY_RUN:
            return f"{name} is {state}. Without dryRun, the app would have started it."
        case Reason.TOO_MANY_DELETES:
            return (
                f"{name} is {_stopped(ending.before)} because it would delete too many accounts. The app did not start "
                f"it, because a start could delete them."
            )
        case Reason.QUARANTINED_ON_DEMAND:
            return f"{name} was put into quarantine on demand. The app did not start it."
        case Reason.ESCROWS_PRUNED:
            return (
                f"{name} is paused. Its first cycle had so many errors that Graph dropped them (escrowsPruned). The "
                f"app did not start it."
            )
        case Reason.ALREADY_STARTED:
            start = ending.starts[-1]
            by, at = start.requested_by.source, format_time(start.at)
            earlier = f"an earlier request ({start.request_id}, from {by})"
            return f"{name} was started at {at} by {earlier}. It is still {state}."
        case Reason.RELAPSING:
            count, since = len(ending.starts), format_time(ending.starts[0].at)
            times = "once" if count == 1 else f"{count} times"
            state = _state(ending.before, again=True)
            return f"{name} was started {times} since {since}, and is {state}. The app did not start it again."
        case Reason.CREDENTIALS_INVALID:
            of = f"{name[0].lower()}{name[1:]}"
            return f"The saved credentials of {of} do not work ({error}). The app did not start the job."
        case Reason.RUNNING_AGAIN:
            return f"{name} has recovered: a run that began after the start succeeded."
        case Reason.RUNNING_WITH_ERRORS:
            return f"{name} is running again. A run after the start {_counts(ending.fate)}."
        case Reason.QUARANTINED_AGAIN:
            return f"{name} is in quarantine again{_lasted(ending.fate)}."
        case Reason.NO_SUCCESSFUL_RUN:
            return f"{name} was started, but the app has seen no run without errors since then{_seen(ending.fate)}."
        case Reason.STARTED_AGAIN:
            return f"{name} was started again before the app knew whether this start helped."
        case Reason.JOB_GONE:
            return f"{name} was started, but it no longer exists."
        case Reason.NOT_FOUND:
            return f"Graph does not know {what}."
        case Reason.PERMISSION_MISSING:
            return f"Graph refused to {ending.operation} {what}: the app's identity lacks the permission ({error})."
        case Reason.LICENSE_MISSING:
            return f"Graph refused to {ending.operation} {what}: the tenant lacks the licence for it ({error})."
        case Reason.BLOCKED_BY_POLICY:
            return f"Graph refused the token of the app's identity: it lacks claims that a policy asks for ({error})."
        case Reason.AUTHENTICATION_FAILED:
            return f"Graph did not accept the token of the app's identity ({error})."
        case Reason.BAD_REQUEST:
            return f"Graph refused to {ending.operation} {what} ({error})."
        case Reason.INVALID_REQUEST:
            return f"The message is not a valid start request: {error}."
        case Reason.UNREADABLE_MESSAGE:
            return f"{error}."
        case Reason.NOT_ALLOWED:
            return f"{names.application} is not in ALLOWED_SERVICE_PRINCIPALS. The app did not call Graph."
        case Reason.NO_JOB_REFERENCE if ending.error is None:
            return "The sender asks for a start, but names no provisioning job."
        case Reason.NO_JOB_REFERENCE:
            return f"The sender asks for a start, but names no valid provisioning job: {error}."
        case Reason.JOBS_QUEUED:
            count = len(ending.queued)
            each = "1 job" if count == 1 else f"each of {count} jobs"
            return f"The app queued a request for {each}.{_left(ending.left)}"
        case _:
            return waited.message(ending)


def _codes(jobs: tuple[LeftJob, ...]) -> str:
    """The states of jobs, each once. Jobs that were never enabled have a state of their own."""
    words = (
        "Paused, never enabled" if job.why is WhyLeft.NEVER_ENABLED else job.code or "an unknown state" for job in jobs
    )
    return ", ".join(dict.fromkeys(words))


def _left(jobs: tuple[LeftJob, ...]) -> str:
    """A sentence on how many jobs a request left unchanged, and their states; empty if there are none."""
    count = len(jobs)
    return f" It left {count} other {'job' if count == 1 else 'jobs'} unchanged ({_codes(jobs)})." if jobs else ""


def _lasted(fate: Fate | None) -> str:
    """How long the job ran after its start, and why it is in quarantine again."""
    if fate is None or fate.lasted_seconds is None:
        return ""
    reason = fate.quarantine.reason if fate.quarantine is not None else None
    cause = ": ".join(filter(None, (reason, _short(fate.cause))))
    return f", {_duration(fate.lasted_seconds)} after its start{f' ({cause})' if cause else ''}"


def _duration(seconds: int) -> str:
    """A time span in its two largest units, such as 2 hours 10 minutes."""
    units = (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))
    counts = []
    for unit, length in units:
        count, seconds = divmod(seconds, length)
        counts.append((count, unit))
    first = next((index for index, (count, _) in enumerate(counts) if count), len(counts) - 1)
    words = [f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in counts[first : first + 2] if count]
    return " ".join(words) or "0 seconds"


def _counts(fate: Fate | None) -> str:
    """What a run with errors in some entries did."""
    run = fate.last_execution if fate is not None else None
    if run is None or run.count_exported is None:
        return "ended with errors in some entries"
    exported = f"wrote {run.count_exported} {'entry' if run.count_exported == 1 else 'entries'}"
    failed = run.count_escrowed
    return f"{exported}; {failed} more had errors" if failed is not None else f"{exported}; others had errors"


def _seen(fate: Fate | None) -> str:
    """What the app saw instead of a success."""
    if fate is None or fate.error is not None:
        return f" ({fate.error})" if fate is not None else ""
    last = fate.last_execution
    run = f", last run: {last.state}" if last is not None and last.state else ""
    return f" (state: {fate.code}{run})"


def _stopped(job: SynchronizationJob | None) -> str:
    """Whether a job is in quarantine or paused."""
    return "paused" if job is not None and job.code is JobCode.PAUSED else "in quarantine"


def _state(job: SynchronizationJob | None, *, again: bool = False) -> str:
    """The state of a job and its cause, as it follows "is" or "was"."""
    if job is None:
        return "in an unknown state"
    words = {JobCode.QUARANTINE: "in quarantine", JobCode.PAUSED: "paused", "": "in an unknown state"}
    state = words.get(job.code, str(job.code))
    if job.code not in (JobCode.QUARANTINE, JobCode.PAUSED):
        return state
    if job.code is JobCode.QUARANTINE and job.schedule is not None and job.schedule.is_off:
        state = f"{state} with its schedule off"
    reason = job.quarantine.reason if job.quarantine is not None else None
    cause = ": ".join(filter(None, (reason, _short(job.cause))))
    return f"{state}{' again' if again else ''}{f' ({cause})' if cause else ''}"


def _short(error: JobError | None) -> str | None:
    """An error within a sentence; the event holds all of it."""
    return shorten(str(error).rstrip("."), _MAX_ERROR) if error is not None else None
