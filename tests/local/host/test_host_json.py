"""host.json: defaults, limits and faults."""

from datetime import timedelta
from pathlib import Path

import pytest

from local.host.errors import HostJsonFault
from local.host.host_json import MessageEncoding, parse_host_json, read_host_json


def test_defaults_are_the_real_hosts() -> None:
    host_json = parse_host_json('{"version": "2.0"}')

    assert host_json.route_prefix == "api"
    queues = host_json.queues
    assert (queues.batch_size, queues.new_batch_threshold, queues.max_dequeue_count) == (16, 8, 5)
    assert queues.max_polling_interval == timedelta(minutes=1)
    assert queues.visibility_timeout == timedelta(0)
    assert queues.message_encoding is MessageEncoding.BASE64


def test_threshold_defaults_to_half_the_batch_size() -> None:
    host_json = parse_host_json('{"version": "2.0", "extensions": {"queues": {"batchSize": 9}}}')

    assert host_json.queues.new_batch_threshold == 4


def test_settings_are_read() -> None:
    host_json = parse_host_json(
        """{"version": "2.0", "functionTimeout": "00:05:00", "extensions": {
            "http": {"routePrefix": "/v1/"},
            "queues": {"messageEncoding": "none", "batchSize": 1, "newBatchThreshold": 0, "maxDequeueCount": 8,
                       "maxPollingInterval": "00:00:02", "visibilityTimeout": "1.00:00:45.5"}}}"""
    )

    assert host_json.function_timeout == timedelta(minutes=5)
    assert host_json.route_prefix == "v1"
    assert host_json.queues.message_encoding is MessageEncoding.NONE
    assert host_json.queues.visibility_timeout == timedelta(days=1, seconds=45, milliseconds=500)


def test_function_timeout_can_be_switched_off() -> None:
    assert parse_host_json('{"version": "2.0", "functionTimeout": "-1"}').function_timeout is None


def test_every_fault_is_named_with_its_place() -> None:
    with pytest.raises(HostJsonFault) as raised:
        parse_host_json(
            """{"functionTimeout": "soon", "extensions": {"queues": {"batchSize": 33, "maxDequeueCount": true,
                "visibilityTimeout": 45, "messageEncoding": "utf-8", "batchsize": 1}}}"""
        )

    for fault in (
        "version must be",
        "functionTimeout: 'soon'",
        "extensions.queues.batchSize: 33",
        "extensions.queues.maxDequeueCount: True",
        "extensions.queues.visibilityTimeout: 45",
        "extensions.queues.messageEncoding: 'utf-8'",
        "extensions.queues.batchsize is not a setting",
    ):
        assert fault in str(raised.value)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"version": "2.0", "extensions": []}'])
def test_invalid_host_json_is_refused(text: str) -> None:
    with pytest.raises(HostJsonFault):
        parse_host_json(text)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(HostJsonFault, match="absent"):
        read_host_json(tmp_path / "absent.json")
