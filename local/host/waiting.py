"""Waiting with a time limit."""

import asyncio


async def is_set_within(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event is set within that many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
