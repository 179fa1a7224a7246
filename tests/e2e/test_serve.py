"""`python -m local serve`: what it prints, and that it leaves no process or file, however it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import pytest
import requests

from local.parts.ports import free_port
from tests.e2e.hosts import PROCESSES_OF_A_HOST
from tests.e2e.serving import serve

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds a process's children in /proc")


class Served:
    """A `serve` in another process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self.process = process
        self.ready: dict[str, Any] = json.loads(process.stdout.readline())
        self.family = [process.pid, *_descendants(process.pid)]

    def left(self) -> list[int]:
        """Its processes that still run when they should have ended."""
        deadline = monotonic() + 30
        while (left := [pid for pid in self.family if _is_alive(pid)]) and monotonic() < deadline:
            self.process.poll()
            sleep(0.05)
        return left


@contextmanager
def _serve(*arguments: str, before: tuple[str, ...] = ()) -> Iterator[Served]:
    with serve(*arguments, before=before) as process:
        yield Served(process)


def test_ready_line_says_how_to_reach_everything() -> None:
    with _serve(
        "--max-poll", "0.2", "--visibility", "1", "--lease", "60", "--max-dequeue", "3", "--threads", "2"
    ) as it:
        answer = requests.post(
            f"{it.ready['functions']}/api/start-requests",
            json=[],
            headers={"x-functions-key": it.ready["functionKey"]},
            timeout=30,
        )
        calls = requests.get(f"{it.ready['graph']}/_sim/calls", timeout=30)
        token = requests.get(it.ready["identity"], timeout=30)

    assert set(it.ready) == {"functions", "functionKey", "statusQueue", "storage", "graph", "identity"}
    assert [answer.status_code, calls.json(), token.status_code] == [400, [], 401]


def test_with_the_page_it_names_its_address_and_what_people_are_told_by() -> None:
    with _serve("--page") as it:
        page = requests.get(it.ready["page"], timeout=30)

        assert len(it.family) == 5 + PROCESSES_OF_A_HOST
        it.process.terminate()
        assert it.left() == []

    assert set(it.ready) == {
        "page",
        "functions",
        "functionKey",
        "statusQueue",
        "storage",
        "graph",
        "identity",
        "targets",
    }
    assert page.status_code == 200
    assert it.ready["functionKey"] not in page.text


def test_without_the_host_it_says_with_which_settings_to_run_the_app() -> None:
    with _serve("--no-host") as it:
        settings = it.ready["settings"]

    assert set(it.ready) == {"storage", "graph", "identity", "settings"}
    assert settings["AzureWebJobsStorage"] == it.ready["storage"]
    assert settings["GRAPH_ENDPOINT"] == it.ready["graph"]
    assert settings["IDENTITY_ENDPOINT"] == it.ready["identity"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_signal_leaves_no_process_behind(number: signal.Signals) -> None:
    with _serve() as it:
        os.kill(it.process.pid, number)

        assert len(it.family) == 3 + PROCESSES_OF_A_HOST
        assert it.left() == []
        assert it.process.wait() == (-number if number is signal.SIGKILL else 0)


def test_port_of_the_app_can_be_chosen_unless_it_is_taken() -> None:
    port = free_port()
    with _serve("--port", str(port)) as it, serve("--port", str(port), errors=subprocess.PIPE) as second:
        assert it.ready["functions"] == f"http://127.0.0.1:{port}"
        said = second.communicate(timeout=60)[1]

    assert second.returncode == 1
    assert str(port) in said
    assert "Traceback" not in said


def test_reader_that_goes_away_and_ctrl_c_while_it_starts_are_no_tracebacks() -> None:
    with serve("--no-host", errors=subprocess.PIPE) as unread, serve("--no-host", errors=subprocess.PIPE) as early:
        assert unread.stdout is not None
        unread.stdout.close()
        unread.stdout = None
        sleep(1)
        os.kill(early.pid, signal.SIGINT)
        unread.wait(timeout=60)  # before its stdin ends, which would end it too
        said = [each.communicate(timeout=60)[1] for each in (unread, early)]

    assert said == ["", ""]
    assert unread.returncode == 1
    assert early.returncode in {0, 130, -signal.SIGINT}


def test_end_of_its_stdin_leaves_no_process_behind() -> None:
    with _serve("--no-host") as it:
        assert it.process.stdin is not None
        it.process.stdin.close()

        assert it.left() == []


def test_kill_of_the_process_that_started_it_leaves_no_process_behind() -> None:
    # A parent without a pipe to it, like `make`.
    parent = "import subprocess, sys; subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL)"
    with _serve("--no-host", before=(sys.executable, "-c", parent)) as it:
        it.process.kill()

        assert len(it.family) == 4
        assert it.left() == []


def _descendants(pid: int) -> list[int]:
    children = [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]
    return children + [each for child in children for each in _descendants(child)]


def _is_alive(pid: int) -> bool:
    with suppress(FileNotFoundError, ProcessLookupError):
        # The state follows the name, which is in brackets. Z is a process that has ended.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
