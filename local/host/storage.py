"""Azure Queue Storage: clients that detect a failed service quickly, and writing to queues that may not exist yet."""

from collections.abc import Callable, Iterable
from typing import Final

import aiohttp
from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError
from azure.storage.queue.aio import QueueClient, QueueServiceClient

from local.host.connection import Connection
from local.host.functions import QueueAddress

# Everything the client raises if the service is down, restarting or failing.
STORAGE_FAULTS: Final = (AzureError, aiohttp.ClientError, OSError)

_CONNECT_SECONDS: Final = 2
_READ_SECONDS: Final = 10


class Storage:
    """The queues of all storage accounts that the app uses."""

    def __init__(self) -> None:
        self._services: dict[Connection, QueueServiceClient] = {}
        self._queues: dict[QueueAddress, QueueClient] = {}
        self._watchers: dict[QueueAddress, Callable[[], None]] = {}

    def queue(self, address: QueueAddress) -> QueueClient:
        """The client of a queue."""
        if address not in self._queues:
            self._queues[address] = self._service(address.connection).get_queue_client(address.name)
        return self._queues[address]

    def watch(self, address: QueueAddress, notify: Callable[[], None]) -> None:
        """Call `notify` when this host moves a message to the queue, so that its listener polls at once."""
        self._watchers[address] = notify

    async def send(self, address: QueueAddress, texts: Iterable[str]) -> None:
        """Write the messages unchanged, one after another. Raises STORAGE_FAULTS, and what `texts` raises.

        Listeners are not notified: in Azure too, the next poll finds what a function wrote.
        """
        queue = self.queue(address)
        for text in texts:
            await _send(queue, text)

    async def move(self, address: QueueAddress, text: str) -> None:
        """Write a message from another queue, and notify the listener of this one. Raises STORAGE_FAULTS."""
        await self.send(address, [text])
        if notify := self._watchers.get(address):
            notify()

    async def close(self) -> None:
        """Close every connection."""
        for service in self._services.values():
            await service.close()

    def _service(self, connection: Connection) -> QueueServiceClient:
        if connection not in self._services:
            self._services[connection] = connection.open(
                # One retry, for a kept-alive connection that the service has closed.
                retry_total=1,
                initial_backoff=0,
                increment_base=0,
                random_jitter_range=0,
                connection_timeout=_CONNECT_SECONDS,
                read_timeout=_READ_SECONDS,
            )
        return self._services[connection]


async def _send(queue: QueueClient, text: str) -> None:
    try:
        await queue.send_message(text)
    except ResourceNotFoundError:
        await _create(queue)
        await queue.send_message(text)


async def _create(queue: QueueClient) -> None:
    try:
        await queue.create_queue()
    except ResourceExistsError:
        # Another invocation created it first.
        return
