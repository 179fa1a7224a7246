"""The guards that are taken out of a copy of the app."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local.parts.environment import REPOSITORY
from trials.chaos.mutations import Mutation, PatternGone, mutations

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("mutation", mutations(), ids=lambda mutation: mutation.guard)
def test_each_guard_is_where_its_mutation_takes_it_out(mutation: Mutation) -> None:
    source = (REPOSITORY / mutation.file).read_text()
    mutated = mutation.mutate(source)
    compile(mutated, mutation.file, "exec")
    assert mutated != source


def test_a_guard_that_reads_otherwise_by_now_is_named() -> None:
    mutation = mutations()[0]
    with pytest.raises(PatternGone, match=mutation.file):
        mutation.mutate("")


def test_only_the_copy_is_changed(tmp_path: Path) -> None:
    mutation = mutations()[0]
    before = (REPOSITORY / mutation.file).read_text()
    mutation.copy_app_to(tmp_path)
    assert (tmp_path / mutation.file).read_text() == mutation.mutate(before)
    assert (REPOSITORY / mutation.file).read_text() == before
