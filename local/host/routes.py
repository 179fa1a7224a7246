"""Route templates of HTTP triggers, in ASP.NET's syntax: literals, {name}, {name?} and {*rest}."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final
from urllib.parse import unquote

_PARAMETER: Final = re.compile(r"\{(?P<rest>\*{0,2})(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<optional>\??)\}")


class _Kind(IntEnum):
    """The order in which routes are tried."""

    LITERAL = 0
    PARAMETER = 1
    OPTIONAL = 2
    REST = 3


@dataclass(frozen=True, slots=True)
class _Segment:
    kind: _Kind
    text: str


@dataclass(frozen=True, slots=True)
class Route:
    """A template. `precedence` sorts routes with more literals first."""

    template: str
    segments: tuple[_Segment, ...]

    @property
    def precedence(self) -> tuple[int, ...]:
        return tuple(segment.kind for segment in self.segments)

    def match(self, path: Sequence[str]) -> dict[str, str] | None:
        """The values of the parameters, or None. `path` holds the segments of a request's path, still encoded."""
        values: dict[str, str] = {}
        for position, segment in enumerate(self.segments):
            if segment.kind is _Kind.REST:
                if rest := "/".join(path[position:]):
                    values[segment.text] = unquote(rest)
                return values
            if position >= len(path):
                if segment.kind is _Kind.OPTIONAL:
                    return values
                return None
            given = unquote(path[position])
            if segment.kind is not _Kind.LITERAL:
                values[segment.text] = given
            elif given.lower() != segment.text.lower():
                return None
        return values if len(path) <= len(self.segments) else None


def split_path(path: str) -> list[str]:
    """Split an encoded path at its slashes. A slash at the end does not count."""
    return path.strip("/").split("/") if path.strip("/") else []


def parse_route(template: str) -> Route:
    """Parse a template. Raises ValueError for syntax that this host lacks, such as constraints or defaults."""
    segments = tuple(_segment(text, template) for text in split_path(template))
    for segment in segments[:-1]:
        if segment.kind in {_Kind.OPTIONAL, _Kind.REST}:
            raise ValueError(f"{{{segment.text}}} must come last in route {template!r}")
    return Route(template, segments)


def _segment(text: str, template: str) -> _Segment:
    match = _PARAMETER.fullmatch(text)
    if match is None:
        if "{" in text or "}" in text:
            raise ValueError(f"{text!r} in route {template!r}: this host has only {{name}}, {{name?}} and {{*rest}}")
        return _Segment(_Kind.LITERAL, text)
    if match["rest"]:
        return _Segment(_Kind.REST, match["name"])
    return _Segment(_Kind.OPTIONAL if match["optional"] else _Kind.PARAMETER, match["name"])
