"""Print the events on the start-status queue, and delete them."""

from __future__ import annotations

import argparse
import base64
import json
import time
from typing import TYPE_CHECKING, Any

from azure.identity import DefaultAzureCredential
from azure.storage.queue import QueueClient

if TYPE_CHECKING:
    from collections.abc import Iterator

LEASE = 60
"""Seconds that a message is hidden from other readers while it is processed."""


def main() -> None:
    """Read until the queue is empty, or without end."""
    options = _options()
    seen: set[str] = set()
    with _client(options) as queue:
        for event in _events(queue, until_empty=options.until_empty):
            if event["id"] not in seen:
                seen.add(event["id"])
                print(describe(event), flush=True)


def describe(event: dict[str, Any]) -> str:
    """The event in a line."""
    data = event["data"]
    text = f"{event['time']} {data['outcome']}/{data['reason']} {event.get('subject', '-')}: {data['message']}"
    return f"{text} {data['advice']}" if "advice" in data else text


def _events(queue: QueueClient, *, until_empty: bool) -> Iterator[dict[str, Any]]:
    """The events. Each is deleted from the queue when the caller asks for the next one."""
    while True:
        message = queue.receive_message(visibility_timeout=LEASE)
        if message is not None:
            yield json.loads(base64.b64decode(message.content))
            queue.delete_message(message)
        elif until_empty:
            return
        else:
            time.sleep(2)


def _client(options: argparse.Namespace) -> QueueClient:
    if options.connection_string:
        return QueueClient.from_connection_string(options.connection_string, options.queue)
    url = f"https://{options.account}.queue.{options.suffix}"
    return QueueClient(url, options.queue, credential=DefaultAzureCredential())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--account", help="name of the storage account; signs in with azure-identity")
    where.add_argument("--connection-string", help="of the storage account, for the local system")
    parser.add_argument("--suffix", default="core.windows.net", help="of the cloud's storage (default: %(default)s)")
    parser.add_argument("--queue", default="start-status", help="default: %(default)s")
    parser.add_argument("--until-empty", action="store_true", help="stop when the queue is empty")
    return parser.parse_args()


if __name__ == "__main__":
    main()
