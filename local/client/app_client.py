"""A client of the app: sends start requests over HTTP or the queue, and reads the resulting events."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Self

import requests
from azure.core.exceptions import ResourceExistsError
from azure.storage.queue import QueueServiceClient

from local.client.status_events import StatusEvents
from shared.errors import UnreadableMessage
from shared.request import message
from shared.request.start_request import derive_request_id
from shared.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from azure.storage.queue import QueueClient

_SECONDS: Final = 60.0

# Storage on this machine answers at once or not at all. One retry, for a connection that it has closed meanwhile.
_QUICKLY: Final[dict[str, Any]] = {
    "retry_total": 1,
    "initial_backoff": 0,
    "increment_base": 0,
    "random_jitter_range": 0,
}


class AppClient:
    """A user of the app. `events` reads the status queue, and deletes what it has read."""

    def __init__(
        self,
        storage: str,
        *,
        functions: str | None,
        function_key: str,
        settings: Mapping[str, str],
        certificate: Path | None = None,
    ) -> None:
        """`settings` are the app's, which may rename the queues. `certificate` is the one to trust for storage."""
        names, _ = Settings.read(settings)  # the app runs with a wrong setting too
        trusted = True if certificate is None else str(certificate)
        self._storage = QueueServiceClient.from_connection_string(storage, connection_verify=trusted, **_QUICKLY)
        self._functions = functions
        self._function_key = function_key
        self._session = requests.Session()
        # Ignore this machine's proxy and netrc: everything is on loopback.
        self._session.trust_env = False
        self.start_requests = self._queue(names.start_requests_queue)
        self.events = StatusEvents(self._queue(names.start_status_queue))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()
        self._storage.close()

    def post(
        self,
        body: object,
        *,
        route: str = "start-requests",
        headers: Mapping[str, str] | None = None,
        key: str | None = None,
    ) -> requests.Response:
        """POST to a route of the app: bytes unchanged, an iterator in chunks, anything else as JSON.

        An empty `key` sends none.
        """
        raw: dict[str, Any] = {"data": body} if isinstance(body, bytes | Iterator) else {"json": body}
        key = self._function_key if key is None else key
        return self._session.post(
            f"{self._functions}/api/{route}",
            headers={**({"x-functions-key": key} if key else {}), **(headers or {})},
            timeout=_SECONDS,
            **raw,
        )

    def ask(self, *start_requests: Mapping[str, Any]) -> list[str]:
        """Send start requests over HTTP. Returns their request ids. Raises HTTPError if they are refused."""
        body = dict(start_requests[0]) if len(start_requests) == 1 else [dict(each) for each in start_requests]
        answer = self.post(body)
        answer.raise_for_status()
        return [accepted["requestId"] for accepted in answer.json()["accepted"]]

    def put_message(self, content: str | bytes, *, encoded: bool = False) -> list[str]:
        """Put a message on the queue, as plain text or in base64. Returns the request ids of its events."""
        raw = content if isinstance(content, bytes) else content.encode()
        text = base64.b64encode(raw).decode("ascii") if encoded else raw.decode()
        sent = self.start_requests.send_message(text)
        try:
            items = message.read(text.encode(), message_id=sent.id, inserted=datetime.now(UTC))
        except UnreadableMessage:
            return [derive_request_id(sent.id, "0")]
        return [item.request_id for item in items]

    @property
    def unfinished(self) -> int:
        """How many messages are on the start-requests queue, waiting or in progress."""
        return self.start_requests.get_queue_properties().approximate_message_count or 0

    def messages(self) -> dict[str, int]:
        """How many messages each queue of the account holds, visible or not."""
        queues = [self._storage.get_queue_client(queue.name) for queue in self._storage.list_queues()]
        return {queue.queue_name: queue.get_queue_properties().approximate_message_count or 0 for queue in queues}

    def _queue(self, name: str) -> QueueClient:
        queue = self._storage.get_queue_client(name)
        try:
            queue.create_queue()
        except ResourceExistsError:
            # The app created it first.
            return queue
        return queue
