"""Fields of payloads whose shape is another's: what is not as expected counts as absent."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.json_text import Json


def field(value: Json, *names: str) -> Json:
    """The value at the end of a path of names; None where the path ends early."""
    for name in names:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def text(value: Json, *names: str) -> str | None:
    """The text at the end of a path of names; None where there is none."""
    found = field(value, *names)
    return found if isinstance(found, str) and found else None


def items(value: Json, *names: str) -> list[Json]:
    """The array at the end of a path of names, empty where there is none."""
    found = field(value, *names)
    return found if isinstance(found, list) else []


def members(value: Json, *names: str) -> Mapping[str, Json]:
    """The object at the end of a path of names, empty where there is none."""
    found = field(value, *names)
    return found if isinstance(found, dict) else {}


def joined(*parts: str | None) -> str | None:
    """The parts that are known as one text that tells them apart; None where none is."""
    return "\x1f".join(part or "" for part in parts) if any(parts) else None
