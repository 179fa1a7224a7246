"""Job references in other people's payloads: ids side by side, and Graph paths within text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from shared.errors import Fault
from shared.intake.start_requests import MAX_REQUESTS
from shared.request.reference import JobReference, is_job_id, parse_guid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.intake.sources.place import Place
    from shared.json_text import Json

    type Field = tuple[str, Json, Place]
    """A name, its value, and where the value stands."""

PRINCIPAL, APP, JOB = "serviceprincipalid", "appid", "jobid"
NAMES = frozenset({PRINCIPAL, APP, JOB})
"""The names under which ids stand, in lower case: senders write them in any."""

_GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# Nothing in it can match in two ways, so that the time grows with the text and not with its square.
_PATH = re.compile(
    rf"servicePrincipals(?:/(?P<principal>{_GUID})|\(appId='(?P<app>{_GUID})'\))"
    r"/synchronization/jobs/(?P<job>[A-Za-z0-9._~%-]+)",
    re.IGNORECASE,
)


class References:
    """The jobs that a payload names, each once, in order; and what is wrong with what was meant as a reference."""

    def __init__(self) -> None:
        self._jobs: dict[JobReference, None] = {}
        self._faults: list[Fault] = []
        self._full = False

    @property
    def jobs(self) -> tuple[JobReference, ...]:
        """The references."""
        return tuple(self._jobs)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What was left out, and why."""
        return tuple(self._faults)

    def add_text(self, text: str, place: Place) -> None:
        """Take every Graph path of a job that stands in the text."""
        for match in _PATH.finditer(text):
            # A path may have a full stop after it that ends the sentence, or an underscore that ends its italics.
            job_id = unquote(match["job"]).rstrip("._")
            principal, app = match["principal"], match["app"]
            if is_job_id(job_id):
                self._add(JobReference(principal and principal.lower(), app and app.lower(), job_id), place)
            else:
                self.fault(place, "holds a Graph path whose job id can't be one")

    def add_fields(self, fields: Iterable[Field], *, bare_app_id: bool = True) -> None:
        """Take the reference that the fields make, if they make one.

        A null counts as absent, and so does an empty jobId: a query writes that where it knows none. Of both ids
        of a principal, the object id counts. Without `bare_app_id` an appId alone is no reference: in payloads
        that are about other things it may be the id of any app.
        """
        ids: dict[str, tuple[Json, Place]] = {}
        for name, value, place in fields:
            if name.lower() in NAMES and value is not None:
                ids.setdefault(name.lower(), (value, place))
        if JOB in ids and ids[JOB][0] == "":
            del ids[JOB]
        kind = PRINCIPAL if PRINCIPAL in ids else APP
        if kind not in ids or (kind == APP and JOB not in ids and not bare_app_id):
            return
        value, place = ids[kind]
        guid = parse_guid(value.strip()) if isinstance(value, str) else None
        if guid is None:
            self.fault(place, "must be a GUID")
            return
        job_id = None
        if JOB in ids:
            job, job_place = ids[JOB]
            job_id = job.strip() if isinstance(job, str) else ""
            if not is_job_id(job_id):
                self.fault(job_place, "must be 1 to 200 letters, digits, dots, underscores and hyphens")
                return
        ours = JobReference(guid, None, job_id) if kind == PRINCIPAL else JobReference(None, guid, job_id)
        self._add(ours, place)

    def fault(self, place: Place, detail: str) -> None:
        """Note what is left out."""
        self._faults.append(Fault(str(place), detail))

    def _add(self, job: JobReference, place: Place) -> None:
        if job in self._jobs or self._full:
            return
        if len(self._jobs) == MAX_REQUESTS:
            self._full = True
            self.fault(place, f"is one reference too many; {MAX_REQUESTS} are allowed")
            return
        self._jobs[job] = None
