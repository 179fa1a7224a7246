"""Where a value is in a JSON document."""

from __future__ import annotations

MAX_SEGMENT = 80
"""Longest name that is written in full, in characters. The sender chooses the names."""


class Place:
    """A place, linked from the inside out. It is cheap until str() writes it as a JSON Pointer (RFC 6901)."""

    __slots__ = ("_parent", "_segment")

    def __init__(self, segment: str | int = "", parent: Place | None = None) -> None:
        self._segment = segment
        self._parent = parent

    def __truediv__(self, segment: str | int) -> Place:
        """The place of a member or an element of this value."""
        return Place(segment, self)

    def __str__(self) -> str:
        segments: list[str] = []
        place = self
        while place._parent is not None:
            segment = str(place._segment)
            if len(segment) > MAX_SEGMENT:
                segment = f"{segment[: MAX_SEGMENT - 1]}…"
            segments.append(segment.replace("~", "~0").replace("/", "~1"))
            place = place._parent
        return "".join(f"/{segment}" for segment in reversed(segments))


ROOT = Place()
"""The document itself."""
