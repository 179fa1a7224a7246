"""The simulated cloud as a whole: two servers, and what they share."""

from aiohttp import web

from local.cloud import identity
from local.cloud.control import Control
from local.cloud.faults import Faults
from local.cloud.graph import Graph
from local.cloud.graph_form import graph_error
from local.cloud.identity import Identity, identity_error
from local.cloud.service import Latency, Service
from local.cloud.tenant import Tenant
from local.cloud.tokens import Tokens


class Cloud:
    """Starts both servers, and stops them."""

    def __init__(self, identity_header: str) -> None:
        tenant, tokens, faults, latency = Tenant(), Tokens(), Faults(), Latency()
        self._graph = Graph(tenant, tokens)
        graph = Service(self._graph.work, graph_error, faults=faults, latency=latency)
        msi = Service(Identity(tokens, identity_header).work, identity_error, faults=faults, latency=latency)
        control = Control(
            tenant=tenant,
            tokens=tokens,
            faults=faults,
            latency=latency,
            graph=self._graph,
            services={"graph": graph, "identity": msi},
        )
        self._graph_server = _server(graph, control)
        self._identity_server = _server(msi)

    async def start(self, *, graph_port: int = 0, identity_port: int = 0) -> tuple[str, str]:
        """Listen on loopback, on free ports where they are 0. Returns Graph's root, and the IDENTITY_ENDPOINT."""
        self._graph.root = await _listen(self._graph_server, graph_port)
        return self._graph.root, await _listen(self._identity_server, identity_port) + identity.PATH

    async def stop(self) -> None:
        """Stop both; what is still under way is cut off."""
        await self._graph_server.cleanup()
        await self._identity_server.cleanup()


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
