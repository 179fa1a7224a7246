"""A request that waits, or that was given up, in words: what it met, and what to do about that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.outcome import Reason
from shared.request.start_request import format_time
from shared.text import shorten

if TYPE_CHECKING:
    from shared.starting.ending import Ending

_MAX_ERROR = 300
"""Longest error within a sentence, in characters; the event holds all of it."""

_CAUSES = {
    Reason.GRAPH_UNAVAILABLE: "Microsoft Graph does not do its part",
    Reason.TOKEN_UNAVAILABLE: "the app's identity gets no token",
    Reason.TOKEN_REFUSED: "Microsoft Graph refuses every token of the app's identity",
    Reason.PERMISSION_AWAITED: "the app's identity lacks a permission",
    Reason.LEDGER_UNAVAILABLE: "the ledger of starts can't be used",
    Reason.JOB_BUSY: "another worker has the job",
}

_NOTHING_IS_LOST = "The request need not be sent again: it starts by itself once this is over."

_ADVICE = {
    Reason.GRAPH_UNAVAILABLE: (
        "Nothing, while this is an outage or throttling of Microsoft Graph: see the service health in the Microsoft "
        "365 admin center."
    ),
    Reason.TOKEN_UNAVAILABLE: (
        "Check that the app has the identity that AZURE_CLIENT_ID names. If it has, this is an outage of managed "
        "identities: see Azure status."
    ),
    Reason.TOKEN_REFUSED: (
        "If this app has started jobs with the same settings before, this is a fault of Microsoft Graph, and there is "
        "nothing to do. If it never has, check that GRAPH_ENDPOINT is the cloud of the app's tenant, and that "
        "AZURE_CLIENT_ID names the identity that is meant."
    ),
    Reason.PERMISSION_AWAITED: (
        "Grant the app's identity the application permission Synchronization.ReadWrite.All, or "
        "Application.ReadWrite.OwnedBy and ownership of this enterprise application. It may take effect up to 24 hours "
        "later; restarting the app can shorten that."
    ),
    Reason.JOB_BUSY: "Nothing: a job is free again when its worker is done, or its lease is over.",
}
_MAY_NOT_RESOLVE = (
    "To find an application by appId, the app's identity needs the application permission Application.Read.All. "
    "Grant it; or send a request that gives servicePrincipalId instead."
)
_LEDGER = {
    "AuthorizationPermissionMismatch": (
        "Give the app's identity the role Storage Table Data Contributor on the storage account. A role that was given "
        "a moment ago takes effect within ten minutes as a rule, through a group within hours."
    ),
    "AuthorizationFailure": (
        "Let the app's network through the storage account's firewall, or check its private endpoint."
    ),
    "AuthenticationFailed": (
        "Check the clock of the machine that the app runs on, and that QUEUE_CONNECTION names a key or an identity of "
        "this storage account."
    ),
    "TableBeingDeleted": (
        "The table was deleted; it is made again once that is done. The starts in it are forgotten: a job may be "
        "started once more in the same quarantine."
    ),
    "answered 403": (
        "Check that the app's identity has the role Storage Table Data Contributor on the storage account that "
        "QUEUE_CONNECTION names, and that its firewall lets the app through."
    ),
    "answered 404": "Check that the storage account that QUEUE_CONNECTION names exists, and has tables.",
}
"""What to do about an error of the ledger's table that has these words; the first that fits counts."""
_LEDGER_AWAY = "Nothing, while this is an outage of Azure Storage: see Azure status."

_SEND_AGAIN = "Fix that cause, then send the request again; it is in this event."
_MAY_HAVE_STARTED = (
    "Do not send the request again before looking at the job: a start was sent, and its answer was lost. If the job is "
    "still in quarantine or paused, send the request again; it is in this event."
)
_BY_HOST = (
    "Look for this requestId in the app's log, and at the memory and the restarts of the app at that time. Then send "
    "the request again; it is in this event."
)


def message(ending: Ending) -> str:
    """What happened to a request that waits, or was given up, in one sentence."""
    return _given_up_message(ending) if ending.reason is Reason.GAVE_UP else _delayed_message(ending)


def advice(ending: Ending) -> str:
    """What to do about a request that waits, or was given up."""
    return _given_up_advice(ending) if ending.reason is Reason.GAVE_UP else _delayed_advice(ending)


def _delayed_message(ending: Ending) -> str:
    """Why the request waits, and until when."""
    waited = ending.waited
    until = f"; it is tried again until {format_time(waited.until)}" if waited is not None and waited.until else ""
    return f"The request waits: {_CAUSES[ending.reason]}{_detail(ending)}{until}."


def _delayed_advice(ending: Ending) -> str:
    """What a person may have to do while the request waits."""
    to_do = _ADVICE.get(ending.reason, "")
    if ending.reason is Reason.PERMISSION_AWAITED and ending.operation == "resolve":
        to_do = _MAY_NOT_RESOLVE
    if ending.reason is Reason.LEDGER_UNAVAILABLE:
        error = ending.error or ""
        to_do = next((text for words, text in _LEDGER.items() if words in error), _LEDGER_AWAY)
    return f"{to_do} {_NOTHING_IS_LOST}"


def _given_up_message(ending: Ending) -> str:
    """Why the request was given up: what it met last, how often and since when."""
    waited = ending.waited
    tried = ""
    if waited is not None:
        times = "once" if waited.tries == 1 else f"{waited.tries} times"
        tried = f" was tried {times} since {format_time(waited.since)} and"
    if ending.by_host:
        last = f" Before that it met: {_error(ending)}." if ending.error else ""
        start = " A start of the job was sent; it is not known whether it had its effect." * ending.may_have_started
        return (
            f"The request{tried} was given up by the Functions host: its message was delivered as often as the host "
            f"allows, and no delivery came to an end, as when the worker dies.{last}{start}"
        )
    start = "; a start of the job was sent, and it is not known whether it had its effect" * ending.may_have_started
    return f"The request{tried} was given up{_detail(ending)}{start}."


def _given_up_advice(ending: Ending) -> str:
    """What to do about a request that was given up."""
    if ending.may_have_started:
        return _MAY_HAVE_STARTED
    return _BY_HOST if ending.by_host else _SEND_AGAIN


def _detail(ending: Ending) -> str:
    return f" ({_error(ending)})" if ending.error else ""


def _error(ending: Ending) -> str:
    return shorten((ending.error or "").rstrip("."), _MAX_ERROR)
