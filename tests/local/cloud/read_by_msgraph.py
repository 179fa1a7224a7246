"""What Microsoft's own library reads from synchronizationJobs. The Python that has msgraph-sdk runs this.

Takes a list of jobs as JSON on stdin, and prints a list of what the library's models contain.
"""

import json
import sys
from enum import Enum
from typing import Any

from kiota_serialization_json.json_parse_node_factory import JsonParseNodeFactory
from msgraph.generated.models.synchronization_job import SynchronizationJob


def read(job: Any) -> dict[str, Any]:
    """The parts of a job that are compared. Raises what the library raises."""
    node = JsonParseNodeFactory().get_root_parse_node("application/json", json.dumps(job).encode())
    model = node.get_object_value(SynchronizationJob)
    status, schedule = model.status, model.schedule
    quarantine, ran = status.quarantine, status.last_execution
    return {
        "id": model.id,
        "code": _text(status.code),
        "escrowsPruned": status.escrows_pruned,
        "schedule": _text(schedule.state),
        "interval": schedule.interval.total_seconds(),
        "reason": _text(quarantine.reason) if quarantine else None,
        "seriesCount": quarantine.series_count if quarantine else None,
        "quarantineError": quarantine.error.code if quarantine and quarantine.error else None,
        "lastState": _text(ran.state) if ran else None,
        "lastError": ran.error.code if ran and ran.error else None,
        "tenantActionable": ran.error.tenant_actionable if ran and ran.error else None,
        "exported": ran.count_exported if ran else None,
        "escrowed": ran.count_escrowed if ran else None,
        "entries": [[each.key, each.value] for each in status.synchronized_entry_count_by_type or []],
        "progress": [each.units for each in status.progress or []],
    }


def _text(value: Enum | None) -> str | None:
    return None if value is None else str(value.value)


if __name__ == "__main__":
    json.dump([read(job) for job in json.load(sys.stdin)], sys.stdout)
