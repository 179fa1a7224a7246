"""Recognizes texts that a system cut. A job's path at the end of such a text may be incomplete."""

from __future__ import annotations

import re

LIMITS = frozenset(
    {130, 140, 150, 160, 200, 250, 255, 256, 500, 512, 1000, 1024, 2000, 4000, 4096, 15000, 25000, 32767}
)
"""Lengths to which systems cut titles, details and descriptions. Known lengths of one system are in its module."""
_ELLIPSIS = ("…", "...", "[...]", "(...)")
_UNFINISHED = re.compile(r"servicePrincipals[/(]\S*", re.IGNORECASE)
_LONGEST_PATH = 300


def has_length_of_limit(text: str, limits: frozenset[int]) -> bool:
    """Whether the text has exactly a length to which systems cut. They count characters or UTF-16 code units."""
    return len(text) in limits or len(text.encode("utf-16-le", "surrogatepass")) // 2 in limits


def is_cut(text: str, end: int, limits: frozenset[int]) -> bool:
    """Whether the text was cut, and a path that ends at this index is at its end."""
    rest = text[end : end + 10].strip()
    if rest in _ELLIPSIS or (not rest and text[:end].endswith("...")):
        return len(text) - end < len(_ELLIPSIS[-1]) + 2
    return end == len(text) and has_length_of_limit(text, limits)


def ends_in_unfinished_path(text: str, limits: frozenset[int]) -> bool:
    """Whether the text was cut, and ends with an incomplete path."""
    tail = text[-_LONGEST_PATH:]
    begin = tail.lower().rfind("serviceprincipals")
    return begin >= 0 and _UNFINISHED.fullmatch(tail, begin) is not None and has_length_of_limit(text, limits)
