"""A gate that never closes, for tests of the calls behind it. It records what it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.errors import TransientError


@dataclass
class OpenGate:
    """Lets every call through. `told` has the result of each."""

    told: list[str] = field(default_factory=list)

    def enter(self, operation: str, who: object) -> OpenGate:
        return self

    def answered(self) -> None:
        self.told.append("answered")

    def failed(self, error: TransientError) -> None:
        self.told.append(str(error))

    def dropped(self) -> None:
        self.told.append("dropped")
