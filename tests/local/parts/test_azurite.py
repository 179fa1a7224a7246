"""Azurite as a part: data and addresses survive a stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from azure.storage.queue import QueueServiceClient

from local.parts.azurite import Azurite

if TYPE_CHECKING:
    from pathlib import Path


def test_data_and_addresses_stay_over_a_restart(tmp_path: Path) -> None:
    azurite = Azurite(tmp_path / "data", tmp_path / "log")
    azurite.start()
    try:
        before = azurite.connection_string
        with QueueServiceClient.from_connection_string(before) as service:
            service.create_queue("kept").send_message("<still here>")

        azurite.restart()

        with QueueServiceClient.from_connection_string(before) as service:
            texts = [message.content for message in service.get_queue_client("kept").receive_messages()]
    finally:
        azurite.stop()
    assert azurite.connection_string == before
    assert texts == ["<still here>"]
    assert not azurite.is_running
