"""The parts of a CloudEvent that a card or a note shows.

They come from the event on the queue, not from the app's own objects. An event may wait there for hours, and another
version of the app may read it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from shared.mark import say
from shared.outcome import Outcome
from shared.request.reference import is_job_id, parse_guid
from shared.text import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_MESSAGE, MAX_ADVICE, MAX_FACT = 1500, 1000, 500
"""The most characters of each text. A card has at most 20 KB, and the event has the whole text."""
MAX_NAME = 100

_OUTCOMES = {
    Outcome.STARTED: "started",
    Outcome.SKIPPED: "not started",
    Outcome.HELD: "held for a person",
    Outcome.FAILED: "failed",
    Outcome.REJECTED: "request rejected",
    Outcome.EXPANDED: "jobs queued",
    Outcome.RECOVERED: "recovered",
    Outcome.RELAPSED: "in quarantine again",
    Outcome.UNCONFIRMED: "recovery not confirmed",
    Outcome.DELAYED: "delayed",
}


class Told(NamedTuple):
    """The parts of an event for people. Texts are cut, but not escaped: each target does that in its own way."""

    event_id: str
    request_id: str
    outcome: str
    message: str
    source: str
    time: str
    advice: str | None = None
    application: str | None = None
    """The display name of the enterprise application."""
    service_principal_id: str | None = None
    app_id: str | None = None
    job_id: str | None = None
    quarantined_since: str | None = None
    quarantine_reason: str | None = None
    error: str | None = None
    reference: str | None = None
    summary: str | None = None

    @property
    def title(self) -> str:
        """The application and the outcome."""
        outcome = _OUTCOMES.get(self.outcome, self.outcome)  # type: ignore[call-overload]
        return f"{self.application or 'Provisioning job'}: {outcome}"

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Further facts by name, in addition to the message.

        Unknown facts are left out, and so are those that the message has already.
        """
        asked_by = " ".join(filter(None, (self.source, self.reference)))
        known = (
            ("Quarantine began", self.quarantined_since),
            ("Reason", None if (self.quarantine_reason or "") in self.message else self.quarantine_reason),
            ("Error", None if (self.error or "").rstrip(".") in self.message else self.error),
            ("Requested by", f"{asked_by}: {self.summary}" if self.summary else asked_by),
        )
        return [(name, shorten(value, MAX_FACT)) for name, value in known if value]

    @property
    def ids(self) -> list[tuple[str, str]]:
        """The known ids by name, to find the request in logs and the job in Graph."""
        known = (
            ("Job", self.job_id),
            ("Service principal", self.service_principal_id),
            ("Request", self.request_id),
        )
        return [(name, value) for name, value in known if value]


def told(event: Mapping[str, Any]) -> Told:
    """The parts of the app's CloudEvent. Raises KeyError for any other object."""
    data: Mapping[str, Any] = event["data"]
    job: Mapping[str, Any] = data.get("job", {})
    by: Mapping[str, Any] = data["requestedBy"]
    quarantine: Mapping[str, Any] = data.get("recovery", {}).get("quarantine") or job.get("quarantine") or {}
    error: Mapping[str, Any] = quarantine.get("error") or {}
    job_id: str = job.get("jobId", "")
    name, advice = job.get("appDisplayName"), data.get("advice")
    return Told(
        event_id=event["id"],
        request_id=data["requestId"],
        outcome=data["outcome"],
        message=shorten(_without_names(data["message"], name, job_id), MAX_MESSAGE),
        advice=shorten(advice, MAX_ADVICE) if advice else None,
        application=shorten(" ".join(name.split()), MAX_NAME) if name else None,
        service_principal_id=parse_guid(job.get("servicePrincipalId", "")),
        app_id=parse_guid(job.get("appId", "")),
        job_id=job_id if is_job_id(job_id) else None,
        quarantined_since=_for_people(quarantine.get("seriesBegan")),
        quarantine_reason=quarantine.get("reason"),
        error=": ".join(filter(None, (error.get("code"), error.get("message")))) or None,
        source=by["source"],
        reference=by.get("reference"),
        summary=by.get("summary"),
        time=event["time"],
    )


def _for_people(time: str | None) -> str | None:
    """A time of Graph, to the minute. A text in another form is returned as it is."""
    found = re.fullmatch(r"(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}).*Z", time or "")
    return f"{found[1]} {found[2]} UTC" if found is not None else time


def _without_names(message: str, application: str | None, job_id: str) -> str:
    """The message without the app's mark, the application and the job id, which cards and notes show elsewhere."""
    sentence = message.removeprefix(say("")).removeprefix(f"{application}: ").removesuffix(f" (Job {job_id}.)")
    return sentence[:1].upper() + sentence[1:]
