"""What a call of a service asks first: may it be made now? `shared.waiting` answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from shared.errors import TransientError


class Leave(Protocol):
    """The leave to make one call; one of its methods is called in the end."""

    def answered(self) -> None:
        """The service answered."""
        ...

    def failed(self, error: TransientError) -> None:
        """It did not answer, or asked to come back."""
        ...

    def dropped(self) -> None:
        """The call was not made, or says nothing of the service."""
        ...


class Gate(Protocol):
    """Knows whether a service is to be called now."""

    def enter(self, operation: str, who: object) -> Leave:
        """Leave to make a call on behalf of `who`, one object a request. Raises ServiceAway."""
        ...
