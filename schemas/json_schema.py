"""Converts this folder's schemas from JSON Schema 2020-12 to the older dialects of OpenAPI."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent

_DROPPED = frozenset({"$schema", "$id", "$defs", "title"})


def components(file: str, name: str, root: dict[str, Any] | None = None) -> dict[str, Any]:
    """The schema of a file, or `root` within it, under `name`. Its definitions get names that begin with `name`."""
    schema = json.loads((HERE / file).read_text(encoding="utf-8"))
    found = {name: _converted(schema if root is None else root, name)}
    for each, value in schema.get("$defs", {}).items():
        found[_name(name, each)] = _converted(value, name)
    return found


def for_openapi_2(value: Any) -> Any:
    """The value in OpenAPI 2.0, which has no choice between schemas."""
    if isinstance(value, list):
        return [for_openapi_2(item) for item in value]
    if not isinstance(value, dict):
        return value.replace("#/components/schemas/", "#/definitions/") if isinstance(value, str) else value
    kept = {key: for_openapi_2(item) for key, item in value.items() if key not in ("oneOf", "nullable")}
    return {**kept, "x-nullable": True} if value.get("nullable") is True else kept


def _name(prefix: str, definition: str) -> str:
    return prefix + definition[0].upper() + definition[1:]


def _converted(value: Any, prefix: str) -> Any:
    """The value in OpenAPI 3.0."""
    if isinstance(value, list):
        return [_converted(item, prefix) for item in value]
    if not isinstance(value, dict):
        return value
    schema = {key: _converted(item, prefix) for key, item in value.items() if key not in _DROPPED}
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]
    if "enum" in schema and "type" not in schema and isinstance(schema["enum"], list):
        schema["type"] = "string"
    if isinstance(schema.get("type"), list):
        (schema["type"],) = [kind for kind in schema["type"] if kind != "null"]
        schema["nullable"] = True
    if isinstance(schema.get("$ref"), str):
        file, _, definition = schema["$ref"].rpartition("/")
        name = _name("" if file.startswith("urn:") else prefix, definition)  # the other file's component
        schema["$ref"] = f"#/components/schemas/{name}"
        if len(schema) > 1:  # OpenAPI 3.0 ignores properties beside $ref
            schema = {"allOf": [{"$ref": schema.pop("$ref")}], **schema}
    return _one_or_none(schema)


def _one_or_none(schema: dict[str, Any]) -> dict[str, Any]:
    """Replace a choice between a schema and null by that schema as nullable."""
    choices = schema.get("oneOf")
    if not isinstance(choices, list) or {"type": "null"} not in choices:
        return schema
    rest = [choice for choice in choices if choice != {"type": "null"}]
    return {**{key: value for key, value in schema.items() if key != "oneOf"}, "allOf": rest, "nullable": True}
