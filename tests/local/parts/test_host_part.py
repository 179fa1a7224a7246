"""The Functions host as a part: which program runs, and that one which ends by itself is started again."""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from local.parts.host_part import HostPart
from local.parts.platform import Platform
from local.parts.processes import ProcessFailed
from tests.programs import write_program
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# A host that prints its address and arguments, and runs until its stdin ends.
_PROGRAM = """
import json, os, sys
options = dict(word.split("=", 1) for word in sys.argv[1:])
print(json.dumps({"options": options, "environment": dict(os.environ)}), file=sys.stderr, flush=True)
if os.environ.get("WRONG"):
    sys.exit("WRONG is set")
print(json.dumps({"functions": "http://127.0.0.1:" + options["--port"]}), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HostPart]:
    """A part that runs the program above."""
    program = tmp_path / "host"
    write_program(program, _PROGRAM)
    monkeypatch.setenv("QUEUE_HOST", str(program))
    settings = {"A_SETTING": "its value"}
    host = HostPart(tmp_path, tmp_path / "log", settings=settings, function_key="-key", arguments=["--lease=4"])
    yield host
    host.stop()


def test_another_host_gets_the_options_and_only_the_settings(host: HostPart, tmp_path: Path) -> None:
    host.start()

    said = json.loads(host.log_text)
    assert said["options"] == {
        "--app": str(tmp_path),
        "--port": host.url.rpartition(":")[2],
        "--function-key": "-key",
        "--python": sys.executable,
        "--lease": "4",
    }
    assert said["environment"]["A_SETTING"] == "its value"
    assert not said["environment"].keys() & {"PYTHONPATH", "QUEUE_HOST"}


def test_host_that_ended_by_itself_is_started_again_where_it_was(host: HostPart) -> None:
    host.start()
    url, pid = host.url, host.pid
    assert pid is not None
    with Platform([host]) as platform:
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: platform.revivals > 0, seconds=20)

        assert (host.url, host.is_running, host.pid == pid) == (url, True, False)


def test_host_that_was_stopped_stays_down(host: HostPart) -> None:
    assert not host.revive()
    host.start()
    assert not host.revive()
    host.kill()
    assert not host.revive()
    assert not host.is_running


def test_host_that_does_not_come_up_is_tried_again(host: HostPart) -> None:
    host.start()
    host.settings["WRONG"] = "1"
    assert host.pid is not None
    os.kill(host.pid, signal.SIGKILL)
    wait_for(lambda: not host.is_running, seconds=20)
    with pytest.raises(ProcessFailed, match="WRONG is set"):
        host.revive()
    del host.settings["WRONG"]

    assert host.revive()
    assert host.is_running
