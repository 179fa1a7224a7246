"""Faults: what is accepted, and which calls they apply to."""

from typing import Any

import pytest

from local.cloud.faults import Faults, ServiceName, parse_fault


def _faults(*values: dict[str, Any]) -> Faults:
    faults = Faults()
    for value in values:
        faults.add(parse_fault(value))
    return faults


def test_fault_applies_only_to_the_next_call_that_matches() -> None:
    faults = _faults({"match": {"method": "post", "pathEndsWith": "/start"}, "status": 429})

    assert faults.take(ServiceName.GRAPH, "GET", "/jobs/a/start") is None
    assert faults.take(ServiceName.GRAPH, "POST", "/jobs/a") is None
    assert faults.take(ServiceName.GRAPH, "POST", "/jobs/a/start") is not None
    assert faults.take(ServiceName.GRAPH, "POST", "/jobs/a/start") is None


def test_fault_applies_to_as_many_calls_as_it_says() -> None:
    faults = _faults({"times": 2, "status": 500})

    assert [faults.take(ServiceName.GRAPH, "GET", "/") is not None for _ in range(3)] == [True, True, False]


def test_unlimited_fault_applies_to_every_call_until_it_is_removed() -> None:
    faults = _faults({"times": None, "status": 500})

    assert all(faults.take(ServiceName.GRAPH, "GET", "/") for _ in range(100))
    faults.clear()
    assert faults.take(ServiceName.GRAPH, "GET", "/") is None


def test_faults_that_match_the_same_call_follow_one_another() -> None:
    faults = _faults({"status": 500}, {"status": 503})

    assert [
        fault.status
        for fault in (faults.take(ServiceName.GRAPH, "GET", "/"), faults.take(ServiceName.GRAPH, "GET", "/"))
        if fault
    ] == [500, 503]


def test_fault_of_one_service_spares_the_others() -> None:
    faults = _faults({"match": {"service": "tables"}, "status": 503})

    assert faults.take(ServiceName.GRAPH, "GET", "/") is None
    assert faults.take(ServiceName.IDENTITY, "GET", "/") is None
    assert faults.take(ServiceName.TABLES, "GET", "/") is not None


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param({}, "does nothing", id="empty"),
        pytest.param([], "must be an object", id="an array"),
        pytest.param({"status": 99}, "fault.status", id="no HTTP status"),
        pytest.param({"status": "500"}, "fault.status", id="status as a string"),
        pytest.param({"status": 500, "times": 0}, "fault.times", id="no times"),
        pytest.param({"status": 500, "times": True}, "fault.times", id="times as a boolean"),
        pytest.param({"dropConnection": "during"}, "fault.dropConnection", id="unknown moment of a drop"),
        pytest.param({"dropConnection": "before", "status": 500}, "no status", id="drop and status"),
        pytest.param({"delaySeconds": -1}, "fault.delaySeconds", id="negative delay"),
        pytest.param({"delaySeconds": 1, "body": {}}, "no status", id="body without status"),
        pytest.param({"status": 500, "match": {"path": "/"}}, "fault.match has no property path", id="unknown match"),
        pytest.param({"status": 500, "retryAfter": 2}, "fault has no property retryAfter", id="unknown property"),
    ],
)
def test_fault_that_is_not_understood_is_refused(value: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_fault(value)
