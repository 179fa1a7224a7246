"""Azure Monitor: alerts in the common alert schema, from the webhook action of an action group.

Source of the shapes: Microsoft Learn, "Common alert schema" and "Sample alert payloads".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from shared.errors import Fault, InvalidRequest
from shared.intake.sources.before import tells_of_before
from shared.intake.sources.fields import clean, field, items, joined, label, members, text
from shared.intake.sources.place import ROOT
from shared.intake.sources.references import APP, JOB, PRINCIPAL, References, ids_of, kind_of_id
from shared.intake.sources.source import Found, Ignored, NoReference, Source
from shared.mark import is_marked
from shared.text import lowered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shared.intake.sources.place import Place
    from shared.intake.sources.references import Field, Ids
    from shared.intake.sources.source import Payload, Reading
    from shared.json_text import Json
    from shared.request.reference import JobReference

_SCHEMA = "azuremonitorcommonalertschema"
# Alerts of these services are events of the activity log, whose alertContext.properties the customer can't set.
_ACTIVITY_LOG = ("activity log", "servicehealth", "service health", "resource health", "resourcehealth")
# How schemaId begins in alerts without the common alert schema.
_OTHER_SCHEMAS = ("azuremonitormetricalert", "microsoft.insights/")

_BARE = "is only an application id, which any alert may have; name ServicePrincipalId, or JobId as well"
_WHY = "resultreason"
"""The dimension with the reason for a quarantine, as the alert rule in infra/ sends it."""

_DATA = ROOT / "data"
_CONTEXT = _DATA / "alertContext"


class _Group(NamedTuple):
    """Fields of an alert that can name a job together: those in one place whose content the customer controls."""

    fields: list[Field]
    is_common: bool
    """Whether it is about the alert as a whole, like custom properties, and not about one row or time series."""

    @property
    def why(self) -> str | None:
        """The reason that the log gives for the quarantine, or None."""
        return next((label(value) for name, value, _ in self.fields if name.lower().replace("_", "") == _WHY), None)


def _read(payload: Payload) -> Reading:
    """Start requests for the jobs that a fired alert names."""
    alert = payload.value
    _check_schema(alert)
    condition = label(alert, "data", "essentials", "monitorCondition")
    if lowered(condition or "") != "fired":
        return Ignored(f"The alert's monitorCondition is {(condition or 'absent')[:40]}; only Fired asks for a start.")
    groups = [group for group in _groups(alert) if not _is_marked(group)]
    references = References()
    summaries: dict[JobReference, str] = {}
    common = ids_of(each for group in groups if group.is_common for each in group.fields)
    completed = False
    for group in sorted(groups, key=lambda group: group.is_common):
        known = set(references.jobs)
        for name, value, place in group.fields:
            if isinstance(value, str) and not tells_of_before(name):
                references.add_text(value, place)
        ids = ids_of(group.fields)
        if group.is_common:
            # Ids that completed those of a row are used up. If rows name jobs, an application alone is not a reference.
            if ids and not completed and (not known or JOB in ids):
                references.add_ids(common if len(ids) < len(common) else ids, bare_app_id=True)
        else:
            missing = _missing(ids, common)
            completed = completed or bool(missing)
            references.add_ids({**ids, **missing})
            if PRINCIPAL not in ids and PRINCIPAL not in missing:
                _add_blank(group, references)
        if why := group.why:
            summaries |= dict.fromkeys(set(references.jobs) - known, why)
    reference, summary = _asked_by(alert)
    if references.jobs:
        requested_by = payload.requested_by(reference, summary)
        return Found(payload.requests(references.jobs, requested_by, summaries), references.faults)
    if not references.faults:
        _explain(groups, references)
    why = next((group.why for group in groups if group.why), None)
    return NoReference(payload.requested_by(reference, why or summary), references.faults)


def _check_schema(alert: Json) -> None:
    """Raise InvalidRequest unless the value is an alert in the common alert schema."""
    schema = lowered(text(alert, "schemaId") or "")
    if schema != _SCHEMA:
        detail = "is not azureMonitorCommonAlertSchema"
        if (
            schema.startswith(_OTHER_SCHEMAS)
            or isinstance(field(alert, "data", "context"), dict)
            or (field(alert, "data", "SearchResult") is not None or isinstance(field(alert, "context"), dict))
        ):
            detail += '; set "Enable the common alert schema" in the action group'
        elif isinstance(alert, dict):
            names = ", ".join(sorted(alert)[:8])[:200] or "none"
            detail += f"; the body is not an alert of Azure Monitor, its fields are {names}"
        else:
            detail += "; the body is not an alert of Azure Monitor"
        raise InvalidRequest([Fault("/schemaId", detail)])
    if not isinstance(field(alert, "data", "essentials"), dict):
        raise InvalidRequest([Fault("/data/essentials", "must be an object")])


def _missing(ids: Ids, common: Ids) -> Ids:
    """The ids that custom properties add to those of a row or time series. Ids of one alert belong together."""
    if not ids or any(kind in common and common[kind][0] != ids[kind][0] for kind in (PRINCIPAL, APP) if kind in ids):
        return {}
    return {kind: found for kind, found in common.items() if kind not in ids}


def _add_blank(group: _Group, references: References) -> None:
    """Add a fault for a row of the log that names no application."""
    for name, value, place in group.fields:
        if kind_of_id(name) == PRINCIPAL and isinstance(value, str):
            references.fault(place, "must be a GUID")


def _is_marked(group: _Group) -> bool:
    return any(isinstance(value, str) and is_marked(value) for _, value, _ in group.fields)


def _explain(groups: list[_Group], references: References) -> None:
    """Add a fault for each application id alone, which is not a reference."""
    for group in groups:
        for name, value, place in group.fields:
            if kind_of_id(name) == APP and clean(value) is not None:
                references.fault(place, _BARE)


def _groups(alert: Json) -> Iterator[_Group]:
    context = field(alert, "data", "alertContext")
    for index, condition in enumerate(items(context, "condition", "allOf")):
        place = _CONTEXT / "condition" / "allOf" / index / "dimensions"
        yield _Group(_dimensions(items(condition, "dimensions"), place), is_common=False)
    yield _Group(_properties(members(alert, "data", "customProperties"), _DATA / "customProperties"), is_common=True)
    if not _is_activity_log(alert):
        yield _Group(_properties(members(context, "properties"), _CONTEXT / "properties"), is_common=True)
    yield _Group(_dimensions(items(context, "Dimensions"), _CONTEXT / "Dimensions"), is_common=False)
    for row in _rows(context):
        yield _Group(row, is_common=False)


def _properties(properties: Mapping[str, Json], place: Place) -> list[Field]:
    return [(name, value, place / name) for name, value in properties.items()]


def _dimensions(dimensions: list[Json], place: Place) -> list[Field]:
    """The fields of an array of {name, value}."""
    return [
        (text(dimension, "name") or "", field(dimension, "value"), place / index / "value")
        for index, dimension in enumerate(dimensions)
    ]


def _rows(context: Json) -> Iterator[list[Field]]:
    """The fields of each row of the search results, which log alerts of the first version have."""
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


def _asked_by(alert: Json) -> tuple[str | None, str | None]:
    essentials = field(alert, "data", "essentials")
    return label(essentials, "alertId") or label(essentials, "originAlertId"), label(essentials, "alertRule")


def _knows(value: Json) -> bool:
    return text(value, "schemaId") is not None or isinstance(field(value, "data", "essentials"), dict)


def _delivery_id(alert: Json, _headers: Mapping[str, str]) -> str | None:
    """The alert's ids and when it fired. Some kinds of alerts have the rule's id there, which is always the same."""
    names = ("alertId", "originAlertId", "firedDateTime")
    return joined(*(text(alert, "data", "essentials", name) for name in names))


SOURCE = Source("azure-monitor", _read, _delivery_id, _asked_by, _knows)
