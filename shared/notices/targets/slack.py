"""Slack: an incoming webhook.

Source: Slack, "Sending messages using incoming webhooks" (error codes), "Rate limits".
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from shared.errors import TargetRefused, TargetUnavailable
from shared.notices.targets.client import TargetClient
from shared.notices.targets.pace import Pace
from shared.notices.targets.slack_blocks import message

if TYPE_CHECKING:
    from shared.notices.http import Http
    from shared.notices.targets.client import Outgoing

GAP = 1.0
"""Seconds between two messages. Slack allows one per second, and disables a webhook that keeps sending faster."""

_ALWAYS = frozenset(
    {
        "no_active_hooks",
        "no_service",
        "no_service_id",
        "no_team",
        "team_disabled",
        "invalid_token",
        "action_prohibited",
        "channel_not_found",
        "channel_is_archived",
        "posting_to_general_channel_denied",
    }
)
"""Errors that mean that the webhook, or its channel, no longer accepts messages."""
_PASSING = frozenset({"rollup_error"})


class Slack(TargetClient):
    """One incoming webhook."""

    def __init__(self, http: Http, url: str, pace: Pace | None = None) -> None:
        self._http = http
        self._url = url
        self._pace = pace or Pace(GAP)

    def send(self, outgoing: Outgoing) -> None:
        """Post the message."""
        self._pace.wait()
        answer = self._http.call("POST", self._url, json_body=message(outgoing.told, outgoing.links))
        if answer.is_success:
            return
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            self._pace.hold(answer.retry_after or GAP)
        error = answer.text.strip()[:100]
        if error in _PASSING:
            raise TargetUnavailable(f"answered {answer.status} {error}")
        if error in _ALWAYS:
            raise TargetRefused(f"answered {answer.status} {error}", always=True)
        answer.raise_unless_success()
