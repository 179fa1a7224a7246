"""Azure Monitor: alerts in the common alert schema, from the webhook action of an action group.

Source of the shapes: Microsoft Learn, "Common alert schema" and "Sample alert payloads".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.errors import Fault, InvalidRequest
from shared.intake.sources.fields import field, items, joined, members, text
from shared.intake.sources.place import ROOT
from shared.intake.sources.references import References
from shared.intake.sources.source import Found, Ignored, NoReference, Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shared.intake.sources.place import Place
    from shared.intake.sources.references import Field
    from shared.intake.sources.source import Payload, Reading
    from shared.json_text import Json

_SCHEMA = "azuremonitorcommonalertschema"
# Services whose alerts are events of the activity log: their alertContext.properties are the event's own.
_ACTIVITY_LOG = ("activity log", "servicehealth", "service health", "resource health", "resourcehealth")

_DATA = ROOT / "data"
_CONTEXT = _DATA / "alertContext"


def _read(payload: Payload) -> Reading:
    """Start requests for the jobs that a fired alert names."""
    alert = payload.value
    if (text(alert, "schemaId") or "").lower() != _SCHEMA:
        detail = 'is not azureMonitorCommonAlertSchema; set "Enable the common alert schema" in the action group'
        raise InvalidRequest([Fault("/schemaId", detail)])
    if not isinstance(field(alert, "data", "essentials"), dict):
        raise InvalidRequest([Fault("/data/essentials", "must be an object")])
    condition = text(alert, "data", "essentials", "monitorCondition")
    if (condition or "").lower() != "fired":
        return Ignored(f"The alert's monitorCondition is {(condition or 'absent')[:40]}; only Fired asks for a start.")
    references = References()
    for fields in _objects(alert):
        for _, value, place in fields:
            if isinstance(value, str):
                references.add_text(value, place)
        references.add_fields(fields)
    requested_by = payload.requested_by(
        text(alert, "data", "essentials", "alertId") or text(alert, "data", "essentials", "originAlertId"),
        text(alert, "data", "essentials", "alertRule"),
    )
    if not references.jobs:
        return NoReference(requested_by, references.faults)
    return Found(payload.requests(references.jobs, requested_by), references.faults)


def _objects(alert: Json) -> Iterator[list[Field]]:
    """What in an alert can make a reference: the fields of each place that the customer has a hand in."""
    context = field(alert, "data", "alertContext")
    for index, condition in enumerate(items(context, "condition", "allOf")):
        place = _CONTEXT / "condition" / "allOf" / index / "dimensions"
        yield _dimensions(items(condition, "dimensions"), place)
    yield _properties(members(alert, "data", "customProperties"), _DATA / "customProperties")
    if not _is_activity_log(alert):
        yield _properties(members(context, "properties"), _CONTEXT / "properties")
    yield _dimensions(items(context, "Dimensions"), _CONTEXT / "Dimensions")
    yield from _rows(context)


def _properties(properties: Mapping[str, Json], place: Place) -> list[Field]:
    return [(name, value, place / name) for name, value in properties.items()]


def _dimensions(dimensions: list[Json], place: Place) -> list[Field]:
    """The fields of an array of {name, value}."""
    return [
        (text(dimension, "name") or "", field(dimension, "value"), place / index / "value")
        for index, dimension in enumerate(dimensions)
    ]


def _rows(context: Json) -> Iterator[list[Field]]:
    """The fields of each row of the search results, which log alerts of the first version carry."""
    for number, table in enumerate(items(context, "SearchResults", "tables")):
        columns = [text(column, "name") or "" for column in items(table, "columns")]
        place = _CONTEXT / "SearchResults" / "tables" / number / "rows"
        for index, row in enumerate(items(table, "rows")):
            cells = row if isinstance(row, list) else []
            yield [
                (name, value, place / index / column)
                for column, (name, value) in enumerate(zip(columns, cells, strict=False))
            ]


def _is_activity_log(alert: Json) -> bool:
    names = (text(alert, "data", "essentials", name) for name in ("signalType", "monitoringService"))
    return any((name or "").lower().startswith(_ACTIVITY_LOG) for name in names)


def _delivery_id(alert: Json, _headers: Mapping[str, str]) -> str | None:
    """Alert ids alone are not enough: some kinds of alert give the rule's id there each time that they fire."""
    names = ("alertId", "originAlertId", "firedDateTime")
    return joined(*(text(alert, "data", "essentials", name) for name in names))


SOURCE = Source("azure-monitor", _read, _delivery_id)
