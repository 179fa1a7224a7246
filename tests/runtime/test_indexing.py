"""The functions that Microsoft's runtime library finds in the app, and their bindings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.runtime.app import running

if TYPE_CHECKING:
    from tests.runtime.app import App

HTTP_ANSWER = ("http", "OUT", "$return", None, None, None)
STORAGE = "AzureWebJobsStorage"
EXPECTED: dict[str, set[tuple[Any, ...]]] = {
    "take_start_requests": {
        ("httpTrigger", "IN", "req", None, None, None),
        HTTP_ANSWER,
        ("queue", "OUT", "requests", "start-requests", STORAGE, None),
    },
    "check_health": {
        ("httpTrigger", "IN", "req", None, None, None),
        HTTP_ANSWER,
    },
    "take_payload": {
        ("httpTrigger", "IN", "req", None, None, None),
        HTTP_ANSWER,
        ("queue", "OUT", "requests", "start-requests", STORAGE, None),
        ("queue", "OUT", "status", "start-status", STORAGE, None),
        ("queue", "OUT", "notices", "start-notices", STORAGE, None),
    },
    "start_job": {
        ("queueTrigger", "IN", "message", "start-requests", STORAGE, "BINARY"),
        ("queue", "OUT", "requests", "start-requests", STORAGE, None),
        ("queue", "OUT", "status", "start-status", STORAGE, None),
        ("queue", "OUT", "notices", "start-notices", STORAGE, None),
    },
    "report_abandoned": {
        ("queueTrigger", "IN", "message", "start-requests-poison", STORAGE, "BINARY"),
        ("queue", "OUT", "status", "start-status", STORAGE, None),
        ("queue", "OUT", "notices", "start-notices", STORAGE, None),
    },
    "send_notice": {
        ("queueTrigger", "IN", "message", "start-notices", STORAGE, "BINARY"),
    },
    "follow_starts": {
        ("timerTrigger", "IN", "timer", None, None, None),
    },
}
FIELDS = ("type", "direction", "name", "queueName", "connection", "dataType")


def bindings(app: App) -> dict[str, set[tuple[Any, ...]]]:
    return {
        name: {tuple(binding.get(field) for field in FIELDS) for binding in found}
        for name, found in app.functions.items()
    }


def test_the_app_has_these_functions_and_bindings(app: App) -> None:
    assert bindings(app) == EXPECTED


@pytest.mark.parametrize(
    ("function", "route", "methods"),
    [
        ("take_start_requests", "start-requests", ["POST"]),
        ("take_payload", "start-requests/{source}", ["POST", "OPTIONS"]),
    ],
)
def test_http_has_a_function_key(app: App, function: str, route: str, methods: list[str]) -> None:
    (trigger,) = (item for item in app.functions[function] if item["type"] == "httpTrigger")
    assert (trigger["route"], trigger["methods"], trigger["authLevel"]) == (route, methods, "FUNCTION")


def test_settings_rename_queues_and_connection_in_every_binding() -> None:
    renames = {
        "start-requests": "contoso-in",
        "start-requests-poison": "contoso-in-poison",
        "start-status": "contoso-out",
        "start-notices": "contoso-told",
        STORAGE: "CONTOSO",
    }
    renamed = {
        name: {tuple(renames.get(field, field) for field in binding) for binding in found}
        for name, found in EXPECTED.items()
    }
    with running(
        START_REQUESTS_QUEUE="contoso-in",
        START_STATUS_QUEUE="contoso-out",
        START_NOTICES_QUEUE="contoso-told",
        QUEUE_CONNECTION="CONTOSO",
        CONTOSO="UseDevelopmentStorage=true",
        RECOVERY_SCHEDULE="0 0 * * * *",
    ) as app:
        assert bindings(app) == renamed
        assert [item.get("schedule") for item in app.functions["follow_starts"]].count("0 0 * * * *") == 1


def test_watch_adds_a_timer_of_its_own() -> None:
    watch_jobs = {
        ("timerTrigger", "IN", "timer", None, None, None),
        ("queue", "OUT", "status", "start-status", STORAGE, None),
        ("queue", "OUT", "notices", "start-notices", STORAGE, None),
    }
    schedules = []
    for name in ("contoso-a", "contoso-b"):
        with running(WATCH="all", WEBSITE_SITE_NAME=name) as app:
            assert bindings(app) == EXPECTED | {"watch_jobs": watch_jobs}
            schedules += [item["schedule"] for item in app.functions["watch_jobs"] if item["type"] == "timerTrigger"]
    assert len(set(schedules)) == 2
    with running(WATCH="all", WATCH_SCHEDULE="0 0 * * * *") as app:
        assert "0 0 * * * *" in [item.get("schedule") for item in app.functions["watch_jobs"]]
