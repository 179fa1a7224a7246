"""The HTTP session that all threads of a process share for the calls of one service."""

from __future__ import annotations

from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

from requests import Session
from requests.adapters import HTTPAdapter

from shared.graph.whole_answer import POOLS

if TYPE_CHECKING:
    from requests import PreparedRequest, Request


READERS = 8
"""How many threads the recovery timer has beside those that work on requests (shared.recovery.follow)."""


class _Adapter(HTTPAdapter):
    """Keeps connections on which a time-out bounds a whole answer."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*args, **options)
        manager.pool_classes_by_scheme = POOLS
        return manager


class ServiceSession(Session):
    """A session that keeps a connection a thread to one host, and tries nothing again by itself.

    `threads` work on requests; READERS more have their connections as well.

    The time-out for an answer bounds all of it, however it trickles in.

    A call sends what it was given, with the session's headers: no cookie, and no password of a netrc file. Proxies and
    certificates are those that the environment names at the first call; requests would go through all variables for
    every call, and an app in Azure has a hundred.
    """

    def __init__(self, threads: int) -> None:
        super().__init__()
        adapter = _Adapter(pool_connections=1, pool_maxsize=threads + READERS, max_retries=0)
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
