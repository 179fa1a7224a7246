"""What a job does after a start, and how it answers validateCredentials. The package lists the properties."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from local.cloud.fields import Fields


class AfterStart(StrEnum):
    """What happens after a start."""

    SUCCEED = "succeed"
    ENTRY_ERRORS = "entryErrors"
    RELAPSE = "relapse"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error to answer with."""

    status: int
    code: str | None
    message: str | None


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The behaviour that a job was set up with."""

    after_start: AfterStart
    after_seconds: float
    shown_after_seconds: float | None
    """None means the value set for all jobs."""
    reads: tuple[Mapping[str, Any], ...]
    """What reads show, one after another, whatever happens to the job. Empty means the job itself."""
    stale_reads: frozenset[int]
    """Which reads after a start still show the job as it was before. 1 is the first."""
    refusal: Refusal | None
    """The answer to validateCredentials, or None if the credentials work."""


def parse_behaviour(value: object) -> Behaviour:
    """Parse the property `_sim` of a job. None gives the default behaviour. Raises ValueError."""
    fields = Fields({} if value is None else value, "_sim")
    behaviour = Behaviour(
        after_start=fields.one_of("afterStart", AfterStart, AfterStart.SUCCEED),
        after_seconds=fields.seconds("afterSeconds", 0.5),
        shown_after_seconds=fields.seconds("shownAfterSeconds") if fields.has("shownAfterSeconds") else None,
        reads=fields.objects("reads"),
        stale_reads=frozenset(fields.counts("staleReads")),
        refusal=_refusal(fields.fields("credentials")),
    )
    fields.end()
    if behaviour.reads and behaviour.stale_reads:
        raise ValueError("_sim has both reads and staleReads, but reads already sets what each read shows")
    return behaviour


def _refusal(fields: Fields | None) -> Refusal | None:
    if fields is None:
        return None
    refusal = Refusal(fields.status("status") or 400, fields.text("code"), fields.text("message"))
    fields.end()
    return refusal
