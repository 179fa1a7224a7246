"""The set-up keeps what works until the new installation is complete. Here pip and npm are stand-ins."""

from __future__ import annotations

import importlib.metadata
import os
import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from local import set_up
from local.parts.environment import REPOSITORY
from local.set_up import WHAT, Installation, SetUpFailed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_INPUTS = sorted({name for parts in WHAT.values() for part in parts for name in part.inputs})


class Checkout:
    """A checkout with a blank in its path. Its installer records what it does, and may fail."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.ran: list[str] = []
        self.fault: BaseException | None = None
        for name in _INPUTS:
            self.change(name, "one")

    def change(self, name: str, content: str) -> None:
        """Change a file, as a pull does."""
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(content)

    def set_up(self, what: str) -> list[str]:
        """Set it up. Returns what was installed."""
        self.ran.clear()
        Installation(self.root).set_up(WHAT[what])
        return list(self.ran)

    def run(self, installation: Installation, command: Sequence[str | Path], *_: object, **__: object) -> None:
        """Replaces Installation._run."""
        words = [str(word) for word in command]
        tree = installation.folder / next(word for word in words if ".installed/" in word).split("/.installed/")[1]
        if "venv" in words:
            (tree / "bin").mkdir()
            (tree / "bin" / "python").symlink_to(sys.executable)
        elif self.fault is not None:
            raise self.fault
        elif "ci" in words:
            (tree / "node_modules").mkdir()
            self.ran.append(tree.name.rpartition("-")[0])
        else:
            (tree.parents[1] / "has").write_text(words[-1].rpartition("/")[2])
            self.ran.append(words[-1].rpartition("/")[2])

    @property
    def environment(self) -> str:
        """The file that the environment in use was made from."""
        return (self.root / ".venv" / "has").read_text()


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """A checkout with nothing installed."""
    checkout = Checkout(tmp_path / "a checkout")
    monkeypatch.setattr(Installation, "_run", lambda *given, **named: checkout.run(*given, **named))  # noqa: PLW0108 - a method has to be a function
    return checkout


def test_demo_needs_no_packages_of_the_tests(checkout: Checkout) -> None:
    assert checkout.set_up("demo") == ["requirements-local.txt", "local"]
    assert (checkout.root / "local" / "node_modules").is_dir()
    assert not (checkout.root / "tests" / "cards" / "node_modules").exists()
    assert checkout.set_up("demo") == []


def test_what_the_tests_need_is_enough_for_the_demo(checkout: Checkout) -> None:
    assert checkout.set_up("tests") == ["requirements-dev.txt", "local", "tests-infra-kusto", "tests-cards"]
    assert checkout.set_up("demo") == []


def test_environment_of_the_tests_stays_one_when_the_demo_renews_it(checkout: Checkout) -> None:
    checkout.set_up("tests")
    checkout.change("requirements-local.txt", "two")

    assert checkout.set_up("demo") == ["requirements-dev.txt"]
    assert checkout.set_up("tests") == []


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), SetUpFailed("no network")])
def test_set_up_that_does_not_end_leaves_what_worked(checkout: Checkout, fault: BaseException) -> None:
    checkout.set_up("demo")
    before = checkout.environment
    checkout.change("requirements-local.txt", "two")
    checkout.fault = fault

    with pytest.raises(type(fault)):
        checkout.set_up("demo")

    assert checkout.environment == before
    checkout.fault = None
    assert checkout.set_up("demo") == ["requirements-local.txt"]


def test_incomplete_folder_of_a_killed_set_up_is_made_again(checkout: Checkout) -> None:
    folder = checkout.root / ".installed"
    checkout.set_up("demo")
    (tree,) = folder.glob("venv-*")
    (tree / ".whole").unlink()
    (folder / "local-000000000000").mkdir()

    assert checkout.set_up("demo") == ["requirements-local.txt"]
    assert not (folder / "local-000000000000").exists()


def test_environment_whose_python_is_gone_is_made_again(checkout: Checkout) -> None:
    checkout.set_up("demo")
    python = checkout.root / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to(checkout.root / "nowhere")

    assert checkout.set_up("demo") == ["requirements-local.txt"]


def test_older_commit_finds_its_packages_again(checkout: Checkout) -> None:
    checkout.set_up("demo")
    checkout.change("requirements-local.txt", "two")
    checkout.set_up("demo")
    checkout.change("requirements-local.txt", "one")
    checkout.fault = SetUpFailed("no network")

    assert checkout.set_up("demo") == []


def test_folders_from_before_there_were_links_give_way(checkout: Checkout) -> None:
    for name in (".venv/bin", "local/node_modules/azurite"):
        (checkout.root / name).mkdir(parents=True)

    checkout.set_up("demo")

    assert (checkout.root / ".venv").is_symlink()
    assert (checkout.root / "local" / "node_modules").is_symlink()
    assert checkout.environment == "requirements-local.txt"


def test_checkout_that_was_moved_is_set_up_where_it_is(checkout: Checkout) -> None:
    checkout.set_up("demo")
    moved = checkout.root.with_name("moved")
    checkout.root.rename(moved)
    checkout.root = moved

    assert "requirements-local.txt" in checkout.set_up("demo")


def test_msgraph_lies_in_the_environment_and_comes_back_with_a_new_one(checkout: Checkout) -> None:
    checkout.set_up("tests")
    checkout.set_up("msgraph")
    checkout.change("requirements-dev.txt", "two")
    checkout.set_up("tests")

    assert checkout.set_up("msgraph") == []
    assert (checkout.root / ".venv" / "msgraph" / "bin" / "python").exists()


def test_failure_is_one_line_with_the_installers_own_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bin").mkdir()
    npm = tmp_path / "bin" / "npm"
    npm.write_text("#!/bin/sh\necho 'npm error network request failed' >&2\nexit 1\n")
    npm.chmod(0o755)
    for name in ("package.json", "package-lock.json"):
        (tmp_path / "local").mkdir(exist_ok=True)
        (tmp_path / "local" / name).write_text("{}")
    (tmp_path / ".venv").symlink_to(tmp_path)

    with pytest.raises(SetUpFailed, match=r"npm packages of local/ could not.*network request failed") as raised:
        Installation(tmp_path).set_up([set_up.Node("local")])

    assert "\n" not in str(raised.value)
    assert not list((tmp_path / ".installed").glob("local-*"))


def test_second_set_up_waits_for_the_first(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    npm = tmp_path / "bin" / "npm"
    npm.write_text(
        f"#!/bin/sh\necho ran >> '{tmp_path}/runs'\nsleep 1\nfor last; do :; done\nmkdir \"$last/node_modules\"\n"
    )
    npm.chmod(0o755)
    (tmp_path / ".venv").symlink_to(tmp_path)
    (tmp_path / "local").mkdir()
    for name in ("package.json", "package-lock.json"):
        (tmp_path / "local" / name).write_text("{}")
    program = (
        "import pathlib, sys; from local.set_up import Installation, Node;"
        " Installation(pathlib.Path(sys.argv[1])).set_up([Node('local')])"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    both = [subprocess.Popen(command, cwd=REPOSITORY, env=os.environ) for _ in range(2)]  # noqa: S603 - this repository's set-up

    assert [each.wait(timeout=60) for each in both] == [0, 0]
    assert (tmp_path / "runs").read_text() == "ran\n"


def test_nothing_to_do_takes_no_time(checkout: Checkout) -> None:
    checkout.set_up("tests")

    began = time.monotonic()
    checkout.set_up("tests")

    assert time.monotonic() - began < 2


def test_local_system_imports_no_package_that_its_set_up_does_not_install() -> None:
    installed = set(re.findall(r"(?m)^([a-z0-9.-]+)==", (REPOSITORY / "requirements-local.txt").read_text()))
    sources = [file for name in ("local", "shared", "start_job_function") for file in (REPOSITORY / name).rglob("*.py")]
    text = "\n".join(file.read_text() for file in sources if "node_modules" not in file.parts)
    imported = {name.partition(".")[0] for name in re.findall(r"(?m)^\s*(?:from|import) ([a-z_.]+)", text)}
    providers = importlib.metadata.packages_distributions()
    missing = {
        name
        for name in imported & providers.keys()
        if not {re.sub(r"[-_.]+", "-", each).lower() for each in providers[name]} & installed
    }

    assert missing == set()


def test_both_lists_of_packages_name_the_same_versions() -> None:
    local, tests = (
        set(re.findall(r"(?m)^\S+==\S+", (REPOSITORY / f"requirements-{name}.txt").read_text()))
        for name in ("local", "dev")
    )

    assert local < tests
