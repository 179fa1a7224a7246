"""How `python -m local send` finds what `python -m local serve` keeps up: serve's line of JSON in a file."""

from __future__ import annotations

import json
import socket
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE: Final = Path(__file__).parents[1] / ".serving.json"
"""Where the line is while a system is up: the last one that was started from this checkout."""

_CONNECT_SECONDS: Final = 5.0


class NotServing(Exception):
    """No local system can be reached; the text says what to do."""


@contextmanager
def announced(line: str) -> Iterator[None]:
    """Keep the line in FILE meanwhile, for its owner's eyes only: there is a function key in it."""
    FILE.unlink(missing_ok=True)
    FILE.touch(mode=0o600)
    FILE.write_text(line, encoding="utf-8")
    try:
        yield
    finally:
        with suppress(FileNotFoundError):
            if FILE.read_text(encoding="utf-8") == line:
                FILE.unlink()


@dataclass(frozen=True, slots=True)
class Serving:
    """A local system that is up, as its line describes it."""

    functions: str
    function_key: str
    storage: str

    @classmethod
    def find(cls, file: Path) -> Self:
        """The system whose line is in the file. Raises NotServing where there is none that answers."""
        try:
            line = json.loads(file.read_text(encoding="utf-8"))
            serving = cls(line["functions"], line["functionKey"], line["storage"])
        except FileNotFoundError as fault:
            raise NotServing(f"no local system is up (no {file}): start one with 'make serve'") from fault
        except (OSError, ValueError, TypeError, KeyError) as fault:
            raise NotServing(f"{file} does not hold the line of a 'serve' that runs the Functions host") from fault
        address = urlsplit(serving.functions)
        try:
            socket.create_connection((address.hostname, address.port), _CONNECT_SECONDS).close()
        except OSError as fault:
            raise NotServing(f"nothing answers at {serving.functions}: start it again with 'make serve'") from fault
        return serving
