"""What a scene of the demo is: who is in the tenant, what is sent, and how a person would say it."""

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
    """One way into the app."""

    @property
    def way(self) -> str:
        """The way in a few words."""

    def send(self, app: AppClient) -> list[str]:
        """Send it. Returns the ids of the requests that came of it: each ends in a status event."""


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
    """A POST of what another system sends, signed where there is a secret."""

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
    """A message on the start-requests queue. What is neither text nor bytes is sent as JSON."""

    content: Any
    encoded: bool = False
    """In base64."""

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
    """Nobody sends anything: the app sees by itself that a job is in quarantine."""

    principal: str
    job: SynchronizationJob

    @property
    def way(self) -> str:
        """See Sending."""
        return "nobody: the app watches"

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
    """What follows a start of its jobs: `_sim` of a job (`local.cloud`)."""


@dataclass(frozen=True, slots=True)
class Height:
    """What makes a scene one of those that the demo is about."""

    ending: str
    """The outcome/reason with which it is reached."""
    title: str
    why: str
    """Why to look out for it."""
    moral: str
    """What it came to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One thing asked of the app. `faults` are what the simulated cloud takes at /_sim/faults."""

    application: str
    """Whose provisioning it is about."""
    asks: str
    state: str
    """What is the case in the tenant, or wrong with the request."""
    sending: Sending
    height: Height | None = None
    repeats: int = 0
    """How often the same is sent once more, each time when the job has relapsed."""
    principal: Principal | None = None
    faults: tuple[Mapping[str, Any], ...] = ()
