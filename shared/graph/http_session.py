"""The HTTP session that all threads of a process share for the calls of one service."""

from __future__ import annotations

from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

from requests import RequestException, Session
from requests.adapters import HTTPAdapter

from shared.graph.whole_answer import POOLS

if TYPE_CHECKING:
    from requests import PreparedRequest, Request, Response


READERS = 8
"""How many threads the recovery timer has beside those that work on requests (shared.recovery.follow)."""


_PIECE = 64 * 1024


class AnswerTooLarge(RequestException):
    """The body of an answer is larger than what is read of one."""


class _Adapter(HTTPAdapter):
    """Keeps connections on which a time-out bounds a whole answer, and reads no more of one than it should."""

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
    """The body, unpacked piece by piece, so that a small one can't become a large one. Raises AnswerTooLarge."""
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
    """A session that keeps a connection a thread to one host, and tries nothing again by itself.

    `threads` work on requests; READERS more have their connections as well.

    The time-out for an answer bounds all of it, however it trickles in. `largest` bounds the bodies that are read, in
    bytes, compressed or not.

    A call sends what it was given, with the session's headers: no cookie, and no password of a netrc file. Proxies and
    certificates are those that the environment names at the first call; requests would go through all variables for
    every call, and an app in Azure has a hundred.
    """

    def __init__(self, threads: int, *, largest: int | None = None) -> None:
        super().__init__()
        adapter = _Adapter(largest=largest, pool_connections=1, pool_maxsize=threads + READERS, max_retries=0)
        self.mount("https://", adapter)
        self.mount("http://", adapter)
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def prepare_request(self, request: Request) -> PreparedRequest:
        """The request, with the headers of the session that it does not name itself, in whatever case."""
        request.headers = {**self.headers, **request.headers}
        return request.prepare()

    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        """Settings of a call, and where it has none, of the environment."""
        if self.trust_env:
            environment = super().merge_environment_settings(url, {}, None, None, None)
            self.proxies, self.verify = environment["proxies"], environment["verify"]
            self.trust_env = False
        # True is what azure-core gives where nobody has said which certificates to trust.
        return super().merge_environment_settings(url, proxies, stream, None if verify is True else verify, cert)
