"""Which applications are watched: those that WATCH lists, or every one in the tenant.

The list names them by object id or by application id, and does not say which: an id that no application has as its
object id is taken for an application id. Every one in the tenant is found page by page; those with jobs are looked at
in every run, the others once a day, for as long as the run has time. The next run goes on where it stopped.

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
"""How many applications are asked for at once; Graph gives up to 999. What is left of a page is remembered."""

FIRST_PAGE = f"servicePrincipals?$select=id,appId,servicePrincipalType&$top={PAGE}"

ROUND = timedelta(hours=24)
"""How often every application is looked at."""

FIND = "find"
"""The operation of listing the applications, and what an event says that Graph refused to do."""

WATCH = "watch"
"""The same, of an id that is nobody's."""

_NO_JOBS = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST})
"""What an application may answer that can't have jobs, or is gone since its page was read."""

_NEVER = "managedidentity"
"""The type of service principals that are nobody's application, in lower case."""


def look_at_listed(ids: Iterable[str], looker: Looker) -> None:
    """Look at the applications with these ids. Raises GraphRefused and TransientError."""
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
    """The applications with these application ids. One that is nobody's, or may not be looked up, counts as refused."""
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
    """Look at those with jobs, then go on with the round through all others.

    Raises GraphRefused where the applications may not be listed, and TransientError; how far it has come is kept.
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
            # The link that an earlier run got lasts for a while only.
            progress = replace(progress, next_page=FIRST_PAGE)
        is_old_link = False
        looker.memory.keep_progress(progress)


def _begun(progress: Progress, now: datetime) -> Progress:
    """The progress of this round, or of a new one. What is left of the last one is looked at first."""
    is_due = progress.began is None or (progress.next_page is None and now - progress.began >= ROUND)
    return replace(progress, began=now, next_page=FIRST_PAGE, done=False) if is_due else progress


def _next_page(progress: Progress, looker: Looker) -> Progress:
    """The progress with the applications of one more page."""
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
    """An application that is gone is forgotten; one whose jobs may not be seen is counted."""
    for application, error in refused:
        if error.status in _NO_JOBS:
            looker.found.answered += 1
            looker.memory.drop(application)
        else:
            looker.found.refused.append(Refused(JobReference(application.object_id), error))


def _ids(applications: Iterable[Application]) -> tuple[tuple[str, str], ...]:
    return tuple((each.object_id, each.app_id or "") for each in applications)
