"""A table service, as far as the ledger needs one: entities with ETags, and whole-table queries."""

from __future__ import annotations

import json
import re
from itertools import count
from threading import Lock
from typing import Any

_ENTITY = re.compile(r"/tables/\w+\(PartitionKey='([^']*)',RowKey='([^']*)'\)")

type Answer = tuple[int, Any, dict[str, str]]


class TableService:
    """Keeps the entities of one table, under /tables."""

    def __init__(self) -> None:
        self.entities: dict[tuple[str, str], dict[str, Any]] = {}
        self._versions = count(1)
        self._lock = Lock()

    def answer_to(self, method: str, path: str, if_match: str | None, body: bytes) -> Answer:
        """Status, body and headers of the answer."""
        entity = _ENTITY.match(path)
        with self._lock:
            if entity is not None:
                return self._of_entity(method, (entity[1], entity[2]), if_match, body)
            if method == "POST":
                value = json.loads(body)
                return self._insert((value["PartitionKey"], value["RowKey"]), value)
            # As good as any filter for a table of one kind of entity; removal by age finds nothing.
            return 200, {"value": [] if "Timestamp" in path else list(self.entities.values())}, {}

    def _of_entity(self, method: str, key: tuple[str, str], if_match: str | None, body: bytes) -> Answer:
        held = self.entities.get(key)
        if held is None:
            return _error(404, "ResourceNotFound")
        if method == "GET":
            return 200, held, {}
        if if_match != held["odata.etag"]:
            return _error(412, "UpdateConditionNotSatisfied")
        if method == "DELETE":
            del self.entities[key]
            return 204, None, {}
        return self._write(key, json.loads(body), 204)

    def _insert(self, key: tuple[str, str], value: dict[str, Any]) -> Answer:
        return _error(409, "EntityAlreadyExists") if key in self.entities else self._write(key, value, 201)

    def _write(self, key: tuple[str, str], value: dict[str, Any], status: int) -> Answer:
        etag = f'W/"{next(self._versions)}"'
        self.entities[key] = {**value, "odata.etag": etag}
        return status, self.entities[key] if status == 201 else None, {"ETag": etag}


def _error(status: int, code: str) -> Answer:
    return status, {"odata.error": {"code": code, "message": {"lang": "en-US", "value": code}}}, {}
