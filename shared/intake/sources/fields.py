"""Fields of payloads whose shape is another's: what is not as expected counts as absent, and blanks don't count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.text import lowered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.json_text import Json

_BLANKS = " \t\n\r\x0b\x0c\x85\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u200b\u200c\u200d\u2060\ufeff"  # noqa: E501 - one list
"""What stands around values by accident: white space, also the kinds that an editor makes and nobody sees."""
_ABSENT = frozenset({"", "null", "undefined"})
"""What templates write for a field that has no value."""


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


def label(value: Json, *names: str) -> str | None:
    """The text or the number at the end of a path of names as a text for people; None where there is none."""
    found = clean(field(value, *names))
    if isinstance(found, (int, float)) and not isinstance(found, bool):
        return str(found)
    return found if isinstance(found, str) else None


def items(value: Json, *names: str) -> list[Json]:
    """The array at the end of a path of names, empty where there is none."""
    found = field(value, *names)
    return found if isinstance(found, list) else []


def members(value: Json, *names: str) -> Mapping[str, Json]:
    """The object at the end of a path of names, empty where there is none."""
    found = field(value, *names)
    return found if isinstance(found, dict) else {}


def clean(value: Json) -> Json:
    """The value; a text without the blanks around it, and None for one that says that there is nothing."""
    if not isinstance(value, str):
        return value
    stripped = value.strip(_BLANKS)
    return None if lowered(stripped) in _ABSENT else stripped


def joined(*parts: str | None) -> str | None:
    """The parts that are known as one text that tells them apart; None where none is."""
    return "\x1f".join(part or "" for part in parts) if any(parts) else None
