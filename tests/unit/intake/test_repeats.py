"""A sender that always fails does not fill the queue."""

from __future__ import annotations

import json
import uuid

from shared.intake.payloads import take
from shared.intake.repeats import AGAIN_AFTER, MAX_REPORTS, Repeats, worth_reporting
from shared.settings import Settings

JSON = {"content-type": "application/json"}


def test_the_same_is_reported_once_an_hour() -> None:
    repeats = Repeats()
    assert repeats.is_new("zendesk", ["body", "id"], 0)
    assert not repeats.is_new("zendesk", ["body", "other id"], 10)
    assert not repeats.is_new("zendesk", ["other body", "id"], 10)
    assert repeats.is_new("jira", ["body", "id"], 10)
    assert repeats.is_new("zendesk", ["body", "id"], AGAIN_AFTER)


def test_different_bodies_of_one_source_are_bounded() -> None:
    repeats = Repeats()
    told = [repeats.is_new("zendesk", [str(number)], number / 1000) for number in range(5000)]
    assert sum(told) == MAX_REPORTS
    assert repeats.is_new("jira", ["1"], 1)
    assert repeats.is_new("zendesk", ["x"], AGAIN_AFTER + 1)


def test_bodies_at_one_moment_are_counted_each() -> None:
    repeats = Repeats()
    assert sum(repeats.is_new("zendesk", [f"a{n}", f"b{n}"], 1.0) for n in range(1000)) == MAX_REPORTS


def test_a_refusal_is_reported_once_and_a_nameless_alert_each_time() -> None:
    refused = json.dumps({"jobId": "", "requestedBy": {"reference": str(uuid.uuid4())}}).encode()
    events = [worth_reporting("Zendesk", refused, take("zendesk", refused, JSON, Settings(), {})) for _ in range(3)]
    assert [len(each) for each in events] == [1, 0, 0]
    nameless = json.dumps({"title": "Disk is full"}).encode()
    events = [worth_reporting("generic", nameless, take("generic", nameless, JSON, Settings(), {})) for _ in range(2)]
    assert [len(each) for each in events] == [1, 1]
