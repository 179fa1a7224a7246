"""What a cold start imports: an instance that only accepts requests does not load the slow modules."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SLOW = {
    "requests": "0.06 s",
    "azure.identity": "0.09 s",
    "azure.data.tables": "0.02 s on top of the two above",
    "azure.core": "what the two above have in common",
}
"""Modules that the intake must not import, and what each costs at a cold start."""

REPOSITORY = Path(__file__).parents[2]


def imported_by(statement: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after the statement."""
    code = f"import json, sys\n{statement}\nprint(json.dumps(list(sys.modules)))"
    done = subprocess.run(  # noqa: S603 - only the statements below
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, check=True, text=True, timeout=60
    )
    return set(json.loads(done.stdout))


def test_indexing_the_app_imports_no_slow_module() -> None:
    assert imported_by("import function_app") & SLOW.keys() == set()


@pytest.mark.parametrize(
    "module", ["shared.intake.start_requests", "shared.request.message", "shared.event.status_event"]
)
def test_the_intake_path_imports_no_slow_module(module: str) -> None:
    assert imported_by(f"import {module}") & SLOW.keys() == set()


def test_the_queue_functions_do_import_them() -> None:
    assert {"requests", "azure.identity", "azure.data.tables"} <= imported_by("import shared.process")


def test_indexing_the_app_leaves_out_what_only_other_instances_work_with() -> None:
    late = {
        "shared.inbox",
        "shared.graph.job",
        "shared.process",
        "shared.intake.sources",
        "shared.event.status_event",
        "shared.intake.payloads",
        "shared.intake.start_requests",
        "shared.request.message",
    }
    assert imported_by("import function_app") & late == set()


WATCHING = "import os; os.environ['WATCH'] = 'all'; "
"""Sets the app up to watch."""


def test_an_app_that_watches_nothing_loads_nothing_of_it() -> None:
    start = "import function_app; from shared.process import process; process()"
    own = {name for name in imported_by(WATCHING + start) - imported_by(start) if name.startswith("s")}
    assert own == {"start_job_function.watch_jobs", "shared.schedule"}
    assert not any("watch" in name for name in imported_by(start))


def test_an_app_that_watches_indexes_without_slow_modules() -> None:
    assert imported_by(WATCHING + "import function_app") & SLOW.keys() == set()


MODULES_OF_AN_HTTP_INSTANCE = 20
"""How many modules an HTTP instance may load in addition to an empty app's. Each costs some tenths of a millisecond."""

MODULES_OF_A_QUEUE_INSTANCE = 1.094
"""How many modules a queue instance may load per module that the packages for its work load anyway."""


def test_an_http_instance_loads_few_modules_beside_those_of_an_empty_app() -> None:
    beside = imported_by("import function_app") - imported_by("import azure.functions, hashlib, uuid")
    assert len(beside) <= MODULES_OF_AN_HTTP_INSTANCE, sorted(beside)


def test_a_queue_instance_loads_few_modules_beside_those_of_its_packages() -> None:
    packages = imported_by("import azure.functions, azure.data.tables, azure.identity, requests")
    instance = imported_by("import function_app; from shared.process import process; process()")
    assert len(instance) <= MODULES_OF_A_QUEUE_INSTANCE * len(packages), sorted(instance - packages)


def test_queue_client_is_imported_only_if_a_request_waits() -> None:
    late = {
        "azure.storage.queue",
        "shared.waiting.obstacle",
        "shared.waiting.patience",
        "shared.waiting.requests_queue",
        "shared.waiting.delayed_queue",
        "shared.recovery.follow",
        "shared.recovery.report",
    }
    assert imported_by("import function_app; from shared.process import process; process()") & late == set()
