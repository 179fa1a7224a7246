"""One delivery of a payload, as its sender makes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.client.signing import sign

if TYPE_CHECKING:
    from requests import Response

    from local.client.app_client import AppClient
    from shared.intake.sources.source import Source


@dataclass(frozen=True, slots=True)
class Delivery:
    """A payload from a kind of sender. It is signed if there is a secret and the sender can sign."""

    source: Source
    body: bytes
    secret: str | None = None

    @property
    def route(self) -> str:
        """The route below /api/."""
        return f"start-requests/{self.source.name}"

    @property
    def is_signed(self) -> bool:
        """Whether the headers have a signature."""
        return self.secret is not None and self.source.signature is not None

    def headers(self) -> dict[str, str]:
        """Content type and signature, made now."""
        headers = {"Content-Type": "application/json"}
        if self.secret is not None and self.source.signature is not None:
            headers |= sign(self.source.signature, self.secret, self.body)
        return headers

    def post(self, app: AppClient) -> Response:
        """Send it once."""
        return app.post(self.body, route=self.route, headers=self.headers())


def request_ids(answer: dict[str, Any]) -> list[str]:
    """The ids in an answer of the app that status events will have."""
    reported = [answer["requestId"]] if "requestId" in answer else []
    return [accepted["requestId"] for accepted in answer.get("accepted", ())] + reported
