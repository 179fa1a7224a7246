"""Strict JSON."""

from __future__ import annotations

import json
import time
from typing import cast

import pytest

from shared.json_text import MAX_VALUES, parse_json, write_json


def test_byte_order_mark_is_allowed() -> None:
    assert parse_json(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \r\n", "is empty"),
        (b"{", "is not JSON: Expecting property name enclosed in double quotes at line 1, column 2"),
        (b'{"a": 1\n"b": 2}', "at line 2, column 1"),
        (b"\xff", "is not UTF-8: byte 0 is invalid"),
        (b'{"a": 1, "a": 2}', "'a' is twice"),
        (b"[NaN]", "NaN is not a JSON number"),
        (b"[-Infinity]", "-Infinity is not a JSON number"),
        (b"[" * 40_000, "nested too deeply"),
        (b"[" * 200_000, "too many values to be read; 100000 are allowed"),
        (b"[" + b"0," * 100_000 + b"0]", "too many values"),
        (b'{"a":[' + b'{"":""},' * 50_000 + b"{}]}", "too many values"),
        (b"[1" + b"1" * 400 + b"]", "a number of 401 digits"),
        (b"[-1e999]", "-1e999, which is too large"),
        (b"[" * 101 + b"1" + b"]" * 101, "nested too deeply"),
        (rb'["\ud83d"]', r"half a character in a string: \\ud83d"),
        (rb'{"a": [{"\ude00": 1}]}', r"half a character in a string: \\ude00"),
    ],
)
def test_ambiguous_json_is_refused(text: bytes, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint.replace("[", r"\[")):
        parse_json(text)


@pytest.mark.parametrize("text", ["," * 200_000, '[{"' * 50_000, "\\," * 100_000, "\n[" * 60_000])
def test_text_in_a_string_is_one_value(text: str) -> None:
    assert parse_json(json.dumps({"a": text, "b": [text]})) == {"a": text, "b": [text]}


def test_as_many_values_as_are_allowed_are_read() -> None:
    assert len(cast("list[int]", parse_json(json.dumps([0] * MAX_VALUES)))) == MAX_VALUES


def test_a_string_without_an_end_is_read_once() -> None:
    began = time.perf_counter()
    with pytest.raises(ValueError, match="Unterminated string"):
        parse_json('["' + '\\"[,' * 200_000)
    assert time.perf_counter() - began < 20


def test_a_duplicate_among_many_names_is_found_in_linear_time() -> None:
    names = "".join(f'"name {number}":0,' for number in range(90_000))
    began = time.perf_counter()
    with pytest.raises(ValueError, match="'last' is twice"):
        parse_json(f'{{{names}"last":0,"last":1}}')
    assert time.perf_counter() - began < 20  # quadratic time would be minutes


def test_deep_but_reasonable_nesting_is_read() -> None:
    assert parse_json(b"[" * 100 + b"1" + b"]" * 100)


def test_both_halves_are_one_character() -> None:
    assert parse_json(rb'["\ud83d\ude00", 1.5]') == ["\U0001f600", 1.5]


def test_what_is_written_is_ascii_in_one_line() -> None:
    assert write_json({"name": "Zoë\n\ud800"}) == '{"name":"Zo\\u00eb\\n\\ud800"}'
