"""Names under which payloads say what was before: a job that an edit took out of a ticket is not asked for."""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
_WORDS = frozenset({"old", "previous", "previously", "prev", "prior", "before", "former", "removed", "deleted"})
"""A name that begins or ends with one of these: old_value, previousAttributes, valueBefore."""
_NAMES = frozenset({"from", "fromstring", "fromvalue", "was", "original", "originalvalue"})
"""Jira's changelog has from and fromString, GitHub's changes from."""


def tells_of_before(name: str) -> bool:
    """Whether what stands under this name was there before, and is no more."""
    words = [word.lower() for word in _WORD.findall(name[:80])]
    return bool(words) and (words[0] in _WORDS or words[-1] in _WORDS or "".join(words) in _NAMES)
