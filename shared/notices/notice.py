"""The notice: one event for one target, as a message on the queue start-notices."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from shared.json_text import parse_json, write_json
from shared.notices.route import targets_of
from shared.notices.target import Target
from shared.request.message import MAX_CONTENT, encode
from shared.time_text import format_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shared.event.status_event import StatusEvent
    from shared.notices.set_up import NoticeSettings

ENVELOPE = 400
"""The most bytes of a notice without its event."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One event for one target, and the results of earlier tries to deliver it."""

    target: Target
    event: Mapping[str, Any]
    """The CloudEvent."""
    tries: int = 0
    """How many tries failed and were to be repeated."""
    unclear: int = 0
    """How many tries may have been accepted, although their answers were lost."""
    first_tried: datetime | None = None

    @property
    def event_id(self) -> str:
        """The id of the CloudEvent."""
        return str(self.event["id"])

    def to_message(self) -> str:
        """The text of the queue message."""
        content = {
            "target": self.target,
            "tries": self.tries,
            "unclear": self.unclear,
            "firstTried": format_time(self.first_tried) if self.first_tried is not None else None,
            "event": self.event,
        }
        return encode(write_json(content))


def notices_of(events: Iterable[StatusEvent], settings: NoticeSettings) -> list[Notice]:
    """The notices for these events."""
    return [
        Notice(target, event.fitting(MAX_CONTENT - ENVELOPE))
        for event in events
        for target in targets_of(
            event.ending.reason.outcome, event.requested_by.source, event.requested_by.reference, settings
        )
    ]


def read_notice(body: bytes) -> Notice:
    """The notice in a message. Raises ValueError or KeyError for a message that the app has not written."""
    content = cast("dict[str, Any]", parse_json(base64.b64decode(body)))
    first_tried = content.get("firstTried")
    return Notice(
        target=Target(content["target"]),
        event=content["event"],
        tries=content.get("tries", 0),
        unclear=content.get("unclear", 0),
        first_tried=datetime.fromisoformat(first_tried) if first_tried is not None else None,
    )
