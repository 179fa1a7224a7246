"""The host as a process, on an app of HTTP functions and a timer. It needs no storage service."""

import gzip
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.waiting import wait_for

_APP = """
import json
import logging
import time
import azure.functions as func

app = func.FunctionApp()

@app.route(route="echo/{name?}", methods=["POST"])
def echo(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    seen = {
        "body": req.get_body().hex(),
        "headers": dict(req.headers),
        "query": dict(req.params),
        "route": dict(req.route_params),
        "traceparent": context.trace_context.Traceparent,
    }
    headers = {"X-Answer": "yes", "Set-Cookie": "a=b; HttpOnly; SameSite=Lax"}
    return func.HttpResponse(json.dumps(seen), status_code=202, mimetype="application/json", headers=headers)

@app.route(route="open", auth_level=func.AuthLevel.ANONYMOUS)
async def open_to_all(req: func.HttpRequest) -> str:
    logging.getLogger("mine").info("two\\nlines")
    print("printed")
    return "äöü"

@app.route(route="fails", auth_level=func.AuthLevel.ANONYMOUS)
def fails(req: func.HttpRequest) -> func.HttpResponse:
    raise ValueError("told to")

@app.route(route="slow", auth_level=func.AuthLevel.ANONYMOUS)
def slow(req: func.HttpRequest) -> func.HttpResponse:
    time.sleep(float(req.params["seconds"]))
    return func.HttpResponse("done")

@app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *", run_on_startup=True)
def tick(timer: func.TimerRequest) -> None:
    logging.info("tick past_due=%s next=%s", timer.past_due, timer.schedule_status["Next"])
"""
_REPOSITORY = Path(__file__).parents[3]
_KEY = {"x-functions-key": "secret"}


class Running:
    """A started host."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        assert process.stdout is not None
        self.process = process
        self.ready: dict[str, Any] = json.loads(process.stdout.readline())
        self.api = f"{self.ready['functions']}/api"
        self._log = log

    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")


def _start(app: Path, log: Path, *arguments: str) -> subprocess.Popen[str]:
    with log.open("w", encoding="utf-8") as stderr:
        return subprocess.Popen(  # noqa: S603 - the host itself
            [sys.executable, "-m", "local.host", "--app", str(app), "--function-key", "secret", *arguments],
            cwd=_REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            env={**os.environ, "PYTHONPATH": str(_REPOSITORY)},
        )


@contextmanager
def _host(directory: Path, *arguments: str) -> Iterator[Running]:
    (directory / "function_app.py").write_text(_APP, encoding="utf-8")
    (directory / "host.json").write_text('{"version": "2.0"}', encoding="utf-8")
    log = directory / "log"
    with _start(directory, log, *arguments) as process:
        try:
            yield Running(process, log)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with _host(tmp_path_factory.mktemp("app"), "--threads", "2") as running:
        yield running


def test_ready_line_names_what_is_served(host: Running) -> None:
    assert host.ready["functionKey"] == "secret"
    assert set(host.ready["functionNames"]) == {"echo", "open_to_all", "fails", "slow", "tick"}


def test_request_reaches_the_function_as_the_real_host_gives_it(host: Running) -> None:
    traceparent = f"00-{'a' * 32}-{'b' * 16}-01"
    answer = requests.post(
        f"{host.api}/ECHO/a%20b?code=secret&x=1&x=2&empty=",
        data=b"\x00\xff",
        headers={"X-Mixed-Case": "yes", "traceparent": traceparent},
        timeout=10,
    )

    seen = answer.json()
    assert seen["body"] == "00ff"
    assert seen["headers"]["x-mixed-case"] == "yes"
    assert seen["query"] == {"code": "secret", "x": "1,2"}
    assert seen["route"] == {"name": "a b"}
    assert seen["traceparent"].split("-")[1] == "a" * 32


def test_answer_comes_as_the_function_gave_it(host: Running) -> None:
    answer = requests.post(f"{host.api}/echo", headers=_KEY, timeout=10)

    assert answer.status_code == 202
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-answer"] == "yes"
    assert answer.headers["set-cookie"] == "a=b; HttpOnly; Path=/; SameSite=Lax"
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-00", answer.json()["traceparent"])


def test_chunked_body_is_not_passed_on_and_a_compressed_one_stays_compressed(host: Running) -> None:
    packed = gzip.compress(b"text")
    chunked = requests.post(f"{host.api}/echo", data=iter([b"a", b"b"]), headers=_KEY, timeout=10).json()
    zipped = requests.post(
        f"{host.api}/echo", data=packed, headers={**_KEY, "content-encoding": "gzip"}, timeout=10
    ).json()

    assert (chunked["body"], chunked["headers"]["transfer-encoding"]) == ("", "chunked")
    assert (zipped["body"], zipped["headers"]["content-encoding"]) == (packed.hex(), "gzip")


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="no key"),
        pytest.param({"x-functions-key": "wrong"}, id="wrong key"),
        pytest.param({"x-functions-key": ""}, id="empty key"),
    ],
)
def test_missing_or_wrong_key_is_401_without_a_body(host: Running, headers: dict[str, str]) -> None:
    answer = requests.post(f"{host.api}/echo", headers=headers, timeout=10)

    assert (answer.status_code, answer.content) == (401, b"")


def test_unknown_route_or_method_is_404(host: Running) -> None:
    assert requests.get(f"{host.api}/nowhere", timeout=10).status_code == 404
    assert requests.get(f"{host.ready['functions']}/echo", timeout=10).status_code == 404
    assert requests.get(f"{host.api}/echo", headers=_KEY, timeout=10).status_code == 404


def test_failing_function_is_500_without_a_body_and_its_stack_in_the_log(host: Running) -> None:
    answer = requests.get(f"{host.api}/fails", timeout=10)

    assert (answer.status_code, answer.content) == (500, b"")
    assert re.search(r" ERROR fails \S{36} executed result=failed .*ValueError: told to.*Traceback", host.log())


def test_async_function_is_served_and_its_log_is_one_line(host: Running) -> None:
    answer = requests.get(f"{host.api}/open", timeout=10)

    assert answer.content.decode() == "äöü"
    assert re.search(r" INFO open_to_all \S{36} two\\nlines\n", host.log())
    assert "printed\n" in host.log()


def test_timer_runs_at_the_start_where_it_asks_for_that(host: Running) -> None:
    assert re.search(r" INFO tick \S{36} tick past_due=False next=20\d\d-01-01T00:00:00\+00:00\n", host.log())


def test_answer_of_a_function_names_no_length(host: Running) -> None:
    answer = requests.post(f"{host.api}/echo", headers=_KEY, timeout=10)

    assert (answer.headers["transfer-encoding"], answer.headers.get("content-length")) == ("chunked", None)


def test_timer_run_that_was_missed_while_the_host_was_down_is_made_up(tmp_path: Path) -> None:
    past_runs = tmp_path / "past"
    past_runs.write_text('{"tick": "2020-01-01T00:00:00+00:00"}', encoding="utf-8")
    with _host(tmp_path, f"--past-runs={past_runs}") as host:
        wait_for(lambda: "INFO tick" in host.log() and "2020-" not in past_runs.read_text(), seconds=20)

        assert " tick past_due=True next=20" in host.log()

    # Recorded for the next start, which has missed nothing.
    with _host(tmp_path, f"--past-runs={past_runs}") as host:
        wait_for(lambda: " tick past_due=" in host.log(), seconds=20)

        assert "past_due=True" not in host.log()


def test_sigterm_lets_a_running_function_finish(tmp_path: Path) -> None:
    with _host(tmp_path) as host:
        with requests.get(f"{host.api}/slow?seconds=0.0", timeout=10) as warm:
            assert warm.content == b"done"
        code = f"import requests; print(requests.get('{host.api}/slow?seconds=1.5', timeout=10).text)"
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as client:  # noqa: S603
            wait_for(lambda: host.log().count("INFO slow") > 2, seconds=10)
            host.process.send_signal(signal.SIGTERM)
            answer, _ = client.communicate(timeout=15)

        assert answer == "done\n"
        assert host.process.wait(timeout=15) == 0


def test_host_stops_when_its_parent_closes_stdin(tmp_path: Path) -> None:
    with _host(tmp_path) as host:
        assert host.process.stdin is not None
        host.process.stdin.close()

        assert host.process.wait(timeout=15) == 0


@pytest.mark.parametrize(
    ("app", "host_json", "fault"),
    [
        pytest.param(
            "raise ValueError('SETTING_A is wrong; SETTING_B is missing')",
            '{"version": "2.0"}',
            "SETTING_A is wrong; SET",
            id="the app raises",
        ),
        pytest.param(
            _APP.replace("echo/{name?}", "%ROUTE_PREFIX%/echo"),
            '{"version": "2.0"}',
            "echo: %ROUTE_PREFIX% is not set",
            id="setting of the route missing",
        ),
        pytest.param(
            _APP,
            '{"version": "2.0", "extensions": {"queues": {"batch": 1}}}',
            "extensions.queues.batch is not a setting",
            id="unknown setting of host.json",
        ),
    ],
)
def test_host_that_cannot_start_says_why_and_exits_with_1(tmp_path: Path, app: str, host_json: str, fault: str) -> None:
    (tmp_path / "function_app.py").write_text(app, encoding="utf-8")
    (tmp_path / "host.json").write_text(host_json, encoding="utf-8")
    log = tmp_path / "log"
    with _start(tmp_path, log) as process:
        assert process.wait(timeout=30) == 1

    assert fault in log.read_text(encoding="utf-8").splitlines()[-1]
