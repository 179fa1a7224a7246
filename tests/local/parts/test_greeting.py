"""The text for a person who has just started the system."""

from __future__ import annotations

import pytest

from local.parts.serve import greeting

_LINE = {"functions": "http://127.0.0.1:1", "functionKey": "key", "graph": "http://127.0.0.1:2", "storage": "account"}


@pytest.mark.parametrize(("page", "named"), [({"page": "http://127.0.0.1:3/"}, True), ({}, False)])
def test_the_page_is_named_where_there_is_one(page: dict[str, str], named: bool) -> None:
    assert ("Open this page to see it work: http://127.0.0.1:3/" in greeting({**page, **_LINE}, taken_over=[])) is named
