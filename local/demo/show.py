"""Runs the scenes on the whole system, and shows what happens."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from local.client.asked import Asked, Fates
from local.demo.display import Display, Lines
from local.demo.page import Page
from local.demo.scenes import SETTINGS, TICKET, TICKET_ID, scenes
from local.demo.tally import Tally
from local.parts.system import LocalSystem, Options

if TYPE_CHECKING:
    from local.client.told import Seen
    from local.demo.scene import Scene

_LONGEST_SILENCE: Final = 60.0
_LOG_TAIL: Final = 3000
_TELLING: Final = 30.0
_SHOWN: Final = ("servicenow", "teams")
"""The targets whose texts are shown, out of all that are notified."""


def show(*, as_json: bool) -> bool:
    """Run the demo. Returns whether every request got its terminal event, and every start the event that says whether
    it helped.
    """
    display: Display = Lines() if as_json else Page()
    display.starting()
    with LocalSystem(Options(max_poll=0.5, visibility=1, settings=SETTINGS, targets=True)) as system:
        system.told.put_ticket("servicenow", TICKET_ID, number=TICKET)
        return _perform(system, scenes(), display)


def _perform(system: LocalSystem, acts: list[Scene], display: Display) -> bool:
    for act in acts:
        _set_up(system, act)
    display.asked(acts)
    asked, fates, repeated, tally = Asked(), Fates(), Counter[int](), Tally()
    for number, act in enumerate(acts, 1):
        asked.add(number, act.sending.send(system.app))
    while asked.open or fates.unknown:
        try:
            event = system.app.events.next(timeout=_LONGEST_SILENCE)
        except TimeoutError:
            numbers = sorted({*asked.open_numbers, *asked.numbers(fates.unknown)})
            display.unanswered(numbers, system.hosts[0].log_text[-_LOG_TAIL:])
            return False
        scene_number = asked.end(event)
        fates.note(event)
        scene = None if scene_number is None else acts[scene_number - 1]
        if scene_number:
            tally.event(scene_number, event)
        display.event(event, scene_number, scene)
        if scene_number and scene and event["data"]["outcome"] == "relapsed" and repeated[scene_number] < scene.repeats:
            repeated[scene_number] += 1
            asked.add(scene_number, scene.sending.send(system.app))
    display.told(_told(system))
    for number in range(1, len(acts) + 1):
        tally.asked(number, asked.count_of(number))
    display.ended(acts, tally, system.simulation.calls())
    return True


def _told(system: LocalSystem) -> list[Seen]:
    """What people read of the ticket's request: the notes on the ticket, and the cards in Teams."""

    def of_ticket(seen: list[Seen]) -> list[Seen]:
        return [each for each in seen if each.target in _SHOWN and TICKET in each.place + each.text]

    try:
        return of_ticket(system.told.wait(lambda seen: len(of_ticket(seen)) >= 2 * len(_SHOWN), timeout=_TELLING))
    except TimeoutError:
        return of_ticket(system.told.seen())


def _set_up(system: LocalSystem, scene: Scene) -> None:
    if principal := scene.principal:
        system.simulation.put_principal(principal.object_id, app_id=principal.app_id, display_name=scene.application)
        for job in principal.jobs:
            system.simulation.put_job(principal.object_id, job, **principal.behaviour)
    for fault in scene.faults:
        system.simulation.fault(**fault)
