"""The routes of the page: only the page itself can press its buttons."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

import pytest
from aiohttp.test_utils import TestClient, TestServer

from local.page.actions import Done, Refused
from local.page.server import Server
from tests.local.page.examples import snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import ClientResponse

    from local.page.actions import Actions
    from local.page.observer import Observer

_TOKEN = "the-token"


class Watched:
    """An observer and actions that record their calls."""

    def __init__(self) -> None:
        self.pressed: list[tuple[str, ...]] = []

    def look(self) -> Any:
        return snapshot()

    def change(self, what: str, principal: str, job_id: str) -> Done:
        if what == "refuse":
            raise Refused("There is no such button.")
        self.pressed.append((what, principal, job_id))
        return Done(True, "Done <b>so</b>.")

    def graph(self, what: str) -> Done:
        self.pressed.append((what,))
        return Done(True, "Done.")

    def send(self, sender: str, principal: str, job_id: str, summary: str) -> Done:
        self.pressed.append((sender, principal, job_id, summary))
        return Done(True, "Sent.")


def ask(
    watched: Watched,
    method: str,
    path: str,
    data: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    then: str | None = None,
) -> tuple[int, str, Mapping[str, str]]:
    """Make one call, and a second one to `then` if given. Returns the last one's status, body and headers."""

    async def run() -> tuple[int, str, Mapping[str, str]]:
        server = Server(cast("Observer", watched), cast("Actions", watched), _TOKEN, tells=True)
        async with TestClient(TestServer(server.application())) as client:
            answer: ClientResponse = await client.request(
                method, path, data=data, headers=headers, allow_redirects=False
            )
            if then is not None:
                answer = await client.get(then)
            return answer.status, await answer.text(), dict(answer.headers)

    return asyncio.run(run())


def test_the_page_lets_only_its_own_script_run() -> None:
    status, text, headers = ask(Watched(), "GET", "/")
    assert status == 200
    assert "Contoso HR" in text
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "onclick" not in text


@pytest.mark.parametrize("path", ["/static/page.css", "/static/page.js", "/live"])
def test_what_the_page_loads_is_there(path: str) -> None:
    assert ask(Watched(), "GET", path)[0] == 200


@pytest.mark.parametrize("path", ["/static/page.html", "/static/..%2fviews.py", "/static/../views.py"])
def test_no_other_file_is_served(path: str) -> None:
    assert ask(Watched(), "GET", path)[0] == 404


@pytest.mark.parametrize(
    ("path", "form", "pressed"),
    [
        ("/jobs", {"what": "pause", "principal": "p", "job": "j"}, ("pause", "p", "j")),
        ("/graph", {"what": "down"}, ("down",)),
        (
            "/requests",
            {"sender": "jira", "principal": "p", "job": "j", "summary": "<b>"},
            ("jira", "p", "j", "<b>"),
        ),
    ],
)
def test_a_button_of_the_page_is_pressed(path: str, form: dict[str, str], pressed: tuple[str, ...]) -> None:
    watched = Watched()
    assert ask(watched, "POST", path, {**form, "token": _TOKEN})[0] == 303
    assert watched.pressed == [pressed]


@pytest.mark.parametrize(
    ("form", "headers"),
    [
        ({}, {}),
        ({"token": "another"}, {}),
        ({"token": "zéro"}, {}),
        ({"token": _TOKEN}, {"Origin": "https://evil.example"}),
        ({"token": _TOKEN}, {"Origin": "null"}),
        ({"token": _TOKEN}, {"Host": "evil.example"}),
        ({"token": _TOKEN}, {"Content-Type": "text/plain"}),
    ],
)
@pytest.mark.parametrize("path", ["/jobs", "/graph", "/requests"])
def test_another_page_presses_no_button(path: str, form: dict[str, str], headers: dict[str, str]) -> None:
    watched = Watched()
    body: Any = "token=the-token" if "Content-Type" in headers else {**form, "what": "down"}
    assert ask(watched, "POST", path, body, headers)[0] == 403
    assert watched.pressed == []


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "[::1", ""])
def test_a_request_with_another_host_name_reads_nothing(host: str) -> None:
    status, text, _ = ask(Watched(), "GET", "/live", headers={"Host": host})
    assert status in (400, 403)
    assert "Contoso" not in text


def test_without_the_script_the_next_page_shows_the_result_of_a_button() -> None:
    form = {"what": "pause", "principal": "p", "job": "j", "token": _TOKEN}
    _, text, _ = ask(Watched(), "POST", "/jobs", form, then="/")
    assert "Done &lt;b&gt;so&lt;/b&gt;." in text


def test_the_script_gets_the_result_of_a_button() -> None:
    form = {"what": "refuse", "token": _TOKEN}
    status, text, _ = ask(Watched(), "POST", "/jobs", form, {"Accept": "application/json"})
    assert (status, text) == (200, '{"ok": false, "text": "There is no such button."}')
