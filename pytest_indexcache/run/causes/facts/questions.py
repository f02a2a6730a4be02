"""The input and output of rules: a question about a failed check, and its cause."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pytest_indexcache.run.causes.facts.history import History
from pytest_indexcache.run.causes.facts.wording import listed, verb
from pytest_indexcache.run.plays.results import Check


@dataclass(frozen=True)
class Question:
    """A failed check that needs to be explained, with the history of the play."""

    check: Check
    history: History


@dataclass(frozen=True)
class Cause:
    """The reason why a check failed.

    ``mechanism`` is one sentence that explains the failure and names the step responsible for it.
    ``origin`` is the number of that step. ``decider`` is the header field, option or intermediate
    step that made the difference. ``remedy`` is a second sentence, for example about a change that
    would help; it may be empty.
    """

    mechanism: str
    origin: int | None = None
    decider: str = ""
    remedy: str = ""

    @property
    def text(self) -> str:
        """The text of the cause, one or two sentences long."""
        return f"{self.mechanism}. {self.remedy}" if self.remedy else self.mechanism


def together(found: Sequence[tuple[str, Cause]]) -> Cause:
    """Combine the causes that were found for several files, pages or URLs into one cause.

    Each item consists of a name and its cause. Names share a sentence if their causes have the same
    mechanism. The result has at most two sentences; any other names are only listed.
    """
    groups: dict[str, list[str]] = {}
    for name, cause in found:
        groups.setdefault(cause.mechanism.replace(name, ""), []).append(name)
    by_name = dict(reversed(found))
    first, *others = groups.values()
    cause = by_name[first[0]]
    if not others:
        alike = f"The same holds for {listed(first[1:])}" if first[1:] else cause.remedy
        return replace(cause, remedy=alike)
    second = f"{by_name[others[0][0]].mechanism}{_alike(others[0])}"
    rest = [name for names in others[1:] for name in names]
    more = f"; {listed(rest)} {verb(rest)} asked for as well" if rest else ""
    start = "The " if second.startswith("the ") else ""
    return replace(
        cause,
        mechanism=f"{cause.mechanism}{_alike(first)}",
        remedy=f"{start}{second.removeprefix('the ') if start else second}{more}",
    )


def _alike(names: Sequence[str]) -> str:
    return f"; the same holds for {listed(names[1:])}" if names[1:] else ""


Rule = Callable[[Question], Cause | None]
"""A function that returns a cause if the rule applies to a question, and None otherwise."""
