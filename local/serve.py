"""`python -m local serve`: keeps the whole system up, and says in one line of JSON how to reach it."""

from __future__ import annotations

import json
import sys
import threading
from typing import TYPE_CHECKING

from local.system import LocalSystem

if TYPE_CHECKING:
    from local.system import Options


def serve(options: Options) -> None:
    """Serve until KeyboardInterrupt. Raises ProcessFailed where the system does not come up."""
    with LocalSystem(options) as system:
        line: dict[str, object] = {"storage": system.storage, "graph": system.graph, "identity": system.identity}
        if system.hosts:
            line = {"functions": system.functions, "functionKey": system.function_key, **line}
        else:
            line["settings"] = system.settings
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        threading.Event().wait()
