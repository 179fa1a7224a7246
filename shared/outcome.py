"""The closed lists of how a request can end: outcomes, and the reasons of each outcome."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Outcome(StrEnum):
    """How a start request ended. `delayed`: it still waits. The last three say later whether the start helped."""

    STARTED = "started"
    SKIPPED = "skipped"
    HELD = "held"
    FAILED = "failed"
    REJECTED = "rejected"
    EXPANDED = "expanded"
    DELAYED = "delayed"
    RECOVERED = "recovered"
    RELAPSED = "relapsed"
    UNCONFIRMED = "unconfirmed"


class Reason(StrEnum):
    """Why a request has its outcome. Each reason belongs to one outcome."""

    outcome: Outcome

    def __new__(cls, value: str, outcome: Outcome) -> Self:
        """Make a member whose value is `value`."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.outcome = outcome
        return member

    QUARANTINE_CLEARED = "quarantine_cleared", Outcome.STARTED
    RESUMED = "resumed", Outcome.STARTED
    FIRST_CYCLE_RUNNING = "first_cycle_running", Outcome.STARTED
    START_ACCEPTED = "start_accepted", Outcome.STARTED

    ALREADY_ACTIVE = "already_active", Outcome.SKIPPED
    STATE_NOT_REQUESTED = "state_not_requested", Outcome.SKIPPED
    NOT_STARTABLE = "not_startable", Outcome.SKIPPED
    NOTHING_TO_START = "nothing_to_start", Outcome.SKIPPED
    DRY_RUN = "dry_run", Outcome.SKIPPED
    ALREADY_STARTED = "already_started", Outcome.SKIPPED

    TOO_MANY_DELETES = "too_many_deletes", Outcome.HELD
    QUARANTINED_ON_DEMAND = "quarantined_on_demand", Outcome.HELD
    ESCROWS_PRUNED = "escrows_pruned", Outcome.HELD
    RELAPSING = "relapsing", Outcome.HELD
    CREDENTIALS_INVALID = "credentials_invalid", Outcome.HELD

    NOT_FOUND = "not_found", Outcome.FAILED
    PERMISSION_MISSING = "permission_missing", Outcome.FAILED
    LICENSE_MISSING = "license_missing", Outcome.FAILED
    BLOCKED_BY_POLICY = "blocked_by_policy", Outcome.FAILED
    AUTHENTICATION_FAILED = "authentication_failed", Outcome.FAILED
    BAD_REQUEST = "bad_request", Outcome.FAILED
    GAVE_UP = "gave_up", Outcome.FAILED

    INVALID_REQUEST = "invalid_request", Outcome.REJECTED
    UNREADABLE_MESSAGE = "unreadable_message", Outcome.REJECTED
    NOT_ALLOWED = "not_allowed", Outcome.REJECTED
    NO_JOB_REFERENCE = "no_job_reference", Outcome.REJECTED

    JOBS_QUEUED = "jobs_queued", Outcome.EXPANDED

    GRAPH_UNAVAILABLE = "graph_unavailable", Outcome.DELAYED
    TOKEN_UNAVAILABLE = "token_unavailable", Outcome.DELAYED
    TOKEN_REFUSED = "token_refused", Outcome.DELAYED
    PERMISSION_AWAITED = "permission_awaited", Outcome.DELAYED
    LEDGER_UNAVAILABLE = "ledger_unavailable", Outcome.DELAYED
    JOB_BUSY = "job_busy", Outcome.DELAYED
    SETTINGS_WRONG = "settings_wrong", Outcome.DELAYED

    RUNNING_AGAIN = "running_again", Outcome.RECOVERED
    RUNNING_WITH_ERRORS = "running_with_errors", Outcome.RECOVERED
    QUARANTINED_AGAIN = "quarantined_again", Outcome.RELAPSED
    NO_SUCCESSFUL_RUN = "no_successful_run", Outcome.UNCONFIRMED
    STARTED_AGAIN = "started_again", Outcome.UNCONFIRMED
    JOB_GONE = "job_gone", Outcome.UNCONFIRMED


HOLDABLE = frozenset({Reason.TOO_MANY_DELETES, Reason.QUARANTINED_ON_DEMAND, Reason.ESCROWS_PRUNED})
"""The reasons that the setting HELD_REASONS may list."""
