"""A job whose reads are given in advance, as recorded from Graph, whatever the simulation would show."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local.cloud.behaviour import Behaviour
from local.cloud.job import Job, NotConfigured, Start
from local.cloud.job_form import runs, series_began


class ScriptedJob(Job):
    """Shows its next state at each read, and repeats the last one. A start is judged by the state shown last."""

    def __init__(self, value: dict[str, Any], behaviour: Behaviour) -> None:
        super().__init__(value, behaviour)
        self._to_show = list(behaviour.reads)
        self._started: set[str | None] = set()
        """The quarantines that a start has cleared; None stands for the latest pause."""

    def read(self) -> Mapping[str, Any]:
        """The next state."""
        if self._to_show:
            self.value = dict(self._to_show.pop(0))
            self._note()
        if runs(self.value):
            self._started.discard(None)
        return self.value

    def start(self, shown_after_seconds: float) -> Start:
        """Start it. This has an effect once per quarantine, and once per pause. Raises NotConfigured."""
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
