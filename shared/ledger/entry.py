"""The ledger: which starts a job got, and whether one is under way. One entry a job.

An entry is made when a job is about to be started, and each change of it is conditional on its ETag: who changes it
has seen what it says, or changes nothing. From that follows:

- **Single flight.** A worker takes the job (`Starting`, with a lease) before it calls start. Two workers may read one
  job at once; only one of them takes it, and the other tries again later (JobBusy). The lease ends with the start, or
  else after JOB_LEASE: 105 s, which is what a worker needs at most from taking the job to its last write, even where an
  answer is lost: two calls of Graph (5 s to connect, GRAPH_TIMEOUT of 30 s), two of the table (5 s and 10 s) and a
  pause of 5 s. A longer lease would keep the job of a dead worker waiting. Who finds the job busy waits until it ends.
- **One start a quarantine episode**, and a limit on automatic starts: see `shared.starting.verdict`.
- **A dead worker.** What it was about to do stands in the entry. The message, delivered again, finds its own request
  there: a start that Graph took is reported as it was recorded, without asking Graph again. One whose effect is not
  known is taken to have had it where the job is Active now, or in a quarantine that began after it.
- **A request starts its job once.** The same message, delivered again, gives the same event, as long as the entry
  remembers it; so does another message with the same requestId, as long as the job is in the same episode. Later, that
  is a new task.

What it cannot know: whether a start took effect whose answer was lost, or whose worker died. Where the job is still in
the same quarantine after a moment (shared.starting.claim), it is started once more; Graph allows that, and the job is
not Active. Where it is Active, it may be that the start was never sent, and somebody else has started the job
meanwhile.

An entry as a storage browser shows it (PartitionKey is the service principal's object id, RowKey the job id in lower
case; columns without a value are absent):

    PartitionKey          6f1f5c0e-3b0c-4f0c-9d43-0a5a4c3c1e11
    RowKey                scim.11112222333344445555666677778888.aaaabbbbccccddddeeeeffff00001111
    JobId                 scim.11112222333344445555666677778888.aaaabbbbccccddddeeeeffff00001111
    State                 Started
    StartedAt             2026-11-23T10:00:01.250Z
    RequestId             0c8a5a52-6c13-4f7e-9a57-2f3c1d5b7e33
    MessageId             4f0a7d1c-2b6e-4c55-8e21-9d3b5a7c6e10
    RequestedBySource     azure-monitor
    RequestedByReference  /subscriptions/…/alerts/7d1c…
    RequestedBySummary    Provisioning of Contoso is in quarantine
    RequestedAt           2026-11-23T10:00:00.000Z
    Forced                false
    CodeBefore            Quarantine
    QuarantineReason      EncounteredQuarantineException
    Job                   {"templateId": "scim", "status": {"code": "Quarantine", "quarantine": {…}, …}, …}
    EndedReason           quarantine_cleared
    CodeAfter             Active
    FollowUntil           2026-11-24T10:00:01.250Z
    EarlierStarts         [{"State": "Relapsed", "StartedAt": "2026-11-22T20:30:00.000Z", "Forced": false, …}]
    FatesDue              0

State says how far the latest start has come, and who moves it on:

    (no entry) ──claim──► Starting ──record──► Started ──follow_starts──► Recovered, Relapsed or Unconfirmed
         ▲                   │  ▲                  │                           │
         └─────release───────┘  └──────claim───────┴────────────claim──────────┘

Only `start_job` claims, records and releases (shared.starting.claim). A release puts back what was there before, where
the start surely had no effect; where it may have had one, the entry stays in Starting, free for the next claim. The
next claim moves the latest start to EarlierStarts; where its fate is not known then, it is told from there.

While a start is under way, State is Starting, and LeaseOwner and LeaseUntil say who has the job until when. Once its
fate is known, State is Recovered, Relapsed or Unconfirmed, Fate says why, and FateSeenAt when that was seen.
EarlierStarts holds the last ones in the same words, FatesDue how many of them wait to be reported. MissingSince says
when Graph first answered 404 for a job that is followed; it goes when the job is seen again. FateDue is a fate that is
about to be told: State stays Started until its event is on the queue, and the next run tells this one, and no other.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from shared.json_text import known
from shared.text import shorten
from shared.time_text import format_time

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta

    from shared.graph.credential_check import CredentialCheck
    from shared.graph.job import SynchronizationJob
    from shared.job_code import JobCode
    from shared.ledger.expansion import Expansion
    from shared.ledger.fate import Fate
    from shared.outcome import Reason
    from shared.request.reference import JobReference
    from shared.request.start_request import RequestedBy, StartRequest

MAX_STARTS = 20
"""How many starts an entry remembers, the latest included."""

MAX_EARLIER_ERROR = 300
"""Longest error text that is kept of an earlier start, in characters."""


class State(StrEnum):
    """How far a start has come."""

    STARTING = "Starting"
    """About to be sent, or sent: its effect is not known."""
    STARTED = "Started"
    """Graph took it; the job is being followed."""
    RECOVERED = "Recovered"
    RELAPSED = "Relapsed"
    UNCONFIRMED = "Unconfirmed"


class Start(NamedTuple):
    """One start of a job, and the request that asked for it."""

    at: datetime
    request_id: str
    message_id: str
    """The queue message that the request came in: the same when that is delivered again."""
    requested_by: RequestedBy
    requested_at: datetime
    app_id: str | None
    traceparent: str | None
    parent_request_id: str | None
    forced: bool
    before: SynchronizationJob
    """The job as it was before the start."""
    credential_check: CredentialCheck | None
    follow_until: datetime
    reason: Reason | None = None
    """How the start ended; None while its effect is not known."""
    code_after: JobCode | str | None = None
    fate: Reason | None = None
    """What became of the job after it."""
    fate_seen_at: datetime | None = None
    due: Fate | None = None
    """What became of it, as long as that may not have been told."""

    @property
    def state(self) -> State:
        """How far the start has come."""
        if self.reason is None:
            return State.STARTING
        return State.STARTED if self.fate is None else State(self.fate.outcome.capitalize())

    def to_json(self) -> dict[str, Any]:
        """The object in status events: what a person asks of an earlier start."""
        quarantine, cause = self.before.quarantine, self.before.cause
        fields = {
            "startedAt": format_time(self.at),
            "requestId": self.request_id,
            "requestedBy": self.requested_by.to_json(),
            "forced": self.forced,
            "state": self.state,
            "quarantineReason": quarantine.reason if quarantine is not None else None,
            "error": shorten(str(cause), MAX_EARLIER_ERROR) if cause is not None else None,
        }
        return known(fields)


class Lease(NamedTuple):
    """Which attempt has the job for itself, and until when."""

    owner: str
    until: datetime


class Entry(NamedTuple):
    """What the ledger says about one job."""

    job: JobReference
    latest: Start
    earlier: tuple[Start, ...] = ()
    """The starts before, oldest first."""
    lease: Lease | None = None
    etag: str | None = None
    """The version that was read; None for an entry that is not in the table yet."""
    missing_since: datetime | None = None
    """When Graph first said, while the latest start was followed, that there is no such job."""

    @property
    def starts(self) -> tuple[Start, ...]:
        """All starts that it remembers, oldest first."""
        return (*self.earlier, self.latest)

    def started_by(self, request_id: str) -> Start | None:
        """The latest start that Graph took for this request."""
        own = (start for start in reversed(self.starts) if start.request_id == request_id)
        return next((start for start in own if start.state is not State.STARTING), None)

    def start_of(self, request: StartRequest) -> Start | None:
        """The last start of this very request, whether its effect is known or not; an id may be used again later."""
        asked = (request.request_id, format_time(request.requested_at))
        of_request = (
            start for start in reversed(self.starts) if (start.request_id, format_time(start.requested_at)) == asked
        )
        return next(of_request, None)

    def recorded(self, start: Start) -> Entry:
        """The entry after Graph took the start that was under way."""
        return self._replace(latest=start, lease=None)

    def released(self, at: datetime) -> Entry:
        """The entry of a start that nobody works on any more, although its effect is not known: free from then on."""
        return self if self.lease is None else self._replace(lease=self.lease._replace(until=at))

    def with_due(self, fate: Fate) -> Entry:
        """The entry with the fate of its latest start, which is to be told."""
        return self._replace(latest=self.latest._replace(due=fate))

    def with_fate(self, request_id: str, at: datetime, fate: Reason, seen_at: datetime) -> Entry:
        """The entry with the fate of that one start, which was told."""

        def marked(start: Start) -> Start:
            is_it = (start.request_id, start.at) == (request_id, at)
            return start._replace(fate=fate, fate_seen_at=seen_at, due=None) if is_it else start

        return self._replace(latest=marked(self.latest), earlier=tuple(map(marked, self.earlier)))


def claimed(
    job: JobReference,
    latest: Start,
    *,
    earlier: tuple[Start, ...],
    lease: Lease,
    etag: str | None,
) -> Entry:
    """The entry by which a worker claims the job, in place of the version with that etag; None: there is none."""
    return Entry(job=job, latest=latest, earlier=earlier[-(MAX_STARTS - 1) :], lease=lease, etag=etag)


def new_start(
    request: StartRequest,
    before: SynchronizationJob,
    *,
    message_id: str,
    app_id: str | None,
    credential_check: CredentialCheck | None,
    at: datetime,
    followed_for: timedelta,
) -> Start:
    """The start that is about to be made for a request."""
    return Start(
        at=at,
        request_id=request.request_id,
        message_id=message_id,
        requested_by=request.requested_by,
        requested_at=request.requested_at,
        app_id=app_id,
        traceparent=request.traceparent,
        parent_request_id=request.parent_request_id,
        forced=request.force,
        before=before,
        credential_check=credential_check,
        follow_until=at + followed_for,
    )


def now() -> datetime:
    """The time as the ledger and the events write it: in milliseconds."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class Ledger(Protocol):
    """Where the entries are. Every method raises LedgerUnavailable."""

    def get(self, job: JobReference) -> Entry | None:
        """The job's entry."""
        ...

    def put(self, entry: Entry) -> Entry:
        """Write an entry whose etag says what it replaces, and return it with its new etag. Raises JobBusy."""
        ...

    def remove(self, entry: Entry) -> None:
        """Remove the entry as it was read. Raises JobBusy."""
        ...

    def expansion(self, request_id: str, message_id: str) -> Expansion | None:
        """What a request without a job id was turned into when this message was delivered before."""
        ...

    def note_expansion(self, request_id: str, message_id: str, expansion: Expansion) -> None:
        """Write that down, in place of what another message of the same request was turned into."""
        ...

    def followed(self) -> Iterable[Entry]:
        """The entries with a start whose fate is not known yet."""
        ...

    def remove_untouched(self, since: datetime, most: int) -> int:
        """Remove entries that nobody has changed since then, and return how many."""
        ...
