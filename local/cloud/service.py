"""What every call of a simulated service goes through: the record, faults and latency. The work itself is behind it."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable

from aiohttp import web

from local.cloud.calls import Call, Calls
from local.cloud.faults import Drop, Fault, Faults, ServiceName

type FaultAnswer = Callable[[web.Request, int], web.Response]
"""Makes the answer of a fault that brings no body, in the service's own form."""


class Latency:
    """How much longer every call takes, in seconds."""

    def __init__(self) -> None:
        self.seconds = 0.0


class Service:
    """One service; `handle` takes every call of it. Where its work has no answer, the connection is dropped."""

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
        """Note the call, let happen to it what is to happen, and answer."""
        request["request-id"] = str(uuid.uuid4())
        call = self.calls.add(request)
        fault = self._faults.take(self._name, request.method, request.path)
        if delay := self._latency.seconds + (fault.delay_seconds if fault else 0.0):
            await asyncio.sleep(delay)
        response = await self._answer(request, call, fault)
        if fault and fault.answer_after_seconds:
            await asyncio.sleep(fault.answer_after_seconds)
        call.end(response.status if response else None)
        return response or _dropped(request)

    async def _answer(self, request: web.Request, call: Call, fault: Fault | None) -> web.Response | None:
        """The answer; None: the connection is dropped without one."""
        if fault is None or (fault.status is None and fault.drop is Drop.NEVER):
            return await self._work(request, call)
        if fault.status is not None:
            return self._refusal(request, fault, fault.status)
        if fault.drop is Drop.AFTER:
            await self._work(request, call)
        return None

    def _refusal(self, request: web.Request, fault: Fault, status: int) -> web.Response:
        match fault.body:
            case None:
                response = self._fault_answer(request, status)
            case str():
                response = web.Response(status=status, text=fault.body)
            case _:
                response = web.json_response(fault.body, status=status)
        response.headers.update(fault.headers)
        return response


def _dropped(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    # Nobody gets it: the server needs something to give back.
    return web.Response()
