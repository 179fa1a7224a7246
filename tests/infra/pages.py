"""Reads the tables and links of pages in Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def rows(page: str, heading: str) -> list[list[str]]:
    """The rows of the table under a heading, without its header. Raises KeyError."""
    parts = re.split(r"(?m)^#+ (.+)$", page)
    section = dict(zip(parts[1::2], parts[2::2], strict=True))[heading]
    lines = re.findall(r"(?m)^\|(.+)\|$", section)
    return [[cell.strip() for cell in line.split("|")] for line in lines[2:]]


def first_column(page: str, heading: str) -> frozenset[str]:
    """The texts in backticks in the first column of the table under a heading. Raises KeyError."""
    return frozenset(name for row in rows(page, heading) for name in re.findall(r"`([^`]+)`", row[0]))


def broken_links(page: Path) -> list[str]:
    """The links of a page to files or headings of this repository that do not exist."""
    links = re.findall(r"\]\(([^)]+)\)", page.read_text())
    return [link for link in links if "://" not in link and not _leads_somewhere(page, link)]


def _leads_somewhere(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    file = page.parent / name if name else page
    if not file.exists():
        return False
    return not anchor or anchor in {_anchor(heading) for heading in re.findall(r"(?m)^#+ (.+)$", file.read_text())}


def _anchor(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
