"""The ledger: which starts a job got, and whether one is in progress. It has one entry per job.

A worker writes the entry before it starts the job. Each write is conditional on the ETag of the version that was read,
so it fails if the entry has changed since. That gives these guarantees:

- **Single flight.** A worker claims the job (`Starting`, with a lease) before it calls start. Two workers may read a
  job at once, but only one of them can claim it. The other retries later (JobBusy).
- **One start per quarantine episode**, and a limit on automatic starts: see `shared.starting.verdict`.
- **No start is lost when a worker dies.** The entry says what the worker was about to do. When the message is delivered
  again, the next worker finds the request in the entry. If Graph accepted the start, the app reports it as recorded,
  without asking Graph again. If its effect is not known, the worker reads the job. The start had its effect if the job
  is now Active, or in a quarantine that began after the start.
- **A request starts its job once.** The same message, delivered again, gives the same event while the entry remembers
  the start. Another message with the same requestId also gives that event while the job is in the same episode. After
  that, it is a new task.

The lease ends with the start, or else after JOB_LEASE. Its default, 105 s, is the longest time from a claim to the last
write, even if an answer is lost. It covers two calls to Graph, two to the table, and a pause of 5 s. A call to Graph
takes up to 35 s (5 s to connect, and GRAPH_TIMEOUT), one to the table up to 15 s. A longer lease would delay the job of
a dead worker. Other requests for the job wait until the lease ends.

If the answer to a start was lost, or its worker died, the ledger cannot know whether the start took effect. If the job
is still in the same quarantine after SECOND_START_AFTER, it is started once more. That is safe: Graph allows it, and
the job is not Active. If the job is Active, the start counts, although it may not have been sent: another program may
have started the job.

An entry as a storage browser shows it. PartitionKey is the service principal's object id, RowKey the job id in lower
case. Columns without a value are absent.

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

State says how far the latest start has come, and what changes it:

    (no entry) ──claim──► Starting ──record──► Started ──follow_starts──► Recovered, Relapsed or Unconfirmed
         ▲                   │  ▲                  │                           │
         └─────release───────┘  └──────claim───────┴────────────claim──────────┘

Only `start_job` claims, records and releases (shared.starting.claim). If the start surely had no effect, a release
restores the entry from before the claim. If it may have had one, the entry stays in Starting, free for the next claim.
The next claim moves the latest start to EarlierStarts. If its fate is not known by then, it is reported from there.

The other columns:

- **LeaseOwner and LeaseUntil** say, in Starting, which worker has the job, and until when.
- **Fate** says why State is Recovered, Relapsed or Unconfirmed, and **FateSeenAt** when that was seen.
- **FateDue** is a fate whose event is not yet on the queue. Until it is, State stays Started, and the next run reports
  this fate and no other.
- **MissingSince** says when Graph first answered 404 for the job. It is removed when the job is seen again.
- **EarlierStarts** has the starts before the latest, in the same words. **FatesDue** counts those whose fate is not
  reported yet.
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
"""The most starts that an entry remembers, the latest included."""

MAX_EARLIER_ERROR = 300
"""The most characters that are kept of an error of an earlier start."""


class State(StrEnum):
    """How far a start has come."""

    STARTING = "Starting"
    """It is about to be sent, or was sent, and its effect is not known."""
    STARTED = "Started"
    """Graph accepted it. The job is followed until the fate of the start is known."""
    RECOVERED = "Recovered"
    RELAPSED = "Relapsed"
    UNCONFIRMED = "Unconfirmed"


class Start(NamedTuple):
    """One start of a job, and the request that asked for it."""

    at: datetime
    request_id: str
    message_id: str
    """The id of the queue message with the request. It stays the same when the message is delivered again."""
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
    """The result of the start; None while its effect is not known."""
    code_after: JobCode | str | None = None
    fate: Reason | None = None
    """Whether the start helped; None while that is not known."""
    fate_seen_at: datetime | None = None
    due: Fate | None = None
    """The fate that is to be reported; None before it is known and after it was reported."""

    @property
    def state(self) -> State:
        """How far the start has come."""
        if self.reason is None:
            return State.STARTING
        return State.STARTED if self.fate is None else State(self.fate.outcome.capitalize())

    def to_json(self) -> dict[str, Any]:
        """The object in status events: what people want to know about an earlier start."""
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
    """Which invocation has claimed the job, and until when."""

    owner: str
    until: datetime


class Entry(NamedTuple):
    """The ledger's entry of one job."""

    job: JobReference
    latest: Start
    earlier: tuple[Start, ...] = ()
    """The starts before the latest, oldest first."""
    lease: Lease | None = None
    etag: str | None = None
    """The version that was read; None for an entry that is not in the table yet."""
    missing_since: datetime | None = None
    """When Graph first answered 404 for the job after the latest start; None if the last read found it."""

    @property
    def starts(self) -> tuple[Start, ...]:
        """All starts that the entry remembers, oldest first."""
        return (*self.earlier, self.latest)

    def started_by(self, request_id: str) -> Start | None:
        """The latest start that Graph accepted for this request."""
        own = (start for start in reversed(self.starts) if start.request_id == request_id)
        return next((start for start in own if start.state is not State.STARTING), None)

    def start_of(self, request: StartRequest) -> Start | None:
        """The latest start of this request, even if its effect is not known.

        A request is identified by its id and its time, because an id may be used again later.
        """
        asked = (request.request_id, format_time(request.requested_at))
        of_request = (
            start for start in reversed(self.starts) if (start.request_id, format_time(start.requested_at)) == asked
        )
        return next(of_request, None)

    def recorded(self, start: Start) -> Entry:
        """The entry after Graph accepted the start in progress."""
        return self._replace(latest=start, lease=None)

    def released(self, at: datetime) -> Entry:
        """The entry of an abandoned start whose effect is not known: its lease ends at that time."""
        return self if self.lease is None else self._replace(lease=self.lease._replace(until=at))

    def with_due(self, fate: Fate) -> Entry:
        """The entry with the fate of its latest start, which is to be reported."""
        return self._replace(latest=self.latest._replace(due=fate))

    def with_fate(self, request_id: str, at: datetime, fate: Reason, seen_at: datetime) -> Entry:
        """The entry with the reported fate of one start, identified by its request and its time."""

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
    """The entry by which a worker claims the job. It replaces the version with that etag; None creates the entry."""
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
    """The start that is about to be sent for a request."""
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
    """The current time, truncated to milliseconds, as the ledger and the events write it."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class Ledger(Protocol):
    """Where the entries are. Every method raises LedgerUnavailable."""

    def get(self, job: JobReference) -> Entry | None:
        """The job's entry; None if it has none."""
        ...

    def put(self, entry: Entry) -> Entry:
        """Write an entry, and return it with its new etag. Raises JobBusy if its etag is no longer current."""
        ...

    def remove(self, entry: Entry) -> None:
        """Remove the entry. Raises JobBusy if its etag is no longer current."""
        ...

    def expansion(self, request_id: str, message_id: str) -> Expansion | None:
        """The expansion that was noted when this message was delivered before; None if there is none."""
        ...

    def note_expansion(self, request_id: str, message_id: str, expansion: Expansion) -> None:
        """Note the expansion. It replaces that of an earlier message with the same request."""
        ...

    def followed(self) -> Iterable[Entry]:
        """The entries with a start whose fate was not reported yet."""
        ...

    def remove_untouched(self, since: datetime, most: int) -> int:
        """Remove up to `most` entries that were not written since then, and return how many."""
        ...
