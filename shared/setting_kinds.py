"""The kinds of values that settings have. Each function parses a text that is not blank.

Each raises ValueError for a text that is not of its kind. The arguments of the error are the faults. Each fault
completes a sentence that begins with the setting's name.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from shared.outcome import HOLDABLE, Reason
from shared.request.reference import parse_guid
from shared.text import shorten

if TYPE_CHECKING:
    from collections.abc import Callable

# Compiled when a setting needs one: an app with defaults needs none at its start.
_QUEUE_NAME = r"(?=.{3,56}$)[a-z0-9](?:-?[a-z0-9])*"
"""Queue Storage allows 63 characters, and the poison queue's name is 7 longer than the queue's."""
_TABLE_NAME = r"(?!(?i:tables)$)[A-Za-z][A-Za-z0-9]{2,62}"
"""Source: Microsoft Learn, "Understanding the Table service data model"."""
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_HOST_NAME = r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
"""A DNS name. Its last label is not a number, so it is not an IP address (RFC 1123, "Host Names and Numbers")."""
_SETTING_NAME = r"[A-Za-z_][A-Za-z0-9_.:-]{0,126}"
_MOST_SHOWN = 80
"""Longest value that a fault shows, in characters."""
_MOST_ITEMS = 10
"""Most items of a list that are named as wrong."""
TOKEN_CREDENTIALS = (
    "dev",
    "prod",
    "EnvironmentCredential",
    "WorkloadIdentityCredential",
    "ManagedIdentityCredential",
    "VisualStudioCodeCredential",
    "AzureCliCredential",
    "AzureDeveloperCliCredential",
    "AzurePowerShellCredential",
    "InteractiveBrowserCredential",
)
"""The values of AZURE_TOKEN_CREDENTIALS (azure-identity, DefaultAzureCredential)."""
BLANK = "is blank; give it a value, or delete it"
"""The fault of a setting that is set but blank. The app can't know whether its default is meant."""


def value_of[T](given: str, kind: Callable[[str], T]) -> T:
    """The value of a setting of that kind. Raises ValueError, also for a blank text."""
    if not given.strip():
        raise ValueError(BLANK)
    return kind(given.strip())


def text(value: str) -> str:
    """Any text."""
    return value


def queue_name(value: str) -> str:
    """The name of a queue, short enough for the longer name of its poison queue."""
    return _matching(value, _QUEUE_NAME, "a queue name has 3 to 56 lower-case letters, digits and single hyphens")


def table_name(value: str) -> str:
    """The name of a table."""
    return _matching(value, _TABLE_NAME, "a table name has 3 to 63 letters and digits, a letter first")


def schedule(value: str) -> str:
    """When a timer runs: an NCRONTAB expression.

    The Functions host takes a time span as well, but this app does not. The host reads 25:00:00 as 25 days, and its
    documentation does not say that a time span wakes an app.
    """
    from shared.schedule import parse_cron  # not needed for the default

    parse_cron(value)
    return value


def connection_name(value: str) -> str:
    """The name of the setting that holds a connection, or the prefix of several such settings."""
    if "=" in value or ";" in value:
        # The message leaves out the value, which holds a key.
        raise ValueError("is a connection string, but must be the name of the setting that holds it")
    if not re.fullmatch(_SETTING_NAME, value):
        raise ValueError("must be the name of a setting, which has letters, digits and underscores")
    return value


def token_credentials(value: str) -> str:
    """What azure-identity tries: one of TOKEN_CREDENTIALS, in any case. With others, each request for a token fails."""
    if value.lower() not in map(str.lower, TOKEN_CREDENTIALS):
        raise ValueError(f"is {_shown(value)}, but must be one of {', '.join(TOKEN_CREDENTIALS)}")
    return value


def client_id(value: str) -> str:
    """The client id of a managed identity."""
    if parse_guid(value) is None:
        raise ValueError(f"is {_shown(value)}, but must be the client id of an identity, which is a GUID")
    return value


def endpoint(value: str) -> str:
    """The root URL of a service, without a slash at its end: https and a host name, or http on loopback."""
    value = value.rstrip("/").lower()
    try:
        url = urlsplit(value)
        host = url.hostname or ""
        port = url.port  # raises ValueError if it is not a number
    except ValueError as error:
        raise ValueError(f"is {_shown(value)}, which is not a URL") from error
    is_loopback = host in _LOOPBACK
    if url.scheme != "https" and not (url.scheme == "http" and is_loopback):
        raise ValueError(f"is {_shown(value)}, but must be https (tokens are sent to it)")
    # Clients parse an invalid host name in different ways: each invalid character may end the name for one of them.
    name = f"[{host}]" if ":" in host else host
    if value != f"{url.scheme}://{name}" + (f":{port}" if port is not None else "") or not (
        is_loopback or re.fullmatch(_HOST_NAME, host)
    ):
        raise ValueError(f"is {_shown(value)}, but must be a root such as https://graph.microsoft.com")
    return value


def flag(value: str) -> bool:
    """true or false."""
    if value.lower() not in ("true", "false"):
        raise ValueError(f"is {_shown(value)}, but must be true or false")
    return value.lower() == "true"


def one_of(*choices: str) -> Callable[[str], str]:
    """One of these texts."""

    def parse(value: str) -> str:
        if value not in choices:
            raise ValueError(f"is {_shown(value)}, but must be one of {', '.join(choices)}")
        return value

    return parse


def number(least: float, most: float) -> Callable[[str], float]:
    """A number within these bounds."""

    def parse(value: str) -> float:
        try:
            parsed = float(value)
        except ValueError:
            parsed = most + 1
        if not least <= parsed <= most:
            raise ValueError(f"is {_shown(value)}, but must be a number from {least:g} to {most:g}")
        return parsed

    return parse


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """A number within these bounds, without its decimal places."""
    parse = number(least, most)
    return lambda value: int(parse(value))


def seconds(least: float, most: float) -> Callable[[str], timedelta]:
    """A number of seconds within these bounds."""
    parse = number(least, most)
    return lambda value: timedelta(seconds=parse(value))


def hours(least: float, most: float) -> Callable[[str], timedelta]:
    """A number of hours within these bounds."""
    parse = number(least, most)
    return lambda value: timedelta(hours=parse(value))


def guids(value: str) -> frozenset[str]:
    """A list of GUIDs, in lower case."""
    items = _items(value)
    faults = [f"lists {_shown(item)}, which is not a GUID" for item in sorted(items) if parse_guid(item) is None]
    if faults:
        raise ValueError(*faults[:_MOST_ITEMS])
    return items


def watched(value: str) -> frozenset[str]:
    """A list of GUIDs, in lower case, or one of the words all and allowed."""
    items = _items(value)
    if items in ({"all"}, {"allowed"}):
        return items
    faults = [
        f"lists {_shown(item)}, which is not a GUID; it may also be all, or allowed, alone"
        for item in sorted(items)
        if parse_guid(item) is None
    ]
    if faults:
        raise ValueError(*faults[:_MOST_ITEMS])
    return items


def names(value: str) -> frozenset[str]:
    """A list of names, in lower case."""
    return _items(value)


def held_reasons(value: str) -> frozenset[Reason]:
    """A list of reasons to hold a job, or the word none."""
    if value.lower() == "none":
        return frozenset()
    known = {reason.value: reason for reason in HOLDABLE}
    items = _items(value)
    faults = [
        f"lists {_shown(item)}, but knows only {', '.join(sorted(known))}, or none"
        for item in sorted(items - known.keys())
    ]
    if faults:
        raise ValueError(*faults[:_MOST_ITEMS])
    return frozenset(known[item] for item in items)


def _matching(value: str, pattern: str, rule: str) -> str:
    if not re.fullmatch(pattern, value):
        raise ValueError(f"is {_shown(value)}, but {rule}")
    return value


def _items(value: str) -> frozenset[str]:
    """The items of a list separated by commas, in lower case. Raises ValueError for an empty list."""
    items = frozenset(item.strip().lower() for item in value.split(",") if item.strip())
    if not items:
        raise ValueError(f"is {_shown(value)}, which lists nothing")
    return items


def _shown(value: str) -> str:
    return repr(shorten(value, _MOST_SHOWN))
