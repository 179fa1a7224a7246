"""The gate that each call to a service passes first. `shared.waiting` implements it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from shared.errors import TransientError


class Leave(Protocol):
    """The permission for one call. Its holder calls exactly one of the methods afterwards."""

    def answered(self) -> None:
        """The service answered."""
        ...

    def failed(self, error: TransientError) -> None:
        """The service did not answer, or asked to retry later."""
        ...

    def dropped(self) -> None:
        """The call was not made, or its result says nothing about the service."""
        ...


class Gate(Protocol):
    """Knows whether a service may be called now."""

    def enter(self, operation: str, who: object) -> Leave:
        """The permission for a call. `who` identifies the request that it is for. Raises ServiceAway."""
        ...
