"""The file with which `send` finds what `serve` keeps up."""

from __future__ import annotations

import json
import socket
import stat
from typing import TYPE_CHECKING

import pytest

from local.client import serving
from local.client.serving import NotServing, Serving, announced

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use a temporary path instead of the checkout's."""
    file = tmp_path / "serving.json"
    monkeypatch.setattr(serving, "FILE", file)
    monkeypatch.setattr(serving, "FOLDER", tmp_path / "serving")
    return file


def _line(port: int) -> str:
    return json.dumps({"functions": f"http://127.0.0.1:{port}", "functionKey": "key", "storage": "connection"})


def test_line_is_found_while_it_is_served_and_by_its_owner_alone(file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        with announced(_line(server.getsockname()[1])):
            assert Serving.find(file) == Serving(url, "key", "connection")
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not file.is_symlink()
    assert list(serving.FOLDER.iterdir()) == []


def test_the_last_that_was_started_of_those_that_are_up_is_found(file: Path) -> None:
    seen = []
    up = [announced(name) for name in ("first", "second", "third")]
    for each in up:
        each.__enter__()
        seen.append(file.read_text())
    for each in (up[1], up[2]):
        each.__exit__(None, None, None)
        seen.append(file.read_text())
    up[0].__exit__(None, None, None)

    assert seen == ["first", "second", "third", "third", "first"]
    assert not file.is_symlink()


def test_line_of_a_system_that_was_killed_is_not_found_again(file: Path) -> None:
    with announced("up"):
        (serving.FOLDER / "1-killed.json").write_text("killed")
        with announced("last"):
            pass
        assert file.read_text() == "up"
    assert list(serving.FOLDER.iterdir()) == []


def test_system_is_up_where_its_line_cannot_be_written(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    serving.FOLDER.write_text("a file where the folder would be")

    with announced("line"):
        assert not file.exists()

    assert "'make send' will not find this system" in capsys.readouterr().err


def test_line_of_a_stopped_system_is_not_used(file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    file.write_text(_line(port))

    with pytest.raises(NotServing, match="nothing answers"):
        Serving.find(file)
