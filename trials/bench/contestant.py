"""The process of a contestant, and how to give it work (`trials.bench.contestants`)."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Final, Self

from local.parts.environment import python_module
from trials.bench.jobs import PRINCIPAL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BARE: Final = "bare script"
APP: Final = "app"
WITHOUT_LEDGER: Final = "app without ledger"
_MODULES: Final = {
    BARE: "trials.bench.contestants.bare",
    WITHOUT_LEDGER: "trials.bench.contestants.app_without_ledger",
    APP: "trials.bench.contestants.app",
}


class Contestant:
    """A process that works when it is told to."""

    def __init__(self, name: str, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            python_module(_MODULES[name]), env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # It ends when its stdin ends.
        self._process.communicate()

    def work(self, job_ids: Sequence[str], *, threads: int = 1) -> dict[str, float]:
        """Start the jobs, `threads` at once. Returns the cost per job: cpuMs, and wallMs as its share of the total
        time.
        """
        if self._process.stdin is None or self._process.stdout is None:  # always pipes, see above
            raise TypeError
        order = {"threads": threads, "jobs": [[PRINCIPAL, job_id] for job_id in job_ids]}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        took: dict[str, float] = json.loads(self._process.stdout.readline())
        return {name: value / len(job_ids) for name, value in took.items()}
