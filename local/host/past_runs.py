"""Records when each timer is due next, so that a starting host finds the runs that it missed while it was down.

The real host keeps this in blobs for all instances. This host keeps it in a file for itself.
"""

import json
from datetime import datetime
from pathlib import Path


class PastRuns:
    """The due times, by function name. Without a file, no run counts as missed."""

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
        """Record when the next run is due."""
        self._due[function] = due.isoformat()
        if self._file is not None:
            # Written to a draft first, because the host may be killed meanwhile.
            draft = self._file.with_suffix(".draft")
            draft.write_text(json.dumps(self._due), encoding="utf-8")
            draft.replace(self._file)
