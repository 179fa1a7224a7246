"""JSON batching: up to 20 calls to Graph in one request. Each part has its own answer, and may be throttled or refused.

Each part counts against the limits, and each throttled part has its own Retry-After.

Source: Microsoft Graph documentation, "Combine multiple HTTP requests using JSON batching" and "Throttling guidance".
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from requests.structures import CaseInsensitiveDict

from shared.errors import GraphRefused, GraphUnavailable
from shared.graph.answer import fault_in, object_in
from shared.graph.client import Graph

if TYPE_CHECKING:
    from collections.abc import Sequence

    import requests

    from shared.graph.job import SynchronizationJob

LARGEST_BATCH = 20
"""The most calls that Graph accepts in one batch."""

BATCH = "batch"
"""The operation of the batch itself."""

_DONE = range(200, 300)


class Part:
    """The answer to one part of a batch (shared.graph.answer.Answer)."""

    def __init__(self, value: dict[str, Any]) -> None:
        status, headers = value.get("status"), value.get("headers")
        self.body = value.get("body")
        self.status_code = status if isinstance(status, int) else int(HTTPStatus.BAD_GATEWAY)
        self.headers: CaseInsensitiveDict[str] = CaseInsensitiveDict()
        for name, text in (headers if isinstance(headers, dict) else {}).items():
            self.headers[name] = str(text)

    @property
    def content(self) -> bytes:
        """The body: JSON, or the text that Graph sent instead."""
        return self.text.encode()

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body if isinstance(self.body, str) else json.dumps(self.body)

    def fault(self, operation: str) -> GraphUnavailable | GraphRefused | None:
        """The exception for this part; None if it succeeded."""
        if self.status_code not in _DONE:
            return fault_in(operation, self)
        return None if isinstance(self.body, dict) else GraphUnavailable(f"{operation} answered no JSON object")


type Answered = dict[str, Any] | GraphUnavailable | GraphRefused
"""The result of one call: the JSON object, or the exception."""


class BatchingGraph(Graph):
    """Makes calls in batches, from several threads of one run. To the gate, they all belong to one request.

    Every method raises GraphUnavailable, GraphRefused, TokenUnavailable or ServiceAway.
    """

    _has_fresh_token = False

    def page(self, operation: str, path: str) -> tuple[list[dict[str, Any]], str | None]:
        """The objects in a page of a list, and the path of the next page."""
        answer = self._object(operation, path)
        items = answer.get("value")
        objects = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
        return objects, self._next_page(answer)

    def jobs_in(self, page: dict[str, Any]) -> list[SynchronizationJob]:
        """The jobs in the first page of a list, and in those that follow it."""
        return self._jobs_in(page)

    def get_all(self, operation: str, paths: Sequence[str]) -> list[Answered]:
        """The results of up to 20 GETs, in their order.

        The gate treats a throttled part as if the whole batch were throttled, because the next calls would be, too.
        """
        parts = self._parts(self._call(BATCH, "POST", "$batch", _body(paths)), len(paths))
        if any(part.status_code == HTTPStatus.UNAUTHORIZED for part in parts) and not self._has_fresh_token:
            # The token may be older than a granted permission. Graph._call replaces it for each call; here, it is
            # replaced once per run.
            self._has_fresh_token = True
            self._tokens.replace(self._tokens.get())
            parts = self._parts(self._call(BATCH, "POST", "$batch", _body(paths)), len(paths))
        return [part.fault(operation) or part.body or {} for part in parts]

    def _fault_in(self, operation: str, response: requests.Response) -> GraphUnavailable | GraphRefused | None:
        fault = super()._fault_in(operation, response)
        if fault is not None or operation != BATCH:
            return fault
        faults = [part.fault(operation) for part in _answers(response).values()]
        away = [each for each in faults if isinstance(each, GraphUnavailable)]
        asked = [each for each in away if each.throttled or each.retry_after is not None]
        if asked:
            longest = max(asked, key=lambda each: each.retry_after or 0.0)
            return GraphUnavailable(
                str(longest), retry_after=longest.retry_after, throttled=any(each.throttled for each in asked)
            )
        return away[0] if away and len(away) == len(faults) else None

    def _parts(self, response: requests.Response, count: int) -> list[Part]:
        answers = _answers(response)
        return [answers.get(str(number)) or Part({}) for number in range(count)]


def _body(paths: Sequence[str]) -> dict[str, Any]:
    return {"requests": [{"id": str(number), "method": "GET", "url": f"/{path}"} for number, path in enumerate(paths)]}


def _answers(response: requests.Response) -> dict[str, Part]:
    """The answers by the ids of their parts. Graph returns them in any order."""
    found = (object_in(response) or {}).get("responses")
    return (
        {str(each.get("id")): Part(each) for each in found if isinstance(each, dict)} if isinstance(found, list) else {}
    )
