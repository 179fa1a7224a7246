"""Recognizes names of previous values: a job that an edit removed from a ticket is not asked for."""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
_WORDS = frozenset({"old", "previous", "previously", "prev", "prior", "before", "former", "removed", "deleted"})
"""Such names begin or end with one of these words: old_value, previousAttributes, valueBefore."""
_NAMES = frozenset({"from", "fromstring", "fromvalue", "was", "original", "originalvalue"})
"""Jira's changelog has from and fromString, and GitHub's changes have from."""


def tells_of_before(name: str) -> bool:
    """Whether this is the name of a previous value."""
    words = [word.lower() for word in _WORD.findall(name[:80])]
    return bool(words) and (words[0] in _WORDS or words[-1] in _WORDS or "".join(words) in _NAMES)
