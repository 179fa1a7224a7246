"""The credential check: what counts as a clear refusal, and the result of each answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import requests

from shared.graph.credential_check import CheckResult
from shared.outcome import Reason
from shared.settings import Settings
from shared.starting.start_job import start_job
from tests.examples import JOB, graph_error, start_request

if TYPE_CHECKING:
    from shared.graph.client import Graph
    from shared.starting.ending import Ending
    from tests.unit.fake_ledger import FakeLedger
    from tests.unit.scripted_transport import ScriptedTransport

READ, VALIDATE, START = f"GET {JOB}", "POST validateCredentials", "POST start"
CHECKING = Settings(credential_check=True)


def run(graph: Graph, ledger: FakeLedger, settings: Settings = CHECKING, **request: Any) -> Ending:
    return start_job(start_request(**request), graph, settings, ledger, message_id="1")


def test_job_with_valid_credentials_is_started_and_the_event_says_so(
    graph: Graph, transport: ScriptedTransport, ledger: FakeLedger
) -> None:
    transport.job().answer(204).answer(204).job("Active")
    ending = run(graph, ledger)
    assert ending.reason is Reason.QUARANTINE_CLEARED
    assert ending.credential_check is not None
    assert ending.credential_check.result is CheckResult.VALID
    assert transport.asked == [READ, VALIDATE, START, READ]
    assert json.loads(transport.requests[1].body or "") == {"useSavedCredentials": True}


def test_a_clear_no_holds_the_job(graph: Graph, transport: ScriptedTransport, ledger: FakeLedger) -> None:
    transport.job().answer(400, graph_error("InvalidCredentials", "Contoso said 401."))
    ending = run(graph, ledger)
    assert (ending.reason, ending.error) == (Reason.CREDENTIALS_INVALID, "400 InvalidCredentials Contoso said 401.")
    assert (transport.asked, ledger.entities) == ([READ, VALIDATE], {})


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "BadRequest"),
        (400, ""),
        (400, "CredentialValidationUnavailable"),
        (401, "InvalidCredentials"),
        (403, "Authorization_RequestDenied"),
        (404, "CredentialsNotFound"),
        (405, "MethodNotAllowed"),
        (429, "TooManyRequests"),
        (500, "InvalidCredentials"),
    ],
)
def test_an_unclear_answer_lets_the_job_be_started(
    graph: Graph, transport: ScriptedTransport, ledger: FakeLedger, status: int, code: str
) -> None:
    transport.job()
    for _ in range(2 if status == 401 else 1):
        transport.answer(status, graph_error(code))
    transport.answer(204).job("Active")
    ending = run(graph, ledger)
    assert ending.reason is Reason.QUARANTINE_CLEARED
    assert ending.credential_check is not None
    assert ending.credential_check.result is CheckResult.UNAVAILABLE
    assert str(status) in (ending.credential_check.detail or "")


def test_a_lost_answer_lets_the_job_be_started(graph: Graph, transport: ScriptedTransport, ledger: FakeLedger) -> None:
    transport.job().fail(requests.ReadTimeout("slow")).answer(204).job("Active")
    assert run(graph, ledger).reason is Reason.QUARANTINE_CLEARED


def test_a_dry_run_tries_the_credentials(graph: Graph, transport: ScriptedTransport, ledger: FakeLedger) -> None:
    transport.job().answer(400, graph_error("InvalidCredentials"))
    assert run(graph, ledger, dry_run=True).reason is Reason.CREDENTIALS_INVALID


def test_credentials_are_tried_once_in_an_invocation(
    graph: Graph, transport: ScriptedTransport, ledger: FakeLedger
) -> None:
    transport.job().answer(204).answer(429).job().answer(204).job("Active")
    assert run(graph, ledger).reason is Reason.QUARANTINE_CLEARED
    assert transport.asked.count(VALIDATE) == 1


def test_the_result_outlives_the_worker(graph: Graph, transport: ScriptedTransport, ledger: FakeLedger) -> None:
    transport.job().answer(204).answer(204).job("Active")
    assert run(graph, ledger) == run(graph, ledger)
    assert len(transport.requests) == 4


@pytest.mark.parametrize(
    ("settings", "reason", "force"),
    [
        (Settings(), "EncounteredQuarantineException", False),
        (CHECKING, "EncounteredEscrowProportionThreshold", False),
        (CHECKING, "EncounteredQuarantineException", True),
    ],
    ids=["off", "other quarantine", "force"],
)
def test_credentials_are_not_tried_where_it_is_not_asked_for(
    graph: Graph, transport: ScriptedTransport, ledger: FakeLedger, settings: Settings, reason: str, *, force: bool
) -> None:
    transport.job(quarantine={"reason": reason}).answer(204).job("Active")
    assert run(graph, ledger, settings, force=force).credential_check is None
    assert transport.asked == [READ, START, READ]
