"""Bearer tokens of the identity server, which Graph checks.

They are JSON Web Tokens as Microsoft Entra ID issues them, because the storage emulator reads their claims.
"""

import secrets
import uuid
from dataclasses import dataclass
from time import time
from typing import Final

import jwt

DAY_SECONDS: Final = 24 * 3600
_ISSUER: Final = "https://sts.windows.net/5f0d3c1a-9b7e-4d26-8a41-c3e2f1b0a978/"


@dataclass(frozen=True, slots=True)
class Token:
    """A token for one audience. `expires_on` is in seconds since 1970."""

    text: str
    audience: str
    expires_on: int


class Tokens:
    """All valid tokens."""

    def __init__(self) -> None:
        self._known: dict[str, Token] = {}
        self._key = secrets.token_bytes(32)

    def issue(self, audience: str, lifetime_seconds: int) -> Token:
        """Issue a token."""
        now, audience = int(time()), audience.rstrip("/")
        expires_on = now + lifetime_seconds
        claims = {"iss": _ISSUER, "aud": audience, "iat": now, "nbf": now, "exp": expires_on, "uti": str(uuid.uuid4())}
        token = Token(jwt.encode(claims, self._key, algorithm="HS256"), audience, expires_on)
        self._known[token.text] = token
        return token

    def fault(self, authorization: str, audience: str) -> str | None:
        """What is wrong with an Authorization header, in Graph's words, or None."""
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
        """Make every token issued so far invalid."""
        self._known.clear()
