"""A scene of the demo: who is in the tenant, what is sent, and how a person would describe it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from local.client.delivery import Delivery, request_ids
from shared.intake.sources import SOURCES
from shared.watching.episodes import episode_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.client.app_client import AppClient
    from local.client.jobs import SynchronizationJob


class Sending(Protocol):
    """One way to send a request to the app."""

    @property
    def way(self) -> str:
        """The way in a few words."""

    def send(self, app: AppClient) -> list[str]:
        """Send it. Returns the ids of the resulting requests; each ends in a status event."""


@dataclass(frozen=True, slots=True)
class Http:
    """A POST to a route of the app."""

    body: Any
    """Bytes are sent as they are, anything else as JSON."""
    route: str = "start-requests"
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def way(self) -> str:
        """See Sending."""
        return "HTTP"

    def send(self, app: AppClient) -> list[str]:
        """See Sending."""
        answer = app.post(self.body, route=self.route, headers=self.headers)
        answer.raise_for_status()
        return [accepted["requestId"] for accepted in answer.json()["accepted"]]


@dataclass(frozen=True, slots=True)
class Payload:
    """A POST of another system's payload, signed if there is a secret."""

    way: str
    source: str
    value: Any
    secret: str | None = None

    def send(self, app: AppClient) -> list[str]:
        """See Sending."""
        answer = Delivery(SOURCES[self.source], json.dumps(self.value).encode(), self.secret).post(app)
        answer.raise_for_status()
        return request_ids(answer.json())


@dataclass(frozen=True, slots=True)
class Message:
    """A message on the start-requests queue. Values other than text and bytes are sent as JSON."""

    content: Any
    encoded: bool = False
    """Whether it is sent in base64."""

    @property
    def way(self) -> str:
        """See Sending."""
        return "queue, base64" if self.encoded else "queue, plain"

    def send(self, app: AppClient) -> list[str]:
        """See Sending."""
        content = self.content if isinstance(self.content, (str, bytes)) else json.dumps(self.content)
        return app.put_message(content, encoded=self.encoded)


@dataclass(frozen=True, slots=True)
class Nothing:
    """No request: the app finds by itself that a job is in quarantine."""

    principal: str
    job: SynchronizationJob

    @property
    def way(self) -> str:
        """See Sending."""
        return "no request: the app watches"

    def send(self, app: AppClient) -> list[str]:  # noqa: ARG002 - see Sending
        """See Sending."""
        return [episode_id(self.principal, self.job["id"], self.job["status"]["quarantine"]["seriesBegan"])]


@dataclass(frozen=True, slots=True)
class Principal:
    """An enterprise application in the tenant, with its jobs."""

    object_id: str
    jobs: tuple[SynchronizationJob, ...]
    app_id: str | None = None
    behaviour: Mapping[str, Any] = field(default_factory=dict)
    """What happens after a start of its jobs: `_sim` of a job (`local.cloud`)."""


@dataclass(frozen=True, slots=True)
class Height:
    """Why a scene is a highlight of the demo."""

    ending: str
    """The outcome/reason of the event that is highlighted."""
    title: str
    why: str
    """Why to watch for it."""
    moral: str
    """What it led to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One request to the app, or several. `faults` are bodies for /_sim/faults."""

    application: str
    """The application whose provisioning it is about."""
    asks: str
    state: str
    """The state of the tenant, or what is wrong with the request."""
    sending: Sending
    height: Height | None = None
    repeats: int = 0
    """How often the same is sent again, each time when the job has relapsed."""
    principal: Principal | None = None
    faults: tuple[Mapping[str, Any], ...] = ()
