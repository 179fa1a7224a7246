"""The host's log: one line per event on stderr, with function and invocation id if known.

    2026-11-23T10:00:00.123Z INFO start_job 5f1c… text

The app's own log lines are here too, as they are in Application Insights in Azure.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Final, TextIO

from azure_functions_runtime import invocation_id_cv

# Their INFO lines report every HTTP call, and every invocation a second time.
_QUIET: Final = ("azure.core", "azure.storage", "azure.functions", "aiohttp.access")

# Declared there without a type, so that mypy infers None.
_current: ContextVar[str | None] = invocation_id_cv  # type: ignore[assignment]
_functions: dict[str, str] = {}


def configure(stream: TextIO = sys.stderr) -> None:
    """Send all logging of this process to the stream, from INFO up."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_OneLine())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


@contextmanager
def invocation(invocation_id: str, function_name: str) -> Iterator[None]:
    """Mark log lines inside as this invocation's. The library passes the mark on to its threads."""
    token = _current.set(invocation_id)
    _functions[invocation_id] = function_name
    try:
        yield
    finally:
        del _functions[invocation_id]
        _current.reset(token)


class _OneLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        text = record.getMessage()
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        invocation_id = _current.get()
        mark = f" {_functions.get(invocation_id, '-')} {invocation_id}" if invocation_id else ""
        return f"{time} {record.levelname}{mark} {text}".replace("\r", "\\r").replace("\n", "\\n")
