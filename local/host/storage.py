"""Azure Queue Storage: clients that notice a broken service quickly, and writing with the queue made when missing."""

from collections.abc import Callable, Iterable
from typing import Final

import aiohttp
from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError
from azure.storage.queue.aio import QueueClient, QueueServiceClient

from local.host.connection import Connection
from local.host.functions import QueueAddress

# All that a service which is down, restarting or at fault can raise through the client.
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
        """Return the client of a queue."""
        if address not in self._queues:
            self._queues[address] = self._service(address.connection).get_queue_client(address.name)
        return self._queues[address]

    def watch(self, address: QueueAddress, notify: Callable[[], None]) -> None:
        """Call `notify` when this host has moved a message to the queue, so that its listener need not wait."""
        self._watchers[address] = notify

    async def send(self, address: QueueAddress, texts: Iterable[str]) -> None:
        """Write messages as they are, one after the other. Raises STORAGE_FAULTS, and what the texts raise.

        No listener is told: in Azure as well, what a function writes is found by the next look at the queue.
        """
        queue = self.queue(address)
        for text in texts:
            await _send(queue, text)

    async def move(self, address: QueueAddress, text: str) -> None:
        """Write a message that was on another queue, and tell the listener of this one. Raises STORAGE_FAULTS."""
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
                # One more try, for a kept-alive connection that the service has closed meanwhile.
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
        # Another invocation was faster.
        return
