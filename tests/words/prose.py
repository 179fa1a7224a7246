"""The docstrings and comments of Python files."""

from __future__ import annotations

import ast
import inspect
import io
import re
import tokenize
from pathlib import Path
from typing import TYPE_CHECKING

from tests.words import check

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
CHECKED = ("function_app.py", "start_job_function", "shared", "schemas", "local", "trials", "tests", "docs")
"""Files and folders whose docstrings and comments must be plain English."""

_VAGUE = re.compile(r"\b(nobody|anybody|somebody|whoever)\b", re.IGNORECASE)
_DIRECTIVE = re.compile(r"^(?:noqa(?::? ?[A-Z]+\d+(?:, ?[A-Z]+\d+)*)?|type: ignore(?:\[[\w, -]+\])?|!.*)(?: - |$)")
_TREE = re.compile(r"(?m)^.*[├└].*$")


def files() -> Iterator[Path]:
    """The Python files of CHECKED, without installed packages."""
    for name in CHECKED:
        place = ROOT / name
        found = [place] if place.is_file() else sorted(place.rglob("*.py"))
        yield from (file for file in found if "node_modules" not in file.parts)


def written() -> Iterator[tuple[str, str]]:
    """Each paragraph of a docstring or comment, with the file and line where its text begins."""
    for file in files():
        source = file.read_text(encoding="utf-8")
        place = file.relative_to(ROOT)
        for line, text in (*docstrings(source), *comments(source)):
            yield from ((f"{place}:{line}", paragraph) for paragraph in check.paragraphs(text) if paragraph)


def faults(text: str) -> Iterator[str]:
    """What is wrong with a paragraph: what `check` finds, and pronouns where a reader needs to know who is meant."""
    yield from check.faults(text, check.UNWANTED)
    if found := _VAGUE.search(text):
        yield f'"{found[0]}" (say who: no caller, a person, another program): {text}'


def docstrings(source: str) -> Iterator[tuple[int, str]]:
    """Docstrings of modules, classes, functions and attributes, without diagrams; the line where each begins."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, _TREE.sub("", inspect.cleandoc(node.value.value))


def comments(source: str) -> Iterator[tuple[int, str]]:
    """Comments without directives of tools; the line where each begins. Adjacent lines of comments are one text."""
    lines: list[str] = []
    first, last = 0, 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        line, column = token.start
        text = _DIRECTIVE.sub("", token.string[1:].strip())
        is_alone = not token.line[:column].strip()
        if lines and not (is_alone and line == last + 1):
            yield first, "\n".join(lines)
            lines = []
        if not lines:
            first = line
        lines.append(text)
        last = line if is_alone else 0
    if lines:
        yield first, "\n".join(lines)
