"""Makes the picture in the README: runs the demo in a terminal, and draws its output as SVG.

    python -m local.picture docs/demo.svg

All of it would be too long. The picture shows the beginning, a few events, and the summary.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

_COLUMNS: Final = 100
_SHOWN: Final = ("quarantine_cleared", "too_many_deletes", "relapsing", "running_again")
"""The first event with each of these reasons is shown."""
_SUMMARY: Final = "Summary"
"""From the paragraph that begins with this, everything is shown."""


def main() -> int:
    """Run the demo, and write the picture to the file that is named on the command line."""
    (target,) = sys.argv[1:]
    shown = _run([sys.executable, "-m", "local", "demo"])
    Path(target).write_text(draw(cut(shown), title="make demo"), encoding="utf-8")
    return 0


def cut(shown: str) -> str:
    """The parts of the demo's output that the picture shows."""
    paragraphs = [part for part in re.split(r"\n(?:\s*\n)+", shown) if part.strip()]
    end = max((at for at, part in enumerate(paragraphs) if _SUMMARY in part), default=len(paragraphs) - 1)
    first: dict[str, int] = {}
    for at, part in enumerate(paragraphs[:end]):
        for reason in _SHOWN:
            if f"/{reason}" in part:
                first.setdefault(reason, at)
    kept = [paragraphs[0], *(paragraphs[at] for at in sorted(set(first.values())))]
    return "\n\n".join([*kept, "\x1b[2m          …\x1b[0m", *paragraphs[end:]])


def draw(shown: str, *, title: str) -> str:
    """Draw terminal output, with escape sequences for colours, as SVG."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=_COLUMNS, file=nowhere, force_terminal=True, highlight=False)
        console.print(Text.from_ansi(shown))
        picture = console.export_svg(title=title, unique_id="demo")
    return re.sub(r"(?s)@font-face \{.*?\}\s*", "", picture)  # the fonts would be loaded from a server


def _run(command: list[str]) -> str:
    """What a command shows on a terminal. Raises CalledProcessError."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, _COLUMNS, 0, 0))
    environment = {**os.environ, "COLUMNS": str(_COLUMNS), "TERM": "xterm-256color"}
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = bytearray()
        try:
            while part := os.read(ours, 65536):
                shown += part
        except OSError:  # how Linux reports that the other side is closed
            pass
    os.close(ours)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, output=bytes(shown))
    return shown.decode().replace("\r\n", "\n")


if __name__ == "__main__":
    sys.exit(main())
