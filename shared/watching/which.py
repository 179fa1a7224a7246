"""Which applications to watch: those in WATCH, or all in the tenant.

WATCH may list object ids and application ids. An id that is not an object id is tried as an application id.

To watch the whole tenant, a run first reads the applications that have jobs. In the rest of its time, it reads the
others, page by page, once per day. The next run continues where it stopped.

Source: Microsoft Graph reference, "List servicePrincipals"; Microsoft Graph documentation, "Paging".
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from shared.errors import GraphRefused
from shared.outcome import Reason
from shared.request.reference import JobReference, parse_guid
from shared.watching.look import Refused
from shared.watching.memory import Application
from shared.watching.questions import ask, patiently

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from shared.watching.look import Looker
    from shared.watching.memory import Progress

PAGE = 500
"""How many applications are listed per page. Graph allows up to 999."""

FIRST_PAGE = f"servicePrincipals?$select=id,appId,servicePrincipalType&$top={PAGE}"

ROUND = timedelta(hours=24)
"""How often an application without jobs is read."""

FIND = "find"
"""The operation, in events, of listing the applications."""

WATCH = "watch"
"""The operation, in events, of an id in WATCH that is not an application."""

_NO_JOBS = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST})
"""Graph's answers for an application that cannot have jobs, or was deleted after its page was read."""

_NEVER = "managedidentity"
"""The type of service principals that never have jobs, in lower case."""


def look_at_listed(ids: Iterable[str], looker: Looker) -> None:
    """Read the jobs of the applications with these ids. Raises GraphRefused and TransientError."""
    kept = looker.memory.applications
    by_app_id = {each.app_id: each for each in kept.values() if each.app_id is not None}
    listed = {each: kept.get(each) or by_app_id.get(each) or Application(each) for each in ids}
    may_be = {each: found for each, found in listed.items() if looker.reference(found) is not None}
    looker.found.not_allowed += len(listed) - len(may_be)
    _, refused = looker.look(may_be.values())
    unknown = {app_id: error for app_id, error in _by_listed_id(may_be, refused) if error.reason is Reason.NOT_FOUND}
    looker.found.refused += (
        Refused(JobReference(each.object_id), error) for each, error in refused if error.reason is not Reason.NOT_FOUND
    )
    _, refused = looker.look(_resolved(unknown, looker))
    looker.found.refused += (Refused(JobReference(each.object_id), error) for each, error in refused)


def _by_listed_id(
    listed: Mapping[str, Application], refused: Iterable[tuple[Application, GraphRefused]]
) -> Iterable[tuple[str, GraphRefused]]:
    errors = dict(refused)
    return ((listed_id, errors[each]) for listed_id, each in listed.items() if each in errors)


def _resolved(app_ids: Mapping[str, GraphRefused], looker: Looker) -> Iterable[Application]:
    """The applications with these application ids. Unknown ids, and those that Graph refuses to resolve, are noted."""
    paths = {f"servicePrincipals(appId='{app_id}')?$select=id": app_id for app_id in app_ids}
    found: list[Application] = []
    for path, answer in ask(partial(looker.graph.get_all, "resolve"), paths, looker.left).items():
        app_id = paths[path]
        if isinstance(answer, GraphRefused):
            nobodys = answer.reason is Reason.NOT_FOUND
            error = _of(WATCH, app_ids[app_id]) if nobodys else answer
            reference = JobReference(app_id) if nobodys else JobReference(None, app_id)
            looker.found.refused.append(Refused(reference, error))
        elif object_id := parse_guid(str(answer.get("id"))):
            found.append(Application(object_id, app_id))
    return found


def _of(operation: str, error: GraphRefused) -> GraphRefused:
    return GraphRefused(error.reason, operation=operation, status=error.status, code=error.code, detail=error.detail)


def look_at_all(looker: Looker) -> None:
    """Read the applications with jobs, then continue the round through all others.

    Raises GraphRefused if the applications may not be listed, and TransientError. The progress until then is kept.
    """
    kept = looker.memory.applications.values()
    with_jobs = {each.object_id: each for each in kept if each.jobs and looker.reference(each) is not None}
    _note_refused(looker.look(with_jobs.values())[1], looker)
    progress = _begun(looker.memory.progress, looker.now)
    is_old_link = progress.next_page != FIRST_PAGE
    while True:
        unseen = [Application(object_id, app_id or None) for object_id, app_id in progress.left]
        unanswered, refused = looker.look(each for each in unseen if each.object_id not in with_jobs)
        _note_refused(refused, looker)
        progress = replace(progress, left=_ids(unanswered))
        progress = replace(progress, done=progress.next_page is None and not progress.left)
        looker.memory.keep_progress(progress)
        if looker.left.is_over or progress.next_page is None or len(unanswered) >= PAGE:
            return
        try:
            progress = _next_page(progress, looker)
        except GraphRefused as error:
            if error.reason is not Reason.BAD_REQUEST or not is_old_link:
                raise
            # Links of an earlier run expire, so the round restarts at the first page.
            progress = replace(progress, next_page=FIRST_PAGE)
        is_old_link = False
        looker.memory.keep_progress(progress)


def _begun(progress: Progress, now: datetime) -> Progress:
    """The progress of this round, or of a new one. A new round first reads what is left of the last one."""
    is_due = progress.began is None or (progress.next_page is None and now - progress.began >= ROUND)
    return replace(progress, began=now, next_page=FIRST_PAGE, done=False) if is_due else progress


def _next_page(progress: Progress, looker: Looker) -> Progress:
    """The progress after one more page of applications."""
    path = progress.next_page or FIRST_PAGE
    objects, following = patiently(lambda: looker.graph.page(FIND, path), looker.left)
    listed = [
        Application(object_id, parse_guid(str(each.get("appId"))))
        for each in objects
        if (object_id := parse_guid(str(each.get("id")))) is not None
        and str(each.get("servicePrincipalType")).lower() != _NEVER
    ]
    new = _ids(each for each in listed if looker.reference(each) is not None)
    return replace(progress, next_page=following, left=tuple(dict.fromkeys((*progress.left, *new))))


def _note_refused(refused: Iterable[tuple[Application, GraphRefused]], looker: Looker) -> None:
    """Forget applications that are gone or cannot have jobs, and note the other refusals."""
    for application, error in refused:
        if error.status in _NO_JOBS:
            looker.found.answered += 1
            looker.memory.drop(application)
        else:
            looker.found.refused.append(Refused(JobReference(application.object_id), error))


def _ids(applications: Iterable[Application]) -> tuple[tuple[str, str], ...]:
    return tuple((each.object_id, each.app_id or "") for each in applications)
