"""Reads the tables of the pages in docs/."""

from __future__ import annotations

import re


def first_column(page: str, heading: str) -> frozenset[str]:
    """What stands in backticks in the first column of the table under a heading. Raises KeyError."""
    parts = re.split(r"(?m)^#+ (.+)$", page)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    rows = re.findall(r"(?m)^\|([^|]*)\|", sections[heading])
    return frozenset(name for row in rows for name in re.findall(r"`([^`]+)`", row))
