"""The OpenAPI definition, checked against the running app: every answer is in the definition."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from local.client import jobs
from local.parts.environment import REPOSITORY
from tests.e2e.options import quick
from tests.e2e.tenant import Tenant, new_job_id

if TYPE_CHECKING:
    from local.parts.system import LocalSystem, Options

SCHEMA = schemathesis.openapi.from_path(str(REPOSITORY / "schemas" / "openapi.json"))
OPERATIONS: list[Any] = [cast("Any", each).ok() for each in SCHEMA.get_all_operations()]
CHECKS = [status_code_conformance, response_schema_conformance, response_headers_conformance, content_type_conformance]
EXAMPLES = 12
LONGEST = 40.0
"""Seconds after which no more requests are tried on an operation."""


@pytest.fixture(scope="module")
def options() -> Options:
    return quick(settings={"STATUS_TABLE": "StartStatus", "STATUS_KEY": "a secret of at least thirty-two characters"})


@pytest.fixture(scope="module")
def session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_no_answer_is_unknown_to_the_definition(
    system: LocalSystem, session: requests.Session, operation: Any, mode: schemathesis.GenerationMode
) -> None:
    until = time.monotonic() + LONGEST

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def hold(case: Any) -> None:
        if time.monotonic() > until:
            return
        answer = case.call(
            base_url=f"{system.functions}/api",
            session=session,
            headers={"x-functions-key": system.function_key},
            timeout=30,
        )
        # The host itself answers 401 and 404, with an empty body or some text.
        checks = CHECKS if "json" in answer.headers.get("content-type", [""])[0] else CHECKS[:1]
        case.validate_response(answer, checks=[*checks, *([] if operation.path == "/health" else [not_a_server_error])])

    hold()


def test_the_answers_that_matter_keep_the_definition(
    system: LocalSystem, session: requests.Session, tenant: Tenant
) -> None:
    """Answers that random requests do not reach: a status before and at its end, a list, and health."""
    body = {"servicePrincipalId": tenant.principal, "jobId": tenant.put(jobs.quarantined(new_job_id()))}
    key = {"x-functions-key": system.function_key}

    def held(label: str, **case: Any) -> Any:
        operation = next(each for each in OPERATIONS if each.label == label)
        made = operation.Case(**case)
        answer = made.call(base_url=f"{system.functions}/api", session=session, headers=key, timeout=30)
        made.validate_response(answer, checks=CHECKS)
        return answer

    sent = held("POST /start-requests", body=body, media_type="application/json")
    location = urlsplit(sent.headers["location"][0])
    query = dict(pair.split("=", 1) for pair in location.query.split("&"))
    path = {"name": location.path.rsplit("/", 1)[1]}
    statuses: list[int] = []
    while not statuses or statuses[-1] == 202:
        answer = held("GET /start-requests/{name}", path_parameters=path, query=query)
        statuses.append(answer.status_code)
    assert statuses[-1] == 200
    listed = held("GET /start-requests", query={"servicePrincipal": tenant.principal})
    assert len(json.loads(listed.content)["value"]) == 1
    assert held("GET /health", query={}).status_code in (200, 503)
    tenant.event(json.loads(sent.content)["accepted"][0]["requestId"])
