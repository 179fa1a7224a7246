"""The payloads of each kind of sender, and the answers: fixtures in tests/events/<source>/."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from shared.intake.payloads import take
from shared.intake.sources import SOURCES
from shared.settings import Settings
from tests.examples import SCHEMAS, WHEN, check_event

EVENTS = Path(__file__).parents[3] / "events"
HEADERS = {"content-type": "application/json; charset=utf-8", "webhook-id": "msg-7"}
PAYLOADS = [
    file
    for name in SOURCES
    for file in sorted((EVENTS / name).glob("*.json"))
    if not file.name.endswith(".answer.json")
]


def read(file: Path) -> Any:
    return json.loads(file.read_text())


@pytest.mark.parametrize("file", PAYLOADS, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_payload_gets_the_documented_answer(file: Path) -> None:
    documented = read(file.with_suffix(".answer.json"))

    taken = take(file.parent.name, file.read_bytes(), HEADERS, Settings(), {}, now=WHEN)

    answer = json.loads(taken.answer.body)
    assert taken.answer.status == documented["status"]
    assert answer.get("errors") == documented.get("errors")
    for name in ("ignored", "rejected"):
        assert answer.get(name) == documented.get(name)
    ids = [request.pop("requestId") for request in answer.get("accepted", [])]
    assert answer.get("accepted") == documented.get("accepted")
    assert ids == [request.request_id for request in taken.requests]
    for request in taken.requests:
        written = request.to_json()
        SCHEMAS["start-request"].validate(written)
        assert written["startWhen"] == documented["startWhen"]
        assert written["requestedBy"] == documented["requestedBy"]
        assert written["force"] is False
    events = [check_event(event.to_json())["data"] for event in taken.events]
    assert [event["requestId"] for event in events] == ([answer["requestId"]] if "requestId" in answer else [])
    assert [{name: event[name] for name in ("outcome", "reason", "requestedBy")} for event in events] == (
        [documented["event"]] if "event" in documented else []
    )


def test_every_source_has_an_accepted_payload() -> None:
    accepted = {file.parent.name for file in PAYLOADS if read(file.with_suffix(".answer.json"))["status"] == 202}
    assert accepted == SOURCES.keys()


@pytest.mark.parametrize("file", PAYLOADS, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_same_delivery_again_gives_the_same_ids(file: Path) -> None:
    first, again = (take(file.parent.name, file.read_bytes(), HEADERS, Settings(), {}) for _ in range(2))
    assert [request.request_id for request in first.requests] == [request.request_id for request in again.requests]
    assert [event.event_id for event in first.events] == [event.event_id for event in again.events]


def another(payload: Any, *path: str) -> bytes:
    """The payload with another value at the end of the path."""
    value = json.loads(json.dumps(payload))
    inner = value
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = f"{inner[path[-1]]}1" if isinstance(inner[path[-1]], str) else inner[path[-1]] + 1
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("fixture", "path"),
    [
        ("azure-monitor/log-alert-split-by-service-principal", ("data", "essentials", "alertId")),
        ("azure-monitor/log-alert-split-by-service-principal", ("data", "essentials", "firedDateTime")),
        ("pagerduty/incident-triggered", ("event", "id")),
        ("opsgenie/create-with-ids-in-details", ("alert", "alertId")),
        ("opsgenie/create-with-ids-in-details", ("alert", "updatedAt")),
        ("servicenow/start-request", ("requestedBy", "reference")),
    ],
)
def test_another_delivery_gives_other_ids(fixture: str, path: tuple[str, ...]) -> None:
    file = EVENTS / f"{fixture}.json"
    first = take(file.parent.name, file.read_bytes(), HEADERS, Settings(), {})
    other = take(file.parent.name, another(read(file), *path), HEADERS, Settings(), {})
    assert first.requests[0].job == other.requests[0].job
    assert first.requests[0].request_id != other.requests[0].request_id


@pytest.mark.parametrize(
    ("fixture", "header"),
    [
        ("jira/issue-created", "x-atlassian-webhook-identifier"),
        ("zendesk/start-request", "x-zendesk-webhook-invocation-id"),
        ("standard-webhooks/start-request", "webhook-id"),
    ],
)
def test_delivery_is_known_by_its_header(fixture: str, header: str) -> None:
    file = EVENTS / f"{fixture}.json"
    value = read(file)
    same_value = json.dumps(value, separators=(",", ":")).encode()

    def request_id(body: bytes, delivery: str) -> str:
        return take(file.parent.name, body, {**HEADERS, header: delivery}, Settings(), {}).requests[0].request_id

    assert request_id(file.read_bytes(), "d1") == request_id(same_value, "d1") != request_id(same_value, "d2")


def test_a_job_keeps_its_id_whatever_else_the_delivery_names() -> None:
    several = read(EVENTS / "servicenow/several.json")
    headers = {**HEADERS, "x-zendesk-webhook-invocation-id": "d1"}
    both = take("zendesk", json.dumps(several[:2]).encode(), headers, Settings(), {}).requests
    one = take("zendesk", json.dumps(several[1]).encode(), headers, Settings(), {}).requests
    assert both[1].request_id == one[0].request_id != both[0].request_id
