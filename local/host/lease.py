"""The lease on a message. It is renewed while its function runs, so that no other worker gets the message."""

import asyncio
import logging
from typing import Final, Self

from azure.core.exceptions import HttpResponseError
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient

from local.host.storage import STORAGE_FAULTS
from local.host.waiting import is_set_within

_logger: Final = logging.getLogger(__name__)


class Lease:
    """An async context that renews the lease at half its duration. `receipt` is the message's current pop receipt."""

    def __init__(self, queue: QueueClient, message: QueueMessage, seconds: int) -> None:
        self._queue = queue
        self._message_id = message.id
        self._seconds = seconds
        self._finished = asyncio.Event()
        self._renewing: asyncio.Task[None] | None = None
        self.receipt = str(message.pop_receipt)

    async def __aenter__(self) -> Self:
        self._renewing = asyncio.create_task(self._renew())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._finished.set()
        if self._renewing is not None:
            # Awaited, not cancelled: a renewal that is cut off would leave a pop receipt that is not known here.
            await self._renewing

    async def _renew(self) -> None:
        pause = self._seconds / 2
        while not await is_set_within(self._finished, pause):
            try:
                renewed = await self._queue.update_message(
                    self._message_id, self.receipt, visibility_timeout=self._seconds
                )
            except HttpResponseError as fault:
                if fault.status_code in {400, 404}:
                    _logger.warning("message %s: lease lost, it was taken or deleted elsewhere", self._message_id)
                    return
                pause = self._after(fault)
            except STORAGE_FAULTS as fault:
                pause = self._after(fault)
            else:
                self.receipt = str(renewed.pop_receipt)
                pause = self._seconds / 2

    def _after(self, fault: Exception) -> float:
        _logger.warning("message %s: lease not renewed, trying again soon: %s", self._message_id, fault)
        return self._seconds / 10
