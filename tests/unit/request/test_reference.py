"""Paths and ids of jobs."""

from __future__ import annotations

import pytest

from shared.request.reference import JobReference, is_job_id, parse_guid, parse_job_path
from tests.examples import APP_ID, JOB, PRINCIPAL

PATH = f"servicePrincipals/{PRINCIPAL}/synchronization/jobs/{JOB}"
REFERENCE = JobReference(service_principal_id=PRINCIPAL, job_id=JOB)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(PATH, id="path"),
        pytest.param(f"/{PATH}", id="leading slash"),
        pytest.param(f"{PATH}/start", id="start"),
        pytest.param(f"  {PATH}/\n", id="spaces and slash around"),
        pytest.param(f"/v1.0/{PATH}/start", id="with version"),
        pytest.param(f"https://graph.microsoft.com/beta/{PATH}", id="beta URL"),
        pytest.param(f"https://graph.microsoft.us/v1.0/{PATH}/start?x=1#y", id="query and fragment"),
        pytest.param(
            PATH.replace("servicePrincipals", "serviceprincipals").replace(PRINCIPAL, PRINCIPAL.upper()),
            id="other case",
        ),
        pytest.param(
            f"servicePrincipals/{PRINCIPAL}/synchronization/jobs/{JOB.replace('.', '%2E')}", id="percent-encoded"
        ),
        pytest.param(f"servicePrincipals('{PRINCIPAL}')/synchronization/jobs('{JOB}')", id="keys"),
        pytest.param(
            f"https://graph.microsoft.com/v1.0/servicePrincipals('{PRINCIPAL}')/synchronization/jobs('{JOB}')/start",
            id="URL with keys",
        ),
        pytest.param(
            f"servicePrincipals/{PRINCIPAL}/synchronization/jobs('{JOB}')/microsoft.graph.start", id="key and segment"
        ),
        pytest.param(
            f"servicePrincipals(%27{PRINCIPAL}%27)/synchronization/jobs%28%27{JOB}%27%29", id="percent-encoded keys"
        ),
        pytest.param(
            f"servicePrincipals('{PRINCIPAL}')/synchronization/jobs/{JOB}?$select=status", id="path with query"
        ),
    ],
)
def test_path_names_the_job(text: str) -> None:
    assert parse_job_path(text) == REFERENCE


@pytest.mark.parametrize("prefix", ["", "/beta/", "https://graph.microsoft.com/v1.0/"])
def test_path_by_application_id_names_the_job(prefix: str) -> None:
    by_app_id = JobReference(app_id=APP_ID, job_id=JOB)
    assert parse_job_path(f"{prefix}{by_app_id}/start") == by_app_id


@pytest.mark.parametrize(
    "text",
    [
        "",
        "servicePrincipals",
        f"servicePrincipals(appId='Contoso')/synchronization/jobs/{JOB}",
        f"servicePrincipals(appId={APP_ID})/synchronization/jobs/{JOB}",
        f"servicePrincipals(appId='{APP_ID}')/{PRINCIPAL}/synchronization/jobs/{JOB}",
        f"servicePrincipals/{PRINCIPAL}/synchronization/jobs",
        f"servicePrincipals/{PRINCIPAL}/synchronization/jobs/{JOB}/restart",
        f"servicePrincipals/not-a-guid/synchronization/jobs/{JOB}",
        f"servicePrincipals/{PRINCIPAL}/synchronization/jobs/..%2Fx",
        f"servicePrincipals/{PRINCIPAL}/synchronization/jobs/%00",
        f"https://[/{PATH}",
        f"{PATH} {PATH}",
        f"servicePrincipals('{PRINCIPAL}')/synchronization/jobs('a/b')",
        f"servicePrincipals('{PRINCIPAL}')/synchronization/jobs('a%27b')",
        f"servicePrincipals('Contoso')/synchronization/jobs('{JOB}')",
        f"servicePrincipals({PRINCIPAL})/synchronization/jobs({JOB})",
        f"https://graph.microsoft.com/v1.0/{PATH}\n2",
        f"https://graph.microsoft.com/v1.0/{PATH}\t/start",
    ],
)
def test_other_text_names_no_job(text: str) -> None:
    assert parse_job_path(text) is None


@pytest.mark.parametrize(
    "text",
    ["BoxOutDelta.0123456789abcdef0123456789abcdef", "scim.11.22", PRINCIPAL, "a", "x" * 200, "Azure2Azure.z_z.q-"],
)
def test_real_job_ids_are_taken(text: str) -> None:
    assert is_job_id(text)


@pytest.mark.parametrize("text", ["", ".", "..", "-a", "a/b", "a b", "a%2Fb", "ä", "x" * 201, "a\n", "a?b", "{jobId}"])
def test_text_that_would_change_the_path_is_not_a_job_id(text: str) -> None:
    assert not is_job_id(text)


def test_guid_is_written_in_lower_case() -> None:
    assert parse_guid(PRINCIPAL.upper()) == PRINCIPAL


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param(PRINCIPAL[:-1], id="too short"),
        pytest.param(f"{{{PRINCIPAL}}}", id="braces"),
        pytest.param(PRINCIPAL.replace("-", ""), id="no hyphens"),
        pytest.param(f"{PRINCIPAL}\n", id="line break"),
    ],
)
def test_other_forms_are_no_guid(text: str) -> None:
    assert parse_guid(text) is None


def test_reference_reads_as_the_path_of_graph() -> None:
    assert str(REFERENCE) == PATH
    assert str(JobReference(app_id=APP_ID)) == f"servicePrincipals(appId='{APP_ID}')"
    assert str(JobReference(PRINCIPAL, APP_ID, JOB)) == PATH
