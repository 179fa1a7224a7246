"""Runs Bicep's own compiler on the templates, and keeps the results: each variant is evaluated once per session."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from concurrent.futures import Future

ROOT = Path(__file__).parents[2]
INFRA = ROOT / "infra"

LOCATION = "westeurope"
SUBSCRIPTION = "3c0f4a9e-58a1-4b5e-9a52-0d9c1e7f4a00"
TENANT = "3c0f4a9e-58a1-4b5e-9a52-0d9c1e7f4a01"
GROUP = "rg-of-somebody"

type Resource = dict[str, Any]


@dataclass(frozen=True)
class Variant:
    """A deployment: a template and its input.

    `choices` are environment variables for main.bicepparam. Other templates take `parameters`, as Bicep writes them.
    """

    template: str = "main.bicep"
    choices: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Snapshot:
    """What a deployment would send to Azure, or, if it would be refused, the reason and no resources."""

    log: str
    resources: tuple[Resource, ...] = ()
    outputs: Mapping[str, Any] = field(default_factory=dict)

    def of_type(self, kind: str) -> list[Resource]:
        """The resources of a type."""
        return [resource for resource in self.resources if resource["type"] == kind]

    def one(self, kind: str) -> Resource:
        """The only resource of a type."""
        (resource,) = self.of_type(kind)
        return resource


class Bicep:
    """The compiler, on templates in a folder. It runs once per processor at the same time."""

    def __init__(self, command: str, folder: Path) -> None:
        self._command = command
        self._folder = folder
        self._pool = ThreadPoolExecutor(os.cpu_count())
        self._numbers = count(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def templates(self, change: Callable[[str, str], str] = lambda _, text: text) -> Path:
        """A copy of infra/ and the files that it includes. `change` gets each file's name and text, and returns its new
        text.
        """
        copy = self._folder / str(next(self._numbers)) / "infra"
        shutil.copytree(INFRA, copy)
        shutil.copy(ROOT / "host.json", copy.parent)
        for file in [*copy.glob("*.bicep"), *copy.glob("*.json"), copy / "main.bicepparam"]:
            file.write_text(change(file.name, file.read_text()))
        return copy

    def lint(self, template: Path) -> Future[str]:
        """What the linter finds in a template and its modules. Empty if it finds nothing."""
        rules = Path(__file__).parent / "bicepconfig.json"
        return self._pool.submit(lambda: self._run("lint", template, "--config", rules).stderr)

    def build(self, template: Path) -> Future[Any]:
        """The template as JSON, as Azure reads it."""
        return self._pool.submit(lambda: json.loads(self._run("build", template, "--stdout").stdout))

    def snapshot(self, variant: Variant, templates: Path) -> Future[Snapshot]:
        """What the deployment of a variant would send to Azure."""
        return self._pool.submit(self._snapshot, variant, templates, next(self._numbers))

    def _snapshot(self, variant: Variant, templates: Path, number: int) -> Snapshot:
        file = templates / f"variant-{number}.bicepparam"
        if variant.template == "main.bicep":
            file.write_text((templates / "main.bicepparam").read_text())
            place = []
        else:
            lines = (f"param {name} = {value}\n" for name, value in variant.parameters.items())
            file.write_text(f"using '{variant.template}'\n{''.join(lines)}")
            place = ["--resource-group", GROUP]
        where = ["--subscription-id", SUBSCRIPTION, "--tenant-id", TENANT, "--location", LOCATION, *place]
        log = self._run("snapshot", file, "--mode", "overwrite", *where, choices=variant.choices).stderr
        written = file.with_suffix(".snapshot.json")
        if not written.exists():
            return Snapshot(log or "no snapshot and no reason")
        found = json.loads(written.read_text())
        log = "\n".join([log, *map(json.dumps, found["diagnostics"])])
        return Snapshot(log, tuple(found["predictedResources"]), found.get("outputs", {}))

    def _run(
        self, verb: str, file: Path, *options: str | Path, choices: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - the compiler on PATH
            [self._command, verb, file, *options],
            env={"PATH": os.environ["PATH"], "HOME": str(self._folder), **(choices or {})},
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )


def strings(value: Any) -> Iterator[str]:
    """Every string in a JSON value, keys of objects included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from strings(item)


def choices_of_the_parameters_file() -> frozenset[str]:
    """The environment variables that main.bicepparam reads."""
    return frozenset(re.findall(r"readEnvironmentVariable\('(\w+)'", (INFRA / "main.bicepparam").read_text()))
