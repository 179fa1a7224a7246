"""Starts the app in another process, and runs its functions there."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.examples import WHEN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

REPOSITORY = Path(__file__).parents[2]
_INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "COVERAGE_")
"""Prefixes of the variables that the app's process inherits. None of them is a setting of the app."""


class App:
    """A running app. `functions` holds the bindings of each by name."""

    def __init__(self, process: subprocess.Popen[str], functions: dict[str, list[dict[str, Any]]]) -> None:
        self._process = process
        self.functions = functions

    def post(
        self, body: bytes | str, *, source: str | None = None, **headers: str
    ) -> tuple[int, dict[str, Any], dict[str, Any]]:
        """Status, body and queue outputs of POST /api/start-requests[/{source}]. Header names have underscores for
        hyphens.
        """
        headers = {"content-type": "application/json"} | {n.replace("_", "-"): text for n, text in headers.items()}
        function, params = ("take_start_requests", {}) if source is None else ("take_payload", {"source": source})
        outputs = self._invoke(function, body, headers=headers, params=params)["outputs"]
        answer = outputs.pop("$return")
        return int(answer["status"]), {**json.loads(answer["body"]), "content-type": _type(answer)}, outputs

    def get(self, function: str, route: Mapping[str, str] | None = None, /, **query: str) -> tuple[int, dict[str, Any]]:
        """Status and body of an HTTP function's answer to GET; `route` has the parameters of its route."""
        asked = {"headers": {}, "params": route or {}, "query": query, "method": "GET"}
        answer = self._invoke(function, b"", **asked)["outputs"]["$return"]
        return int(answer["status"]), json.loads(answer["body"])

    def options(self, source: str, **headers: str) -> tuple[int, dict[str, str]]:
        """Status and headers of the answer to OPTIONS /api/start-requests/{source}; underscores for hyphens."""
        asked = {name.replace("_", "-"): value for name, value in headers.items()}
        outputs = self._invoke("take_payload", b"", headers=asked, params={"source": source}, method="OPTIONS")[
            "outputs"
        ]
        answer = outputs["$return"]
        return int(answer["status"]), {name.lower(): value for name, value in answer["headers"].items()}

    def deliver(
        self, function: str, body: bytes | str, *, message_id: str = "m-1", dequeue_count: int = 1
    ) -> dict[str, Any]:
        """The result of a queue function for a message: {"outputs": ...} or {"error": ...}."""
        return self._invoke(function, body, id=message_id, inserted=WHEN.isoformat(), dequeueCount=dequeue_count)

    def run_timer(self, function: str) -> dict[str, Any]:
        """The result of a timer function: {"outputs": ...} or {"error": ...}."""
        return self._invoke(function, b"")

    def kill(self) -> None:
        """End the app at once, whatever it is doing."""
        self._process.kill()

    def _invoke(self, function: str, body: bytes | str, **more: Any) -> dict[str, Any]:
        data = body.encode() if isinstance(body, str) else body
        assert self._process.stdin is not None
        asked = {"function": function, "body": base64.b64encode(data).decode(), **more}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return _line(self._process)


@contextmanager
def running(**settings: str) -> Iterator[App]:
    """The app with these settings, and defaults for all others. Raises AssertionError if it cannot be indexed."""
    with _process(settings) as process:
        first = _line(process)
        assert "fault" not in first, first
        yield App(process, first["functions"])


@contextmanager
def _process(settings: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    inherited = {name: value for name, value in os.environ.items() if name.startswith(_INHERITED)}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.runtime.app_process"],
        cwd=REPOSITORY,
        env={**inherited, "PYTHONPATH": str(REPOSITORY), **settings},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None
        try:
            yield process
            process.stdin.close()
            assert process.wait(timeout=30) in (0, -signal.SIGKILL)
        finally:
            process.kill()


def _line(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    text = process.stdout.readline()
    assert text, "the app's process ended"
    answer: dict[str, Any] = json.loads(text)
    return answer


def _type(answer: dict[str, Any]) -> str:
    headers = {name.lower(): value for name, value in answer["headers"].items()}
    return str(headers["content-type"])
