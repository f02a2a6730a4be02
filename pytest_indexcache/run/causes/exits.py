"""Why a command did not end as is expected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pytest_indexcache.run.causes.facts.questions import Cause, Question, Rule
from pytest_indexcache.run.causes.facts.wording import file_of, listed


def last_words(question: Question) -> Cause | None:
    """Answer a command that failed with the last line that the installer printed."""
    seen = question.history.seen
    lines = [line.strip() for line in seen.output.splitlines() if line.strip()]
    if seen.succeeded or not lines:
        return None
    return Cause(f"the installer said: {lines[-1]}")


def succeeded(question: Question) -> Cause | None:
    """Answer a command that succeeded with the files that it accepted."""
    seen = question.history.seen
    if not seen.succeeded:
        return None
    downloads = [exchange for exchange in seen.exchanges if exchange.is_download]
    if not downloads:
        return Cause(f"the command succeeded, with {len(seen.exchanges)} requests and no download")
    return Cause(f"the command succeeded with {listed([file_of(one) for one in downloads])}")


EXITS: Final[Sequence[Rule]] = (last_words, succeeded)
