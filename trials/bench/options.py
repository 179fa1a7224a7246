"""How thorough a run is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Options:
    """The options of all benchmarks."""

    quick: bool
    """Fewer rounds: two minutes in all, with wider spreads."""
    say: Callable[[str], None]
    """Shows a line about the progress."""
