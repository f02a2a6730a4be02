"""Rules that explain why the lockfile changed, or why it did not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import unified_diff
from typing import Final

from pytest_indexcache.run.causes.facts.history import History
from pytest_indexcache.run.causes.facts.project_edits import edits_text
from pytest_indexcache.run.causes.facts.questions import Cause, Question, Rule
from pytest_indexcache.run.causes.facts.wording import change_text, options_text, requests
from pytest_indexcache.run.causes.outcomes.locks import command_failed

_MOST: Final = 3
"""The maximum number of changed lines to quote from a lockfile."""


def nothing_written(question: Question) -> Cause | None:
    """Explain the failed check if there is no lockfile after the step."""
    history = question.history
    if history.current.lockfile is not None:
        return None
    before = "removed the lockfile" if history.lockfile_before else "wrote no lockfile"
    return Cause(f"step {history.number} {before}")


def left_as_it_was(question: Question) -> Cause | None:
    """Explain the failed check if the step left the existing lockfile unchanged."""
    history = question.history
    if history.lockfile_before != history.current.lockfile:
        return None
    since = history.lockfile_step
    kept = f"step {history.number}{options_text(history.step)} left {_of_step(since)} as it was"
    count = requests(len(history.seen.exchanges))
    parts = [*_in_between(history, since or 0), f"{kept} and made {count}"]
    return Cause("; ".join(parts), origin=since)


def written_anew(question: Question) -> Cause | None:
    """Return a cause that quotes the changed lines of the lockfile and lists possible reasons."""
    history = question.history
    if history.lockfile_before is None:
        return Cause(f"before step {history.number} there was no lockfile, and it wrote one")
    since = history.lockfile_step
    lines = list(_changed_lines(history))
    more = f" and {len(lines) - _MOST} more lines" if len(lines) > _MOST else ""
    changed = f"{', '.join(lines[:_MOST])}{more}" if lines else "only blank lines or line endings"
    parts = _in_between(history, since or 0) or [
        "no step in between changed an index or the project"
    ]
    wrote = (
        f"step {history.number}{options_text(history.step)} changed {_of_step(since)} ({changed})"
    )
    return Cause(f"{wrote}; {'; '.join(parts)}", origin=since)


def _of_step(since: int | None) -> str:
    return f"the lockfile of step {since}" if since else "the lockfile that the scenario gives"


def _in_between(history: History, since: int) -> list[str]:
    """Describe the changes to the indexes and the project after step ``since``."""
    changes = sorted(
        {
            (number, f"step {number} {change_text(change)} on index {index}")
            for index in history.scenario.indexes
            for project in {p for offer in history.offers().values() for p in offer.listings}
            for number, change in history.release_changes(index, project, since)
        }
    )
    edits = edits_text(history, since)
    return [*(text for _, text in changes), *([edits] if edits else [])]


def _changed_lines(history: History) -> Iterator[str]:
    """Yield the lines that the step removed from (``-``) and added to (``+``) the lockfile.

    Blank lines are omitted.
    """
    before = (history.lockfile_before or "").splitlines()
    after = (history.current.lockfile or "").splitlines()
    for line in list(unified_diff(before, after, lineterm="", n=0))[2:]:
        if line[0] in "+-" and line[1:].strip():
            yield f"{line[0]} {line[1:].strip()[:100]}"


LOCKFILE: Final[Sequence[Rule]] = (
    command_failed,
    nothing_written,
    left_as_it_was,
    written_anew,
)
"""The rules for checks on the lockfile as a whole, most specific first."""
