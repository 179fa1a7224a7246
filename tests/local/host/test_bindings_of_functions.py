"""Parsing functions: settings, names, and bindings that this host does not have."""

import json

import pytest

from local.host.connection import ByConnectionString, ByIdentity
from local.host.errors import AppFault
from local.host.functions import AuthLevel, HttpTrigger, QueueTrigger, TimerTrigger, read_functions
from local.host.protos import RpcFunctionMetadata

_CONNECTION = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;QueueEndpoint=http://127.0.0.1:1/a;"
_SETTINGS = {"AzureWebJobsStorage": _CONNECTION, "QUEUE": "work", "EMPTY": "", "BROKEN": "no connection string"}

_HTTP: dict[str, object] = {"type": "httpTrigger", "direction": "IN", "name": "req"}
_QUEUE: dict[str, object] = {
    "type": "queueTrigger",
    "direction": "IN",
    "name": "message",
    "queueName": "%QUEUE%",
    "connection": "AzureWebJobsStorage",
}


def _indexed(*bindings: dict[str, object], name: str = "example") -> RpcFunctionMetadata:
    return RpcFunctionMetadata(
        name=name,
        function_id="id",
        directory="",
        script_file="",
        entry_point="",
        language="python",
        managed_dependency_enabled=False,
        is_proxy=False,
        bindings={},
        raw_bindings=[json.dumps(binding) for binding in bindings],
        retry_options=None,
        properties={},
    )


def test_http_function_defaults_to_its_name_and_a_key() -> None:
    (function,) = read_functions([_indexed(_HTTP, {"type": "http", "direction": "OUT", "name": "$return"})], {})

    assert isinstance(function.trigger, HttpTrigger)
    assert function.trigger.route.template == "example"
    assert function.trigger.auth_level is AuthLevel.FUNCTION
    assert function.trigger.methods == frozenset()
    assert function.http_output == "$return"


def test_names_are_resolved_from_the_settings() -> None:
    output = {**_QUEUE, "type": "queue", "direction": "OUT", "name": "out", "queueName": "%QUEUE%-done"}
    (function,) = read_functions([_indexed(_QUEUE, output)], _SETTINGS)

    assert isinstance(function.trigger, QueueTrigger)
    assert function.trigger.queue.name == "work"
    assert function.queue_outputs["out"].name == "work-done"
    assert function.queue_outputs["out"].connection == ByConnectionString(_CONNECTION)


def test_timer_is_read() -> None:
    timer: dict[str, object] = {"type": "timerTrigger", "direction": "IN", "name": "timer", "schedule": "00:00:30"}
    (function,) = read_functions([_indexed({**timer, "runOnStartup": True})], {})

    assert isinstance(function.trigger, TimerTrigger)
    assert function.trigger.run_on_startup


@pytest.mark.parametrize(
    ("binding", "fault"),
    [
        pytest.param({**_QUEUE, "queueName": "%MISSING%"}, "%MISSING% is not set", id="setting missing"),
        pytest.param({**_QUEUE, "queueName": "%EMPTY%"}, "%EMPTY% is not set", id="setting empty"),
        pytest.param({**_QUEUE, "queueName": "a--b"}, "'a--b' is not a queue name", id="not a queue name"),
        pytest.param({**_QUEUE, "queueName": "{queueTrigger}"}, "is not a queue name", id="binding expression"),
        pytest.param({**_QUEUE, "connection": "OTHER"}, "connection OTHER is not set", id="connection missing"),
        pytest.param(
            {**_QUEUE, "connection": "BROKEN"}, "connection BROKEN is not a connection string", id="connection broken"
        ),
        pytest.param({**_HTTP, "authLevel": "ADMIN"}, "auth level admin", id="admin route"),
        pytest.param({**_HTTP, "route": "{id:int}"}, "{id:int}", id="route constraint"),
        pytest.param(
            {"type": "blobTrigger", "direction": "IN", "name": "blob"}, "no binding blobTrigger", id="unknown type"
        ),
        pytest.param({**_QUEUE, "type": "queue", "direction": "OUT"}, "this one has 0", id="no trigger"),
    ],
)
def test_fault_is_named_with_its_function(binding: dict[str, object], fault: str) -> None:
    with pytest.raises(AppFault) as raised:
        read_functions([_indexed(binding)], _SETTINGS)

    assert str(raised.value).startswith("example: ")
    assert fault in str(raised.value)


@pytest.mark.parametrize(
    ("settings", "connection"),
    [
        pytest.param(
            {
                "AzureWebJobsStorage__queueServiceUri": "https://contoso.queue.core.windows.net",
                "AzureWebJobsStorage__credential": "managedidentity",
                "AzureWebJobsStorage__clientId": "client",
            },
            ByIdentity("https://contoso.queue.core.windows.net", is_managed=True, client_id="client"),
            id="managed identity",
        ),
        pytest.param(
            {"AzureWebJobsStorage__accountName": "contoso"},
            ByIdentity("https://contoso.queue.core.windows.net", is_managed=False, client_id=None),
            id="account name",
        ),
        pytest.param(
            {"AzureWebJobsStorage__accountName": "contoso", "AzureWebJobsStorage": _CONNECTION},
            ByConnectionString(_CONNECTION),
            id="connection string first",
        ),
    ],
)
def test_connection_may_be_the_identitys(settings: dict[str, str], connection: ByConnectionString | ByIdentity) -> None:
    (function,) = read_functions([_indexed(_QUEUE)], {"QUEUE": "work", **settings})

    assert isinstance(function.trigger, QueueTrigger)
    assert function.trigger.queue.connection == connection


def test_faults_of_all_functions_are_reported_together() -> None:
    with pytest.raises(AppFault, match=r"(?s)first: .*second: "):
        read_functions([_indexed(_QUEUE, name="first"), _indexed(_QUEUE, name="second")], {})


def test_key_of_the_account_does_not_show_in_a_queue_address() -> None:
    (function,) = read_functions([_indexed(_QUEUE)], _SETTINGS)

    assert "AccountKey" not in repr(function)
