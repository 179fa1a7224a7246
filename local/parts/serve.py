"""`make serve`: keeps the whole system up, and prints how to reach it, as text or as a line of JSON."""

from __future__ import annotations

import json
import shlex
import sys
from time import sleep
from typing import TYPE_CHECKING, Final

from local.client import jobs
from local.client.serving import announced
from local.parts.system import LocalSystem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.parts.system import Options

_LOOK_SECONDS: Final = 0.5
_PRINCIPAL: Final = "11111111-2222-3333-4444-555555555555"
_JOB: Final = "ExpensesOut.job1"


def serve(options: Options, *, as_json: bool) -> None:
    """Serve until KeyboardInterrupt. Raises ProcessFailed if the system does not start."""
    if not as_json:
        _say("Starting storage, a simulated Microsoft Graph, a managed identity and the app ...")
    with LocalSystem(options) as system:
        line: dict[str, object] = {"storage": system.storage, "graph": system.graph, "identity": system.identity}
        if system.targets is not None:
            line["targets"] = system.targets.control
        if system.hosts:
            line = {
                "functions": system.functions,
                "functionKey": system.function_key,
                "statusQueue": system.app.events.queue.queue_name,
                **line,
            }
        else:
            line["settings"] = system.settings
        if system.page is not None:
            line = {"page": system.page.url, **line}
        text = json.dumps(line)
        with announced(text):
            if as_json:
                _say(text)
            else:
                system.simulation.put_principal(_PRINCIPAL, display_name="Contoso Expenses")
                system.simulation.put_job(_PRINCIPAL, jobs.quarantined(_JOB))
                _say(greeting(line, taken_over=sorted(options.shell_settings)))
            while True:
                # Only the main thread sees the interrupt, but of several signals at once another thread may get all. So
                # it wakes up regularly.
                sleep(_LOOK_SECONDS)


def greeting(line: Mapping[str, object], *, taken_over: list[str]) -> str:
    """The text for a person who has just started it: what to paste first, and the addresses."""
    job = f"{line['graph']}/_sim/jobs/{_PRINCIPAL}/{_JOB}"
    parts = ["", "Everything is up. Ctrl-C ends it, and all its data.", ""]
    if "page" in line:
        parts += [f"Open this page to see it work: {line['page']}", ""]
    if "functions" in line:
        start = [
            "curl",
            "-H",
            f"x-functions-key: {line['functionKey']}",
            "-H",
            "content-type: application/json",
            "-d",
            json.dumps({"servicePrincipalId": _PRINCIPAL, "jobId": _JOB}),
            f"{line['functions']}/api/start-requests",
        ]
        again = ["curl", "-X", "PUT", job, "-d", json.dumps({"status": {"code": "Quarantine"}})]
        asked = json.dumps({"job": f"servicePrincipals/{_PRINCIPAL}/synchronization/jobs/{_JOB}"})
        parts += [
            "The application Contoso Expenses has a job in quarantine. In another terminal, ask to start it:",
            "",
            shlex.join(start),
            "",
            "Put it in quarantine again:",
            "",
            shlex.join(again),
            "",
            "Send what a ticket system sends (FILE=- is stdin), and see the events that follow:",
            "",
            f"echo {shlex.quote(asked)} | make send SOURCE=servicenow FILE=-",
            "",
        ]
    else:
        parts += ["No Functions host is up. 'serve --no-host --json' prints the settings to run one with.", ""]
    names = {"functions": "App", "graph": "Microsoft Graph, simulated", "targets": "Chat and tickets, simulated"}
    parts += [f"{name}: {line[key]}" for key, name in names.items() if key in line]
    parts += [f"Storage: {line['storage']}"]
    if taken_over:
        parts += [f"Settings from your shell: {', '.join(taken_over)}"]
    return "\n".join([*parts, "More: docs/local.md. The app's log follows.", ""])


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
