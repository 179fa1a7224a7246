"""Queue triggers: one listener each, with the real host's polling, concurrency, retries and poison queues."""

import asyncio
import logging
import math
from typing import Final

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import QueueMessage

from local.host.app_settings import is_queue_name
from local.host.errors import InvocationFailed
from local.host.functions import Function, QueueAddress, QueueTrigger
from local.host.host_json import QueueSettings
from local.host.invoker import Invoker
from local.host.lease import Lease
from local.host.poll_delay import PollDelay
from local.host.queue_message import Undecodable, decode, trigger_metadata
from local.host.storage import STORAGE_FAULTS, Storage
from local.host.trace_context import TraceContext
from local.host.waiting import is_set_within

_POISON: Final = "-poison"

_logger: Final = logging.getLogger(__name__)


class QueueListener:
    """Takes messages off one queue and runs one function for each. At most batch size + threshold run at once."""

    def __init__(
        self,
        function: Function,
        trigger: QueueTrigger,
        *,
        settings: QueueSettings,
        lease_seconds: int,
        storage: Storage,
        invoker: Invoker,
    ) -> None:
        self._function = function
        self._trigger = trigger
        self._settings = settings
        self._lease_seconds = lease_seconds
        self._storage = storage
        self._invoker = invoker
        self._queue = storage.queue(trigger.queue)
        self._poison = _poison_queue(trigger.queue)
        self._delay = PollDelay(settings.max_polling_interval)
        self._running: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._look_now = asyncio.Event()
        self._one_finished = asyncio.Event()
        storage.watch(trigger.queue, self._look_now.set)

    async def run(self) -> None:
        """Listen until stopped, through all faults of the storage service."""
        while not self._stopping:
            messages = await self._receive()
            for message in messages:
                task = asyncio.create_task(self._process(message))
                self._running.add(task)
                task.add_done_callback(self._finished)
            if messages:
                self._delay.reset()
                await self._room_for_a_batch()
            else:
                await self._wait(self._delay.next_seconds())

    def stop(self) -> None:
        """Take no more messages. Running functions continue."""
        self._stopping = True
        self._look_now.set()
        self._one_finished.set()

    async def drain(self) -> None:
        """Wait for running functions."""
        await asyncio.gather(*self._running)

    async def _receive(self) -> list[QueueMessage]:
        """Take one batch. It is empty if there are no messages, no queue, or the service fails."""
        size = self._settings.batch_size
        # Cleared before polling, so that a message that arrives from now on leads to another poll.
        self._look_now.clear()
        try:
            pages = self._queue.receive_messages(
                messages_per_page=size, max_messages=size, visibility_timeout=self._lease_seconds
            ).by_page()
            async for page in pages:
                return [message async for message in page]
        except ResourceNotFoundError:
            # The queue does not exist until its first message.
            return []
        except STORAGE_FAULTS as fault:
            _logger.warning("queue %s cannot be read, trying again: %s", self._trigger.queue.name, fault)
        except Exception:
            # If this raised, the listener would end, and no log line would say that its queue is no longer read.
            _logger.exception("queue %s: reading failed", self._trigger.queue.name)
        return []

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._one_finished.set()

    async def _room_for_a_batch(self) -> None:
        while len(self._running) > self._settings.new_batch_threshold and not self._stopping:
            self._one_finished.clear()
            await self._one_finished.wait()

    async def _wait(self, seconds: float) -> None:
        if not self._stopping:
            await is_set_within(self._look_now, seconds)

    async def _process(self, message: QueueMessage) -> None:
        try:
            await self._run_function(message)
        except STORAGE_FAULTS as fault:
            # The message comes back when its lease ends.
            _logger.warning("message %s: not settled, it will be delivered again: %s", message.id, fault)
        except Exception:
            _logger.exception("message %s: the host failed on it", message.id)

    async def _run_function(self, message: QueueMessage) -> None:
        dequeued = message.dequeue_count or 0
        # The real host does not count in a poison queue: a message there runs again after each lease, until it expires.
        if dequeued > self._settings.max_dequeue_count and self._poison is not None:
            await self._move_to_poison(message, str(message.pop_receipt))
            return
        try:
            body = decode(message, self._settings.message_encoding, binary=self._trigger.binary)
        except Undecodable as fault:
            _logger.error("message %s of queue %s is not base64: %s", message.id, self._trigger.queue.name, fault)  # noqa: TRY400 - not the host's
            await self._move_to_poison(message, str(message.pop_receipt))
            return
        succeeded = True
        async with Lease(self._queue, message, self._lease_seconds) as lease:
            try:
                await self._invoker.invoke(
                    self._function,
                    value=body,
                    trigger_metadata=trigger_metadata(message, body),
                    trace=TraceContext.new(),
                    reason=f"message {message.id} of queue {self._trigger.queue.name}, delivery {dequeued}",
                )
            except InvocationFailed:
                succeeded = False
        if succeeded:
            await self._queue.delete_message(message.id, lease.receipt)
        elif self._poison is None:
            # The message stays leased, and is delivered again after that.
            return
        elif dequeued >= self._settings.max_dequeue_count:
            await self._move_to_poison(message, lease.receipt)
        else:
            await self._queue.update_message(
                message.id,
                lease.receipt,
                visibility_timeout=math.ceil(self._settings.visibility_timeout.total_seconds()),
            )

    async def _move_to_poison(self, message: QueueMessage, receipt: str) -> None:
        """Copy the message unchanged, then delete it. A message in a poison queue stays there."""
        if self._poison is None:
            return
        _logger.warning("message %s goes to queue %s", message.id, self._poison.name)
        await self._storage.move(self._poison, str(message.content or ""))
        await self._queue.delete_message(message.id, receipt)


def _poison_queue(queue: QueueAddress) -> QueueAddress | None:
    name = queue.name + _POISON
    if queue.name.endswith(_POISON) or not is_queue_name(name):
        return None
    return QueueAddress(name, queue.connection)
