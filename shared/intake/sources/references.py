"""Job references in other systems' payloads: ids in fields, and Graph paths and portal links in texts."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import unquote

from shared.errors import Faults
from shared.intake.sources.cut import LIMITS, ends_in_unfinished_path, is_cut
from shared.intake.sources.fields import clean
from shared.intake.start_requests import MAX_REQUESTS
from shared.json_text import parse_json
from shared.request.portal_link import portal_links
from shared.request.reference import GUID, JobReference, is_job_id, parse_guid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.errors import Fault
    from shared.intake.sources.place import Place
    from shared.json_text import Json

    type Field = tuple[str, Json, Place]
    """A name, its value, and the value's place."""

    type Ids = dict[str, tuple[list[Json], Place]]
    """The values and their place, by kind of id."""

PRINCIPAL, APP, JOB = "serviceprincipalid", "appid", "jobid"
NAMES = frozenset({PRINCIPAL, APP, JOB})
"""The names of ids in lower case; senders write them in any case."""

_CUT = "was cut: the end of the job id is missing; name the job in a place that holds all of it"
_LONGEST_NAME = 40
_SEPARATORS = str.maketrans("", "", "_- ")
_PRINCIPALS = re.compile("erviceprincipals", re.IGNORECASE)
# A text can match in only one way, so the time is linear, not quadratic.
_PATH = re.compile(
    rf"servicePrincipals(?:/(?P<principal>{GUID})|\('(?P<key>{GUID})'\)|\(appId='(?P<app>{GUID})'\))"
    r"/synchronization/jobs(?:/(?P<job>[A-Za-z0-9._~%-]+)|\('(?P<job_key>[A-Za-z0-9._~%-]+)'\))",
    re.IGNORECASE,
)


def kind_of_id(name: str) -> str | None:
    """The kind of id with that name, also as people write it on labels ("Service principal id"), or None."""
    if len(name) > _LONGEST_NAME:
        return None
    plain = name.lower().translate(_SEPARATORS)
    return plain if plain in NAMES else None


def ids_of(fields: Iterable[Field]) -> Ids:
    """The ids among the fields, the first of each kind. An id that is null, empty or blank counts as absent."""
    ids: Ids = {}
    for name, value, place in fields:
        kind = kind_of_id(name)
        if kind is not None and kind not in ids and (values := _values(value)):
            ids[kind] = (values, place)
    return ids


class References:
    """The jobs that a payload names, each once and in order, and the faults in invalid references."""

    def __init__(self, limits: frozenset[int] = LIMITS) -> None:
        self._limits = limits
        self._jobs: dict[JobReference, None] = {}
        self._faults = Faults()
        self._full = False

    @property
    def jobs(self) -> tuple[JobReference, ...]:
        """The references. An application is left out if one of its jobs is named, because then that job is meant."""
        named = {job.principal for job in self._jobs if job.job_id is not None}
        return tuple(job for job in self._jobs if job.job_id is not None or job.principal not in named)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What was left out, and why."""
        return tuple(self._faults.made)

    def add_text(self, text: str, place: Place) -> None:
        """Add the job of every Graph path in the text, and the application of every portal link."""
        for job in portal_links(text):
            self._add(job, place)
        if _PRINCIPALS.search(text) is None:
            return
        if not self._add_paths(text, place) and (decoded := _decoded(text)) != text:
            self._add_paths(decoded, place)

    def _add_paths(self, text: str, place: Place) -> bool:
        """Add the job of every Graph path in the text. Returns whether there was a path."""
        match = None
        for match in _PATH.finditer(text):
            if is_cut(text, match.end(), self._limits):
                self.fault(place, _CUT)
                continue
            # After a path, a full stop may end the sentence, and an underscore may end italics.
            job_id = unquote(match["job"] or match["job_key"]).rstrip("._")
            principal, app = match["principal"] or match["key"], match["app"]
            if is_job_id(job_id):
                self._add(JobReference(principal and principal.lower(), app and app.lower(), job_id), place)
            else:
                self.fault(place, "holds a Graph path whose job id can't be one")
        if (match is None or match.end() < len(text)) and ends_in_unfinished_path(text, self._limits):
            self.fault(place, "was cut within the path of a job; name the job in a place that holds all of it")
        return match is not None

    def add_fields(self, fields: Iterable[Field], *, bare_app_id: bool = False) -> None:
        """Add the reference that the fields name together, if any."""
        self.add_ids(ids_of(fields), bare_app_id=bare_app_id)

    def add_ids(self, ids: Ids, *, bare_app_id: bool = False) -> None:
        """Add the references that the ids name together, if any.

        If a principal has both ids, the object id counts. Without `bare_app_id`, an appId alone is not a reference,
        because it may be the id of any app in a payload about something else.
        """
        kind = PRINCIPAL if PRINCIPAL in ids else APP
        if kind not in ids or (kind == APP and JOB not in ids and not bare_app_id):
            return
        values, place = ids[kind]
        guids = [parse_guid(value) if isinstance(value, str) else None for value in values]
        if None in guids:
            self.fault(place, "must be a GUID")
            return
        jobs, job_place = ids.get(JOB, ([None], place))
        if len(guids) not in (1, len(jobs)):
            self.fault(job_place, f"lists {len(jobs)} job ids for {len(guids)} applications; which belong together?")
            return
        for index, job_id in enumerate(jobs):
            if job_id is not None and not (isinstance(job_id, str) and is_job_id(job_id)):
                self.fault(job_place, "must be 1 to 200 letters, digits, dots, underscores and hyphens")
                continue
            guid = guids[index if len(guids) > 1 else 0]
            ours = JobReference(guid, None, job_id) if kind == PRINCIPAL else JobReference(None, guid, job_id)
            self._add(ours, place)

    def fault(self, place: Place, detail: str) -> None:
        """Record what is left out, and why."""
        self._faults.add(str(place) if self._faults.room else "", detail)

    def _add(self, job: JobReference, place: Place) -> None:
        if job in self._jobs or self._full:
            return
        if len(self._jobs) == MAX_REQUESTS:
            self._full = True
            self.fault(place, f"is one reference too many; {MAX_REQUESTS} are allowed")
            return
        self._jobs[job] = None


def _values(value: Json) -> list[Json]:
    """The values of an id: from a text, an array, an array as JSON in a text, or an object {value}."""
    if isinstance(value, str) and value.lstrip()[:1] == "[":
        try:
            value = parse_json(value)
        except ValueError:
            return [value]
    if isinstance(value, dict) and "value" in value:
        value = value["value"]
    if isinstance(value, list):
        cleaned_items: list[Json] = [clean(item) for item in islice(value, MAX_REQUESTS)]
        return [item for item in cleaned_items if item is not None]
    cleaned = clean(value)
    return [] if cleaned is None else [cleaned]


def _decoded(text: str) -> str:
    """The text without the escapes of HTML and of URLs within URLs."""
    if "&#" in text or "&apos" in text:
        from html import unescape  # not needed for texts without escapes

        text = unescape(text)
    return unquote(text) if "%2F" in text.upper() or "%27" in text else text
