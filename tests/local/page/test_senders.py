"""The app accepts what the page sends: every sender's payload names the job, and its ticket."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from local.client.delivery import Delivery
from local.page.senders import SENDERS, Asking
from shared.intake.payloads import take
from shared.intake.sources import SOURCES
from shared.notices.ticket import ticket_of
from shared.settings import Settings
from tests.examples import JOB, PRINCIPAL

if TYPE_CHECKING:
    from local.page.senders import Sender
    from shared.request.start_request import StartRequest

_ASKING = Asking(7, PRINCIPAL, JOB, "Contoso HR is in quarantine")


_PAYLOADS = [pytest.param(sender, id=name) for name, sender in SENDERS.items() if sender.source is not None]


def taken(sender: Sender, asking: Asking) -> StartRequest:
    """The one request that the app makes of a payload."""
    assert sender.source is not None
    delivery = Delivery(SOURCES[sender.source], json.dumps(sender.body(asking)).encode())
    headers = {name.lower(): value for name, value in delivery.headers().items()}
    (request,) = take(sender.source, delivery.body, headers, Settings(), {}, open_sources=None).requests
    return request


@pytest.mark.parametrize("sender", _PAYLOADS)
def test_the_payload_asks_for_the_job(sender: Sender) -> None:
    request = taken(sender, _ASKING)
    assert str(request.job).lower() == _ASKING.path.lower()
    if sender.ticket is not None:
        ticket = sender.ticket(_ASKING.number)
        found = ticket_of(request.requested_by.source, request.requested_by.reference)
        assert found is not None
        assert found.target == ticket.target
        assert found.id in (ticket.id, ticket.number)


def test_every_kind_of_sender_can_be_chosen() -> None:
    assert {sender.source for sender in SENDERS.values() if sender.source is not None} == set(SOURCES)


@pytest.mark.parametrize("sender", _PAYLOADS)
def test_the_next_request_is_another_one(sender: Sender) -> None:
    assert taken(sender, _ASKING).request_id != taken(sender, _ASKING._replace(number=8)).request_id
