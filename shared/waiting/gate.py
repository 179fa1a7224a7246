"""Which service is away now: while it is, one call tries it, and all others of the process wait without calling.

A pause belongs to the service, not to the request that met the fault: calls that come before a pause is over prolong
the throttling, and an outage grows by its clients' tries (Microsoft Learn, "Microsoft Graph throttling guidance";
Azure status history, the outage of managed identities on 2026-02-03).

    open ──a throttled call, an answer with Retry-After, or two requests that fail one after the other──► closed
      ▲                                                                                                     │
      └──────────────the one call that may try once the pause is over gets its answer──────────────────────┘

Where that call fails, too, the next pause is longer. After throttling, fewer calls are under way at once than before,
and one more with each round that gets its answers.
"""

from __future__ import annotations

import logging
import random
import time
from threading import Condition
from typing import TYPE_CHECKING, NamedTuple

from shared.errors import ServiceAway
from shared.log import line
from shared.text import shorten

if TYPE_CHECKING:
    from collections.abc import Callable

PAUSES = (5.0, 15.0, 45.0, 120.0, 300.0, 600.0, 900.0)
"""Seconds after which a service that failed is tried again; the last one stays."""

LONGEST_PAUSE = PAUSES[-1]

SHARE_OF_PATIENCE = 8
"""Neither a pause nor a gap is longer than such a part of GIVE_UP_AFTER: who has set it to minutes wants to know within
minutes."""

THROTTLED_SHARE = 0.25
"""A service that throttles, and names no time, is asked again after so much of the time for which it has throttled: a
window of any length is then outlasted by a quarter of it at most."""

LONGEST_RETRY_AFTER = 86_400.0
"""Most seconds of a Retry-After that are kept to; none above an hour was seen."""

LONGEST_CALL = 180.0
"""Seconds after which the one call that tries counts as lost."""

SHORT_WAIT = 5.0
"""Most seconds that a thread waits for its turn; where that takes longer, the request is put back."""

_MAX_ERROR = 300

_log = logging.getLogger(__name__)


class Ticket(NamedTuple):
    """The leave to make one call, to be given back by `answered`, `failed` or `dropped`."""

    who: object
    """The request that it is for."""
    tries: bool
    """Whether it is the one call that tries a service that is away."""


class Away(NamedTuple):
    """A service that is away, as one process tells another. Times are in seconds since 1970."""

    until: float
    """When the next call may try."""
    since: float
    failures: int


class ServiceSeen(NamedTuple):
    """Which service was seen to be away, so that another instance need not find it out again."""

    name: str
    away: Away


class Gate:
    """The gate in front of one service, for all threads of a process."""

    def __init__(
        self,
        service: str,
        *,
        clock: Callable[[], float] = time.time,
        longest_wait: float = SHORT_WAIT,
        longest_pause: float = LONGEST_PAUSE,
    ) -> None:
        """`longest_pause` is the longest one of its own, in seconds; a Retry-After may be longer."""
        self.service = service
        self._longest_pause = min(longest_pause, LONGEST_PAUSE)
        self._clock = clock
        self._longest_wait = longest_wait
        self._changed = Condition()
        self._is_closed = False
        self._until = 0.0
        self._since = 0.0
        self._failures = 0
        self._tried_at: float | None = None
        """When the one call began that tries a service that is away; None where none does."""
        self._suspect: object = None
        """The request that met the last fault, where nothing has succeeded since."""
        self._answered_at = 0.0
        self._error = ""
        self._under_way = 0
        self._most: float | None = None
        """How many calls may be under way at once; None: any number, the service has never throttled."""

    def enter(self, who: object) -> Ticket:
        """Leave to make a call for a request. Raises ServiceAway where none is to be made now."""
        deadline = self._clock() + self._longest_wait
        with self._changed:
            while True:
                now = self._clock()
                if not self._is_closed and (self._most is None or self._under_way < self._most):
                    break
                if self._is_closed and now >= self._until and not self._is_tried(now):
                    self._tried_at = now
                    break
                until = self._until if self._is_closed and now < self._until else deadline
                if until > deadline or now >= deadline:
                    raise ServiceAway(
                        self.service, self._error, until=max(self._until, now + max(1.0, self._longest_wait))
                    )
                self._changed.wait(until - now)
            self._under_way += 1
            return Ticket(who, tries=self._is_closed)

    def answered(self, ticket: Ticket) -> None:
        """The service answered. One that was away is back where this was the call that tried it."""
        with self._changed:
            self._give_back(ticket)
            self._suspect = None
            self._answered_at = self._clock()
            if self._most is not None:
                self._most += 1 / self._most
            if self._is_closed and ticket.tries:
                self._is_closed = False
                _log.warning(line("service_back", service=self.service, away=f"{self._answered_at - self._since:.0f}s"))

    def failed(
        self,
        ticket: Ticket,
        error: str,
        *,
        retry_after: float | None = None,
        throttled: bool = False,
        sure: bool = False,
    ) -> None:
        """The service did not answer, or asked to come back.

        A fault may be one of a single job's. That the service is away is `sure` where the fault can't be that, or shows
        by the next request that meets one, too.
        """
        asked = min(retry_after or 0.0, LONGEST_RETRY_AFTER)
        with self._changed:
            now, self._error = self._clock(), shorten(error, _MAX_ERROR)
            if self._is_closed and not ticket.tries:
                # Sent before it was known: the service asks for more time, or says nothing new.
                self._until = max(self._until, now + asked)
                self._give_back(ticket)
                return
            if throttled:
                self._most = max(1.0, (self._under_way if self._most is None else self._most) / 2)
            self._give_back(ticket)
            if not self._is_closed:
                is_next = self._suspect is not None and self._suspect != ticket.who
                self._suspect = ticket.who
                if not (sure or throttled or asked or is_next):
                    return
                self._is_closed, self._since, self._failures = True, now, 0
            self._until = now + max(self._pause(now, throttled=throttled), asked)
            # Throttling has pauses of its own: a fault that follows many of them is the first one of its kind.
            self._failures += not throttled
            waits = f"{self._until - now:.0f}s"
        _log.warning(line("service_away", service=self.service, waits=waits, error=error))

    def dropped(self, ticket: Ticket) -> None:
        """The call was not made after all."""
        with self._changed:
            self._give_back(ticket)

    @property
    def away(self) -> Away | None:
        """The service, where it is away now."""
        with self._changed:
            return Away(self._until, self._since, self._failures) if self._is_closed else None

    def learn(self, away: Away, *, seen_at: float, error: str) -> None:
        """Take over what another process saw at that time, unless this one knows better."""
        with self._changed:
            now = self._clock()
            if self._answered_at >= seen_at or away.until <= max(now, self._until):
                return
            self._error = error
            self._until = min(away.until, now + LONGEST_RETRY_AFTER)
            if not self._is_closed:
                self._is_closed, self._since, self._failures = True, min(away.since, now), away.failures

    def _is_tried(self, now: float) -> bool:
        return self._tried_at is not None and now - self._tried_at < LONGEST_CALL

    def _give_back(self, ticket: Ticket) -> None:
        self._under_way -= 1
        if ticket.tries:
            self._tried_at = None
        self._changed.notify_all()

    def _pause(self, now: float, *, throttled: bool) -> float:
        """How long nobody calls; with a spread, so that many processes do not come back together."""
        if throttled:
            pause = max(1.0, THROTTLED_SHARE * (now - self._since))
        else:
            pause = PAUSES[min(self._failures, len(PAUSES) - 1)]
        return min(pause, self._longest_pause) * random.uniform(0.85, 1.0)  # noqa: S311 - no secret depends on it
