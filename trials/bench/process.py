"""Runs a program in a fresh process, and measures its cost."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# VmHWM instead of ru_maxrss, which includes the memory of the process that this one was forked from.
_REPORT: Final = """
import json
try:
    with open("/proc/self/status", encoding="ascii") as status:
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
except OSError:
    peak = None
print(json.dumps(peak))
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process used from its start to its end. CPU is user and system time."""

    cpu_ms: float
    peak_mb: float | None
    """Peak resident memory, or None if the system does not report it."""


def run(python: Path, code: str, directory: Path, environment: Mapping[str, str]) -> Cost:
    """Run Python code in a directory. Raises CalledProcessError."""
    process = subprocess.Popen(
        [python, "-c", code + _REPORT], cwd=directory, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with process:
        output, errors = _output(process)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.stderr.write(errors)
        raise subprocess.CalledProcessError(process.returncode, process.args)
    peak = json.loads(output.splitlines()[-1])
    return Cost(
        cpu_ms=(used.ru_utime + used.ru_stime) * 1000,
        peak_mb=None if peak is None else peak / 1024,
    )


def instructions(python: Path, code: str, directory: Path, environment: Mapping[str, str]) -> int | None:
    """How many instructions it takes in user mode, counted by valgrind. None if that is not installed.

    The number varies by a thousandth between runs, whatever else the machine does.
    """
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        return None
    done = subprocess.run(
        [valgrind, "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", python, "-c", code],
        cwd=directory,
        env={**environment, "PYTHONHASHSEED": "0"},
        check=True,
        capture_output=True,
        text=True,
    )
    found = re.search(r"I +refs: +([\d,]+)", done.stderr)
    return None if found is None else int(found[1].replace(",", ""))


def _output(process: subprocess.Popen[bytes]) -> tuple[str, str]:
    """Everything it writes. It is little enough for the pipes to hold, so that they can be read one after another."""
    if process.stdout is None or process.stderr is None:  # always pipes, see above
        raise TypeError
    return process.stdout.read().decode(), process.stderr.read().decode(errors="replace")
