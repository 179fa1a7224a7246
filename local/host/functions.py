"""The app's functions as this host runs them: trigger and outputs, from the bindings that the worker indexed."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from local.host.app_settings import is_queue_name, resolve
from local.host.connection import Connection, read_connection
from local.host.errors import AppFault, SettingFault
from local.host.protos import RpcFunctionMetadata
from local.host.routes import Route, parse_route
from local.host.schedules import Schedule, parse_schedule


class AuthLevel(StrEnum):
    """Who may call an HTTP function."""

    ANONYMOUS = "anonymous"
    FUNCTION = "function"


@dataclass(frozen=True, slots=True)
class QueueAddress:
    """A queue in a storage account."""

    name: str
    connection: Connection


@dataclass(frozen=True, slots=True)
class HttpTrigger:
    """Runs for requests to a route. No methods means every method."""

    parameter: str
    route: Route
    methods: frozenset[str]
    auth_level: AuthLevel


@dataclass(frozen=True, slots=True)
class QueueTrigger:
    """Runs for each message of a queue. `binary` passes the body as bytes."""

    parameter: str
    queue: QueueAddress
    binary: bool


@dataclass(frozen=True, slots=True)
class TimerTrigger:
    """Runs on a schedule."""

    parameter: str
    schedule: Schedule
    run_on_startup: bool


@dataclass(frozen=True, slots=True)
class Function:
    """One function: its trigger and its outputs. Outputs have their names in the code, or $return."""

    name: str
    id: str
    trigger: HttpTrigger | QueueTrigger | TimerTrigger
    queue_outputs: Mapping[str, QueueAddress]
    http_output: str | None


def read_functions(indexed: Iterable[RpcFunctionMetadata], settings: Mapping[str, str]) -> list[Function]:
    """Parse every function's bindings. Raises AppFault, which names all that this host cannot serve."""
    functions: list[Function] = []
    faults: list[str] = []
    for metadata in indexed:
        try:
            functions.append(_function(metadata, settings))
        except (SettingFault, AppFault, ValueError) as fault:
            faults.append(f"{metadata.name}: {fault}")
    if faults:
        raise AppFault("\n".join(faults))
    return functions


def _function(metadata: RpcFunctionMetadata, settings: Mapping[str, str]) -> Function:
    triggers: list[HttpTrigger | QueueTrigger | TimerTrigger] = []
    queue_outputs: dict[str, QueueAddress] = {}
    http_output: str | None = None
    for binding in map(json.loads, metadata.raw_bindings):
        match binding["type"], binding["direction"].lower():
            case "httpTrigger", "in":
                triggers.append(_http_trigger(binding, metadata.name, settings))
            case "queueTrigger", "in":
                binary = str(binding.get("dataType", "")).lower() == "binary"
                triggers.append(QueueTrigger(binding["name"], _queue_address(binding, settings), binary))
            case "timerTrigger", "in":
                schedule = parse_schedule(resolve(binding["schedule"], settings))
                triggers.append(TimerTrigger(binding["name"], schedule, bool(binding.get("runOnStartup"))))
            case "queue", "out":
                queue_outputs[binding["name"]] = _queue_address(binding, settings)
            case "http", "out":
                http_output = binding["name"]
            case kind, direction:
                raise AppFault(f"this host has no binding {kind} ({direction})")
    if len(triggers) != 1:
        raise AppFault(f"a function needs one trigger, this one has {len(triggers)}")
    return Function(metadata.name, metadata.function_id, triggers[0], queue_outputs, http_output)


def _http_trigger(binding: Mapping[str, Any], function_name: str, settings: Mapping[str, str]) -> HttpTrigger:
    level = str(binding.get("authLevel") or AuthLevel.FUNCTION).lower()
    if level not in set(AuthLevel):
        raise AppFault(f"this host has no auth level {level}")
    return HttpTrigger(
        parameter=binding["name"],
        route=parse_route(resolve(binding.get("route") or function_name, settings)),
        methods=frozenset(method.upper() for method in binding.get("methods") or ()),
        auth_level=AuthLevel(level),
    )


def _queue_address(binding: Mapping[str, Any], settings: Mapping[str, str]) -> QueueAddress:
    # The real host also converts queue names to lower case: Azure Storage accepts no others.
    name = resolve(binding["queueName"], settings).lower()
    if not is_queue_name(name):
        raise AppFault(f"{name!r} is not a queue name: 3 to 63 of a-z, 0-9 and single hyphens within")
    return QueueAddress(name, read_connection(binding.get("connection"), settings))
