"""The post office of a process: it has a counter per target, and knows which targets refuse all notices at present."""

from __future__ import annotations

import logging
import time
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING

from shared.errors import TargetRefused
from shared.log import line
from shared.notices.counter import Counter
from shared.notices.links import links_of
from shared.notices.notice import read_notice
from shared.notices.targets.client import Outgoing
from shared.notices.targets.clients import new_client
from shared.notices.told import told

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.notices.deliver import Again
    from shared.notices.notice import Notice
    from shared.notices.set_up import NoticeSettings
    from shared.notices.target import Target
    from shared.notices.targets.client import TargetClient
    from shared.settings import Settings

QUIET = 3600.0
"""Seconds for which a target that refused all notices is not called again. Its notices are dropped."""

SHARE = 3
"""Notices get at most a third of an instance's threads. Starts may need the others."""

_log = logging.getLogger(__name__)


class PostOffice:
    """Delivers notices. All threads of the process use it."""

    def __init__(
        self,
        settings: Settings,
        notice_settings: NoticeSettings,
        *,
        new: Callable[[Target], TargetClient] | None = None,
        answered: Callable[[Target, str | None], None] = lambda _target, _refusal: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`answered` is called with each refusal of all notices, and with None for the first success after one.

        It is also called with None for the first success of the process.
        """
        self._graph_endpoint = settings.graph_endpoint
        self._settings = notice_settings
        self._new = new or (
            lambda target: new_client(
                target, notice_settings, threads=settings.threads, origin=f"{settings.site_name}.azurewebsites.net"
            )
        )
        self._clock = clock
        self._lock = Lock()
        self._counters: dict[Target, Counter] = {}
        self._places = BoundedSemaphore(max(1, settings.threads // SHARE))
        self._quiet_until: dict[Target, float] = {}
        self._answered = answered
        self._known_good: set[Target] = set()

    def handle(self, body: bytes, *, dequeue_count: int = 1) -> Again | None:
        """Deliver the notice in a queue message. Returns a notice to try again, or None.

        A message that cannot be parsed is logged and dropped.
        """
        try:
            notice = read_notice(body)
            return self.deliver(notice, dequeue_count=dequeue_count)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            _log.warning(line("notice_unreadable", error=f"{type(error).__name__}: {error}"))
            return None

    def deliver(self, notice: Notice, *, dequeue_count: int = 1) -> Again | None:
        """Deliver a notice. Returns a notice to try again, or None."""
        target = notice.target
        with self._lock:
            if self._clock() < self._quiet_until.get(target, 0.0):
                _log.info(line("notice_dropped", target=target, eventId=notice.event_id))
                return None
        try:
            counter = self._counter(target)
        except LookupError:
            _log.warning(line("notice_given_up", target=target, eventId=notice.event_id, error="is not set up"))
            return None
        fact = told(notice.event)
        outgoing = Outgoing(notice.event, fact, links_of(fact, self._settings, self._graph_endpoint))
        try:
            again = counter.serve(notice, outgoing, dequeue_count=dequeue_count)
        except TargetRefused as error:
            with self._lock:
                self._quiet_until[target] = self._clock() + QUIET
                self._known_good.discard(target)
            _log.warning(line("target_refuses", target=target, eventId=notice.event_id, error=error))
            self._answered(target, str(error))
            return None
        if again is None:
            with self._lock:
                is_news = target not in self._known_good
                self._known_good.add(target)
            if is_news:
                self._answered(target, None)
        return again

    def _counter(self, target: Target) -> Counter:
        with self._lock:
            if target not in self._counters:
                self._counters[target] = Counter(target, self._new(target), self._places)
            return self._counters[target]
