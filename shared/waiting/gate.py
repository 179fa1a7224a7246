"""A gate per service: while the service is down, one call at a time tries it, and all others wait.

The pause is for the whole process, not only for the request that met the fault. Calls before a pause is over prolong
throttling (Microsoft Learn, "Microsoft Graph throttling guidance"). Clients that retry make an outage worse (Azure
status history, the outage of managed identities on 2026-02-03).

    open ──a throttled call, an answer with Retry-After, or two requests that fail one after the other──► closed
      ▲                                                                                                     │
      └──────────────the one call that may try once the pause is over gets its answer──────────────────────┘

A circuit breaker is the same, but calls these states the other way round: closed while calls pass.

If that call fails, too, the next pause is longer. Throttling halves the number of concurrent calls. It then grows by
one each time that so many calls have succeeded.
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
"""Seconds between tries of a service that is down. The last one repeats."""

LONGEST_PAUSE = PAUSES[-1]

SHARE_OF_PATIENCE = 8
"""A pause or gap is at most GIVE_UP_AFTER divided by this, so that requests are retried several times before they are
given up."""

THROTTLED_SHARE = 0.25
"""After throttling without a Retry-After, the pause is this share of the time since the throttling began. So the app
waits at most a quarter longer than the throttling lasts."""

LONGEST_RETRY_AFTER = 86_400.0
"""The longest Retry-After that counts, in seconds. None above an hour was seen."""

LONGEST_CALL = 180.0
"""Seconds after which the one call that tries a service counts as lost."""

SHORT_WAIT = 5.0
"""The most seconds that a thread waits for its turn. After that, the request is put back on the queue."""

_MAX_ERROR = 300

_log = logging.getLogger(__name__)


class Ticket(NamedTuple):
    """The permission for one call. `answered`, `failed` or `dropped` returns it."""

    who: object
    """The request that the call is for."""
    tries: bool
    """Whether it is the one call that tries a service that is down."""


class Away(NamedTuple):
    """The state of a service that is down, in the form that processes exchange. Times are in seconds since 1970."""

    until: float
    """When the next call may try the service."""
    since: float
    failures: int


class ServiceSeen(NamedTuple):
    """A service that is down, as a waiting request tells it to the next instance."""

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
        """`longest_pause` is in seconds. A Retry-After may be longer."""
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
        """When the one call that tries the service began; None if there is no such call."""
        self._suspect: object = None
        """The request that met the last fault, if no call has succeeded since."""
        self._answered_at = 0.0
        self._error = ""
        self._under_way = 0
        self._most: float | None = None
        """How many calls may be in progress at once; None is no limit, before the service has ever throttled."""

    def enter(self, who: object) -> Ticket:
        """The permission for a call for a request. Raises ServiceAway if the service is not to be called now."""
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
        """The service answered. If this was the call that tried it, the service is up again."""
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
        """The service did not answer, or asked to retry later.

        One fault may be due to a single job, so it does not close the gate. The gate closes if the service is `sure` to
        be down, throttles or asks for a pause. It also closes if two requests fail one after the other.
        """
        asked = min(retry_after or 0.0, LONGEST_RETRY_AFTER)
        with self._changed:
            now, self._error = self._clock(), shorten(error, _MAX_ERROR)
            if self._is_closed and not ticket.tries:
                # The call began before the gate closed. It may prolong the pause, but is not a new failure.
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
            # Throttling has its own pauses, so it does not make those after faults longer.
            self._failures += not throttled
            waits = f"{self._until - now:.0f}s"
        _log.warning(line("service_away", service=self.service, waits=waits, error=error))

    def dropped(self, ticket: Ticket) -> None:
        """The call was not made."""
        with self._changed:
            self._give_back(ticket)

    @property
    def away(self) -> Away | None:
        """The state of the service if it is down, or else None."""
        with self._changed:
            return Away(self._until, self._since, self._failures) if self._is_closed else None

    def learn(self, away: Away, *, seen_at: float, error: str) -> None:
        """Take over the state that another process saw at that time, unless this process has newer knowledge."""
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
        """Seconds until the next try. They are random within limits, so that processes do not retry together."""
        if throttled:
            pause = max(1.0, THROTTLED_SHARE * (now - self._since))
        else:
            pause = PAUSES[min(self._failures, len(PAUSES) - 1)]
        return min(pause, self._longest_pause) * random.uniform(0.85, 1.0)  # noqa: S311 - no secret depends on it
