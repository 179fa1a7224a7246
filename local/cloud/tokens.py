"""Bearer tokens: what the identity server gave out, so that Graph can tell them from all others."""

import secrets
from dataclasses import dataclass
from time import time
from typing import Final

_LIFETIME_SECONDS: Final = 24 * 3600


@dataclass(frozen=True, slots=True)
class Token:
    """A token for one audience. `expires_on` is in seconds since 1970."""

    text: str
    audience: str
    expires_on: int


class Tokens:
    """All tokens that are valid."""

    def __init__(self) -> None:
        self._known: dict[str, Token] = {}

    def issue(self, audience: str) -> Token:
        """Give out a new one."""
        token = Token(secrets.token_urlsafe(48), audience.rstrip("/"), int(time()) + _LIFETIME_SECONDS)
        self._known[token.text] = token
        return token

    def fault(self, authorization: str, audience: str) -> str | None:
        """What is wrong with an Authorization header, in Graph's words; None: nothing."""
        scheme, _, text = authorization.partition(" ")
        if scheme.lower() != "bearer" or not text:
            return "Access token is empty."
        token = self._known.get(text)
        if token is None:
            return "Access token validation failure. Invalid signature."
        if token.expires_on <= time():
            return "Lifetime validation failed, the token is expired."
        if token.audience != audience:
            return "Access token validation failure. Invalid audience."
        return None

    def revoke_all(self) -> None:
        """Let none of them be valid any more."""
        self._known.clear()
