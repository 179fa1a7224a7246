"""Faults that are put into the templates on purpose. Each must be found."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.infra.deployment_checks import faults
from tests.infra.variants import VARIANTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Future

    from tests.infra.bicep import Bicep, Snapshot


class Seed(NamedTuple):
    """A replacement in a file, and what must be reported about it."""

    file: str
    text: str
    replacement: str
    told: str


SEEDS = {
    "a misspelt property": Seed(
        "storage.bicep", "allowBlobPublicAccess", "allowBlobPublicAcces", "allowBlobPublicAcces"
    ),
    "a missing output": Seed("network.bicep", "output appSubnetId", "output subnetId", "BCP053"),
    "a vault name too long": Seed("resources.bicep", "'kv-${token}'", "'kv-start-job-${token}'", "24"),
    "a kind of identity": Seed("function-app.bicep", "'UserAssignedIdentity'", "'UserAssigned'", "UserAssigned"),
    "an SKU": Seed("storage.bicep", "'Standard_LRS'", "'Standard_LSR'", "Standard_LSR"),
    "shared keys": Seed("storage.bicep", "allowSharedKeyAccess: false", "allowSharedKeyAccess: true", "opens to a key"),
    "a renamed queue": Seed("storage.bicep", "'start-status'", "'start-state'", "the queue start-status, which is not"),
    "a wrong role": Seed("roles.json", "974c5e8b-45b9", "974c5e8b-45b8", "lacks Storage Queue Data Contributor"),
    "a misspelt host setting": Seed("function-app.bicep", "__clientId", "__clientID", "needs AzureWebJobsStorage__cl"),
    "a period": Seed("quarantine-alert.bicep", "evaluationFrequency: 'PT5M'", "evaluationFrequency: 'PT7M'", "PT7M"),
    "an unknown setting": Seed("function-app.bicep", "GRAPH_VERSION:", "GRAPH_API:", "knows the setting GRAPH_API"),
}


ALONE = {"a missing output", "a vault name too long"}
"""Faults that hide others, and so are tested alone. The others are tested together."""


@pytest.fixture(scope="module")
def found(bicep: Bicep) -> Callable[[str], list[str]]:
    """The faults that are found in the templates with a seed in them."""

    def evaluate(variant: str, *names: str) -> Future[Snapshot]:
        return bicep.snapshot(VARIANTS[variant], bicep.templates(lambda file, text: sown(file, text, names)))

    together = evaluate("everything", *(SEEDS.keys() - ALONE))
    evaluated = {**dict.fromkeys(SEEDS, together), **{name: evaluate("everything", name) for name in ALONE}}
    evaluated["a period"] = evaluate("alert", "a period")
    return lambda name: faults(evaluated[name].result())


def sown(file: str, text: str, names: Iterable[str]) -> str:
    """The text of a file with its seeds in it."""
    for seed in (SEEDS[name] for name in names):
        if seed.file == file:
            assert seed.text in text
            text = text.replace(seed.text, seed.replacement)
    return text


@pytest.mark.parametrize("name", SEEDS)
def test_a_seeded_fault_is_found(found: Callable[[str], list[str]], name: str) -> None:
    told = found(name)
    assert any(SEEDS[name].told in fault for fault in told), told


def test_the_linter_keeps_its_rules(bicep: Bicep) -> None:
    """Neither build nor snapshot would report it."""
    loose = bicep.templates(lambda _, text: text.replace("#disable-next-line what-if-short-circuiting", ""))
    assert bicep.lint(loose / "main.bicep").result().count("what-if-short-circuiting") >= 3
