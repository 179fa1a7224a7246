"""The HTTP session that all threads of a process share."""

from __future__ import annotations

from requests import Session
from requests.adapters import HTTPAdapter


def pooled_session(threads: int) -> Session:
    """A session that keeps a connection a thread to one host, and tries nothing again by itself."""
    session = Session()
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=threads, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session
