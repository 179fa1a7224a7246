"""What an error says about why a request waits, and which service it waits for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.errors import (
    GraphUnavailable,
    JobBusy,
    LedgerUnavailable,
    StartUnanswered,
    TokenUnavailable,
    TransientError,
)
from shared.outcome import Reason
from shared.waiting.obstacle import obstacle_of, obstacle_of_refusal
from shared.waiting.services import GRAPH, IDENTITY, LEDGER
from tests.examples import WHEN

UNTIL = WHEN + timedelta(minutes=3)


@pytest.mark.parametrize(
    ("error", "reason", "service", "not_before"),
    [
        pytest.param(TokenUnavailable("x"), Reason.TOKEN_UNAVAILABLE, IDENTITY, None, id="token"),
        pytest.param(LedgerUnavailable("x"), Reason.LEDGER_UNAVAILABLE, LEDGER, None, id="ledger"),
        pytest.param(JobBusy("x", until=UNTIL), Reason.JOB_BUSY, None, UNTIL, id="another worker has the job"),
        pytest.param(GraphUnavailable("x"), Reason.GRAPH_UNAVAILABLE, GRAPH, None, id="Graph"),
        pytest.param(GraphUnavailable("x", retry_after=180), Reason.GRAPH_UNAVAILABLE, GRAPH, UNTIL, id="Graph asks"),
        pytest.param(
            StartUnanswered("x", until=UNTIL), Reason.GRAPH_UNAVAILABLE, None, UNTIL, id="a start without an answer"
        ),
    ],
)
def test_each_error_names_its_reason_and_its_service(
    error: TransientError, reason: Reason, service: str | None, not_before: object
) -> None:
    obstacle = obstacle_of(error, WHEN)
    assert (obstacle.reason, obstacle.service, obstacle.not_before) == (reason, service, not_before)
    assert obstacle.error == str(error)


@pytest.mark.parametrize(
    ("refusal", "reason", "is_told"),
    [
        pytest.param(Reason.PERMISSION_MISSING, Reason.PERMISSION_AWAITED, True, id="a permission"),
        pytest.param(Reason.LICENSE_MISSING, Reason.PERMISSION_AWAITED, True, id="a licence"),
        pytest.param(Reason.BLOCKED_BY_POLICY, Reason.TOKEN_REFUSED, True, id="a policy"),
        pytest.param(Reason.NOT_FOUND, Reason.GRAPH_UNAVAILABLE, False, id="another replica's 404"),
    ],
)
def test_a_refusal_that_a_person_can_lift_is_reported(refusal: Reason, reason: Reason, is_told: bool) -> None:
    obstacle = obstacle_of_refusal(refusal, "403 Denied")
    assert (obstacle.reason, obstacle.refusal, obstacle.is_told) == (reason, refusal, is_told)
