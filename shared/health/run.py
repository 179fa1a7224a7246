"""Runs all checks at once, in less time than a person or an availability test waits."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from http import HTTPStatus
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

from shared.errors import TokenUnavailable, TransientError
from shared.health import notes
from shared.health.check import Check, State, failing, not_checked
from shared.health.links import Links, told_of
from shared.intake.problem import answer, problem
from shared.request.reference import parse_guid
from shared.time_text import format_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shared.configuration import Configuration
    from shared.intake.problem import Answer

LIMIT = 8.0
"""Seconds to wait for all checks together."""

_NEEDS_TOKEN = "It needs a token, and the app's identity gets none: see token."  # noqa: S105 - a sentence


def health(query: Mapping[str, str], set_up: Configuration, environment: Mapping[str, str]) -> Answer:
    """GET /api/health: 200 if no check fails, or else 503, with a sentence per check."""
    given = query.get("servicePrincipalId")
    principal = parse_guid(given) if given is not None else None
    if given is not None and principal is None:
        detail = "servicePrincipalId must be the object id of an enterprise application."
        return problem(HTTPStatus.BAD_REQUEST, detail)
    settings = set_up.settings
    links = Links(settings, environment)
    calls: dict[str, Callable[[], Check]] = {
        "queues": links.queues,
        "ledger": links.ledger,
        "token": links.token,
        "graph": lambda: links.graph(principal),
    }
    checks = [
        notes.of_settings(set_up.faults),
        *tried(calls, LIMIT),
        *notes.targets(settings, links.targets),
        notes.follow_up(settings, links.runs),
        *notes.BEYOND,
    ]
    is_well = all(check.state is not State.FAILING for check in checks)
    value = {
        "status": "ok" if is_well else "failing",
        "time": format_time(datetime.now(UTC)),
        "checks": [check.to_json() for check in checks],
    }
    told = answer(HTTPStatus.OK if is_well else HTTPStatus.SERVICE_UNAVAILABLE, value)
    return told._replace(headers={"Cache-Control": "no-store"})


def tried(calls: Mapping[str, Callable[[], Check]], limit: float) -> list[Check]:
    """The results of checks that run all at once. A check that takes longer than `limit` seconds fails."""
    done: SimpleQueue[tuple[str, Check | Exception]] = SimpleQueue()

    def run(name: str, call: Callable[[], Check]) -> None:
        try:
            done.put((name, call()))
        except TransientError as error:
            done.put((name, error))
        except Exception as error:  # noqa: BLE001 - a check reports every fault
            done.put((name, TransientError(f"the check failed: {type(error).__name__}: {error}")))

    for name, call in calls.items():
        Thread(target=run, args=(name, call), daemon=True).start()
    until = time.monotonic() + limit
    found: dict[str, Check | Exception] = {}
    while len(found) < len(calls):
        try:
            name, result = done.get(timeout=max(0.0, until - time.monotonic()))
        except Empty:
            break
        found[name] = result
    late = TimeoutError(f"gave no answer within {limit:.0f} seconds")
    has_token = isinstance(found.get("token", late), Check)
    return [_check(name, found.get(name, late), has_token=has_token) for name in calls]


def _check(name: str, result: Check | Exception, *, has_token: bool) -> Check:
    if isinstance(result, Check):
        return result
    if name != "token" and not has_token and isinstance(result, TokenUnavailable | TimeoutError):
        return not_checked(name, _NEEDS_TOKEN)
    if isinstance(result, TimeoutError):
        return failing(name, f"It {result}.", told_of(name, result).advice)
    return told_of(name, result)
