"""How `make send` finds what `make serve` keeps up: each system writes its line of JSON to a file.

FOLDER has a file for each running system. FILE links to the one that was started last. A system locks its file while it
is up: a file without a lock was left by one that was killed.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import socket
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE: Final = Path(__file__).parents[1] / ".serving.json"
FOLDER: Final = Path(__file__).parents[1] / ".serving"

_CONNECT_SECONDS: Final = 5.0
_USUAL_STATUS_QUEUE: Final = "start-status"


class NotServing(Exception):
    """No local system can be reached. The text says what to do."""


@contextmanager
def announced(line: str) -> Iterator[None]:
    """Let the system be found while this is open, but only by its owner: the line has a function key.

    If the file cannot be written, the system runs anyway, and stderr says so.
    """
    own = FOLDER / f"{os.getpid()}-{secrets.token_hex(4)}.json"
    try:
        held = _write(own, line)
    except OSError as fault:
        sys.stderr.write(f"'make send' will not find this system: {own} cannot be written ({fault.strerror}).\n")
        yield
        return
    try:
        yield
    finally:
        with suppress(OSError):
            own.unlink(missing_ok=True)
            _lead_to_the_last_started()
        os.close(held)


def _write(own: Path, line: str) -> int:
    """Write the file, and link FILE to it. Returns the descriptor that holds the lock."""
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    held = os.open(own, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    fcntl.flock(held, fcntl.LOCK_EX)
    os.write(held, line.encode())
    _lead_to(own)
    return held


def _lead_to(own: Path) -> None:
    new = own.with_suffix(".link")
    new.unlink(missing_ok=True)
    new.symlink_to(own)
    new.replace(FILE)


def _lead_to_the_last_started() -> None:
    """Link FILE to the newest running system. If no system runs, remove the link."""
    for each in sorted(FOLDER.glob("*.json"), key=lambda file: file.stat().st_mtime_ns, reverse=True):
        if _is_up(each):
            _lead_to(each)
            return
        each.unlink(missing_ok=True)
    FILE.unlink(missing_ok=True)


def _is_up(file: Path) -> bool:
    with file.open("rb") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@dataclass(frozen=True, slots=True)
class Serving:
    """A local system that is up, from the line that it printed."""

    functions: str
    function_key: str
    storage: str
    status_queue: str = _USUAL_STATUS_QUEUE

    @classmethod
    def find(cls, file: Path) -> Self:
        """The system that the file describes. Raises NotServing if it describes none, or the system does not answer."""
        try:
            line = json.loads(file.read_text(encoding="utf-8"))
            queue = line.get("statusQueue", _USUAL_STATUS_QUEUE)
            serving = cls(line["functions"], line["functionKey"], line["storage"], queue)
        except FileNotFoundError as fault:
            raise NotServing(f"no local system is up (no {file}): start one with 'make serve'") from fault
        except PermissionError as fault:
            raise NotServing(f"{file} cannot be read: {fault.strerror}") from fault
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as fault:
            raise NotServing(f"{file} does not have the line of a 'serve' with a Functions host") from fault
        address = urlsplit(serving.functions)
        try:
            socket.create_connection((address.hostname, address.port), _CONNECT_SECONDS).close()
        except OSError as fault:
            raise NotServing(f"nothing answers at {serving.functions}: start it again with 'make serve'") from fault
        return serving
