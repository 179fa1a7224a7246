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
    """The app can't tell, because another link is missing, or because only Azure knows."""


class Check(NamedTuple):
    """What a check found, in one sentence, and what to do about it."""

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
    """The check found no fault."""
    return Check(name, State.OK, message, None, facts)


def failing(name: str, message: str, advice: str | None = None, **facts: Any) -> Check:
    """The check found a fault."""
    return Check(name, State.FAILING, message, advice, facts)


def not_checked(name: str, message: str, advice: str | None = None) -> Check:
    """The app can't check this."""
    return Check(name, State.NOT_CHECKED, message, advice)
