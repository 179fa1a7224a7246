"""The first step of every target of the Makefile: installs what it needs, from the lock files, if it is missing.

    python3.13 local/set_up.py demo     what the local system needs
    python3.13 local/set_up.py tests    that, and what lint and tests need
    python3.13 local/set_up.py msgraph  msgraph-sdk, in an environment of its own

Each installation is a folder in .installed/, made beside the one that is in use. When all are complete, the links
(.venv, local/node_modules and others) are changed to point to them. So a set-up that is interrupted, or has no
network, keeps what worked before. An incomplete folder is made again. This module uses only the standard library.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WHOLE: Final = ".whole"
"""The file that marks a folder as complete. It is written last."""

_QUIETLY: Final = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
_NPM: Final = ("npm", "ci", *_QUIETLY, "--prefer-offline", "--fetch-retries=1", "--fetch-retry-mintimeout=1000")
_PIP: Final = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement")


class SetUpFailed(Exception):
    """An installation failed. The text names it and the cause."""


@dataclass(frozen=True, slots=True)
class Python:
    """A virtual environment with the packages of a requirements file, or of several."""

    link: str
    requirements: str
    includes: tuple[str, ...] = ()
    """Requirements files whose packages it also contains."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The files that determine its content."""
        return (self.requirements,)


@dataclass(frozen=True, slots=True)
class Node:
    """The npm packages of a folder, from its lock file."""

    folder: str

    @property
    def link(self) -> str:
        """The path where programs expect them."""
        return f"{self.folder}/node_modules"

    @property
    def inputs(self) -> tuple[str, ...]:
        """The files that determine their content."""
        return (f"{self.folder}/package.json", f"{self.folder}/package-lock.json")


_LOCAL: Final = Python(".venv", "requirements-local.txt")
_TESTS: Final = Python(".venv", "requirements-dev.txt", includes=("requirements-local.txt",))
_MSGRAPH: Final = Python(".venv/msgraph", "trials/bench/requirements-msgraph.txt")
_AZURITE: Final = Node("local")

type Part = Python | Node

WHAT: Final[dict[str, tuple[Part, ...]]] = {
    "demo": (_LOCAL, _AZURITE),
    "tests": (_TESTS, _AZURITE, Node("tests/infra/kusto"), Node("tests/cards")),
    "msgraph": (_MSGRAPH,),
}


class Installation:
    """Everything that is installed in a checkout."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / ".installed"
        self.log = self.folder / "set-up.log"

    def set_up(self, parts: Sequence[Part]) -> None:
        """Install the parts that are missing or out of date. Raises SetUpFailed."""
        if self.missing(parts):
            self.folder.mkdir(exist_ok=True)
            with self._alone() as lock:
                self.log.write_bytes(b"")
                self._remove_what_is_half_made()
                # Another process may have installed it meanwhile.
                missing = [self._fuller(part) for part in self.missing(parts)]
                trees: dict[Part, Path] = {}
                # npm and Node are packages of the environment. Use the new one if it is installed here too.
                programs = self.root / ".venv" / "bin"
                for number, part in enumerate(missing, 1):
                    _say(f"Installing {_name(part)} ({number} of {len(missing)}) ...")
                    trees[part] = self._tree(part, programs, lock)
                    if part.link == ".venv":
                        programs = trees[part] / "bin"
                for part, tree in trees.items():
                    self._use(part, tree)

    def missing(self, parts: Sequence[Part]) -> list[Part]:
        """The parts that are missing, or do not match the lock files."""
        return [part for part in parts if not self._is_there(part)]

    def _is_there(self, part: Part) -> bool:
        link = self.root / part.link
        tree = link if isinstance(part, Python) else link.resolve().parent
        try:
            says = json.loads((tree / _WHOLE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return _is_whole(tree) and says.items() >= self._says(part, part.inputs).items()

    def _fuller(self, part: Part) -> Part:
        """The part. For an outdated environment of the tests, that one, because it contains all others."""
        if part is _LOCAL:
            with suppress(OSError, ValueError):
                if _TESTS.requirements in json.loads((self.root / part.link / _WHOLE).read_text(encoding="utf-8")):
                    return _TESTS
        return part

    def _tree(self, part: Part, programs: Path, lock: int) -> Path:
        """Make the part's folder, or return it if it is already complete."""
        says = self._says(part, (*part.inputs, *getattr(part, "includes", ())))
        key = hashlib.sha256(json.dumps([says, sys.version]).encode()).hexdigest()[:12]
        tree = self.folder / f"{_short_name(part)}-{key}"
        if not _is_whole(tree):
            try:
                tree.mkdir()
                if isinstance(part, Python):
                    self._make_environment(part, tree, lock)
                else:
                    self._make_packages(part, tree, programs, lock)
                (tree / _WHOLE).write_text(json.dumps(says), encoding="utf-8")
            except BaseException:
                shutil.rmtree(tree, ignore_errors=True)
                raise
        return tree

    def _use(self, part: Part, tree: Path) -> None:
        """Point the link to the folder, and remove all folders except this and the previous one."""
        before = self._lead(self.root / part.link, tree if isinstance(part, Python) else tree / "node_modules")
        self._remove_others(_short_name(part), {tree, before})

    def _make_environment(self, part: Python, tree: Path, lock: int) -> None:
        self._run([sys.executable, "-m", "venv", tree], part, lock)
        self._run([tree / "bin" / "python", *_PIP, self.root / part.requirements], part, lock)

    def _make_packages(self, part: Node, tree: Path, programs: Path, lock: int) -> None:
        for name in part.inputs:
            shutil.copy(self.root / name, tree)
        self._run([*_NPM, "--prefix", tree], part, lock, path=programs)

    def _run(self, command: Sequence[str | Path], part: Part, lock: int, *, path: Path | None = None) -> None:
        """Run a command, with its output in the log. It also holds the lock, because it may outlive this process if
        that is killed.
        """
        environment = dict(os.environ)
        if path is not None:
            environment["PATH"] = f"{path}{os.pathsep}{environment.get('PATH', '')}"
        program = shutil.which(command[0], path=environment.get("PATH")) or command[0]
        with self.log.open("ab") as log:
            ended = subprocess.run(
                [program, *command[1:]],
                cwd=self.root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(lock,),
                check=False,
            )
        if ended.returncode:
            raise SetUpFailed(
                f"{_name(part)} could not be installed: {self._last_error()}. Is there a network? What was installed "
                f"before is as it was. The full log is {self.log}."
            )

    def _last_error(self) -> str:
        lines = [line.strip() for line in self.log.read_text(encoding="utf-8", errors="replace").splitlines()]
        errors = [line for line in lines if "error" in line.lower()] or lines or ["no reason was given"]
        # npm prints the most important line first, pip last.
        return (errors[0] if errors[0].startswith("npm") else errors[-1]).rstrip(".")[:300]

    def _lead(self, link: Path, to: Path) -> Path | None:
        """Point the link to the folder. Returns the folder that it pointed to before, or None."""
        before = link.resolve() if link.is_symlink() else None
        if link.is_dir() and not link.is_symlink():
            # A folder from before there were links.
            old = self.folder / f"old-{os.getpid()}"
            link.rename(old)
            shutil.rmtree(old, ignore_errors=True)
        new = self.folder / "new-link"
        new.unlink(missing_ok=True)
        new.symlink_to(os.path.relpath(to, link.parent.resolve()))
        new.replace(link)
        if before is None or before.name != "node_modules":
            return before
        return before.parent

    def _remove_others(self, name: str, kept: set[Path | None]) -> None:
        """Remove unused folders, except the previous one, which an older commit may need again."""
        for tree in self.folder.glob(f"{name}-{'?' * 12}"):
            if tree not in kept:
                shutil.rmtree(tree, ignore_errors=True)

    def _remove_what_is_half_made(self) -> None:
        for tree in self.folder.iterdir():
            if tree.is_dir() and not _is_whole(tree):
                shutil.rmtree(tree, ignore_errors=True)

    def _says(self, part: Part, inputs: Sequence[str]) -> dict[str, str]:
        """What the folder was made from. An environment also depends on its path, which its programs contain."""
        made_of = {name: hashlib.sha256((self.root / name).read_bytes()).hexdigest() for name in inputs}
        return made_of if isinstance(part, Node) else {"folder": str(self.folder), **made_of}

    @contextmanager
    def _alone(self) -> Iterator[int]:
        """Allow one set-up at a time. The lock ends with the processes that hold it."""
        with (self.folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                _say("Waiting for another set-up to end ...")
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield lock.fileno()


def _is_whole(tree: Path) -> bool:
    """Whether it is complete, and the Python that it links to still exists."""
    return (tree / _WHOLE).exists() and ((tree / "bin" / "python").exists() or (tree / "node_modules").exists())


def _name(part: Part) -> str:
    return f"the packages of {part.requirements}" if isinstance(part, Python) else f"the npm packages of {part.folder}/"


def _short_name(part: Part) -> str:
    """The prefix of the names of its folders."""
    return part.link.removesuffix("/node_modules").removeprefix(".").replace("/", "-")


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def main(arguments: Sequence[str]) -> int:
    """Set up the named parts. Returns 1 if that failed, 130 if it was interrupted."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        # nohup ignores SIGHUP, and so must what it starts.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)
    try:
        Installation(Path(__file__).resolve().parents[1]).set_up([part for name in arguments for part in WHAT[name]])
    except KeyboardInterrupt:
        _say("The set-up was interrupted. What you had before still works. The next target starts it again.")
        return 130
    except SetUpFailed as fault:
        _say(str(fault))
        return 1
    except OSError as fault:
        _say(f"The set-up failed: {fault.filename or 'the system'}: {fault.strerror}.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
