"""`python -m local serve` in a process of its own."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from local.parts.environment import REPOSITORY, environment, python_module
from tests.e2e.hosts import chosen_host

if TYPE_CHECKING:
    from collections.abc import Iterator


# What is run with nohup, or in the background by a shell without job control, ignores these signals, and so would what
# it starts: a `serve` that ignores them is one that is meant to stay.
_HEARS_SIGNALS = ("env", "--default-signal=INT,HUP")


@contextmanager
def serve(
    *arguments: str, before: tuple[str, ...] = (), errors: int = subprocess.DEVNULL, **variables: str
) -> Iterator[subprocess.Popen[str]]:
    """Start it, by the command `before` where there is one; what is left at the end is killed.

    `errors` is where its stderr goes.
    """
    with subprocess.Popen(  # noqa: S603 - the command itself
        [*_HEARS_SIGNALS, *before, *python_module("local"), "serve", *arguments],
        cwd=REPOSITORY,
        env={**environment(), **chosen_host(), **variables},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()
