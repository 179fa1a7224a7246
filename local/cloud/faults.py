"""Faults: what goes wrong with the next calls that match."""

from dataclasses import dataclass
from enum import StrEnum

from local.cloud.fields import Fields
from local.cloud.happening import Happening, parse_happening


class ServiceName(StrEnum):
    """The service whose calls a fault applies to."""

    ANY = ""
    GRAPH = "graph"
    IDENTITY = "identity"
    TABLES = "tables"
    QUEUES = "queues"
    TEAMS = "teams"
    SLACK = "slack"
    WEBHOOK = "webhook"
    JIRA = "jira"
    SERVICENOW = "servicenow"
    ZENDESK = "zendesk"
    FRESHSERVICE = "freshservice"
    PAGERDUTY = "pagerduty"


@dataclass(frozen=True, slots=True)
class Match:
    """Which calls a fault applies to."""

    service: ServiceName
    method: str | None
    path_contains: str
    path_ends_with: str

    def meets(self, service: ServiceName, method: str, path: str) -> bool:
        """Whether a call matches."""
        is_of_service = self.service in (ServiceName.ANY, service)
        is_of_path = self.path_contains in path and path.endswith(self.path_ends_with)
        return is_of_service and self.method in (None, method) and is_of_path


@dataclass(slots=True)
class _Turn:
    """What happens to the next calls, and to how many."""

    happening: Happening
    left: int | None
    """How many more calls, or None for all."""


class Fault:
    """A fault and what is left of it. The package lists its properties."""

    def __init__(self, match: Match, turns: list[_Turn]) -> None:
        self.match = match
        self._turns = turns

    @property
    def is_over(self) -> bool:
        """Whether it has nothing left to apply."""
        return not self._turns

    def take(self) -> Happening:
        """Use it up for one more call, and return what happens to that call."""
        turn = self._turns[0]
        if turn.left is not None:
            turn.left -= 1
            if not turn.left:
                self._turns.pop(0)
        return turn.happening


def parse_fault(value: object) -> Fault:
    """Parse a fault as it is posted. Raises ValueError."""
    fields = Fields(value, "fault")
    match = _match(fields.fields("match") or Fields({}, "fault.match"))
    if fields.has("answers"):
        answers = fields.objects("answers")
        turns = [_turn(Fields(each, f"fault.answers[{index}]"), "repeat") for index, each in enumerate(answers)]
        fields.end()
    else:
        turns = [_turn(fields, "times")]
    if not turns:
        raise ValueError("fault.answers is empty")
    return Fault(match, turns)


def _match(fields: Fields) -> Match:
    method = fields.text("method")
    match = Match(
        service=fields.one_of("service", ServiceName, ServiceName.ANY),
        method=None if method is None else method.upper(),
        path_contains=fields.text("pathContains") or "",
        path_ends_with=fields.text("pathEndsWith") or "",
    )
    fields.end()
    return match


def _turn(fields: Fields, count: str) -> _Turn:
    times = None if fields.is_null(count) else fields.count(count, 1)
    turn = _Turn(parse_happening(fields, fields.place), times)
    fields.end()
    return turn


class Faults:
    """The active faults, in the order in which they were added."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Apply a fault to the next calls that match."""
        self._waiting.append(fault)

    def clear(self) -> None:
        """Remove all faults."""
        self._waiting.clear()

    def to_json(self) -> list[dict[str, str | None]]:
        """The calls that faults still wait for, as /_sim/faults shows them."""
        return [
            {
                "service": fault.match.service,
                "method": fault.match.method,
                "pathContains": fault.match.path_contains,
                "pathEndsWith": fault.match.path_ends_with,
            }
            for fault in self._waiting
        ]

    def take(self, service: ServiceName, method: str, path: str) -> Happening | None:
        """What happens to this call, or None."""
        for fault in self._waiting:
            if fault.match.meets(service, method, path):
                happening = fault.take()
                if fault.is_over:
                    self._waiting.remove(fault)
                return happening
        return None
