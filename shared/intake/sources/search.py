"""Searches a whole payload for job references, because senders with a fixed body can't send a start request.

Texts that are not requests are left out, even if they name a job. These are previous values of an edit, the app's own
words, and what an app's account wrote. If the source asks for it, alerts that are over are left out, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from shared.event.status_event import TYPE_PREFIX
from shared.intake.sources.before import tells_of_before
from shared.intake.sources.cut import LIMITS
from shared.intake.sources.fields import field, text
from shared.intake.sources.place import ROOT
from shared.intake.sources.references import References, ids_of, kind_of_id
from shared.intake.sources.source import Found, Ignored, NoReference
from shared.json_text import parse_json
from shared.mark import is_marked
from shared.text import lowered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from shared.intake.sources.place import Place
    from shared.intake.sources.references import Field
    from shared.intake.sources.source import Payload, Reading
    from shared.json_text import Json
    from shared.request.start_request import RequestedBy

MAX_DEPTH = 64
MAX_VALUES = 50_000
"""Most texts, objects and arrays that are searched, and how deep. No system comes near either limit."""

OWN_WORDS = Ignored("It repeats what this app said itself, or was written by an app's account.")

_AUTHORS = ("author", "updateAuthor", "user", "sender", "actor", "agent")
_BOTS = frozenset({"app", "bot"})
_NAME_OF_PAIR = ("name", "key", "label", "field", "fieldName", "title", "id")
_VALUE_OF_PAIR = ("value", "text", "content", "fieldValue")
_OVER = frozenset({"resolved", "recovered", "closed"})


class _Waiting(NamedTuple):
    value: Json
    place: Place
    depth: int
    in_document: bool = False
    """Whether it is in a rich text that was checked for the mark as a whole."""


def read_by_search(
    payload: Payload, requested_by: RequestedBy, *, limits: frozenset[int] = LIMITS, over_is_searched: bool = True
) -> Reading:
    """Start requests for the jobs that the payload names anywhere."""
    references, own_words = search(payload.value, limits, over_is_searched=over_is_searched)
    if references.jobs:
        return Found(payload.requests(references.jobs, requested_by), references.faults)
    if references.faults:
        return NoReference(requested_by, references.faults)
    return OWN_WORDS if own_words else Ignored("The payload names no provisioning job.")


def search(value: Json, limits: frozenset[int] = LIMITS, *, over_is_searched: bool = True) -> tuple[References, bool]:
    """The jobs that a JSON value names, and whether the app's own words were left out.

    A job is named by a path or link in any text, or by ids. These ids are in one object, in pairs of name and value in
    one array, or in JSON within a text.
    """
    references = References(limits)
    waiting = [_Waiting(value, ROOT, 0)]
    searched = 0
    too_deep = own_words = False
    while waiting and searched < MAX_VALUES:
        current, place, depth, in_document = waiting.pop()
        searched += 1
        if isinstance(current, str):
            if is_marked(current):
                own_words = True
            elif (inner := _json_in(current)) is not None:
                waiting.append(_Waiting(inner, place, depth + 1, in_document))
            else:
                references.add_text(current, place)
        elif depth >= MAX_DEPTH:
            too_deep = True
        elif _is_ours(current, in_document):
            own_words = True
        elif over_is_searched or not is_over(current):
            for fields in _groups(current, place):
                references.add_fields(fields)
            inside = [
                (name, item)
                for name, item in _members(current)
                if item
                and isinstance(item, (str, dict, list))
                and not (isinstance(name, str) and tells_of_before(name))
            ]
            # Reversed, because the last one is searched next. This keeps the order of the document.
            waiting.extend(
                _Waiting(item, place / name, depth + 1, in_document or _starts_document(current, in_document))
                for name, item in reversed(inside)
            )
    if waiting:
        references.fault(ROOT, f"has more than {MAX_VALUES} values; the rest was not searched")
    if too_deep:
        references.fault(ROOT, f"is nested deeper than {MAX_DEPTH} levels; what is below was not searched")
    return references, own_words


def is_own_event(value: Json) -> bool:
    """Whether the value is a status event of this app, or its data."""
    is_data = text(value, "outcome") is not None and is_marked(text(value, "message") or "")
    return is_data or (text(value, "type") or "").startswith(TYPE_PREFIX)


def has_mark(value: Json) -> bool:
    """Whether the app's own words are anywhere in a value, even if a rich text has split them."""
    texts: list[str] = []
    waiting = [value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, str):
            texts.append(current)
        elif isinstance(current, dict):
            # Only the text of a rich text's node, because its type and style would come between the words.
            waiting += [current["text"]] if isinstance(current.get("text"), str) else reversed(list(current.values()))
        elif isinstance(current, list):
            waiting += reversed(current)
    return is_marked("".join(texts))


def _is_ours(value: Json, in_document: bool) -> bool:
    """Whether this app or an app's account wrote it."""
    return is_own_event(value) or _is_by_a_bot(value) or (_starts_document(value, in_document) and has_mark(value))


def _starts_document(value: Json, in_document: bool) -> bool:
    """Whether the value is a whole rich text, such as Atlassian's Document Format."""
    return not in_document and field(value, "type") == "doc"


def is_over(value: Json) -> bool:
    """Whether the value is an alert or an incident that has ended."""
    status, state = text(value, "status") or "", text(value, "state") or ""
    return lowered(status) in _OVER or lowered(state) in (*_OVER, "ok")


def _is_by_a_bot(value: Json) -> bool:
    """Whether the system says that an app's account wrote it."""
    if not isinstance(value, dict):
        return False
    for name in _AUTHORS:
        author = value.get(name)
        if isinstance(author, dict) and (
            author.get("accountType") == "app"
            or (isinstance(kind := author.get("type"), str) and lowered(kind) in _BOTS)
            or author.get("is_bot") is True
        ):
            return True
    return False


def _json_in(text: str) -> Json:
    """The object or array that the text holds as JSON; None if there is none."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        value = parse_json(text)
    except ValueError:
        return None
    return value if isinstance(value, (dict, list)) else None


def _groups(value: Json, place: Place) -> Iterator[list[Field]]:
    """Groups of fields in a value, each of which may name a job together."""
    if isinstance(value, dict) and any(map(kind_of_id, value)):
        # A name with an underscore, such as app_id, may be another system's. Then the id must be in our form.
        fields = [(name, item, place / name) for name, item in value.items()]
        yield [each for each in fields if "_" not in each[0] or _could_be(each)]
    group: list[Field] = []
    kinds: set[str] = set()
    for pair, kind in _pairs(value, place):
        if kind in kinds:
            yield group
            group, kinds = [], set()
        group.append(pair)
        kinds.add(kind)
    if group:
        yield group


def _could_be(each: Field) -> bool:
    kind = kind_of_id(each[0])
    if kind not in ("serviceprincipalid", "appid"):
        return True
    made = References()
    made.add_ids(ids_of([each]), bare_app_id=True)
    return bool(made.jobs)


def _pairs(value: Json, place: Place) -> Iterator[tuple[Field, str]]:
    """The ids in members that are pairs of a name and a value, each with its kind."""
    for index, item in _members(value):
        if not isinstance(item, dict):
            continue
        given = next((name for name in _VALUE_OF_PAIR if item.get(name) is not None), None)
        if given is None:
            continue
        for name in _NAME_OF_PAIR:
            named = item.get(name)
            if isinstance(named, str) and (kind := kind_of_id(named)) is not None:
                yield (named, item[given], place / index / given), kind
                break


def _members(value: Json) -> Iterable[tuple[str | int, Json]]:
    """The members of an object or an array, each with its name or index."""
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()
