"""infra/grant-graph-permission with a stand-in for az."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.infra.fake_az import GRAPH_SP, ROLES

if TYPE_CHECKING:
    from tests.infra.conftest import Run, Tenant

SCRIPT = "grant-graph-permission"
IDENTITY = "3c0f4a9e-58a1-4b5e-9a52-0d9c1e7f4a01"
BOX = "3c0f4a9e-58a1-4b5e-9a52-0d9c1e7f4a02"
SLACK = "3c0f4a9e-58a1-4b5e-9a52-0d9c1e7f4a03"


def granted(tenant: Tenant) -> list[str]:
    assignments = tenant["assignments"].get(IDENTITY, [])
    assert all(assignment["resourceId"] == GRAPH_SP for assignment in assignments)
    names = {id_: name for name, id_ in ROLES.items()}
    return [names[assignment["appRoleId"]] for assignment in assignments]


def test_permission_is_granted_once_however_often_it_runs(run: Run, tenant: Tenant) -> None:
    first, second = run(SCRIPT, IDENTITY), run(SCRIPT, IDENTITY)
    assert (first.returncode, first.stdout) == (0, "granted  Synchronization.ReadWrite.All\n")
    assert (second.returncode, second.stdout) == (0, "has      Synchronization.ReadWrite.All\n")
    assert granted(tenant) == ["Synchronization.ReadWrite.All"]


def test_identity_comes_from_the_environment_of_azd(run: Run, tenant: Tenant) -> None:
    assert run(SCRIPT, IDENTITY_PRINCIPAL_ID=IDENTITY).returncode == 0
    assert granted(tenant) == ["Synchronization.ReadWrite.All"]


def test_owned_by_makes_the_identity_an_owner_with_the_narrow_permission(run: Run, tenant: Tenant) -> None:
    arguments = (SCRIPT, "--owned-by", BOX, "--owned-by", SLACK, IDENTITY)
    assert run(*arguments).returncode == 0
    again = run(*arguments)
    assert granted(tenant) == ["Application.ReadWrite.OwnedBy"]
    assert tenant["owners"] == {BOX: [{"id": IDENTITY}], SLACK: [{"id": IDENTITY}]}
    assert again.stdout == f"has      Application.ReadWrite.OwnedBy\nowns     {BOX}\nowns     {SLACK}\n"


def test_owned_by_tells_of_a_wider_permission_that_is_left_over(run: Run, tenant: Tenant) -> None:
    run(SCRIPT, IDENTITY)
    answer = run(SCRIPT, "--owned-by", BOX, IDENTITY)
    assert "also has Synchronization.ReadWrite.All" in answer.stdout
    assert f"/servicePrincipals/{IDENTITY}/appRoleAssignments/assignment-0" in answer.stdout


@pytest.mark.parametrize("options", [("--by-app-id",), ("--watch-all",), ("--by-app-id", "--watch-all")])
def test_the_permission_for_applications_is_granted_once_not_its_delegated_namesake(
    run: Run, tenant: Tenant, options: tuple[str, ...]
) -> None:
    run(SCRIPT, *options, IDENTITY)
    assert granted(tenant) == ["Synchronization.ReadWrite.All", "Application.Read.All"]


def test_check_says_what_is_missing_and_changes_nothing(run: Run, tenant: Tenant) -> None:
    answer = run(SCRIPT, "--check", "--owned-by", BOX, IDENTITY)
    assert answer.returncode == 1
    assert answer.stdout == f"MISSING  Application.ReadWrite.OwnedBy\nMISSING  ownership of {BOX}\n"
    assert tenant.calls("post") == []


def test_check_passes_where_all_is_there(run: Run) -> None:
    run(SCRIPT, "--owned-by", BOX, IDENTITY)
    assert run(SCRIPT, "--check", "--owned-by", BOX, IDENTITY).returncode == 0


@pytest.mark.parametrize("refuses", ["all", "writes"])
def test_missing_rights_are_said_in_a_sentence(run: Run, tenant: Tenant, refuses: str) -> None:
    tenant["refuses"] = refuses
    answer = run(SCRIPT, IDENTITY)
    assert answer.returncode == 2
    assert answer.stderr.startswith("grant-graph-permission: you may not do this: it takes the role Privileged Role")
    assert granted(tenant) == []


def test_a_refused_check_is_not_taken_for_a_missing_permission(run: Run, tenant: Tenant) -> None:
    tenant["refuses"] = "all"
    answer = run(SCRIPT, "--check", IDENTITY)
    assert (answer.returncode, answer.stdout) == (2, "")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("Please run 'az login' to setup account.", "run az login"),
        ("AADSTS700082: The refresh token has expired due to inactivity.", "run az login"),
        ("Connection reset by peer", "az ad sp failed"),
    ],
)
def test_error_of_az_is_shown(run: Run, tenant: Tenant, error: str, told: str) -> None:
    tenant["errors"] = {"ad sp show": [error]}
    answer = run(SCRIPT, IDENTITY)
    assert answer.returncode == 2
    assert told in answer.stderr
    assert error in answer.stderr
    assert granted(tenant) == []


def test_lines_that_end_as_on_windows_are_read(run: Run, tenant: Tenant) -> None:
    tenant["windows"] = True
    assert run(SCRIPT, "--owned-by", BOX, IDENTITY).returncode == 0
    assert run(SCRIPT, "--check", "--owned-by", BOX, IDENTITY).returncode == 0
    assert granted(tenant) == ["Application.ReadWrite.OwnedBy"]
    assert tenant["environment"]["MSYS_NO_PATHCONV"] == "1"


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        pytest.param((), "whose permission?", id="nothing"),
        pytest.param(("contoso",), "contoso is not an object id", id="not a GUID"),
        pytest.param(("--owned-by", "box", IDENTITY), "box is not an object id", id="not a GUID after --owned-by"),
        pytest.param(("--owned-by",), "--owned-by needs", id="nothing after --owned-by"),
        pytest.param(("--force", IDENTITY), "there is no option --force", id="unknown option"),
    ],
)
def test_wrong_use_is_named_before_anything_is_called(
    run: Run, tenant: Tenant, arguments: tuple[str, ...], fault: str
) -> None:
    answer = run(SCRIPT, *arguments)
    assert answer.returncode == 2
    assert fault in answer.stderr
    assert tenant["calls"] == []


def test_help_names_every_option(run: Run) -> None:
    text = run(SCRIPT, "--help").stdout
    assert all(option in text for option in ("--owned-by", "--by-app-id", "--watch-all", "--check"))
