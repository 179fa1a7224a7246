"""What every call to a simulated service goes through: the record, faults and latency, then the work itself."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable

from aiohttp import web

from local.cloud.calls import Call, Calls
from local.cloud.faults import Faults, ServiceName
from local.cloud.happening import MADE_UP, Drop, Happening
from local.cloud.request_id import REQUEST_ID
from local.cloud.sending import send

type FaultAnswer = Callable[[web.Request, int], web.Response]
"""Makes the answer of a fault that sets no body, in the service's own form."""


class Latency:
    """Seconds added to every call."""

    def __init__(self) -> None:
        self.seconds = 0.0


class Service:
    """One service. `handle` takes each of its calls. If the work gives no answer, the connection is dropped."""

    def __init__(
        self,
        name: ServiceName,
        work: Callable[[web.Request, Call], Awaitable[web.Response | None]],
        fault_answer: FaultAnswer,
        *,
        faults: Faults,
        latency: Latency,
    ) -> None:
        self.calls = Calls()
        self._name = name
        self._work = work
        self._fault_answer = fault_answer
        self._faults = faults
        self._latency = latency

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Record the call, apply a fault if one matches, and answer."""
        request[REQUEST_ID] = str(uuid.uuid4())
        call = self.calls.add(request)
        happening = self._faults.take(self._name, request.method, request.path)
        if delay := self._latency.seconds + (happening.delay_seconds if happening else 0.0):
            await asyncio.sleep(delay)
        response = await self._answer(request, call, happening)
        if happening and happening.answer_after_seconds:
            await asyncio.sleep(happening.answer_after_seconds)
        call.end(response.status if response else None)
        if response is None:
            # A part of a batch has no connection of its own to drop.
            return self._fault_answer(request, 504) if call.is_in_batch else _dropped(request)
        if happening is None or happening.transfer.is_usual:
            return response
        return await send(request, response, happening.transfer)

    async def _answer(self, request: web.Request, call: Call, happening: Happening | None) -> web.Response | None:
        """The answer, or None if the connection is dropped."""
        if happening is None or (happening.status is None and happening.drop is Drop.NEVER):
            return await self._work(request, call)
        if happening.does_work or happening.drop is Drop.AFTER:
            await self._work(request, call)
        if happening.status is None:
            return None
        return self._given(request, happening, happening.status)

    def _given(self, request: web.Request, happening: Happening, status: int) -> web.Response:
        """The answer that a fault sets."""
        match happening.body:
            case body if body is MADE_UP:
                response = self._fault_answer(request, status)
            case None:
                response = web.Response(status=status)
            case str():
                response = web.Response(status=status, text=happening.body)
            case _:
                response = web.json_response(happening.body, status=status)
        for name in {name for name, _ in happening.headers}:
            response.headers.popall(name, None)
        response.headers.extend(happening.headers)
        return response


def _dropped(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    # The server needs a return value, though the connection is closed.
    return web.Response()
