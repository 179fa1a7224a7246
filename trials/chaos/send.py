"""Sends to the app while it may fail, as patiently as a sender should, and says which requests were accepted."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

import requests
from azure.core.exceptions import AzureError

from trials.chaos.deliveries import delivery
from trials.chaos.sendings import Way

if TYPE_CHECKING:
    from local.client.app_client import AppClient
    from trials.chaos.sendings import Sending

_JSON: Final = {"Content-Type": "application/json"}
_PAUSE_SECONDS: Final = 0.3
_PATIENCE_SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True)
class Sent:
    """The result of a sending."""

    sending: Sending
    request_ids: tuple[str, ...] = ()
    """The requests that were certainly accepted. If an answer was lost, there may be more."""
    refused_with: int | None = None
    """The HTTP status with which it was finally refused, or None."""


def send(sending: Sending, client: AppClient) -> Sent:
    """Send it until there is an answer. Each attempt may leave one more repeat in the queue."""
    deadline = monotonic() + _PATIENCE_SECONDS
    while True:
        sent = _post(sending, client) if sending.way.is_http else _put(sending, client)
        if sent is not None:
            return sent
        if monotonic() > deadline:
            return Sent(sending)
        sleep(_PAUSE_SECONDS)


def _post(sending: Sending, client: AppClient) -> Sent | None:
    try:
        if sending.way is Way.DELIVERY:
            answer = delivery(sending.source, sending.content, is_genuine=sending.is_genuine).post(client)
        else:
            answer = client.post(sending.content.encode(), headers=_JSON)
    except requests.RequestException:
        return None
    if answer.status_code == HTTPStatus.ACCEPTED:
        return Sent(sending, tuple(accepted["requestId"] for accepted in answer.json()["accepted"]))
    if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return None
    return Sent(sending, refused_with=answer.status_code)


def _put(sending: Sending, client: AppClient) -> Sent | None:
    try:
        return Sent(sending, tuple(client.put_message(sending.content, encoded=sending.way is Way.BASE64)))
    except AzureError:
        return None
