"""What a fault does to a call and to its answer. The package lists the properties."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from local.cloud.fields import Fields

MADE_UP: Final = object()
"""The body of an answer that sets none: what the service usually sends with that status."""


class Drop(StrEnum):
    """Whether the connection is dropped, and whether that is before or after the work."""

    NEVER = ""
    BEFORE = "before"
    AFTER = "after"


class SendAs(StrEnum):
    """How a body is encoded."""

    PLAIN = ""
    BOM = "bom"
    GZIP = "gzip"
    FALSE_GZIP = "falseGzip"
    """The headers say that the body is compressed, but it is not."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """How an answer's body is sent, the service's own included."""

    send_as: SendAs
    seconds_per_byte: float
    cut_after_bytes: int | None
    """The connection breaks after this many bytes, though the headers announced more."""

    @property
    def is_usual(self) -> bool:
        """Whether the body is sent unchanged."""
        return not self.send_as and not self.seconds_per_byte and self.cut_after_bytes is None


@dataclass(frozen=True, slots=True)
class Happening:
    """What happens to one call."""

    status: int | None
    headers: tuple[tuple[str, str], ...]
    """A name may occur more than once, with one line each."""
    body: Any
    """MADE_UP, None for no body, a string to send unchanged, or a value to send as JSON."""
    does_work: bool
    """Whether the service does its work although it answers with `status`."""
    delay_seconds: float
    answer_after_seconds: float
    drop: Drop
    transfer: Transfer


def parse_happening(fields: Fields, place: str) -> Happening:
    """Parse the properties of a fault, or of one of its answers. Raises ValueError."""
    happening = Happening(
        status=fields.status("status"),
        headers=_lines(fields.texts_or_lists("headers")),
        body=fields.anything("body", MADE_UP),
        does_work=fields.flag("doesWork"),
        delay_seconds=fields.seconds("delaySeconds"),
        answer_after_seconds=fields.seconds("answerAfterSeconds"),
        drop=fields.one_of("dropConnection", Drop, Drop.NEVER),
        transfer=Transfer(
            send_as=fields.one_of("sendAs", SendAs, SendAs.PLAIN),
            seconds_per_byte=fields.seconds("secondsPerByte"),
            cut_after_bytes=fields.count("cutAfterBytes", 1) if fields.has("cutAfterBytes") else None,
        ),
    )
    _check(happening, place)
    return happening


def _check(happening: Happening, place: str) -> None:
    answers = happening.status is not None
    if answers and happening.drop:
        raise ValueError(f"{place} has both a status and a dropConnection, which has no status")
    if not answers and (happening.headers or happening.body is not MADE_UP or happening.does_work):
        raise ValueError(f"{place} has headers, a body or doesWork, but no status")
    if happening.answer_after_seconds and ((answers and not happening.does_work) or happening.drop):
        raise ValueError(f"{place} has answerAfterSeconds, but also a status or a dropConnection instead of the answer")
    if happening.drop and not happening.transfer.is_usual:
        raise ValueError(f"{place} has a dropConnection, but also says how to send an answer")
    if not (answers or happening.drop or happening.delay_seconds or happening.answer_after_seconds) and (
        happening.transfer.is_usual
    ):
        raise ValueError(
            f"{place} does nothing: give status, dropConnection, delaySeconds, answerAfterSeconds, sendAs, "
            "secondsPerByte or cutAfterBytes"
        )


def _lines(headers: Mapping[str, list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, values in headers.items() for value in values)
