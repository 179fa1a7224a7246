"""Pages of a list, as OData defines them. Source: Microsoft Graph, "Paging"."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Page[T]:
    """One page, and the query of the next page or None if it is the last."""

    items: Sequence[T]
    next_query: str | None


def page[T](request: web.Request, items: Sequence[T], size: int) -> Page[T]:
    """The page that a request asks for, with at most `size` items. Raises ValueError for an invalid query."""
    token, top = request.query.get("$skiptoken", "0"), request.query.get("$top", str(size))
    if not (token.isdecimal() and top.isdecimal() and int(top)):
        raise ValueError("Invalid value of $top or $skiptoken.")
    first, size = int(token), min(size, int(top))
    following = None
    if first + size < len(items):
        kept = {name: value for name, value in request.query.items() if name not in {"$top", "$skiptoken"}}
        names = {**kept, "$top": str(size), "$skiptoken": str(first + size)}
        following = "&".join(f"{name}={quote(value, safe=',')}" for name, value in names.items())
    return Page(items[first : first + size], following)
