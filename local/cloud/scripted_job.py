"""A job whose reads were given: what Graph was seen to show in turn, whatever the simulation would make of it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local.cloud.behaviour import Behaviour
from local.cloud.job import Job, NotConfigured, Start
from local.cloud.job_form import runs, series_began


class ScriptedJob(Job):
    """Shows the next of its reads at each read; the last one stays. A start is judged by what was shown last."""

    def __init__(self, value: dict[str, Any], behaviour: Behaviour) -> None:
        super().__init__(value, behaviour)
        self._to_show = list(behaviour.reads)
        self._started: set[str | None] = set()
        """The quarantines that a start has cleared; None for the latest pause."""

    def read(self) -> Mapping[str, Any]:
        """The next read."""
        if self._to_show:
            self.value = dict(self._to_show.pop(0))
            self._note()
        if runs(self.value):
            self._started.discard(None)
        return self.value

    def start(self, shown_after_seconds: float) -> Start:
        """Start it. It has an effect once for each quarantine, and once for each pause. Raises NotConfigured."""
        del shown_after_seconds
        status = self.value.get("status")
        code = str(status.get("code")) if isinstance(status, dict) else ""
        if code == "NotConfigured":
            raise NotConfigured
        episode = series_began(self.value)
        ran = runs(self.value)
        took_effect = not ran and episode not in self._started
        if took_effect:
            self._started.add(episode)
        return Start(took_effect, code, episode, ran, datetime.now(UTC))
