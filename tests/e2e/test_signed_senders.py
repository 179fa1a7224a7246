"""Webhooks of an app with secrets, and `python -m local send`, which signs with them."""

from __future__ import annotations

import base64
import json
import secrets
import subprocess
from typing import TYPE_CHECKING

import pytest

from local.client import jobs
from local.client.delivery import Delivery, request_ids
from local.parts.environment import REPOSITORY, environment, python_module
from shared.intake.sources import SOURCES
from tests.e2e.options import IMPATIENT, quick
from tests.e2e.serving import serve
from tests.examples import JOB, PRINCIPAL, check_event
from tests.waiting import wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from local.parts.system import LocalSystem, Options

_SIGNING = [source for source in SOURCES.values() if source.signature]
_SECRET = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
_SECRETS = {source.secret_setting: _SECRET for source in _SIGNING}
# Also open the sources that cannot sign: with secrets set, they are closed by default.
_OPEN = {"SOURCES": ",".join(SOURCES)}
_PAYLOADS = REPOSITORY / "tests" / "events"
_BODIES = {
    "generic": (_PAYLOADS / "generic" / "datadog.json").read_bytes(),
    "jira": (_PAYLOADS / "jira" / "issue-created.json").read_bytes(),
    "pagerduty": (_PAYLOADS / "pagerduty" / "incident-triggered.json").read_bytes(),
    "standard-webhooks": (_PAYLOADS / "standard-webhooks" / "start-request.json").read_bytes(),
    "zendesk": (_PAYLOADS / "zendesk" / "start-request.json").read_bytes(),
}
each_delivery = pytest.mark.parametrize(
    "delivery",
    [Delivery(source, _BODIES[source.name], _SECRET) for source in _SIGNING],
    ids=lambda each: each.source.name,
)


@pytest.fixture(scope="module")
def options() -> Options:
    """The app has a secret for each source that can sign."""
    return quick(settings=_SECRETS | _OPEN | IMPATIENT)


@pytest.fixture
def line(system: LocalSystem, tmp_path: Path) -> Path:
    """A file with what `serve` prints."""
    file = tmp_path / "serve.json"
    known = {"functions": system.functions, "functionKey": system.function_key, "storage": system.storage}
    file.write_text(json.dumps(known))
    return file


def _send(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - the command itself
        [*python_module("local"), "send", *arguments],
        cwd=REPOSITORY,
        env={**environment(), "COLUMNS": "80", **variables},
        input=json.dumps({"servicePrincipalId": PRINCIPAL, "jobId": JOB}),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@each_delivery
def test_signed_delivery_is_accepted(system: LocalSystem, delivery: Delivery) -> None:
    answer = delivery.post(system.app)

    assert answer.status_code == 202
    for request_id in request_ids(answer.json()):
        check_event(system.app.events.of(request_id))


@each_delivery
def test_same_delivery_twice_gives_the_same_ids(system: LocalSystem, delivery: Delivery) -> None:
    (first,), (again,) = (request_ids(delivery.post(system.app).json()) for _ in range(2))
    events = [system.app.events.of(first) for _ in range(2)]

    assert first == again
    assert events[0]["id"] == events[1]["id"]


@each_delivery
def test_unsigned_and_tampered_deliveries_are_refused(system: LocalSystem, delivery: Delivery) -> None:
    unsigned = Delivery(delivery.source, delivery.body).post(system.app)
    foreign = Delivery(delivery.source, delivery.body, "whsec_" + base64.b64encode(b"guessed").decode()).post(
        system.app
    )
    tampered = system.app.post(delivery.body + b" ", route=delivery.route, headers=delivery.headers())

    for answer in (unsigned, foreign, tampered):
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert _SECRET not in answer.text
    assert system.app.events.read() == []


def test_send_signs_and_shows_the_answer_and_what_follows(system: LocalSystem, line: Path) -> None:
    system.simulation.put_job(PRINCIPAL, jobs.quarantined(JOB))

    sent = _send("--system", str(line), "zendesk", "-", WEBHOOK_SECRET_ZENDESK=f" {_SECRET} , old")

    assert sent.returncode == 0, sent.stderr
    assert "signed" in sent.stdout
    assert "202 Accepted" in sent.stdout
    assert "started/quarantine_cleared" in sent.stdout
    assert _SECRET not in sent.stdout


def test_send_leaves_events_of_other_requests_to_their_consumer(system: LocalSystem, line: Path) -> None:
    (other,) = system.app.put_message("no start request")
    wait_for(lambda: bool(system.app.events.queue.peek_messages()), seconds=30)

    sent = _send("--system", str(line), "servicenow", "-")

    assert other not in sent.stdout
    assert system.app.events.of(other)["data"]["reason"] == "unreadable_message"


def test_send_fails_where_the_app_refuses_and_says_what_is_missing(line: Path) -> None:
    sent = _send("--system", str(line), "zendesk", "-")

    assert sent.returncode == 1
    assert "401 Unauthorized" in sent.stdout
    assert "WEBHOOK_SECRET_ZENDESK" in sent.stdout


def test_send_fails_where_an_event_does_not_come(system: LocalSystem, line: Path) -> None:
    system.simulation.put_job(PRINCIPAL, jobs.quarantined(JOB))
    system.simulation.fault(path_ends_with=JOB, delaySeconds=3)

    sent = _send("--system", str(line), "--timeout", "0.1", "servicenow", "-")

    assert sent.returncode == 1
    assert "No terminal event" in sent.stdout


def test_send_shows_the_report_of_a_test_notification(line: Path) -> None:
    sent = _send(
        "--system", str(line), "azure-monitor", str(_PAYLOADS / "azure-monitor" / "test-notification-of-log-alert.json")
    )

    assert sent.returncode == 0, sent.stderr
    assert "rejected/no_job_reference" in sent.stdout


def test_serve_hands_settings_of_its_environment_to_the_app(tmp_path: Path) -> None:
    with serve(WEBHOOK_SECRET_ZENDESK=_SECRET, START_STATUS_QUEUE="told") as served:
        assert served.stdout is not None
        file = tmp_path / "serve.json"
        file.write_text(served.stdout.readline())
        unsigned = _send("--system", str(file), "zendesk", "-")
        signed = _send("--system", str(file), "zendesk", "-", WEBHOOK_SECRET_ZENDESK=_SECRET)
        served.terminate()
        served.wait(timeout=60)

    assert "401 Unauthorized" in unsigned.stdout
    assert "failed/not_found" in signed.stdout
    assert signed.returncode == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [(None, "make serve"), ("{}", "does not have"), ('{"functions": "http://127.0.0.1:9"', "does not have")],
)
def test_send_says_where_there_is_no_system(tmp_path: Path, text: str | None, says: str) -> None:
    file = tmp_path / "serve.json"
    if text is not None:
        file.write_text(text)

    sent = _send("--system", str(file), "zendesk", "-")

    assert sent.returncode == 1
    assert says in sent.stderr
    assert "Traceback" not in sent.stderr
