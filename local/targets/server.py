"""The stand-ins as servers on loopback, with the control routes below /_sim."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from typing import TYPE_CHECKING

from aiohttp import web

from local.cloud.faults import Faults, ServiceName, parse_fault
from local.cloud.fields import Fields
from local.cloud.service import Latency, Service
from local.targets.freshservice import Freshservice
from local.targets.jira import Jira
from local.targets.pagerduty import USER, PagerDuty
from local.targets.servicenow import ServiceNow
from local.targets.slack import CHANNEL, Slack
from local.targets.teams import Teams
from local.targets.vendor import Request
from local.targets.webhook import Webhook
from local.targets.zendesk import Zendesk

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from local.cloud.calls import Call
    from local.cloud.service import FaultAnswer
    from local.targets.vendor import Reply, Vendor

_DONE = 204


class Targets:
    """All stand-ins."""

    def __init__(self) -> None:
        self._slack = Slack(_secret())
        self._webhook = Webhook(secrets.token_bytes(32))
        self._vendors: dict[str, Vendor] = {
            "teams": Teams(_secret()),
            "slack": self._slack,
            "webhook": self._webhook,
            "jira": Jira(_secret()),
            "servicenow": ServiceNow(_secret()),
            "zendesk": Zendesk(_secret()),
            "freshservice": Freshservice(_secret()),
            "pagerduty": PagerDuty(_secret()),
        }
        self._faults = Faults()
        self._services = {
            name: Service(
                ServiceName(name), _work(vendor), _fault_answer(vendor), faults=self._faults, latency=Latency()
            )
            for name, vendor in self._vendors.items()
        }
        self._runners: list[web.AppRunner] = []

    async def start(self, ports: Mapping[str, int]) -> dict[str, str]:
        """Listen. Returns the app settings that set all of them up, and the URL of the control server as "control"."""
        roots = {}
        for name, service in self._services.items():
            application = web.Application()
            application.router.add_route("*", "/{path:.*}", service.handle)
            roots[name] = await self._listen(application, ports.get(name, 0))
        control = await self._listen(self._control(), ports.get("control", 0))
        return {"control": control, **self._settings(roots)}

    async def stop(self) -> None:
        """Stop all of them."""
        for runner in self._runners:
            await runner.cleanup()

    def _settings(self, roots: Mapping[str, str]) -> dict[str, str]:
        settings = {
            "NOTIFY_WEBHOOK_SECRET": self._webhook.secret,
            "NOTIFY_WEBHOOK_HANDSHAKE": "true",
            "NOTIFY_PAGERDUTY_FROM": USER,
        }
        for name, vendor in self._vendors.items():
            settings[f"NOTIFY_{name.upper()}"] = roots[name] + getattr(vendor, "url", "")
            if hasattr(vendor, "credential"):
                settings[f"NOTIFY_{name.upper()}_CREDENTIAL"] = vendor.credential
        # For a system that uses a thread instead of the webhook.
        settings["SLACK_THREAD"] = f"{roots['slack']}/api {self._slack.token} {CHANNEL}"
        return settings

    def _control(self) -> web.Application:
        application = web.Application()
        application.add_routes(
            [
                web.put("/_sim/tickets/{target}/{ticket}", self._put_ticket),
                web.get("/_sim/arrived", self._get_arrived),
                web.get("/_sim/calls/{target}", self._get_calls),
                web.delete("/_sim/calls", self._delete_calls),
                web.post("/_sim/faults", self._post_fault),
                web.delete("/_sim/faults", self._delete_faults),
            ]
        )
        return application

    async def _put_ticket(self, request: web.Request) -> web.Response:
        fields = Fields(await request.json(), "ticket")
        vendor = self._vendors[request.match_info["target"]]
        number, table = fields.text("number") or "", fields.text("class") or "incident"
        customers = fields.anything("customers", True) is not False
        vendor.put_ticket(request.match_info["ticket"], number=number, table=table, customers=customers)
        fields.end()
        return web.Response(status=_DONE)

    async def _get_arrived(self, _request: web.Request) -> web.Response:
        arrived = [
            {"target": name, **asdict(each)} for name, vendor in self._vendors.items() for each in vendor.arrived
        ]
        return web.json_response(arrived)

    async def _get_calls(self, request: web.Request) -> web.Response:
        return web.json_response(self._services[request.match_info["target"]].calls.to_json())

    async def _delete_calls(self, _request: web.Request) -> web.Response:
        for service in self._services.values():
            service.calls.clear()
        return web.Response(status=_DONE)

    async def _post_fault(self, request: web.Request) -> web.Response:
        try:
            self._faults.add(parse_fault(await request.json()))
        except ValueError as fault:
            return web.Response(status=400, text=f"{fault}\n")
        return web.Response(status=_DONE)

    async def _delete_faults(self, _request: web.Request) -> web.Response:
        self._faults.clear()
        return web.Response(status=_DONE)

    async def _listen(self, application: web.Application, port: int) -> str:
        runner = web.AppRunner(application, access_log=None, handle_signals=False, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        self._runners.append(runner)
        return f"http://127.0.0.1:{runner.addresses[0][1]}"


def _work(vendor: Vendor) -> Callable[[web.Request, Call], Awaitable[web.Response | None]]:
    """Make a service's work of a vendor's answer."""

    async def work(request: web.Request, _call: Call) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = await request.read()
        return _response(vendor.answer(Request(request.method, request.path, request.query_string, headers, body)))

    return work


def _fault_answer(vendor: Vendor) -> FaultAnswer:
    """Make the vendor's error for a fault that sets no body."""
    return lambda _request, status: _response(vendor.error(status))


def _response(reply: Reply) -> web.Response:
    if isinstance(reply.content, str):
        return web.Response(status=reply.status, text=reply.content, headers=reply.headers)
    return web.json_response(reply.content, status=reply.status, headers=reply.headers)


def _secret() -> str:
    return secrets.token_hex(16)
