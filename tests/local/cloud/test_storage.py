"""The servers in front of tables and queues, and faults of their calls."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import web

from local.cloud.cloud import Cloud, Ports
from local.cloud.faults import ServiceName, parse_fault

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

ENTITY = "/account/Ledger(PartitionKey='a%2Fb',RowKey='scim.1')"


def _cloud(behind: str) -> Cloud:
    return Cloud("header", tables_behind=behind, queues_behind=behind)


def through_cloud(use: Callable[[aiohttp.ClientSession, dict[str, str]], Awaitable[None]]) -> list[web.Request]:
    """Use a cloud in front of a table service. Returns the calls that the service got."""
    got: list[web.Request] = []

    async def serve(request: web.Request) -> web.Response:
        await request.read()
        got.append(request)
        return web.json_response({"A": 1}, headers={"ETag": "v1"})

    async def run() -> None:
        service = web.Application()
        service.router.add_route("*", "/{path:.*}", serve)
        runner = web.AppRunner(service)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        cloud = _cloud(f"http://127.0.0.1:{runner.addresses[0][1]}")
        try:
            roots = await cloud.start(Ports())
            async with aiohttp.ClientSession() as session:
                await use(session, roots)
        finally:
            await cloud.stop()
            await runner.cleanup()

    asyncio.run(run())
    return got


async def call(session: aiohttp.ClientSession, roots: dict[str, str]) -> aiohttp.ClientResponse:
    return await session.get(
        roots["tables"] + ENTITY, headers={"Authorization": "SharedKey account:signature", "x-ms-date": "today"}
    )


def test_a_call_is_passed_on_as_it_came() -> None:
    async def use(session: aiohttp.ClientSession, roots: dict[str, str]) -> None:
        answer = await call(session, roots)
        assert (answer.status, answer.headers["ETag"], await answer.json()) == (200, "v1", {"A": 1})

    (request,) = through_cloud(use)
    assert request.raw_path == ENTITY
    assert request.headers["Authorization"] == "SharedKey account:signature"
    assert request.headers["x-ms-date"] == "today"
    assert "Content-Type" not in request.headers


def test_a_fault_of_tables_answers_for_them_and_affects_no_other_service() -> None:
    async def use(session: aiohttp.ClientSession, roots: dict[str, str]) -> None:
        fault = {"match": {"service": "tables"}, "status": 412}
        await session.post(f"{roots['graph']}/_sim/faults", json=fault)
        graph = await session.get(f"{roots['graph']}/v1.0/servicePrincipals/1")
        answer = await call(session, roots)
        error = (await answer.json())["odata.error"]
        assert (graph.status, answer.status, error["code"]) == (401, 412, "UpdateConditionNotSatisfied")

    assert through_cloud(use) == []


def test_a_lost_answer_of_the_tables_is_one_whose_work_was_done() -> None:
    async def use(session: aiohttp.ClientSession, roots: dict[str, str]) -> None:
        fault = {"match": {"service": "tables"}, "dropConnection": "after"}
        await session.post(f"{roots['graph']}/_sim/faults", json=fault)
        # The client itself repeats a GET whose connection breaks.
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await session.post(roots["tables"] + ENTITY, data=b"{}")

    assert len(through_cloud(use)) == 1


def test_a_fault_of_a_queue_applies_only_to_calls_to_that_queue() -> None:
    async def use(session: aiohttp.ClientSession, roots: dict[str, str]) -> None:
        match = {"service": "queues", "method": "DELETE", "pathContains": "/work/messages/"}
        await session.post(f"{roots['graph']}/_sim/faults", json={"match": match, "status": 403})
        queues = f"{roots['queues']}/account"
        answers = [
            await session.delete(f"{queues}/other/messages/1"),
            await session.put(f"{queues}/work/messages/1"),
            await session.delete(f"{queues}/work/messages/1"),
            await session.delete(f"{queues}/work/messages/1"),
        ]
        assert [answer.status for answer in answers] == [200, 200, 403, 200]
        assert answers[2].headers["x-ms-error-code"] == "AuthorizationFailure"
        assert "<Code>AuthorizationFailure</Code>" in await answers[2].text()

    assert len(through_cloud(use)) == 3


def test_an_event_that_the_queue_refuses_does_not_reach_it_and_the_next_one_does() -> None:
    async def use(session: aiohttp.ClientSession, roots: dict[str, str]) -> None:
        match = {"service": "queues", "method": "POST", "pathEndsWith": "/start-status/messages"}
        await session.post(f"{roots['graph']}/_sim/faults", json={"match": match, "status": 503})
        queue = f"{roots['queues']}/account/start-status/messages"
        answers = [await session.post(each) for each in (queue, queue.replace("status", "requests"), queue)]
        assert [answer.status for answer in answers] == [503, 200, 200]
        assert answers[0].headers["x-ms-error-code"] == "ServerBusy"

    paths = [request.path for request in through_cloud(use)]
    assert paths == ["/account/start-requests/messages", "/account/start-status/messages"]


def test_a_write_of_a_table_whose_answer_is_lost_may_be_followed_by_a_refusal() -> None:
    async def use(session: aiohttp.ClientSession, roots: dict[str, str]) -> None:
        fault = {"match": {"service": "tables"}, "answers": [{"status": 500, "doesWork": True}, {"status": 412}]}
        await session.post(f"{roots['graph']}/_sim/faults", json=fault)
        answers = [await session.post(roots["tables"] + ENTITY) for _ in range(3)]
        assert [answer.status for answer in answers] == [500, 412, 200]

    assert len(through_cloud(use)) == 2


def test_a_service_that_does_not_answer_is_a_dropped_connection() -> None:
    async def run() -> None:
        cloud = _cloud("http://127.0.0.1:1")
        try:
            roots = await cloud.start(Ports())
            async with aiohttp.ClientSession() as session:
                with pytest.raises(aiohttp.ServerDisconnectedError):
                    await session.post(roots["tables"] + "/account/Ledger")
        finally:
            await cloud.stop()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("fault", "service", "meets"),
    [
        pytest.param({"match": {"service": "tables"}, "status": 503}, ServiceName.TABLES, True, id="its own"),
        pytest.param({"match": {"service": "tables"}, "status": 503}, ServiceName.GRAPH, False, id="of another"),
        pytest.param({"status": 503}, ServiceName.IDENTITY, True, id="of all"),
    ],
)
def test_a_fault_applies_to_the_service_that_it_names(
    fault: dict[str, Any], service: ServiceName, *, meets: bool
) -> None:
    assert parse_fault(fault).match.meets(service, "GET", "/x") is meets


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"match": {"service": "blobs"}, "status": 503}, id="unknown service"),
        pytest.param({"answerAfterSeconds": 1, "status": 503}, id="late answer and status"),
        pytest.param({"answerAfterSeconds": 1, "dropConnection": "after"}, id="late answer and drop"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(fault: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="fault"):
        parse_fault(fault)
