"""`make send`: posts a payload to the system that `serve` keeps up, and shows the resulting events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from rich.text import Text

from local.client.app_client import AppClient
from local.client.asked import Asked
from local.client.delivery import request_ids
from local.client.own_events import OwnEvents
from local.client.terminal import new_console, show_event
from shared.settings import setting_name

if TYPE_CHECKING:
    from requests import Response

    from local.client.delivery import Delivery
    from local.client.serving import Serving

_UNAUTHORIZED: Final = 401


def send(delivery: Delivery, serving: Serving, *, silence: float) -> bool:
    """Send it, and show the answer and the events. Returns whether it was accepted and every request ended.

    Events that are shown are deleted from the queue; events of other requests stay. The wait ends after `silence`
    seconds without an event.
    """
    console = new_console()
    queue = {setting_name("start_status_queue"): serving.status_queue}
    with AppClient(
        serving.storage, functions=serving.functions, function_key=serving.function_key, settings=queue
    ) as app:
        console.print(
            f"POST /api/{delivery.route}: {len(delivery.body)} bytes, {'' if delivery.is_signed else 'not '}signed"
        )
        answer = delivery.post(app)
        console.print(Text(f"{answer.status_code} {answer.reason}", style="bold green" if answer.ok else "bold red"))
        console.print(Text(_readable(answer)), soft_wrap=True)
        if not answer.ok:
            if answer.status_code == _UNAUTHORIZED and not delivery.is_signed and delivery.source.signature:
                console.print(
                    f"To sign it, set {delivery.source.secret_setting} here to what 'serve' was started with."
                )
            return False
        asked = Asked()
        asked.add(1, request_ids(answer.json()))
        events = OwnEvents(app.events.queue, asked)
        while asked.open:
            try:
                event = events.next(timeout=silence)
            except TimeoutError:
                console.print()
                console.print(
                    Text(f"No terminal event came within {silence:g} s; is the app still up?", style="bold red")
                )
                return False
            asked.end(event)
            show_event(console, event, Text(event["data"]["requestId"], style="dim"))
    console.print()
    console.print(
        f"Ended: {asked.count} of {asked.count}." if asked.count else "Nothing was queued, so no status event follows."
    )
    return True


def _readable(answer: Response) -> str:
    try:
        return json.dumps(answer.json(), indent=2, ensure_ascii=False)
    except ValueError:
        # Without a valid function key, the host answers with an empty body.
        return answer.text
