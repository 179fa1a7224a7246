"""What is deployed and how: azure.yaml, .funcignore, host.json, the sample settings and the scripts."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from shared.settings import Settings, setting_name
from tests.infra.app_source import ROOT, setting_names
from tests.infra.bicep import INFRA
from tests.infra.deployment_checks import HOST_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable

DEPLOYED = {"function_app.py", "host.json", "requirements.txt", "shared", "start_job_function"}
LEFT_BEHIND = [
    "secret.txt",
    "ready.json",
    "app.zip",
    "nohup.out",
    "__pycache__/function_app.cpython-313.pyc",
    "local.settings.json",
    ".azure/dev/.env",
    ".venv/bin/activate.py",
    "shared/secret.txt",
    "shared/graph/ready.json",
    "shared/graph/app.zip",
    "shared/__pycache__/text.cpython-313.pyc",
    "shared/graph/__pycache__/client.cpython-313.pyc",
    "start_job_function/nohup.out",
    "start_job_function/__pycache__/delivery.cpython-313.pyc",
    "tests/shared/x.py",
]
GIT = shutil.which("git") or "git"
SCRIPTS = sorted(file for file in INFRA.iterdir() if file.is_file() and file.read_bytes().startswith(b"#!"))


def faults(schema: str, value: Any) -> list[str]:
    """Where a value violates one of the schemas beside this file."""
    validator = Draft202012Validator(json.loads((Path(__file__).parent / schema).read_text()))
    return [error.message for error in validator.iter_errors(value)]


def packed_by_git(folder: Path) -> list[str]:
    """The files of a folder that git includes by .funcignore. azd reads it in the same way."""
    _git(folder, "init", "--quiet")
    return _git(folder, "ls-files", "--others", "--exclude-from=.funcignore")


def packed_by_core_tools(folder: Path) -> list[str]:
    """The files that Core Tools include. A line with ! wins at any place, and a pattern is a prefix of a path.

    Source: GitIgnoreParser.cs and FileSystemHelpers.cs of Azure/azure-functions-core-tools.
    """
    lines = (folder / ".funcignore").read_text().splitlines()
    out = _beginnings([line for line in lines if not line.startswith(("#", "!"))])
    back = _beginnings([line[1:] for line in lines if line.startswith("!")])
    files = [str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()]
    return [file for file in files if file != ".funcignore" and (back.match(file) or not out.match(file))]


def _beginnings(patterns: list[str]) -> re.Pattern[str]:
    escaped = [re.sub(r"([-\[\]/{}()+?.\\^$|])", r"\\\1", pattern.removeprefix("/")) for pattern in patterns]
    regexes = [pattern.replace("**", "(.+)").replace("*", "([^/]+)") for pattern in escaped]
    return re.compile(rf"(({')|('.join(regexes)}))\b" if regexes else "(?!)", re.ASCII)


def _git(folder: Path, *arguments: str) -> list[str]:
    command = [GIT, *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)  # noqa: S603 - files of this repository
    return done.stdout.splitlines()


def _repository_files() -> list[str]:
    """The files of the repository, those of the next commit included."""
    return [name for name in _git(ROOT, "ls-files", "-co", "--exclude-standard") if (ROOT / name).is_file()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The repository's files, as in a contributor's folder."""
    for name in _repository_files():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    return tmp_path


def test_host_json_keeps_its_schema() -> None:
    assert faults("host.schema.json", json.loads((ROOT / "host.json").read_text())) == []


def test_host_takes_further_messages_before_a_thread_has_nothing_to_do() -> None:
    queues = json.loads((ROOT / "host.json").read_text())["extensions"]["queues"]
    sample = json.loads((ROOT / "local.settings.sample.json").read_text())["Values"]
    assert queues["newBatchThreshold"] == Settings.threads
    assert sample[setting_name("threads")] == str(Settings.threads)


def test_azure_yaml_keeps_its_schema() -> None:
    assert faults("azure-yaml.schema.json", yaml.safe_load((ROOT / "azure.yaml").read_text())) == []


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        pytest.param("host.schema.json", {"version": "2.0", "extensionBundel": {}}, id="host.json"),
        pytest.param(
            "azure-yaml.schema.json",
            {"name": "x1", "services": {"app": {"host": "functions", "project": "."}}},
            id="azure.yaml",
        ),
    ],
)
def test_a_misspelt_file_is_found_out(schema: str, value: Any) -> None:
    assert faults(schema, value) != []


def test_azd_finds_the_app_by_the_tag_of_the_template() -> None:
    (service,) = yaml.safe_load((ROOT / "azure.yaml").read_text())["services"]
    assert f"'azd-service-name': '{service}'" in (INFRA / "function-app.bicep").read_text()


def test_hooks_run_files_that_are_there() -> None:
    for hook in yaml.safe_load((ROOT / "azure.yaml").read_text())["hooks"].values():
        assert (ROOT / hook["run"].split()[-1]).is_file()


@pytest.mark.parametrize("pack", [packed_by_git, packed_by_core_tools], ids=["git and azd", "core tools"])
def test_the_app_is_deployed_and_nothing_that_lies_about(folder: Path, pack: Callable[[Path], list[str]]) -> None:
    app = {name for name in _repository_files() if name.split("/")[0] in DEPLOYED}
    for name in LEFT_BEHIND:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    assert set(pack(folder)) == app


@pytest.mark.parametrize("pack", [packed_by_git, packed_by_core_tools], ids=["git and azd", "core tools"])
def test_a_file_that_is_not_ignored_is_found_out(tmp_path: Path, pack: Callable[[Path], list[str]]) -> None:
    (tmp_path / ".funcignore").write_text("docs/\n.funcignore\n")
    (tmp_path / "docs").mkdir()
    for name in ("docs/a.md", "secret.txt"):
        (tmp_path / name).touch()
    assert pack(tmp_path) == ["secret.txt"]


def test_settings_sample_names_only_settings_that_are_read_and_holds_no_secret() -> None:
    values = json.loads((ROOT / "local.settings.sample.json").read_text())["Values"]
    read = setting_names((ROOT / "shared" / "settings.py").read_text()) | HOST_SETTINGS
    assert values.keys() - read == {"FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage"}
    assert not any(re.search(r"AccountKey|[Ss]ecret=", value) for value in values.values())


def test_functions_that_the_templates_name_exist() -> None:
    source = "".join(file.read_text() for file in (ROOT / "start_job_function").glob("*.py"))
    functions = set(re.findall(r"(?m)^def (\w+)\(", source))
    named = re.findall(r"'function:(\w+)'", (INFRA / "function-app.bicep").read_text())
    named += re.findall(r"(?m)^readonly FUNCTION=(\w+)$", (INFRA / "connect-alerts").read_text())
    assert len(named) == 2
    assert set(named) <= functions


def test_git_for_windows_checks_scripts_and_templates_out_as_they_are(tmp_path: Path) -> None:
    files = [str(file.relative_to(ROOT)) for file in [*SCRIPTS, INFRA / "main.bicep"]]
    checkout = ["-c", "core.autocrlf=true", "checkout-index", f"--prefix={tmp_path}/", "--", *files]
    subprocess.run([GIT, *checkout], cwd=ROOT, check=True, timeout=60)  # noqa: S603 - git, on files of this repository
    assert [file for file in files if b"\r" in (tmp_path / file).read_bytes()] == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: str(script.name))
def test_script_is_executable_and_shellcheck_finds_nothing(script: Path) -> None:
    assert script.stat().st_mode & 0o111
    check = subprocess.run(  # noqa: S603 - a package of the environment
        [Path(sys.executable).parent / "shellcheck", script], capture_output=True, text=True, check=False
    )
    assert (check.returncode, check.stdout) == (0, "")
