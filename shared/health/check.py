"""The result of one check, in JSON."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from shared.json_text import known

if TYPE_CHECKING:
    from collections.abc import Mapping


class State(StrEnum):
    """What a check found."""

    OK = "ok"
    FAILING = "failing"
    NOT_CHECKED = "notChecked"
    """It can't be told: another link is missing, or only Azure knows."""


class Check(NamedTuple):
    """What was found, in one sentence, and what to do about it."""

    name: str
    state: State
    message: str
    advice: str | None = None
    facts: Mapping[str, Any] = MappingProxyType({})

    def to_json(self) -> dict[str, Any]:
        """The object in the answer."""
        fields = {"name": self.name, "status": self.state, "message": self.message, "advice": self.advice or None}
        return {**known(fields), **self.facts}


def ok(name: str, message: str, **facts: Any) -> Check:
    """All is well."""
    return Check(name, State.OK, message, None, facts)


def failing(name: str, message: str, advice: str | None = None, **facts: Any) -> Check:
    """Something is to be done."""
    return Check(name, State.FAILING, message, advice, facts)


def not_checked(name: str, message: str, advice: str | None = None) -> Check:
    """Nobody knows."""
    return Check(name, State.NOT_CHECKED, message, advice)
