"""`python -m local serve` in another process."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from local.parts.environment import REPOSITORY, environment, python_module
from tests.e2e.hosts import chosen_host

if TYPE_CHECKING:
    from collections.abc import Iterator


# A command that is run with nohup, or in the background without job control, ignores these signals, and so do its child
# processes. A `serve` that ignores them is meant to stay.
_HEARS_SIGNALS = ("env", "--default-signal=INT,HUP")


@contextmanager
def serve(
    *arguments: str, before: tuple[str, ...] = (), errors: int = subprocess.DEVNULL, **variables: str
) -> Iterator[subprocess.Popen[str]]:
    """Start it, after the command `before` if there is one. Kills it at the end if it still runs.

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
