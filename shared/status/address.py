"""The address of a request's status. It is signed, because clients that poll do not send the function key.

    https://contoso.azurewebsites.net/api/start-requests/{requestId}?issued=1764230400&signature=…

The signature (HMAC-SHA256) covers the id and the time of issue. After 30 days, the address is no longer valid. To
sign takes no call to another service, so it does not delay the answer.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from shared.json_text import write_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shared.intake.problem import Answer

KEPT_FOR = timedelta(days=30)
"""How long events are kept, and addresses are valid."""

RETRY_AFTER = 5
"""Seconds until a client should ask for the first time. Most requests have ended by then."""

MAX_KEYS = 2
"""Most secrets: the new one and the old one, during a change."""
LEAST_SECRET = 32
"""Shortest secret, in characters."""

_CONTEXT = b"start-job-function status address 1\n"
"""The purpose of the key, so that the same secret in another place gives other signatures."""
_ISSUED = re.compile(r"[0-9]{1,11}", re.ASCII)
_SKEW = timedelta(minutes=5)
"""How far the clocks of two instances may differ."""


def status_keys(secrets: str | None) -> tuple[tuple[bytes, ...], list[str]]:
    """The keys of the secrets in STATUS_KEY, and all faults in them. No fault shows a secret.

    The first key signs. All keys are valid for reading.
    """
    if secrets is None:
        return (), ["STATUS_KEY is missing: STATUS_TABLE needs it, to sign the addresses at which a status is read"]
    if secrets.lower().startswith("@microsoft.keyvault("):
        # App Service passes on the text of a reference that it can't resolve. An attacker could sign with that text.
        return (), ["STATUS_KEY is a Key Vault reference which was not resolved"]
    listed = [secret.strip() for secret in secrets.split(",")]
    faults = []
    if len(listed) > MAX_KEYS:
        faults.append(f"STATUS_KEY lists {len(listed)} secrets; {MAX_KEYS} are allowed")
    if any(len(secret) < LEAST_SECRET for secret in listed):
        faults.append(f"STATUS_KEY lists a secret of fewer than {LEAST_SECRET} characters")
    return () if faults else tuple(hashlib.sha256(_CONTEXT + secret.encode()).digest() for secret in listed), faults


def address(collection: str, request_id: str, key: bytes, issued: datetime) -> str:
    """The address of a request's status, below the address of all requests."""
    seconds = str(int(issued.timestamp()))
    return f"{collection}/{request_id}?issued={seconds}&signature={_signature(key, request_id, seconds)}"


def issued_at(request_id: str, issued: str, signature: str, keys: Sequence[bytes], now: datetime) -> datetime | None:
    """When the address was issued; None if it was changed, is another app's, or has expired.

    Takes the same time for every fault, because it tries every key before it decides.
    """
    readable = len(request_id) <= MAX_ID and _ISSUED.fullmatch(issued) is not None
    seconds = issued if readable else "0"
    signed = [
        hmac.compare_digest(_signature(key, request_id[:MAX_ID], seconds).encode(), signature[:MAX_ID].encode())
        for key in keys
    ]
    at = datetime.fromtimestamp(int(seconds), UTC)
    in_time = now - KEPT_FOR <= at <= now + _SKEW
    return at if readable & any(signed) & in_time & (len(signature) <= MAX_ID) else None


MAX_ID = 100
"""Longest id or signature in an address, in characters."""


def collection_of(url: str) -> str:
    """The address of all requests, from the URL of a request to it or to an address below it."""
    parts = urlsplit(url)
    path, found, _ = parts.path.partition("/start-requests")
    return f"{parts.scheme}://{parts.netloc}{path}{found or '/start-requests'}"


def with_addresses(answer: Answer, url: str, keys: Sequence[bytes], now: datetime | None = None) -> Answer:
    """The answer to accepted requests, with the address of each one's status. A single one is also in Location."""
    now = now or datetime.now(UTC)
    value = json.loads(answer.body)
    collection = collection_of(url)
    for item in value["accepted"]:
        item["status"] = address(collection, item["requestId"], keys[0], now)
    headers = dict(waiting_headers(item["status"] for item in value["accepted"]))
    return answer._replace(body=write_json(value), headers={**answer.headers, **headers})


def waiting_headers(addresses: Iterable[str], seconds: int = RETRY_AFTER) -> dict[str, str]:
    """Headers that say where and when to ask. Location is only for a single address."""
    first, *others = addresses
    where = {} if others else {"Location": first}
    return {**where, "Retry-After": str(seconds)}


def _signature(key: bytes, request_id: str, seconds: str) -> str:
    text = f"{request_id}\n{seconds}".encode(errors="replace")
    return urlsafe_b64encode(hmac.digest(key, text, "sha256")).decode().rstrip("=")
