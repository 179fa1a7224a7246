"""Fifty rounds with random failures of the queue, the worker and the target."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from local.targets.vendor import Reply
from shared.notices.deliver import Again, deliver
from shared.notices.notice import Notice, read_notice
from shared.notices.target import Target
from tests.unit.notices.setup import ALL, SLACK_THREAD, both, outgoing

ROUNDS = range(50)
CHATS = (Target.TEAMS, Target.SLACK)
WRITES = {Target.SERVICENOW: "PATCH", Target.ZENDESK: "PUT"}


@pytest.mark.parametrize("target", ALL)
@pytest.mark.parametrize("seed", ROUNDS)
def test_nothing_is_lost_and_nothing_told_twice(target: str, seed: int) -> None:
    """The queue repeats messages after a death, and sometimes without a reason. Answers are lost. Targets are down."""
    chance = random.Random(f"{target}{seed}")  # noqa: S311 - not security-relevant
    parts, found = both(target), outgoing(target)
    name = Target.SLACK if target == SLACK_THREAD else Target(target)
    now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    # In some rounds the event itself is sent twice. Only a target that recognizes repeats can notice that.
    copies = 2 if chance.random() < 0.3 and target not in CHATS else 1
    queue = [(Notice(name, found.event).to_message(), 1)] * copies
    troubles = chance.randint(0, 8)
    while queue:
        text, dequeue_count = queue.pop(chance.randrange(len(queue)))
        notice, now = read_notice(text.encode()), now + timedelta(seconds=chance.randint(1, 900))
        trouble = chance.choice(["lost", "503", "429", "death", "death after", "again for nothing"]) if troubles else ""
        troubles -= bool(trouble)
        parts.wire.lost = [WRITES.get(target, "POST")] if trouble == "lost" else []  # type: ignore[call-overload]
        parts.wire.replies = {
            "503": [Reply(503, parts.vendor.error(503).content)] if name is not Target.SLACK else [Reply(503)],
            "429": [Reply(429, parts.vendor.error(429).content, {"Retry-After": "30"})],
        }.get(trouble, [])
        if trouble == "death":  # before it did anything
            queue.append((text, dequeue_count + 1))
            continue
        again: Again | None = deliver(notice, found, parts.client, dequeue_count=dequeue_count, now=now)
        if again is not None:
            queue.append((again.notice.to_message(), 1))
        if trouble == "death after":  # before the queue knew of its end
            queue.append((text, dequeue_count + 1))
        if trouble == "again for nothing" and target not in CHATS:
            queue.append((text, dequeue_count + 1))
    told = len(parts.vendor.arrived)
    assert told == 1 if target not in CHATS else told <= 2
    assert told or target in CHATS
