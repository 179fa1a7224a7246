"""Any system without a source of its own. The app searches its payload, whatever its form.

Payloads of Alertmanager and Grafana list alerts, each with a status. Alerts that are over are not searched.

Sources of the shapes:

- Prometheus, "Alerting: configuration"
- Grafana, "Configure webhook notifications"
- Splunk, "Use a webhook alert action"
- Microsoft Learn, "Supported triggers and actions in Microsoft Sentinel playbooks"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.intake.signatures import StandardWebhooks
from shared.intake.sources.direct import asked_by, is_direct, read_direct
from shared.intake.sources.fields import label
from shared.intake.sources.search import OWN_WORDS, is_over, read_by_search
from shared.intake.sources.source import Ignored, NoReference, Source, delivery_id_in
from shared.request.parse import FIELDS

if TYPE_CHECKING:
    from shared.intake.sources.source import Payload, Reading
    from shared.json_text import Json

_OF_REQUESTS = frozenset({"startwhen", "force", "dryrun"})
"""Fields that mark a start request. A dry run that is read as another payload would start the job."""
_REFERENCES = (
    ("reference",),
    ("incidentId",),
    ("alertId",),
    ("alert_id",),
    ("groupKey",),
    ("sid",),
    ("object", "name"),
    ("id",),
    ("key",),
)
"""Where these systems, and others like them, have their own id."""
_SUMMARIES = (
    ("title",),
    ("summary",),
    ("search_name",),
    ("commonLabels", "alertname"),
    ("object", "properties", "title"),
    ("ruleName",),
    ("alert_title",),
    ("name",),
    ("subject",),
)


def _read(payload: Payload) -> Reading:
    """Start requests in the direct form, or for the jobs that the payload names anywhere.

    A system sends here only on purpose, so a payload that names no job is reported.
    """
    if _is_start_request(payload.value):
        return read_direct(payload)
    if is_over(payload.value):
        return Ignored("The alert is over.")
    requested_by = payload.requested_by(*_asked_by(payload.value))
    reading = read_by_search(payload, requested_by, over_is_searched=False)
    return NoReference(requested_by) if isinstance(reading, Ignored) and reading is not OWN_WORDS else reading


def _is_start_request(value: Json) -> bool:
    """Whether a value is the direct form: it has ids, and only fields of start requests or one of _OF_REQUESTS."""
    if isinstance(value, list):
        return bool(value) and all(map(_is_start_request, value))
    return (
        isinstance(value, dict)
        and is_direct(value)
        and (value.keys() <= FIELDS or any(name.lower() in _OF_REQUESTS for name in value))
    )


def _asked_by(value: Json) -> tuple[str | None, str | None]:
    if _is_start_request(value):
        return asked_by(value)
    references = (label(value, *path) for path in _REFERENCES)
    summaries = (label(value, *path) for path in _SUMMARIES)
    return next(filter(None, references), None), next(filter(None, summaries), None)


SOURCE = Source("generic", _read, delivery_id_in("webhook-id"), _asked_by, _is_start_request, StandardWebhooks())
