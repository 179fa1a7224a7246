"""Reads fields of other systems' payloads. A value of an unexpected type counts as absent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.text import lowered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.json_text import Json

_BLANKS = " \t\n\r\x0b\x0c\x85\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u200b\u200c\u200d\u2060\ufeff"  # noqa: E501 - one list
"""White space that may be around values by accident, including the invisible kinds that editors insert."""
_ABSENT = frozenset({"", "null", "undefined"})
"""What templates write for a field that has no value."""


def field(value: Json, *names: str) -> Json:
    """The value at the end of a path of names; None if the path ends early."""
    for name in names:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def text(value: Json, *names: str) -> str | None:
    """The text at the end of a path of names; None if there is none."""
    found = field(value, *names)
    return found if isinstance(found, str) and found else None


def label(value: Json, *names: str) -> str | None:
    """The text or number at the end of a path of names, as a text for people; None if there is none."""
    found = clean(field(value, *names))
    if isinstance(found, (int, float)) and not isinstance(found, bool):
        return str(found)
    return found if isinstance(found, str) else None


def items(value: Json, *names: str) -> list[Json]:
    """The array at the end of a path of names; empty if there is none."""
    found = field(value, *names)
    return found if isinstance(found, list) else []


def members(value: Json, *names: str) -> Mapping[str, Json]:
    """The object at the end of a path of names; empty if there is none."""
    found = field(value, *names)
    return found if isinstance(found, dict) else {}


def clean(value: Json) -> Json:
    """The value. A text loses the blanks around it, and a text for a missing value, such as "null", becomes None."""
    if not isinstance(value, str):
        return value
    stripped = value.strip(_BLANKS)
    return None if lowered(stripped) in _ABSENT else stripped


def joined(*parts: str | None) -> str | None:
    """The parts as one text from which they can be told apart; None if no part is known."""
    return "\x1f".join(part or "" for part in parts) if any(parts) else None
