"""Spans of OpenTelemetry: they are made only if the worker has loaded it."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING

from shared.log import span

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest


class Tracer:
    def __init__(self, said: list[str]) -> None:
        self._said = said

    @contextmanager
    def start_as_current_span(self, name: str) -> Iterator[None]:
        self._said.append(f"begin {name}")
        yield
        self._said.append(f"end {name}")


def test_a_span_is_made_where_the_worker_has_loaded_opentelemetry(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    trace = ModuleType("opentelemetry.trace")
    trace.get_tracer = lambda name: Tracer(said)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "opentelemetry.trace", trace)
    with span("graph read"), span("ledger"):
        pass
    assert said == ["begin graph read", "begin ledger", "end ledger", "end graph read"]


def test_elsewhere_nothing_is_loaded() -> None:
    code = (
        "import sys; from shared.log import span; import function_app, shared.process\n"
        "with span('graph read'): pass\n"
        "print(any(name.startswith('opentelemetry') for name in sys.modules))"
    )
    done = subprocess.run(  # noqa: S603 - code of this repository
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[-1] == "False"
