"""The check of docstrings and comments."""

from __future__ import annotations

import pytest

from tests.words import prose

_SOURCE = '''
"""Module."""


class Thing:
    """A thing.

    More of it.
    """

    size: int
    """In bytes."""


# One comment
# in two lines.
# noqa: S603
value = print("# no comment")  # noqa: S101 - a reason
other = 1  # type: ignore[arg-type]
# Alone.
'''


def test_docstrings_of_attributes_are_found_too() -> None:
    assert sorted(prose.docstrings(_SOURCE)) == [
        (2, "Module."),
        (6, "A thing.\n\nMore of it."),
        (12, "In bytes."),
    ]


def test_comments_are_joined_and_directives_left_out() -> None:
    found = [(line, text.strip()) for line, text in prose.comments(_SOURCE)]
    assert [each for each in found if each[1]] == [(15, "One comment\nin two lines."), (18, "a reason"), (20, "Alone.")]


@pytest.mark.parametrize("text", ["Nobody is told.", "Mend it.", "Word " * 26 + "end."])
def test_a_fault_is_found(text: str) -> None:
    assert list(prose.faults(text))


def test_each_place_of_the_list_has_files() -> None:
    files = [str(file.relative_to(prose.ROOT)) for file in prose.files()]
    assert all(any(file == name or file.startswith(f"{name}/") for file in files) for name in prose.CHECKED)
