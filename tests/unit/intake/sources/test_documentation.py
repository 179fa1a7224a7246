"""The pages in docs/senders: every body on them is accepted, and every source has its page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from shared.intake.payloads import take
from shared.intake.sources import SOURCES
from shared.settings import Settings
from tests.examples import JOB, PRINCIPAL

SENDERS = Path(__file__).parents[4] / "docs" / "senders"
PAGES = [page for page in sorted(SENDERS.glob("*.md")) if page.name != "README.md"]
EXAMPLE = re.compile(
    r"""start-requests/(?P<source>[a-z-]+)
    | ```json\n (?P<template>.*?) \n```
    | <<'JSON'\n (?P<body>.*?) \nJSON\n""",
    re.DOTALL | re.VERBOSE,
)
PLACEHOLDER = re.compile(r"\{\{.*?\}\}|\$\{.*?\}|\$[A-Z_]+(?:\[\w+\])?")
FILLED = {"servicePrincipalId": PRINCIPAL, "jobId": JOB}


def examples() -> list[tuple[str, str]]:
    """Each body on the pages, with its source: the one in the last URL before it."""
    found = []
    for page in PAGES:
        source = ""
        for match in EXAMPLE.finditer(page.read_text()):
            source = match["source"] or source
            body = match["template"] or match["body"]
            if body:
                found.append((source, body))
    return found


def filled(value: Any, name: str = "") -> Any:
    """The template with the values that the sender would fill in."""
    if isinstance(value, dict):
        return {name: filled(item, name) for name, item in value.items()}
    if isinstance(value, str) and PLACEHOLDER.search(value):
        return FILLED.get(name) or PLACEHOLDER.sub("4711", value)
    return value


@pytest.mark.parametrize(("source", "body"), examples())
def test_body_in_the_documentation_is_taken(source: str, body: str) -> None:
    sent = json.dumps(filled(json.loads(body))).encode()
    taken = take(source, sent, {"content-type": "application/json"}, Settings(), {})
    assert taken.answer.status == 202
    assert [request.job.service_principal_id for request in taken.requests] == [PRINCIPAL]
    assert "{" not in str(taken.requests[0].requested_by.to_json().values())


def test_every_source_has_a_body_on_a_page_and_a_line_in_the_index() -> None:
    index = (SENDERS / "README.md").read_text()
    assert {source for source, _ in examples()} == SOURCES.keys()
    assert all(f"`{name}`" in index for name in SOURCES)
    assert all(f"]({page.name}" in index for page in PAGES)


def test_pages_name_the_setting_of_every_secret() -> None:
    pages = "".join(page.read_text() for page in PAGES)
    assert all(source.secret_setting in pages for source in SOURCES.values() if source.signature)
    known = {source.secret_setting for source in SOURCES.values()}
    assert set(re.findall(r"WEBHOOK_SECRET_[A-Z_]+", pages)) <= known


def test_answers_of_the_documentation_are_those_of_the_code() -> None:
    index = (SENDERS / "README.md").read_text()
    assert re.findall(r"^\| (\d{3}(?:, \d{3})*) \|", index, re.MULTILINE) == [
        "202",
        "200",
        "400",
        "401",
        "404",
        "411",
        "413, 415",
    ]
