"""A function app that reads start-status and posts the events that people should see."""

import json
import logging
import os
import urllib.request
from collections import OrderedDict
from typing import Any

import azure.functions as func

app = func.FunctionApp()

FOR_PEOPLE = frozenset({"delayed", "held", "failed", "rejected", "relapsed", "unconfirmed"})
QUIET = frozenset({"started", "skipped", "expanded", "recovered"})
REMEMBERED = 10_000
"""How many event ids an instance remembers. Keep them in a table if a repeated post would do harm."""

_seen: OrderedDict[str, None] = OrderedDict()


@app.queue_trigger(arg_name="message", queue_name="start-status", connection="StatusQueue")
def tell_people(message: func.QueueMessage) -> None:
    """Post the event to TICKET_WEBHOOK if a person should see it. If that fails, the queue delivers it again."""
    event = json.loads(message.get_body())
    if event["id"] in _seen:
        return
    if event["data"]["outcome"] not in QUIET:
        _post({"text": describe(event)})
    _seen[event["id"]] = None
    if len(_seen) > REMEMBERED:
        _seen.popitem(last=False)


def describe(event: dict[str, Any]) -> str:
    """The event in a few words. Unknown outcomes are for people too."""
    data = event["data"]
    known = "" if data["outcome"] in FOR_PEOPLE else " (an outcome that this function does not know)"
    reference = data["requestedBy"].get("reference", "")
    parts = [reference, f"{data['outcome']}/{data['reason']}{known}:", data["message"], data.get("advice", "")]
    return " ".join(filter(None, parts))


def _post(body: dict[str, str]) -> None:
    request = urllib.request.Request(  # noqa: S310 - the operator's own URL
        os.environ["TICKET_WEBHOOK"],
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        logging.getLogger(__name__).info("posted status=%s", answer.status)
