"""What the app's own source says: its settings, its log lines."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).parents[2]

_SETTING = re.compile(r"(?=[^_]+_)[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_?")
_QUIET_LEVELS = frozenset({"debug", "info"})


@dataclass(frozen=True)
class LogLine:
    """A call of `line`: the event, its fields, and whether its level can be WARNING or above."""

    event: str
    fields: frozenset[str]
    is_warning: bool


def setting_names(source: str) -> frozenset[str]:
    """The settings that a module names; a name with an underscore at its end stands for all that begin with it."""
    values = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    return frozenset(value for value in values if isinstance(value, str) and _SETTING.fullmatch(value))


def log_lines(sources: Iterable[str]) -> list[LogLine]:
    """Every log line that the sources can write."""
    return [found for source in sources for found in _log_lines(ast.parse(source))]


def app_sources() -> list[str]:
    """The text of every module that is deployed."""
    folders = (ROOT / "shared", ROOT / "start_job_function")
    return [file.read_text() for folder in folders for file in sorted(folder.rglob("*.py"))]


def _log_lines(tree: ast.Module) -> Iterator[LogLine]:
    levels = {id(argument): call for call in _calls(tree) for argument in call.args}
    for call in _calls(tree):
        if not (isinstance(call.func, ast.Name) and call.func.id == "line" and call.args):
            continue
        event = call.args[0]
        assert isinstance(event, ast.Constant), f"line {call.lineno}: a log line's event must be written out"
        assert isinstance(event.value, str)
        names = [keyword.arg for keyword in call.keywords]
        assert None not in names, f"{event.value}: a log line's fields must be written out, not given as **fields"
        logger = levels.get(id(call))
        level = logger.func.attr if logger is not None and isinstance(logger.func, ast.Attribute) else "log"
        yield LogLine(event.value, frozenset(map(str, names)), level not in _QUIET_LEVELS)


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))
