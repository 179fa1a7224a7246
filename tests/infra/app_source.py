"""What the app's own source contains: its settings, its log lines, its queues and tables."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from function_app import app
from shared import setting_kinds
from shared.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

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
    """The settings that a module names. A name that ends in an underscore stands for all names that begin with it."""
    nodes = list(ast.walk(ast.parse(source)))
    values = (node.value for node in nodes if isinstance(node, ast.Constant))
    # A one-word name, such as SOURCES, is recognized as a setting by the call that defines it.
    calls = (node for node in nodes if isinstance(node, ast.Call) and ast.unparse(node.func) == "_setting")
    made = {ast.literal_eval(call.args[0]) for call in calls}
    return frozenset({value for value in values if isinstance(value, str) and _SETTING.fullmatch(value)} | made)


def log_lines(sources: Iterable[str]) -> list[LogLine]:
    """Every log line that the sources can write."""
    return [found for source in sources for found in _log_lines(ast.parse(source))]


def app_sources() -> list[str]:
    """The text of every module that is deployed."""
    folders = (ROOT / "shared", ROOT / "start_job_function")
    return [file.read_text() for folder in folders for file in sorted(folder.rglob("*.py"))]


@cache
def bindings() -> dict[str, list[dict[str, object]]]:
    """The bindings of each function, as the host gets them."""
    return {str(each.get_function_name()): each.get_bindings_dict()["bindings"] for each in app.get_functions()}


def queues() -> frozenset[str]:
    """The queues in bindings and settings, and the host's poison queues."""
    found = [each for function in bindings().values() for each in function if each["type"] in ("queue", "queueTrigger")]
    triggers = {str(each["queueName"]) for each in found if each["type"] == "queueTrigger"}
    poison = {f"{queue}-poison" for queue in triggers if not queue.endswith("-poison")}
    return frozenset({str(each["queueName"]) for each in found} | poison | _defaults(setting_kinds.queue_name))


def tables() -> frozenset[str]:
    """The tables in the settings, with the template's value for STATUS_TABLE."""
    return _defaults(setting_kinds.table_name) | {"StartStatus"}


def _defaults(kind: Callable[[str], str]) -> frozenset[str]:
    return frozenset(
        str(each.default)
        for each in fields(Settings)
        if each.metadata.get("parse") is kind and each.default is not None
    )


def _log_lines(tree: ast.Module) -> Iterator[LogLine]:
    loggers = {id(argument): call.func for call in _calls(tree) for argument in call.args}
    for call in _calls(tree):
        if not (isinstance(call.func, ast.Name) and call.func.id == "line" and call.args):
            continue
        events = list(_events(call.args[0]))
        names = [keyword.arg for keyword in call.keywords]
        assert None not in names, f"{events[0]}: a log line's fields must be written out, not given as **fields"
        logger = loggers.get(id(call))
        is_quiet = isinstance(logger, ast.Attribute) and logger.attr in _QUIET_LEVELS
        yield from (LogLine(event, frozenset(map(str, names)), not is_quiet) for event in events)


def _events(argument: ast.expr) -> Iterator[str]:
    """The event of a log line, or both if a condition chooses one of two."""
    if isinstance(argument, ast.IfExp):
        yield from _events(argument.body)
        yield from _events(argument.orelse)
        return
    assert isinstance(argument, ast.Constant), f"line {argument.lineno}: a log line's event must be written out"
    assert isinstance(argument.value, str)
    yield argument.value


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))
