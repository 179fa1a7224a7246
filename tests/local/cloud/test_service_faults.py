"""How services failed in the field: a client gets each failure unchanged, one per call, until the service recovers."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import pytest
import urllib3

if TYPE_CHECKING:
    from local.client.simulation import Simulation
    from local.parts.cloud_part import CloudPart

FILE: Final = Path(__file__).parents[2] / "cases" / "service_faults.json"
FORMS: Final[list[dict[str, Any]]] = json.loads(FILE.read_text(encoding="utf-8"))
BOM: Final = b"\xef\xbb\xbf"
PATHS: Final = {
    "graph": "/v1.0/servicePrincipals",
    "identity": "/msi/token",
    "tables": "/account/Ledger",
    "queues": "/account/start-status/messages",
}


def root(part: CloudPart, service: str) -> str:
    roots = {
        "graph": part.graph,
        "identity": part.identity.removesuffix("/msi/token"),
        "tables": part.tables,
        "queues": part.queues,
    }
    return roots[service]


def body_of(answer: dict[str, Any]) -> bytes:
    body = answer["body"]
    if body is None:
        return b""
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def call(part: CloudPart, service: str) -> urllib3.BaseHTTPResponse:
    """Make one call on a connection of its own. The body is not decoded."""
    with urllib3.PoolManager(retries=False, timeout=30) as pool:
        return pool.request("POST", root(part, service) + PATHS[service], decode_content=False, body=b"")


@pytest.mark.parametrize("form", FORMS, ids=[form["what"] for form in FORMS])
def test_form_reaches_the_client_as_it_was_given(part: CloudPart, simulation: Simulation, form: dict[str, Any]) -> None:
    service = form["service"]
    simulation.answers(form["answers"], service=service)

    for answer in form["answers"]:
        for _ in range(answer.get("repeat", 1)):
            check(part, service, answer)

    simulation.answers([{"status": 418}], service=service)
    assert call(part, service).status == 418


def check(part: CloudPart, service: str, answer: dict[str, Any]) -> None:
    began = monotonic()
    if "dropConnection" in answer:
        with pytest.raises(urllib3.exceptions.ProtocolError):
            call(part, service)
        assert monotonic() - began >= answer.get("delaySeconds", 0)
        return
    sent = body_of(answer)
    if "cutAfterBytes" in answer:
        with pytest.raises(urllib3.exceptions.ProtocolError, match=f"{answer['cutAfterBytes']} bytes read"):
            call(part, service)
        return
    got = call(part, service)
    assert got.status == answer["status"]
    for name, value in answer["headers"].items():
        lines = value if isinstance(value, list) else [value]
        assert list(got.headers.getlist(name)) == lines
    assert monotonic() - began >= answer.get("secondsPerByte", 0) * len(sent)
    match answer.get("sendAs"):
        case "bom":
            assert got.data == BOM + sent
        case "gzip":
            assert (got.headers["Content-Encoding"], gzip.decompress(got.data)) == ("gzip", sent)
        case "falseGzip":
            assert (got.headers["Content-Encoding"], got.data) == ("gzip", sent)
        case _:
            assert got.data == sent


def test_every_way_of_sending_is_among_the_forms() -> None:
    answers = [answer for form in FORMS for answer in form["answers"]]

    assert {form["service"] for form in FORMS} == set(PATHS)
    assert {"bom", "gzip", "falseGzip"} <= {answer.get("sendAs") for answer in answers}
    assert all(any(name in answer for answer in answers) for name in ("secondsPerByte", "cutAfterBytes", "repeat"))
