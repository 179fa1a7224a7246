"""When each timer is due next, written down, so that a host finds at its start what was missed while it was down.

The real host keeps it in blobs, for all instances together; this one in a file, for itself.
"""

import json
from datetime import datetime
from pathlib import Path


class PastRuns:
    """By name of the function. Without a file nothing is known at a start, and nothing was missed."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._due: dict[str, str] = {}
        if file is not None and file.exists():
            self._due = json.loads(file.read_text(encoding="utf-8"))

    def missed(self, function: str, now: datetime) -> bool:
        """Whether a run was due before this start."""
        due = self._due.get(function)
        return due is not None and datetime.fromisoformat(due) < now

    def note(self, function: str, due: datetime) -> None:
        """Write down when the next run is due."""
        self._due[function] = due.isoformat()
        if self._file is not None:
            # As a whole or not at all: the host may be killed while it writes.
            draft = self._file.with_suffix(".draft")
            draft.write_text(json.dumps(self._due), encoding="utf-8")
            draft.replace(self._file)
