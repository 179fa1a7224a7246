"""Reads checked values from the JSON objects that /_sim takes. Every fault is a ValueError that names the property."""

from collections.abc import Mapping
from typing import Any


class Fields:
    """The properties of one JSON object. `end` refuses those that were not read."""

    def __init__(self, value: object, place: str) -> None:
        if not isinstance(value, dict):
            raise ValueError(f"{place} must be an object")  # noqa: TRY004 - callers handle only ValueError
        self._left: dict[str, Any] = dict(value)
        self.place = place
        """The object's name in messages."""

    def text(self, name: str) -> str | None:
        """A string, or None if it is absent."""
        value: str | None = self._take(name, str, None, "a string")
        return value

    def seconds(self, name: str, default: float = 0.0) -> float:
        """A number that is not negative."""
        value = self._take(name, (int, float), default, "a number")
        if isinstance(value, bool) or not 0 <= value <= 3600:
            raise ValueError(f"{self.place}.{name} must be a number from 0 to 3600")
        return float(value)

    def count(self, name: str, default: int) -> int:
        """A whole number of at least 1."""
        value = self._take(name, int, default, "a whole number")
        if isinstance(value, bool) or value < 1:
            raise ValueError(f"{self.place}.{name} must be a whole number of at least 1")
        return int(value)

    def counts(self, name: str) -> tuple[int, ...]:
        """A list of whole numbers of at least 1. Empty if it is absent."""
        values = self._take(name, list, [], "a list")
        if not all(type(value) is int and value >= 1 for value in values):
            raise ValueError(f"{self.place}.{name} must hold whole numbers of at least 1")
        return tuple(values)

    def objects(self, name: str) -> tuple[Mapping[str, Any], ...]:
        """A list of objects. Empty if it is absent."""
        values = self._take(name, list, [], "a list")
        if not all(isinstance(value, dict) for value in values):
            raise ValueError(f"{self.place}.{name} must hold objects")
        return tuple(values)

    def status(self, name: str) -> int | None:
        """The status of a final HTTP response (200 to 599), or None if it is absent."""
        value = self._take(name, int, None, "an HTTP status")
        if value is not None and not 200 <= value <= 599:
            raise ValueError(f"{self.place}.{name} must be an HTTP status from 200 to 599")
        return None if value is None else int(value)

    def one_of[T: str](self, name: str, choices: type[T], default: T) -> T:
        """A member of a string enumeration."""
        value = self.text(name)
        try:
            return default if value is None else choices(value)
        except ValueError:
            raise ValueError(f"{self.place}.{name} has no such value: {value!r}") from None

    def texts_or_lists(self, name: str) -> Mapping[str, list[str]]:
        """An object of strings, numbers, or lists of them. Every value is returned as a list of strings."""
        value = self._take(name, dict, {}, "an object")
        return {
            key: [str(each) for each in item] if isinstance(item, list) else [str(item)] for key, item in value.items()
        }

    def flag(self, name: str, *, default: bool = False) -> bool:
        """True or false."""
        value: bool = self._take(name, bool, default, "true or false")
        return value

    def fields(self, name: str) -> "Fields | None":
        """A nested object, or None if it is absent or null."""
        value = self._left.pop(name, None)
        return None if value is None else Fields(value, f"{self.place}.{name}")

    def anything(self, name: str, default: Any) -> Any:
        """The value as it is, null included."""
        return self._left.pop(name, default)

    def has(self, name: str) -> bool:
        """Whether the property is present and not null."""
        return self._left.get(name) is not None

    def is_null(self, name: str) -> bool:
        """Whether the property is present and null. If so, it counts as read."""
        return name in self._left and self._left[name] is None and self._left.pop(name) is None

    def end(self) -> None:
        """Refuse properties that were not read."""
        if self._left:
            raise ValueError(f"{self.place} has no property {', '.join(sorted(self._left))}")

    def _take(self, name: str, kind: type | tuple[type, ...], default: Any, what: str) -> Any:
        value = self._left.pop(name, default)
        if value is not default and not isinstance(value, kind):
            raise ValueError(f"{self.place}.{name} must be {what}")
        return value
