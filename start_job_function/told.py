"""Sends status events, and a notice to each target that wants one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.configuration import configuration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.event.status_event import StatusEvent
    from start_job_function.bindings import QueueMessages


def send(events: Sequence[StatusEvent], status: QueueMessages, notices: QueueMessages, *, keep: bool = True) -> None:
    """Put the events on the status queue, and their notices on the notices' queue if targets are set up.

    If the app has a status table, the events are also kept there, unless `keep` is false.
    """
    if not events:
        return
    set_up = configuration()
    if set_up.settings.application_names and any(event.job is not None for event in events):
        from shared.process import process  # imported late; events of HTTP instances have no job

        events = process().named(events)
    if set_up.settings.watch:
        from shared.process import process  # imported late; the watch does not repeat requests that were held or failed

        process().note_dealt(events)
    status.set([event.to_message() for event in events])
    if keep and set_up.settings.status_table is not None:
        from shared.process import process  # imported late, as in start_job

        process().keep_status(events)
    if set_up.notices is not None:
        from shared.notices.notice import notices_of  # not needed without targets

        if found := notices_of(events, set_up.notices):
            notices.set([notice.to_message() for notice in found])
