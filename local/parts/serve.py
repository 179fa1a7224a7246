"""`python -m local serve`: keeps the whole system up, and says in one line of JSON how to reach it."""

from __future__ import annotations

import json
import sys
from time import sleep
from typing import TYPE_CHECKING, Final

from local.client.serving import announced
from local.parts.system import LocalSystem

if TYPE_CHECKING:
    from local.parts.system import Options

_LOOK_SECONDS: Final = 0.5


def serve(options: Options) -> None:
    """Serve until KeyboardInterrupt. Raises ProcessFailed where the system does not come up."""
    with LocalSystem(options) as system:
        line: dict[str, object] = {"storage": system.storage, "graph": system.graph, "identity": system.identity}
        if system.targets is not None:
            line["targets"] = system.targets.control
        if system.hosts:
            line = {"functions": system.functions, "functionKey": system.function_key, **line}
        else:
            line["settings"] = system.settings
        text = json.dumps(line)
        with announced(text):
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
            while True:
                # Not for ever: of signals that come together the system may hand all to another thread, and this one,
                # which has to see them, sleeps on.
                sleep(_LOOK_SECONDS)
