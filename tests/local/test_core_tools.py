"""The adapter for Azure Functions Core Tools, with a program instead of `func`. The real one was not tried."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from local.parts.environment import REPOSITORY
from local.parts.host_part import HostPart
from local.parts.processes import ProcessFailed
from tests.programs import write_program

if TYPE_CHECKING:
    from pathlib import Path

# What the adapter expects of `func`: it serves /admin/functions at the given port, with these settings.
_FUNC = """
import http.server, json, os, pathlib, sys
assert sys.argv[1:3] == ["start", "--port"], sys.argv
pathlib.Path("asked").write_text(json.dumps({"environment": dict(os.environ), "folder": os.getcwd()}))
if os.environ.get("WRONG"):
    sys.exit("WRONG is set")

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/admin/functions" else 404)
        self.end_headers()
        self.wfile.write(b'[{"name": "start_job"}]')

http.server.HTTPServer(("127.0.0.1", int(sys.argv[3])), Handler).serve_forever()
"""


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HostPart:
    """A host that is the adapter, with the program above on the PATH."""
    func = tmp_path / "bin" / "func"
    func.parent.mkdir()
    write_program(func, _FUNC)
    monkeypatch.setenv("PATH", f"{func.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("QUEUE_HOST", str(REPOSITORY / "local" / "core_tools.py"))
    given = ["--lease", "4", "--visibility", "1.5", "--max-poll", "0.5", "--max-dequeue", "3", "--threads", "2"]
    return HostPart(tmp_path, tmp_path / "log", settings={"A_SETTING": "x"}, function_key="-key", arguments=given)


def test_func_gets_the_options_as_settings_and_ends_with_the_adapter(host: HostPart, tmp_path: Path) -> None:
    host.start()
    try:
        asked = json.loads((tmp_path / "asked").read_text(encoding="utf-8"))
        (func,) = host.children()
    finally:
        host.stop()

    queues = "AzureFunctionsJobHost__extensions__queues__"
    assert asked["folder"] == str(tmp_path)
    assert (
        asked["environment"].items()
        >= {
            "A_SETTING": "x",
            f"{queues}visibilityTimeout": "00:00:01.5000000",
            f"{queues}maxPollingInterval": "00:00:00.5000000",
            f"{queues}maxDequeueCount": "3",
            "PYTHON_THREADPOOL_THREAD_COUNT": "2",
        }.items()
    )
    with pytest.raises(ProcessLookupError):
        os.kill(func, 0)


def test_func_that_does_not_start_is_a_host_that_does_not(host: HostPart) -> None:
    host.settings["WRONG"] = "1"

    with pytest.raises(ProcessFailed, match="WRONG is set"):
        host.start()
