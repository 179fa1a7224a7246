"""Waits between polls of an empty queue."""

from datetime import timedelta

from local.host.poll_delay import PollDelay


def test_delay_grows_from_100_ms_to_the_maximum() -> None:
    delay = PollDelay(timedelta(seconds=2))

    waits = [delay.next_seconds() for _ in range(20)]

    assert waits[0] == 0.1
    # Near the maximum the jitter decides: one wait may reach it, and the next may be shorter.
    shorter = [wait for wait in waits if wait < 2]
    assert shorter == sorted(shorter)
    assert max(waits) == waits[-1] == 2


def test_message_resets_the_delay() -> None:
    delay = PollDelay(timedelta(seconds=2))
    for _ in range(20):
        delay.next_seconds()

    delay.reset()

    assert delay.next_seconds() == 0.1
