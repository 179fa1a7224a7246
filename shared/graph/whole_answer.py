"""Connections on which a time-out bounds a whole answer, not each piece of it.

requests and urllib3 give every read of a socket the time-out anew: a server that sends a byte a second is never late.
"""

from __future__ import annotations

import io
import time
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

if TYPE_CHECKING:
    import socket

    from _typeshed import WriteableBuffer


class _Until(io.RawIOBase):
    """What comes from a socket until a moment of the monotonic clock; after it, a TimeoutError."""

    def __init__(self, source: io.RawIOBase, sock: socket.socket, deadline: float) -> None:
        self._source = source
        self._sock = sock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError("the answer took too long")
        self._sock.settimeout(remaining)
        return self._source.readinto(buffer)

    def close(self) -> None:
        self._source.close()
        super().close()


class _WholeAnswer(HTTPResponse):
    """An answer whose status, headers and body come within the socket's time-out, all together."""

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        timeout = sock.gettimeout()
        if timeout is not None:
            raw = self.fp.detach()
            self.fp = io.BufferedReader(_Until(raw, sock, time.monotonic() + timeout))


class _Connection(HTTPConnection):
    response_class = _WholeAnswer


class _SecureConnection(HTTPSConnection):
    response_class = _WholeAnswer


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


POOLS = {"http": _Pool, "https": _SecurePool}
"""The classes of connection pools, by scheme."""
