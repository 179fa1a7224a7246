"""Every sentence that the code can make: of events, rendered with the facts of a sample; others as they are written."""

from __future__ import annotations

import ast
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.event.advice import advice
from shared.event.explain import message
from shared.graph.job import parse_job
from shared.ledger.expansion import LeftJob, WhyLeft
from shared.ledger.fate import Fate
from shared.outcome import Outcome, Reason
from shared.request.reference import JobReference
from shared.starting.ending import Ending, Waited
from tests.examples import JOB, PRINCIPAL, job_json, start, start_request

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
THE_JOB = JobReference(PRINCIPAL, None, JOB)
_ERROR = {"code": "TargetRefused", "message": "The target answered 401.", "tenantActionable": True}
_JOBS: dict[str, dict[str, Any]] = {
    "an error": job_json(quarantine={"reason": "Unknown", "error": _ERROR}),
    "an error that the tenant can't fix": job_json(
        quarantine={"reason": "Unknown", "error": {**_ERROR, "tenantActionable": False}}
    ),
    "no error": job_json(quarantine={"reason": "Unknown"}),
    "failed entries": job_json(quarantine={"reason": "EncounteredEscrowProportionThreshold"}),
    "paused": job_json("Paused"),
    "first cycle": job_json("NotRun"),
}
_FATES = {Outcome.RECOVERED, Outcome.RELAPSED, Outcome.UNCONFIRMED}
_FACTS: tuple[dict[str, Any], ...] = (
    {},
    {"operation": "resolve", "error": None, "left": ()},
    {"operation": "list", "by_host": True, "may_have_started": True, "code_after": "Paused"},
    {"may_have_started": True, "left": (LeftJob("a", "Paused", WhyLeft.NEVER_ENABLED),)},
    *(
        {"error": error}
        for error in ("AuthorizationPermissionMismatch", "AuthorizationFailure", "AuthenticationFailed")
    ),
    *({"error": error} for error in ("TableBeingDeleted", "answered 403", "answered 404")),
)


def events() -> Iterator[tuple[str, str]]:
    """What an event says, by outcome/reason: messages, then advice; each text once."""
    for reason in Reason:
        said: dict[str, None] = {}
        for name, ending in product((None, "Contoso Expenses"), endings(reason)):
            said[message(ending, THE_JOB, name)] = None
        for ending in endings(reason):
            if text := advice(ending):
                said[f"To do: {text}"] = None
        yield from ((f"{reason.outcome}/{reason}", text) for text in said)


def endings(reason: Reason) -> Iterator[Ending]:
    """Endings with this reason, of every job and fact of the samples."""
    left = (LeftJob("a", "Active", WhyLeft.RUNNING), LeftJob("b", "Active", WhyLeft.RUNNING))
    for job, facts in product(_JOBS.values(), _FACTS):
        before = parse_job(job)
        assert before is not None
        fate = Fate(
            reason=reason,
            started_at=start().at,
            seen_at=start().at,
            code=before.code,
            quarantine=before.quarantine,
            lasted_seconds=7800,
            last_execution=before.last_execution,
        )
        known: dict[str, Any] = {
            "before": before,
            "code_after": "Active",
            "operation": "start",
            "error": "404 NotFound",
            "starts": (start(), start()),
            "left": left,
            "queued": (start_request(), start_request()),
            "waited": Waited(start().at, 3, start().at),
            "fate": fate if reason.outcome in _FATES else None,
        }
        yield Ending(reason=reason, **{**known, **facts})


def written() -> Iterator[tuple[str, str]]:
    """The texts of three words and more in the code, with what is filled in as `…`; where each is. HTML is left out."""
    for folder in ("shared", "start_job_function", "local"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            if "node_modules" not in file.parts:
                place = file.relative_to(ROOT)
                yield from ((f"{place}:{line}", text) for line, text in _texts(ast.parse(file.read_text())))


def _texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    docs = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    parts = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if not isinstance(node, ast.expr) or node in docs or node in parts:
            continue
        text = None
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        elif isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        if text is not None and "<" not in text and len(text.split()) >= 3:
            yield node.lineno, text
