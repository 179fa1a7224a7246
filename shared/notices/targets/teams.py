"""Microsoft Teams: a card to the webhook of a workflow ("When a Teams webhook request is received").

A 2xx says that the run of the workflow has begun, not that the card is in the channel. The app cannot see whether the
run fails.

Sources: Microsoft Learn, "Create incoming webhooks with Workflows for Microsoft Teams"; Power Automate, "Limits of
automated, scheduled, and instant flows".
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from shared.notices.card import card_message
from shared.notices.targets.client import TargetClient

if TYPE_CHECKING:
    from shared.notices.http import Http
    from shared.notices.targets.client import Outgoing

_ALWAYS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
"""Answers of a workflow that was deleted or turned off, or whose address has a new signature."""


class Teams(TargetClient):
    """One workflow."""

    def __init__(self, http: Http, url: str) -> None:
        self._http = http
        self._url = url

    def send(self, outgoing: Outgoing) -> None:
        """Post the card."""
        answer = self._http.call("POST", self._url, json_body=card_message(outgoing.told, outgoing.links))
        answer.raise_unless_success(always=_ALWAYS)
