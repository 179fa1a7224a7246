"""Instances that only accept payloads must not load the modules that call Graph."""

from __future__ import annotations

import subprocess
import sys


def test_taking_payloads_imports_neither_requests_nor_azure_identity() -> None:
    script = "import sys, shared.intake.payloads; print(*sorted(sys.modules))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603 - our own
    loaded = run.stdout.split()
    assert "shared.intake.sources.azure_monitor" in loaded
    assert not {"requests", "azure.identity", "shared.graph.client", "shared.process"} & set(loaded)
