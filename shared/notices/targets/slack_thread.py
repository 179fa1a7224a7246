"""Slack with a token: the events of one request become one thread, and the channel can be searched.

Each message has the ids of its request and its event as metadata, which only apps see. The token needs the scopes
chat:write and channels:history (groups:history for a private channel). Source: Slack, "chat.postMessage",
"conversations.history", "conversations.replies", "Message metadata".
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from shared.errors import TargetRefused, TargetUnavailable
from shared.notices.targets.client import TargetClient
from shared.notices.targets.pace import Pace
from shared.notices.targets.slack import GAP
from shared.notices.targets.slack_blocks import message
from shared.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shared.notices.http import Answer, Http
    from shared.notices.targets.client import Outgoing

EVENT_TYPE = "start_job_function"
"""The event_type of the metadata."""
LAST_MESSAGES = 200
"""How many messages of the channel are searched for the first one of a thread."""

_BROADCAST = frozenset({Outcome.RELAPSED, Outcome.UNCONFIRMED})
"""Outcomes that are also shown in the channel, because people may miss a reply in a thread."""
_PASSING = frozenset(
    {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}
)
_OF_ONE_MESSAGE = frozenset({"msg_too_long", "msg_blocks_too_long", "invalid_blocks", "no_text", "thread_not_found"})


class SlackThread(TargetClient):
    """One channel."""

    def __init__(self, http: Http, root: str, token: str, channel: str, pace: Pace | None = None) -> None:
        self._http = http
        self._root = root
        self._channel = channel
        self._headers = {"Authorization": f"Bearer {token}"}
        self._pace = pace or Pace(GAP)

    def has(self, outgoing: Outgoing) -> bool:
        """Whether the thread of the request has the event."""
        thread = self._thread(outgoing)
        messages = list(self._messages("conversations.replies", ts=thread)) if thread is not None else []
        return any(_payload(each).get("event_id") == outgoing.told.event_id for each in messages)

    def send(self, outgoing: Outgoing) -> None:
        """Post the message, in the thread of its request if there is one."""
        thread = self._thread(outgoing)
        told = outgoing.told
        content = message(told, outgoing.links)
        content["channel"] = self._channel
        content["metadata"] = {
            "event_type": EVENT_TYPE,
            "event_payload": {"request_id": told.request_id, "event_id": told.event_id},
        }
        if thread is not None:
            content["thread_ts"] = thread
            content["reply_broadcast"] = told.outcome in _BROADCAST
        self._pace.wait()
        self._result(
            self._http.call("POST", f"{self._root}/chat.postMessage", headers=self._headers, json_body=content)
        )

    def _thread(self, outgoing: Outgoing) -> str | None:
        """The ts of the first message of the request's thread; None if there is none."""
        of_request = [
            str(each.get("thread_ts") or each.get("ts"))
            for each in self._messages("conversations.history")
            if _payload(each).get("request_id") == outgoing.told.request_id
        ]
        return of_request[-1] if of_request else None

    def _messages(self, method: str, **query: str) -> Iterator[Mapping[str, Any]]:
        parameters = {
            "channel": self._channel,
            "limit": str(LAST_MESSAGES),
            "include_all_metadata": "true",
            **query,
        }
        text = "&".join(f"{name}={value}" for name, value in parameters.items())
        found = self._result(self._http.call("GET", f"{self._root}/{method}?{text}", headers=self._headers))
        messages = found.get("messages")
        return (each for each in (messages if isinstance(messages, list) else []) if isinstance(each, dict))

    def _result(self, answer: Answer) -> dict[str, Any]:
        """The object in the answer. Slack also answers 200 to calls that it refuses, with the error in the body."""
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            self._pace.hold(answer.retry_after or GAP)
        answer.raise_unless_success()
        result = answer.json
        if result.get("ok") is True:
            return result
        error = str(result.get("error") or "without an error code")[:100]
        if error in _PASSING:
            raise TargetUnavailable(f"answered {error}", may_have_worked=error in ("internal_error", "fatal_error"))
        raise TargetRefused(f"answered {error}", always=error not in _OF_ONE_MESSAGE)


def _payload(each: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = each.get("metadata")
    payload = metadata.get("event_payload") if isinstance(metadata, dict) else None
    return payload if isinstance(payload, dict) else {}
