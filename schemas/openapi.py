"""The OpenAPI definitions of the HTTP routes: `python -m schemas.openapi` writes them, `--check` lists files that
differ.

openapi.json is OpenAPI 3.0.3. openapi-2.json is OpenAPI 2.0, for custom connectors of Power Platform and the action
HTTP + Swagger of Logic Apps. It leaves out what they do not support: arrays of requests, and the handshake by OPTIONS.
"""

from __future__ import annotations

import copy
import json
import sys
from typing import Any

from schemas.json_schema import HERE, components, for_openapi_2
from shared.intake.sources import SOURCES
from shared.status.answers import MAX_TOP, TOP

type Json = dict[str, Any]

FILES = ("openapi.json", "openapi-2.json")
GUID = "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$"
_TEXT: Json = {"type": "string"}
_TIME: Json = {"type": "string", "format": "date-time"}
_GUID: Json = {"type": "string", "pattern": GUID}


def definition() -> Json:
    """The definition in OpenAPI 3.0.3."""
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "start-job-function",
            "description": "Starts quarantined or paused provisioning jobs of Microsoft Entra ID, and reports the "
            "result of each request.",
            "version": "1.0",
        },
        "servers": [
            {
                "url": "https://{app}.azurewebsites.net/api",
                "variables": {"app": {"default": "contoso", "description": "Name of the function app."}},
            }
        ],
        "security": [{"keyInHeader": []}, {"keyInQuery": []}],
        "paths": {
            "/start-requests": {"post": _send(), "get": _list()},
            "/start-requests/{name}": {"get": _read(), "post": _take(), "options": _handshake()},
            "/health": {"get": _health()},
        },
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "keyInHeader": {"type": "apiKey", "in": "header", "name": "x-functions-key"},
                "keyInQuery": {"type": "apiKey", "in": "query", "name": "code"},
            },
        },
    }


def definition_2() -> Json:
    """The definition in OpenAPI 2.0, converted from the other."""
    whole = copy.deepcopy(definition())
    schemas = whole["components"]["schemas"]
    schemas.pop("StartRequests")
    paths: Json = {}
    for path, item in whole["paths"].items():
        paths[path] = {method: _operation_2(item[method]) for method in item if method != "options"}
    return {
        "swagger": "2.0",
        "info": whole["info"],
        "host": "contoso.azurewebsites.net",
        "basePath": "/api",
        "schemes": ["https"],
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "security": [{"keyInHeader": []}],
        "securityDefinitions": {"keyInHeader": whole["components"]["securitySchemes"]["keyInHeader"]},
        "paths": paths,
        "definitions": for_openapi_2(schemas),
    }


def texts() -> dict[str, str]:
    """The text of each file."""
    made = zip(FILES, (definition(), definition_2()), strict=True)
    return {name: json.dumps(value, indent=2) + "\n" for name, value in made}


def _operation_2(operation: Json) -> Json:
    parameters = [
        {**{key: value for key, value in each.items() if key != "schema"}, **for_openapi_2(each["schema"])}
        for each in operation.get("parameters", [])
    ]
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]["application/json"]["schema"]
        if content == _ref("StartRequests"):
            content = _ref("StartRequest")
        parameters.append({"in": "body", "name": "body", "required": True, "schema": for_openapi_2(content)})
    responses = {}
    for status, response in operation["responses"].items():
        made: Json = {"description": response["description"]}
        for content in response.get("content", {}).values():
            made["schema"] = for_openapi_2(content["schema"])
        if "headers" in response:
            made["headers"] = {
                name: {"description": header["description"], **header["schema"]}
                for name, header in response["headers"].items()
            }
        responses[status] = made
    kept: Json = {
        key: operation[key] for key in ("operationId", "summary", "description", "security") if key in operation
    }
    return {**kept, **({"parameters": parameters} if parameters else {}), "responses": responses}


def _send() -> Json:
    return {
        "operationId": "SendStartRequest",
        "summary": "Ask to start a job, or all jobs of an application",
        "description": "One start request, or an array of up to 1,000. All are accepted, or none.",
        "requestBody": {"required": True, "content": {"application/json": {"schema": _ref("StartRequests")}}},
        "responses": {
            "202": _told("The requests are on the queue.", "Accepted", headers=_WHERE),
            **_problems(400, 401, 411, 413, 415, 503),
        },
    }


def _list() -> Json:
    return {
        "operationId": "ListStartRequests",
        "summary": "List the last requests of an application, newest first",
        "description": "Only if the app has a status table. Each request is listed once, with its last event.",
        "parameters": [
            _query("servicePrincipal", "Object id of the enterprise application.", _GUID, required=True),
            _query(
                "top",
                "The most requests per page.",
                {"type": "integer", "minimum": 1, "maximum": MAX_TOP, "default": TOP},
            ),
            _query("after", "The beginning of the page, from nextLink.", _TEXT),
        ],
        "responses": {"200": _told("A page.", "RequestList"), **_problems(400, 401, 404, 503)},
    }


def _read() -> Json:
    return {
        "operationId": "ReadStatus",
        "summary": "Read the status of a request",
        "description": "Use the address from the answer to the request. It is signed, and needs no key. "
        "Only if the app has a status table.",
        "security": [],
        "parameters": [
            _path("Id of the request.", _GUID),
            _query("issued", "When the address was issued.", _TEXT, required=True),
            _query("signature", "The address's signature.", _TEXT, required=True),
        ],
        "responses": {
            "200": _told("The request has ended.", "Status"),
            "202": _told("The request has not ended yet: ask again.", "Status", headers=_WHERE),
            **_problems(404, 503),
        },
    }


def _take() -> Json:
    return {
        "operationId": "TakePayload",
        "summary": "Take an alert or a ticket as its system sends it",
        "parameters": [_path("Kind of sender.", {"type": "string", "enum": list(SOURCES)})],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"description": "What the sender sends.", "type": "object"}}},
        },
        "responses": {
            "200": _told("Nothing was queued: the payload asks for no start, or names no job.", "Taken"),
            "202": _told("The requests in the payload are on the queue.", "Taken"),
            **_problems(400, 401, 404, 411, 413, 415, 503),
        },
    }


def _handshake() -> Json:
    return {
        "operationId": "AskWhetherToSend",
        "summary": "The handshake of CloudEvents' webhooks",
        "parameters": [_path("Kind of sender.", {"type": "string", "enum": list(SOURCES)})],
        "responses": {"200": {"description": "The sender may send."}, **_problems(401, 404)},
    }


def _health() -> Json:
    return {
        "operationId": "CheckHealth",
        "summary": "Check everything that the app needs",
        "parameters": [
            _query(
                "servicePrincipalId",
                "Object id of an enterprise application whose jobs to read.",
                _GUID,
            ),
        ],
        "responses": {
            "200": _told("No check fails.", "Health"),
            "503": _told("A check fails.", "Health"),
            **_problems(400, 401),
        },
    }


_WHERE: Json = {
    "Location": {
        "description": "Address of the request's status. Only with a status table, and for a single request.",
        "schema": _TEXT,
    },
    "Retry-After": {"description": "Seconds to wait before asking.", "schema": {"type": "integer"}},
}
_PROBLEMS = {
    400: "The request is invalid. The answer names every fault.",
    401: "There is no valid key, or the signature does not match.",
    404: "There is nothing at this address.",
    411: "The request has no Content-Length.",
    413: "The body is too long.",
    415: "The Content-Type is not JSON, or the body is compressed.",
    503: "The app can't do it now. The answer says why.",
}


def _problems(*statuses: int) -> Json:
    """Problems (RFC 9457). The host itself answers 401 and 404 without a body."""
    return {
        str(status): {
            "description": _PROBLEMS[status],
            "content": {"application/problem+json": {"schema": _ref("Problem")}},
        }
        for status in statuses
    }


def _told(description: str, schema: str, *, headers: Json | None = None) -> Json:
    content = {"application/json": {"schema": _ref(schema)}}
    return {"description": description, **({"headers": headers} if headers else {}), "content": content}


def _query(name: str, description: str, schema: Json, *, required: bool = False) -> Json:
    return {"name": name, "in": "query", "required": required, "description": description, "schema": schema}


def _path(description: str, schema: Json) -> Json:
    return {"name": "name", "in": "path", "required": True, "description": description, "schema": schema}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(required: str, **properties: Json) -> Json:
    """An object with these properties. `required` has the names of the required ones, separated by spaces."""
    return {"type": "object", "required": required.split(), "properties": properties}


def _list_of(items: Json) -> Json:
    return {"type": "array", "items": items}


def _schemas() -> Json:
    schemas = {
        **_start_request(),
        **components("start-status.schema.json", "StatusEvent"),
        "StartRequests": {"oneOf": [_ref("StartRequest"), {**_list_of(_ref("StartRequest")), "minItems": 1}]},
        "AcceptedRequest": _object(
            "requestId",
            requestId=_GUID,
            servicePrincipalId=_GUID,
            appId=_GUID,
            jobId=_TEXT,
            status={"description": "Address of its status. Only with a status table.", **_TEXT},
        ),
        "Accepted": _object("accepted", accepted=_list_of(_ref("AcceptedRequest"))),
        "Reason": _object("reason", reason=_TEXT, pointer=_TEXT),
        "Taken": _object(
            "",
            accepted=_list_of(_ref("AcceptedRequest")),
            ignored=_list_of(_ref("Reason")),
            rejected=_list_of(_ref("Reason")),
            requestId=_GUID,
            validationResponse=_TEXT,
        ),
        "Problem": _object(
            "type title status detail",
            type=_TEXT,
            title=_TEXT,
            status={"type": "integer"},
            detail=_TEXT,
            requestId=_GUID,
            errors=_list_of(_object("pointer detail", pointer=_TEXT, detail=_TEXT)),
        ),
        "Status": _object(
            "requestId status createdTime events",
            requestId=_TEXT,
            status={"type": "string", "enum": ["underWay", "ended"]},
            outcome=_TEXT,
            reason=_TEXT,
            message=_TEXT,
            advice=_TEXT,
            createdTime=_TIME,
            lastUpdatedTime=_TIME,
            queued=_list_of(_object("requestId jobId status", requestId=_TEXT, jobId=_TEXT, status=_TEXT)),
            events=_list_of(_ref("StatusEvent")),
        ),
        "ListedRequest": _object(
            "requestId time outcome reason message requestedBy eventId",
            requestId=_TEXT,
            time=_TIME,
            outcome=_TEXT,
            reason=_TEXT,
            message=_TEXT,
            advice=_TEXT,
            jobId=_TEXT,
            requestedBy={"type": "object"},
            eventId=_GUID,
        ),
        "RequestList": _object("value", value=_list_of(_ref("ListedRequest")), nextLink=_TEXT),
        "Check": _object(
            "name status message",
            name=_TEXT,
            status={"type": "string", "enum": ["ok", "failing", "notChecked"]},
            message=_TEXT,
            advice=_TEXT,
        ),
        "Health": _object(
            "status time checks",
            status={"type": "string", "enum": ["ok", "failing"]},
            time=_TIME,
            checks=_list_of(_ref("Check")),
        ),
    }
    for schema in schemas.values():
        if schema.get("required") == []:
            del schema["required"]
    return schemas


def _start_request() -> Json:
    """The schema of a start request. OpenAPI 3.0 has no type null, so descriptions say which fields exclude others."""
    file = "start-request.schema.json"
    root = json.loads((HERE / file).read_text(encoding="utf-8"))["$defs"]["startRequest"]
    root.pop("oneOf")
    found = components(file, "StartRequest", root)
    del found["StartRequestStartRequest"]
    return found


def main(arguments: list[str]) -> int:
    """Write the files, or with --check only name those that differ."""
    different = [name for name, text in texts().items() if not _is_there(name, text)]
    if arguments == ["--check"]:
        if different:
            sys.stderr.write(f"{', '.join(different)}: out of date; run make openapi.\n")
        return 1 if different else 0
    for name in different:
        (HERE / name).write_text(texts()[name], encoding="utf-8")
    return 0


def _is_there(name: str, text: str) -> bool:
    file = HERE / name
    return file.is_file() and file.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
