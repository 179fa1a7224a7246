"""Texts that a system cut: a path of a job at the end of one is not taken for a whole path."""

from __future__ import annotations

import re

LIMITS = frozenset(
    {130, 140, 150, 160, 200, 250, 255, 256, 500, 512, 1000, 1024, 2000, 4000, 4096, 15000, 25000, 32767}
)
"""Lengths to which systems cut titles, details and descriptions; what is known of one system stands in its module."""
_ELLIPSIS = ("…", "...", "[...]", "(...)")
_UNFINISHED = re.compile(r"servicePrincipals[/(]\S*", re.IGNORECASE)
_LONGEST_PATH = 300


def has_length_of_limit(text: str, limits: frozenset[int]) -> bool:
    """Whether the text has just a length to which it may have been cut; systems count characters or UTF-16 units."""
    return len(text) in limits or len(text.encode("utf-16-le", "surrogatepass")) // 2 in limits


def is_cut(text: str, end: int, limits: frozenset[int]) -> bool:
    """Whether a path that ends at this index is the last of a text that was cut."""
    rest = text[end : end + 10].strip()
    if rest in _ELLIPSIS or (not rest and text[:end].endswith("...")):
        return len(text) - end < len(_ELLIPSIS[-1]) + 2
    return end == len(text) and has_length_of_limit(text, limits)


def ends_in_unfinished_path(text: str, limits: frozenset[int]) -> bool:
    """Whether a text that was cut ends in the beginning of a path."""
    tail = text[-_LONGEST_PATH:]
    begin = tail.lower().rfind("serviceprincipals")
    return begin >= 0 and _UNFINISHED.fullmatch(tail, begin) is not None and has_length_of_limit(text, limits)
