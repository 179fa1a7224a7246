"""An inbox whose queue is a list."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shared.inbox import Inbox, Work
from shared.settings import Settings
from shared.waiting.services import Services

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from shared.errors import TransientError
    from shared.ledger.entry import Start
    from shared.starting.ending import Ending


@dataclass
class PutBack:
    """The messages that were put back, each with its gap. `fault` is raised instead."""

    messages: list[tuple[str, timedelta]] = field(default_factory=list)
    fault: TransientError | None = None

    def __call__(self, text: str, gap: timedelta) -> None:
        if self.fault is not None:
            raise self.fault
        self.messages.append((text, gap))


def inbox_of(
    start: Callable[..., Ending],
    new_graph: Callable[[], Any] = lambda: None,
    settings: Settings | None = None,
    *,
    put_back: Callable[[str, timedelta], None] | None = None,
    started: Start | None = None,
    services: Services | None = None,
    **more: Any,
) -> Inbox:
    """An inbox that calls `start` for each request."""
    work = Work(lambda _: new_graph(), start, put_back or PutBack(), lambda _: started)
    return Inbox(settings or Settings(), work, services or Services(), **more)
