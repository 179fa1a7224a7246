"""Messages and advice for a request that waits, or that was given up: the cause, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.outcome import Reason
from shared.text import shorten
from shared.time_text import format_time

if TYPE_CHECKING:
    from shared.starting.ending import Ending

_MAX_ERROR = 300
"""Longest error within a sentence, in characters; the event holds all of it."""

_CAUSES = {
    Reason.GRAPH_UNAVAILABLE: "Microsoft Graph is throttling or not available",
    Reason.TOKEN_UNAVAILABLE: "the app's identity gets no token",
    Reason.TOKEN_REFUSED: "Microsoft Graph refuses every token of the app's identity",
    Reason.PERMISSION_AWAITED: "the app's identity lacks a permission",
    Reason.LEDGER_UNAVAILABLE: "the app can't use its ledger of starts",
    Reason.JOB_BUSY: "another worker is working on the job",
    Reason.SETTINGS_WRONG: "the app's settings are wrong",
}

_NOTHING_IS_LOST = "Do not send the request again: the app continues with it when this is over."

_ADVICE = {
    Reason.GRAPH_UNAVAILABLE: (
        "Wait: Microsoft Graph has an outage or is throttling. The Microsoft 365 admin center shows its service health."
    ),
    Reason.TOKEN_UNAVAILABLE: (
        "Check that the app has the identity that AZURE_CLIENT_ID names. If it does, managed identities have an "
        "outage: see Azure status."
    ),
    Reason.TOKEN_REFUSED: (
        "If this app has started jobs with these settings before, wait: the fault is in Microsoft Graph. If it never "
        "has, check that GRAPH_ENDPOINT is the cloud of the app's tenant. Check also that AZURE_CLIENT_ID names the "
        "right identity."
    ),
    Reason.PERMISSION_AWAITED: (
        "Grant the app's identity the application permission Synchronization.ReadWrite.All. Or grant it "
        "Application.ReadWrite.OwnedBy, and make it an owner of this enterprise application. The grant can take up to "
        "24 hours to work; restarting the app can shorten that."
    ),
    Reason.SETTINGS_WRONG: (
        "Correct the settings that this event names. The app restarts by itself when they are saved; its log lists all "
        "that are wrong."
    ),
    Reason.JOB_BUSY: "Wait: the job is free when that worker is done, or when its lease ends.",
}
_MAY_NOT_RESOLVE = (
    "To find an application by appId, the app's identity needs the application permission Application.Read.All. "
    "Grant it, or send a request with servicePrincipalId instead."
)
_LEDGER = {
    "AuthorizationPermissionMismatch": (
        "Give the app's identity the role Storage Table Data Contributor on the storage account. A new role "
        "assignment usually works within ten minutes; through a group, it can take hours."
    ),
    "AuthorizationFailure": (
        "Allow the app's network in the storage account's firewall, or check its private endpoint."
    ),
    "AuthenticationFailed": (
        "Check that QUEUE_CONNECTION names a key or an identity of this storage account. Check also the clock of the "
        "machine that the app runs on."
    ),
    "TableBeingDeleted": (
        "Wait: somebody deleted the table, and the app creates it again when Azure has finished. The starts in it are "
        "lost, so the app may start a job again in the same quarantine."
    ),
    "answered 403": (
        "Check that the app's identity has the role Storage Table Data Contributor on the storage account that "
        "QUEUE_CONNECTION names. Check also that the account's firewall allows the app."
    ),
    "answered 404": "Check that the storage account that QUEUE_CONNECTION names exists and has tables.",
}
"""What to do about an error of the ledger's table that has these words. The first match counts."""
_LEDGER_AWAY = "Wait: Azure Storage has an outage. See Azure status."

_SEND_AGAIN = "Fix that cause. Then send the request again; this event contains it."
_MAY_HAVE_STARTED = (
    "Look at the job before you send the request again: the app sent a start, and the answer was lost. If the job is "
    "still in quarantine or paused, send the request again; this event contains it."
)
LOOK_FIRST = "Look at the job before you send the request again: it may have been started."
"""Added to the advice if a start was sent, and its answer lost."""

_BY_HOST = (
    "Look for this requestId in the app's log, and check the app's memory and restarts at that time. Then send the "
    "request again; this event contains it."
)


def message(ending: Ending) -> str:
    """What happened to a request that waits, or was given up."""
    return _given_up_message(ending) if ending.reason is Reason.GAVE_UP else _delayed_message(ending)


def advice(ending: Ending) -> str:
    """What to do about a request that waits, or was given up."""
    return _given_up_advice(ending) if ending.reason is Reason.GAVE_UP else _delayed_advice(ending)


def start_sent(ending: Ending) -> str:
    """A sentence for a request that Graph refused for good after a start of it was sent; otherwise empty."""
    refused = ending.may_have_started and ending.reason is not Reason.GAVE_UP
    return " A start of the job was sent before that, and its answer was lost." if refused else ""


def _delayed_message(ending: Ending) -> str:
    """Why the request waits, and until when."""
    waited = ending.waited
    until = f" The app tries again until {format_time(waited.until)}." if waited is not None and waited.until else ""
    return f"The request waits: {_CAUSES[ending.reason]}{_detail(ending)}.{until}"


def _delayed_advice(ending: Ending) -> str:
    """What a person may have to do while the request waits."""
    return f"{to_do_about(ending)} {_NOTHING_IS_LOST}"


def to_do_about(ending: Ending) -> str:
    """What to do about the cause that makes requests wait."""
    to_do = _ADVICE.get(ending.reason, "")
    if ending.reason is Reason.PERMISSION_AWAITED and ending.operation == "resolve":
        to_do = _MAY_NOT_RESOLVE
    if ending.reason is Reason.LEDGER_UNAVAILABLE:
        error = ending.error or ""
        to_do = next((text for words, text in _LEDGER.items() if words in error), _LEDGER_AWAY)
    return to_do


def _given_up_message(ending: Ending) -> str:
    """Why the request was given up: its last error, how often it was tried, and since when."""
    waited = ending.waited
    tried = ""
    if waited is not None:
        times = "once" if waited.tries == 1 else f"{waited.tries} times"
        tried = f", tried {times} since {format_time(waited.since)}"
    start = " It sent a start, but can't tell whether the start took effect." * ending.may_have_started
    if ending.by_host:
        last = f" The last error before that: {_error(ending)}." if ending.error else ""
        start = start.replace("It", "The app")
        return (
            f"The Functions host gave up the request{tried}. It delivered the message as often as it may, and each "
            f"time the worker stopped before the work was done.{last}{start}"
        )
    return f"The app gave up the request{tried}{_detail(ending)}.{start}"


def _given_up_advice(ending: Ending) -> str:
    """What to do about a request that was given up."""
    if ending.may_have_started:
        return _MAY_HAVE_STARTED
    return _BY_HOST if ending.by_host else _SEND_AGAIN


def _detail(ending: Ending) -> str:
    return f" ({_error(ending)})" if ending.error else ""


def _error(ending: Ending) -> str:
    return shorten((ending.error or "").rstrip("."), _MAX_ERROR)
