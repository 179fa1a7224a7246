"""All checks at once: an exception of one is reported, and no check delays another."""

from __future__ import annotations

import json
import time
from threading import Event

from shared.configuration import Configuration
from shared.errors import GraphUnavailable, TokenUnavailable
from shared.health.check import Check, State, ok
from shared.health.run import health, tried


def fine() -> Check:
    return ok("token", "Fine.")


def broken(error: Exception) -> Check:
    raise error


def test_a_fault_of_the_check_itself_is_told_in_a_sentence() -> None:
    (token, queues) = tried({"token": fine, "queues": lambda: broken(KeyError("x"))}, 5)
    assert token == fine()
    assert (queues.state, queues.message) == (State.FAILING, "The check failed: KeyError: 'x'.")
    assert queues.advice is None


def test_what_needs_a_token_is_not_checked_where_there_is_none() -> None:
    error = TokenUnavailable("the identity endpoint answered 500")
    token, graph = tried({"token": lambda: broken(error), "graph": lambda: broken(error)}, 5)
    assert (token.state, graph.state) == (State.FAILING, State.NOT_CHECKED)
    assert "AZURE_CLIENT_ID" in str(token.advice)


def test_what_is_wrong_for_a_reason_of_its_own_fails_without_a_token_too() -> None:
    no_token = TokenUnavailable("the identity endpoint answered 500")
    away = GraphUnavailable("list answered 503")
    _, graph = tried({"token": lambda: broken(no_token), "graph": lambda: broken(away)}, 5)
    assert (graph.state, graph.message) == (State.FAILING, "List answered 503.")


def test_a_check_that_does_not_come_back_is_not_waited_for() -> None:
    release = Event()

    def hanging() -> Check:
        release.wait(60)
        return fine()

    began = time.monotonic()
    try:
        token, queues = tried({"token": fine, "queues": hanging}, 0.2)
    finally:
        release.set()
    assert time.monotonic() - began < 30
    assert token.state is State.OK
    assert (queues.state, queues.message) == (State.FAILING, "It gave no answer within 0 seconds.")


def test_an_id_that_is_none_is_refused_before_anything_is_asked() -> None:
    answer = health({"servicePrincipalId": "contoso"}, Configuration.read({}), {})
    assert answer.status == 400
    assert "object id" in json.loads(answer.body)["detail"]
