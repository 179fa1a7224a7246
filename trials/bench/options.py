"""How thorough a run is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Options:
    """What every benchmark is told."""

    quick: bool
    """Fewer rounds: two minutes in all, and wider spreads."""
    say: Callable[[str], None]
    """Takes a line about what is going on."""
