"""What a process has used so far, from Linux's /proc."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_UTIME: Final = 11
"""The field utime of /proc/pid/stat, counted after the name of the program (man 5 proc)."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process had used at one moment."""

    cpu_seconds: float
    memory: int
    """Resident memory, in bytes."""
    peak_memory: int


def usage_of(pid: int) -> Usage:
    """The usage of a process so far. Raises OSError if there is no such process, or no /proc."""
    process = Path("/proc") / str(pid)
    # The name is in parentheses, and may contain any characters.
    fields = (process / "stat").read_text().rpartition(")")[2].split()
    cpu = sum(int(field) for field in fields[_UTIME : _UTIME + 2]) / _TICKS
    lines = (line.partition(":") for line in (process / "status").read_text().splitlines())
    status = {name: value.split() for name, _, value in lines}
    return Usage(cpu, int(status["VmRSS"][0]) * 1024, int(status["VmHWM"][0]) * 1024)
