"""The file through which `send` finds what `serve` keeps up."""

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
    """Where the file would be, in place of the checkout's."""
    file = tmp_path / "serving.json"
    monkeypatch.setattr(serving, "FILE", file)
    return file


def _line(port: int) -> str:
    return json.dumps({"functions": f"http://127.0.0.1:{port}", "functionKey": "key", "storage": "connection"})


def test_line_is_found_while_it_is_served_and_by_its_owner_alone(file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        with announced(_line(server.getsockname()[1])):
            assert Serving.find(file) == Serving(url, "key", "connection")
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not file.exists()


def test_the_last_to_start_is_found_and_outlives_the_first(file: Path) -> None:
    with announced("last"):
        with announced("first"):
            file.write_text("last")
        assert file.read_text() == "last"
    assert not file.exists()


def test_line_of_a_system_that_is_gone_is_no_system(file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    file.write_text(_line(port))

    with pytest.raises(NotServing, match="nothing answers"):
        Serving.find(file)
