"""Each setting that the app reads is set by the template or listed as left alone, and nothing else is."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import TYPE_CHECKING

from shared.notices.set_up import NoticeSettings
from shared.settings import NOTIFY_PREFIX, SECRET_PREFIX
from tests.infra.app_source import ROOT, app_sources, setting_names
from tests.infra.deployment_checks import HOST_SETTINGS, app_settings
from tests.infra.pages import first_column

if TYPE_CHECKING:
    from tests.infra.conftest import Deployments

PAGE = (ROOT / "docs" / "settings.md").read_text()


def mismatches(read: frozenset[str], set_by_template: frozenset[str], left_alone: frozenset[str]) -> list[str]:
    """Settings that only one side has. A name that ends in _ stands for all names that begin with it."""

    def covers(names: frozenset[str], name: str) -> bool:
        return any(name == other or (other.endswith("_") and name.startswith(other)) for other in names)

    return [
        *(
            f"{name} is read by shared/settings.py, but neither set in infra/function-app.bicep nor listed in "
            "docs/settings.md as left alone"
            for name in sorted(read)
            if not covers(set_by_template | left_alone, name)
        ),
        *(
            f"{name} is set in infra/function-app.bicep, but shared/settings.py does not read it"
            for name in sorted(set_by_template)
            if not covers(read, name)
        ),
        *(
            f"{name} is listed in docs/settings.md as left alone, but shared/settings.py does not read it"
            for name in sorted(left_alone)
            if not covers(read, name)
        ),
        *(
            f"{name} is listed in docs/settings.md as left alone, but infra/function-app.bicep sets it"
            for name in sorted(set_by_template & left_alone)
        ),
    ]


def test_template_and_app_know_the_same_settings(deployments: Deployments) -> None:
    prefixes = {name for source in app_sources() for name in setting_names(source) if name.endswith("_")}
    set_by_template = {
        re.sub(f"^({SECRET_PREFIX}|{NOTIFY_PREFIX}).+", r"\1", name)
        for variant in ("senders", "targets")
        for name in app_settings(deployments(variant)).keys() - HOST_SETTINGS
    }
    assert (
        mismatches(
            read=setting_names((ROOT / "shared" / "settings.py").read_text()) | prefixes,
            set_by_template=frozenset(set_by_template),
            left_alone=first_column(PAGE, "Settings that the template leaves alone"),
        )
        == []
    )


def test_settings_without_a_value_are_left_out(deployments: Deployments) -> None:
    settings = app_settings(deployments("default"))
    assert all(str(value).strip() for value in settings.values())
    assert not settings.keys() & {"HELD_REASONS", "ALLOWED_SERVICE_PRINCIPALS", "WATCH", "WATCH_SCHEDULE"}


def test_each_setting_of_a_target_is_a_secret_of_the_template_or_told_on_the_page(deployments: Deployments) -> None:
    settings = {
        name: value for name, value in app_settings(deployments("targets")).items() if name[:7] == NOTIFY_PREFIX
    }
    vault = deployments("targets").one("Microsoft.KeyVault/vaults")["name"]
    assert settings == {
        name: f"@Microsoft.KeyVault(VaultName={vault};SecretName={name.lower().replace('_', '-')})" for name in settings
    }
    told = first_column((ROOT / "docs" / "targets" / "README.md").read_text(), "Settings")
    assert {each.metadata["name"] for each in fields(NoticeSettings)} == settings.keys() | told
    assert not settings.keys() & told


def test_a_setting_that_is_renamed_on_one_side_is_named() -> None:
    read = setting_names('ROOT = "GRAPH_ROOT"\nname = f"SECRET_{sender}"\nplain = "ROOT"\ntext = "not a setting"\n')
    assert read == {"GRAPH_ROOT", "SECRET_"}
    found = mismatches(read, frozenset({"GRAPH_ENDPOINT", "SECRET_X"}), frozenset({"OLD_LIMIT"}))
    assert [fault.split()[0] for fault in found] == ["GRAPH_ROOT", "SECRET_", "GRAPH_ENDPOINT", "OLD_LIMIT"]
    assert mismatches(frozenset({"S_"}), frozenset({"S_"}), frozenset()) == []
