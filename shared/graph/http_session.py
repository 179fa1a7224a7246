"""The HTTP session that all threads of a process share for the calls to one service."""

from __future__ import annotations

from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

from requests import RequestException, Session
from requests.adapters import HTTPAdapter

from shared.graph.whole_answer import POOLS

if TYPE_CHECKING:
    from requests import PreparedRequest, Request, Response


READERS = 8
"""How many threads the recovery timer has in addition to those that work on requests (shared.recovery.follow)."""


_PIECE = 64 * 1024


class AnswerTooLarge(RequestException):
    """The body of an answer is larger than the limit."""


class _Adapter(HTTPAdapter):
    """Makes connections whose time-out is for the whole answer, and limits the size of bodies."""

    def __init__(self, *, largest: int | None, **options: Any) -> None:
        super().__init__(**options)
        self._largest = largest

    def send(self, request: PreparedRequest, stream: bool = False, **options: Any) -> Response:  # type: ignore[override]
        response = super().send(request, stream=stream, **options)
        if self._largest is not None and not stream:
            response._content = _body(response, self._largest)  # noqa: SLF001 - what requests itself reads otherwise
        return response

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*args, **options)
        manager.pool_classes_by_scheme = POOLS
        return manager


def _body(response: Response, largest: int) -> bytes:
    """The body. It is decompressed piece by piece, to stop at the limit. Raises AnswerTooLarge."""
    pieces: list[bytes] = []
    size = 0
    for piece in response.iter_content(_PIECE):
        size += len(piece)
        if size > largest:
            response.close()
            raise AnswerTooLarge(f"more than {largest} bytes")
        pieces.append(piece)
    return b"".join(pieces)


class ServiceSession(Session):
    """A session that keeps one connection per thread to one host, and does not retry.

    It has connections for `threads` that work on requests, and for READERS more.

    The time-out is for the whole answer, even if it arrives byte by byte. `largest` is the limit of a body in bytes,
    after decompression; None is no limit.

    A call sends its own headers and the session's, but no cookies and no password of a netrc file. Proxies and
    certificates are read from the environment at the first call. The requests library would search all variables at
    every call, and an app in Azure has a hundred of them.
    """

    def __init__(self, threads: int, *, largest: int | None = None) -> None:
        super().__init__()
        adapter = _Adapter(largest=largest, pool_connections=1, pool_maxsize=threads + READERS, max_retries=0)
        self.mount("https://", adapter)
        self.mount("http://", adapter)
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def prepare_request(self, request: Request) -> PreparedRequest:
        """The request with the session's headers. Its own headers override them, in any case of letters."""
        request.headers = {**self.headers, **request.headers}
        return request.prepare()

    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        """The settings of a call, or else those of the environment."""
        if self.trust_env:
            environment = super().merge_environment_settings(url, {}, None, None, None)
            self.proxies, self.verify = environment["proxies"], environment["verify"]
            self.trust_env = False
        # azure-core passes True if its caller names no certificates.
        return super().merge_environment_settings(url, proxies, stream, None if verify is True else verify, cert)
