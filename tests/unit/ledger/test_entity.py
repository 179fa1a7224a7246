"""Entries as entities: every value is restored, and everything fits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from shared.graph.credential_check import CheckResult, CredentialCheck
from shared.graph.job import parse_execution, parse_job
from shared.job_code import JobCode
from shared.ledger.entity import MAX_COLUMN, from_entity, to_entity
from shared.ledger.entry import MAX_EARLIER_ERROR, Entry, Lease
from shared.ledger.fate import Fate
from shared.outcome import Reason
from shared.request.reference import JobReference
from shared.request.start_request import RequestedBy
from tests.examples import APP_ID, JOB, PRINCIPAL, REQUEST_ID, WHEN, job_json, start, start_request

if TYPE_CHECKING:
    from shared.ledger.entry import Start

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


RELAPSE = {
    "reason": Reason.QUARANTINED_AGAIN,
    "code": JobCode.QUARANTINE,
    "quarantine": start().before.quarantine,
    "lasted_seconds": 7,
    "last_execution": parse_execution({"state": "Failed", "error": {"code": "No", "message": "No."}}),
}


def fate(**changes: Any) -> Fate:
    return Fate(**{"reason": Reason.RUNNING_AGAIN, "started_at": start().at, "seen_at": WHEN, **changes})


def entry(**changes: Any) -> Entry:
    return Entry(**{"job": JobReference(PRINCIPAL, None, JOB), "latest": start(), "etag": "v1", **changes})


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="as it is"),
        pytest.param({"latest": start(reason=None, code_after=None), "lease": Lease("attempt", WHEN)}, id="claimed"),
        pytest.param({"latest": start(fate=Reason.JOB_GONE, fate_seen_at=WHEN, code_after=None)}, id="fate known"),
        pytest.param(
            {"latest": start(before=parse_job(job_json("Paused")), code_after="Hibernating")}, id="other states"
        ),
        pytest.param({"latest": start(credential_check=CredentialCheck(CheckResult.VALID))}, id="credentials valid"),
        pytest.param(
            {"latest": start(credential_check=CredentialCheck(CheckResult.UNAVAILABLE, "answered 500: why"))},
            id="credentials unknown",
        ),
        pytest.param(
            {
                "latest": start(
                    start_request(
                        traceparent=TRACEPARENT,
                        parent_request_id=REQUEST_ID,
                        requested_by=RequestedBy("queue"),
                        force=True,
                    )
                )
            },
            id="all of the request",
        ),
        pytest.param(
            {"earlier": (start(fate=Reason.QUARANTINED_AGAIN, fate_seen_at=WHEN), start(app_id=APP_ID, forced=True))},
            id="earlier starts",
        ),
        pytest.param({"missing_since": WHEN}, id="missing"),
        pytest.param({"latest": start(due=fate(reason=Reason.JOB_GONE, error="404"))}, id="fate to be told"),
        pytest.param({"latest": start(due=fate(**RELAPSE))}, id="relapse to be told"),
        pytest.param({"earlier": (start(due=fate()),)}, id="fate of an earlier start to be told"),
    ],
)
def test_entry_comes_back_as_it_was(changes: dict[str, Any]) -> None:
    assert from_entity(to_entity(entry(**changes)), "v1") == entry(**changes)


def test_a_person_can_read_an_entity() -> None:
    entity = to_entity(entry(earlier=(start(fate=Reason.QUARANTINED_AGAIN, fate_seen_at=WHEN), start())))
    assert entity["State"] == "Started"
    assert entity["QuarantineReason"] == "EncounteredQuarantineException"
    assert entity["EndedReason"] == "quarantine_cleared"
    assert json.loads(entity["Job"])["status"]["quarantine"]["error"]["message"] == "No."
    relapsed, followed = json.loads(entity["EarlierStarts"])
    assert (relapsed["State"], relapsed["StartedAt"]) == ("Relapsed", "2026-11-23T10:05:00.000Z")
    assert (followed["State"], entity["FatesDue"]) == ("Started", 1)


def test_one_job_has_one_entry_however_its_id_is_spelled() -> None:
    lower, upper = (to_entity(entry(job=JobReference(PRINCIPAL, None, job))) for job in (JOB, JOB.upper()))
    assert lower["RowKey"] == upper["RowKey"]
    assert upper["JobId"] == JOB.upper()


def test_every_column_fits_whatever_the_texts_are() -> None:
    quarantine = {"reason": "Unknown", "error": {"code": "Long", "message": "🙂" * 50_000}}
    longest = start(
        start_request(requested_by=RequestedBy("🙂" * 64, "🙂" * 256, "🙂" * 512)),
        before=parse_job(job_json(quarantine=quarantine)),
    )
    entity = to_entity(entry(latest=longest, earlier=(longest,) * 19))
    assert all(len(value.encode("utf-16-le")) <= MAX_COLUMN for value in entity.values() if isinstance(value, str))
    kept = json.loads(entity["EarlierStarts"])
    assert 10 <= len(kept) < 19
    assert entity["FatesDue"] == len(kept)
    assert len(kept[0]["Job"]["status"]["quarantine"]["error"]["message"]) == MAX_EARLIER_ERROR


def test_half_a_surrogate_pair_is_replaced_in_entities() -> None:
    by = start().requested_by._replace(summary="\ud800 half")
    entity = to_entity(entry(latest=start(requested_by=by), earlier=(start(requested_by=by),)))
    assert entity["RequestedBySummary"] == "? half"
    assert "? half" in entity["EarlierStarts"]


ODD = "\x01\ud800"
"""Characters that take the most room in JSON, one of them half a surrogate pair."""


def worst_start() -> Start:
    """A start whose texts are all as long as their fields allow."""
    odd = ODD * 50_000
    error = {"code": odd, "message": odd}
    run = {"state": odd, "timeBegan": odd, "timeEnded": odd, "error": error}
    job = job_json(
        odd,
        quarantine={"reason": odd, "seriesBegan": odd, "currentBegan": odd, "nextAttempt": odd, "error": error},
        lastExecution=run,
        lastSuccessfulExecution=run,
        troubleshootingUrl=odd,
        job_id="x" * 200,
    )
    return start(
        start_request(requested_by=RequestedBy("\x01" * 64, "\x01" * 256, "\x01" * 512), traceparent=TRACEPARENT),
        before=parse_job({**job, "templateId": odd, "schedule": {"state": odd, "interval": odd}}),
        credential_check=CredentialCheck(CheckResult.INVALID, "\x01" * 2000),
        code_after=Reason.JOB_GONE.value * 20,
        app_id=APP_ID,
        parent_request_id=REQUEST_ID,
        fate=Reason.QUARANTINED_AGAIN,
        fate_seen_at=WHEN,
        due=fate(
            reason=Reason.QUARANTINED_AGAIN,
            quarantine=parse_job(job).quarantine,  # type: ignore[union-attr]
            last_execution=parse_job(job).last_execution,  # type: ignore[union-attr]
            error="\x01" * 2000,
        ),
    )


def test_ten_earlier_starts_are_kept_however_long_their_texts_are() -> None:
    worst = worst_start()
    entity = to_entity(entry(latest=worst, earlier=(worst,) * 19))
    assert all(len(value.encode("utf-16-le")) <= MAX_COLUMN for value in entity.values() if isinstance(value, str))
    kept = from_entity(entity, "v1")
    assert len(kept.earlier) >= 10
    assert {(past.at, past.request_id, past.fate, past.app_id) for past in kept.earlier} == {
        (worst.at, worst.request_id, worst.fate, worst.app_id)
    }


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param({"FollowUntil": None}, id="no FollowUntil"),
        pytest.param({"FollowUntil": 7}, id="FollowUntil of another type"),
        pytest.param({"EndedReason": "quarantine_softened"}, id="a reason of a newer version"),
        pytest.param({"CredentialCheck": "lukewarm"}, id="a result of a newer version"),
        pytest.param({"Job": "[]"}, id="Job is no job"),
        pytest.param({"Job": "[" * 100_000}, id="Job is nested too deeply"),
        pytest.param({"EarlierStarts": "[{"}, id="half of EarlierStarts"),
        pytest.param({"EarlierStarts": "[1]"}, id="EarlierStarts of numbers"),
        pytest.param({"EarlierStarts": "null"}, id="EarlierStarts is null"),
        pytest.param({"FateDue": '{"reason": "vanished", "seenAt": "2026-11-23T10:00:00Z"}'}, id="an unknown fate"),
        pytest.param({"FateDue": "[]"}, id="FateDue is no fate"),
        pytest.param({"MissingSince": 7}, id="MissingSince of another type"),
    ],
)
def test_an_entity_that_is_not_an_entry_is_reported(columns: dict[str, Any]) -> None:
    entity = {**to_entity(entry()), **columns}
    with pytest.raises(ValueError, match="can't be read: "):
        from_entity({name: value for name, value in entity.items() if value is not None}, "v1")
