"""The stand-ins for chat and ticket systems (`local.targets`) as a part of the local system."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar

from local.parts.environment import python_environment, python_module
from local.parts.part import Part

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from local.parts.processes import ChildProcess


class TargetsPart(Part):
    """Chat, a webhook and ticket systems. What they received is lost when it stops."""

    name: ClassVar[str] = "the stand-ins of chat and ticket systems"

    def __init__(self, log: Path | None) -> None:
        super().__init__(log)
        self.control = ""
        self.settings: dict[str, str] = {}
        """The app settings that set all of them up, with Slack's webhook."""
        self.slack_thread: dict[str, str] = {}
        """The app settings that set Slack up with a token."""

    def _command(self) -> Sequence[str]:
        return python_module("local.targets")

    def _environment(self) -> Mapping[str, str]:
        return python_environment()

    def _read(self, process: ChildProcess, timeout: float) -> None:
        line = json.loads(process.read_until("{", timeout=timeout))
        self.control = line.pop("control")
        names = ("NOTIFY_SLACK_API", "NOTIFY_SLACK_TOKEN", "NOTIFY_SLACK_CHANNEL")
        self.slack_thread = dict(zip(names, line.pop("SLACK_THREAD").split(), strict=True))
        self.settings = line
