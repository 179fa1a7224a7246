"""The simulated cloud as a whole: its servers and what they share."""

from dataclasses import dataclass

from aiohttp import web

from local.cloud import identity
from local.cloud.control import Control
from local.cloud.faults import Faults, ServiceName
from local.cloud.graph import Graph
from local.cloud.graph_form import graph_error
from local.cloud.identity import Identity, identity_error
from local.cloud.service import Latency, Service
from local.cloud.storage import Storage, queues_error, tables_error
from local.cloud.tenant import Tenant
from local.cloud.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports to listen on, on loopback. 0 takes a free port."""

    graph: int = 0
    identity: int = 0
    tables: int = 0
    queues: int = 0


class Cloud:
    """Starts and stops the servers."""

    def __init__(self, identity_header: str, *, tables_behind: str, queues_behind: str) -> None:
        """`tables_behind` and `queues_behind` are the URLs of the storage services to forward to."""
        tenant, tokens, faults, latency = Tenant(), Tokens(), Faults(), Latency()
        self._graph = Graph(tenant, tokens)
        self._tables, self._queues = Storage(tables_behind), Storage(queues_behind)
        msi_tokens = Identity(tokens, identity_header)
        graph = Service(ServiceName.GRAPH, self._graph.work, graph_error, faults=faults, latency=latency)
        msi = Service(ServiceName.IDENTITY, msi_tokens.work, identity_error, faults=faults, latency=latency)
        # Azurite has a latency of its own.
        tables = Service(ServiceName.TABLES, self._tables.work, tables_error, faults=faults, latency=Latency())
        queues = Service(ServiceName.QUEUES, self._queues.work, queues_error, faults=faults, latency=Latency())
        control = Control(
            tenant=tenant,
            tokens=tokens,
            faults=faults,
            latency=latency,
            graph=self._graph,
            identity=msi_tokens,
            services={
                ServiceName.GRAPH: graph,
                ServiceName.IDENTITY: msi,
                ServiceName.TABLES: tables,
                ServiceName.QUEUES: queues,
            },
        )
        self._graph_server = _server(graph, control)
        self._identity_server = _server(msi)
        self._tables_server = _server(tables)
        self._queues_server = _server(queues)

    async def start(self, ports: Ports) -> dict[str, str]:
        """Listen. Returns the URLs of Graph, the identity endpoint, tables and queues."""
        self._graph.root = await _listen(self._graph_server, ports.graph)
        return {
            "graph": self._graph.root,
            "identity": await _listen(self._identity_server, ports.identity) + identity.PATH,
            "tables": await _listen(self._tables_server, ports.tables),
            "queues": await _listen(self._queues_server, ports.queues),
        }

    async def stop(self) -> None:
        """Stop all servers. Calls in progress are cut off."""
        for server in (self._graph_server, self._identity_server, self._tables_server, self._queues_server):
            await server.cleanup()
        for client in (self._graph, self._tables, self._queues):
            await client.close()


def _server(service: Service, control: Control | None = None) -> web.AppRunner:
    application = web.Application()
    if control is not None:
        application.add_subapp("/_sim", control.application())
    application.router.add_route("*", "/{path:.*}", service.handle)
    return web.AppRunner(application, access_log=None, handle_signals=False, shutdown_timeout=0.1)


async def _listen(server: web.AppRunner, port: int) -> str:
    await server.setup()
    await web.TCPSite(server, "127.0.0.1", port).start()
    return f"http://127.0.0.1:{server.addresses[0][1]}"
