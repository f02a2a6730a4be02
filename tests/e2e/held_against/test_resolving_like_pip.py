"""The reference installer chooses the releases that pip chooses.

``INDEXCACHE_RESOLVER_QUESTIONS`` is the number of generated questions, and
``INDEXCACHE_RESOLVER_SEED`` the seed of the first question; each further question has the next
seed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest

from pytest_indexcache.index.wire.gateway import Gateway

from .generated_questions import make_question
from .named_questions import NAMED
from .resolving import Bench

pytestmark = pytest.mark.usefixtures("releases_can_be_had")

SEED: Final = int(os.environ.get("INDEXCACHE_RESOLVER_SEED", "1"))
QUESTIONS: Final = int(os.environ.get("INDEXCACHE_RESOLVER_QUESTIONS", "40"))


@pytest.fixture
def bench(playing_gateway: Gateway, tmp_path: Path) -> Bench:
    """Return a bench with both installers behind one gateway."""
    return Bench(playing_gateway, tmp_path)


@pytest.mark.parametrize("installer", ["pip", "reference"])
@pytest.mark.parametrize("name", NAMED)
def test_named_questions_have_their_answer(name: str, installer: str, bench: Bench) -> None:
    """Pip and the reference installer give the answer that the specifications require."""
    named = NAMED[name]
    answer = getattr(bench, installer)(named.question)
    assert answer.versions == named.versions, answer.output
    assert named.files in ((), answer.files)


@pytest.mark.parametrize("seed", range(SEED, SEED + QUESTIONS))
def test_generated_questions_are_answered_as_by_pip(seed: int, bench: Bench) -> None:
    """For any seed, the reference installer chooses pip's releases, or fails if pip fails."""
    question = make_question(seed)
    answer = bench.reference(question)
    expected = bench.pip(question)
    assert answer == expected, f"seed {seed}\n{question}\n{expected.output}{answer.output}"
