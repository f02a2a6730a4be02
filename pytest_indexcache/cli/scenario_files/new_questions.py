"""Ask the user about a misbehaviour, and make a new scenario from the answers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from pytest_indexcache.cli.scenario_files.new_scenario import NewScenario
from pytest_indexcache.cli.scenario_files.scenarios import find_scenario
from pytest_indexcache.cli.scenario_files.symptoms import SYMPTOMS
from pytest_indexcache.cli.terminal.lines import write_lines, write_text
from pytest_indexcache.errors import CommandError, IndexcacheError, ScenarioError
from pytest_indexcache.installers.contract.installer import InstallerSpec
from pytest_indexcache.installers.registry import create_installer, with_releases
from pytest_indexcache.run.loading import loads_playable

_T = TypeVar("_T")

_FROM_CATALOGUE: Final = "or a part of a name in the catalogue, such as 15303, to copy it"


@dataclass(frozen=True)
class AnsweredDraft:
    """The values of a new scenario, and the catalogue scenario that it copies, or None."""

    draft: NewScenario
    origin: str | None = None


@dataclass(frozen=True)
class GivenOptions:
    """Flags that say which values were given as options, so that the user is not asked for them."""

    issue: bool
    index: bool
    requirements: bool
    installer: bool
    symptom: bool


def ask(draft: NewScenario, given: GivenOptions) -> AnsweredDraft:
    """Ask for the values that no option gives; explain each invalid answer, and ask again."""
    origin = None
    draft = _answered("What goes wrong, in a sentence?", lambda text: replace(draft, title=text))
    if not given.installer:
        question = "With which installer, and which release of it?"
        spec = _valid(question, checked_installer, "uv")
        draft = replace(draft, installer=spec)
    if not given.symptom:
        may_copy = not (given.index or given.requirements)
        _write_symptoms(may_copy=may_copy)
        question = "The number or the name?" if may_copy else "The number?"
        draft, origin = _valid(
            question, lambda answer: _start(draft, answer, may_copy=may_copy), "1"
        )
    if origin is None and not given.index:
        draft = _answered("The URL of the index?", lambda url: replace(draft, url=url), draft.url)
    if origin is None and not given.requirements:
        draft = _answered(
            "What does the project require?",
            lambda text: replace(draft, requirements=tuple(text.split())),
            " ".join(draft.requirements),
        )
    if not given.issue:
        draft = _answered(
            "The URL of the report, if there is one?",
            lambda text: replace(draft, issue=text),
            may_be_empty=True,
        )
    return AnsweredDraft(draft, origin)


def checked_installer(text: str) -> str:
    """Return an installer spec in the form in which commands show it.

    No index is asked whether the release exists.

    :raises InstallerSpecError: if the spec is invalid, or the installer or variant is unknown
    """
    spec = InstallerSpec.parse(text)
    with_releases(spec)
    return str(create_installer(spec).spec) if spec.name == "reference" else str(spec)


def problem_lines(error: IndexcacheError) -> Iterator[str]:
    """Yield the message of an error, or of each problem in a scenario, with its hint."""
    if isinstance(error, ScenarioError):
        for problem in error.problems:
            yield problem.text
            yield from [f"  hint: {problem.hint}"] if problem.hint else []
    else:
        yield from str(error).splitlines()


def _write_symptoms(*, may_copy: bool) -> None:
    """Print a numbered list of the symptoms."""
    lines = [f"  {number}  {symptom.wish}" for number, symptom in enumerate(SYMPTOMS.values(), 1)]
    last = [f"  {_FROM_CATALOGUE}"] if may_copy else []
    write_lines(sys.stdout, ["What should happen instead?", *lines, *last])


def _start(draft: NewScenario, text: str, *, may_copy: bool) -> tuple[NewScenario, str | None]:
    """Return the draft with the chosen symptom, or with the name of a scenario to copy."""
    numbered = dict(enumerate(SYMPTOMS, 1))
    symptom = numbered.get(int(text)) if text.isdecimal() else None
    if symptom is not None:
        return replace(draft, symptom=symptom), None
    if not may_copy:
        raise CommandError(f"{text!r} is not one of the numbers", f"give 1 to {len(SYMPTOMS)}")
    return draft, str(find_scenario(text).file)


def _answered(
    question: str,
    change: Callable[[str], NewScenario],
    usual: str = "",
    *,
    may_be_empty: bool = False,
) -> NewScenario:
    """Ask until ``change`` makes a playable draft from the answer, and return this draft."""

    def checked(text: str) -> NewScenario:
        draft = change(text)
        loads_playable(draft.text)
        return draft

    return _valid(question, checked, usual, may_be_empty=may_be_empty)


def _valid(
    question: str,
    read: Callable[[str], _T],
    usual: str = "",
    *,
    may_be_empty: bool = False,
) -> _T:
    """Repeat a question until ``read`` accepts the answer, and return the value it returns."""
    while True:
        answer = _ask(question, usual, may_be_empty=may_be_empty)
        try:
            return read(answer)
        except IndexcacheError as error:
            write_text(sys.stderr, "\n".join(problem_lines(error)))


def _ask(question: str, usual: str = "", *, may_be_empty: bool = False) -> str:
    """Repeat a question until there is an answer; an empty answer means the default ``usual``."""
    shown = f"{question} [{usual}] " if usual else f"{question} "
    while True:
        try:
            answer = input(shown).strip() or usual
        except EOFError:
            sys.stdout.write("\n")
            raise KeyboardInterrupt from None
        if answer or may_be_empty:
            return answer
