"""Rules that explain unexpected output, unexpected imported values and unmet requirements."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from packaging.utils import canonicalize_name

from pytest_indexcache.run.causes.facts.history import History
from pytest_indexcache.run.causes.facts.holdings import Fate, holding_of, source_of
from pytest_indexcache.run.causes.facts.questions import Cause, Question, Rule
from pytest_indexcache.run.causes.facts.wording import listed
from pytest_indexcache.run.causes.outcomes.builds import edits_before, last_build
from pytest_indexcache.run.causes.outcomes.refusals import words_of
from pytest_indexcache.run.causes.traffic.pages import stale_page


def command_failed(question: Question) -> Cause | None:
    """Return a cause that quotes the installer's error message if the command failed."""
    history = question.history
    return (
        None
        if history.seen.succeeded
        else Cause(f"step {history.number} failed. {words_of(history)}")
    )


def old_code_ran(question: Question) -> Cause | None:
    """Explain the failed check if the command used an outdated build of a local project."""
    history = question.history
    for project, local in history.scenario.local_projects.items():
        built = last_build(history, project)
        if built is None or history.seen.builds.get(project) or not _uses(history, local.path):
            continue
        edits = edits_before(history, project, built.number)
        if edits:
            return Cause(
                f"{edits}step {history.number} built nothing and used the build of {project} that "
                f"step {built.number} had made of {local.path}",
                origin=built.number,
            )
    return None


def _uses(history: History, path: str) -> bool:
    step = history.step
    named = (*getattr(step, "paths", ()), *getattr(step, "editable", ()))
    return path in named or path in history.current.outcome.command


def yanked_without_warning(question: Question) -> Cause | None:
    """Explain the failed check if the output lacks the yank reason of an installed release."""
    check, history = question.check, question.history
    if check.field != "contains":
        return None
    for index in history.scenario.indexes:
        for project, held in history.seen.after.items():
            for file in history.files(index, project):
                if file.yanked and file.version == held.version and check.subject in file.yanked:
                    return Cause(
                        f"{project} {held.version} is yanked on index {index} ({file.yanked}); "
                        f"step {history.number} installed it{_stored(history, project)}, and its "
                        "output does not say so"
                    )
    return None


def _stored(history: History, project: str) -> str:
    own = [e for e in history.seen.exchanges if e.subject.project == project]
    if own:
        return ""
    came = next(history.earlier(lambda e: e.subject.project == project), None)
    since = f" of step {came.step}" if came else ""
    return f" from the cache{since} without a request"


def printed(question: Question) -> Cause | None:
    """Return a cause that quotes the last line of the command's output."""
    history = question.history
    lines = [
        line.strip()
        for line in history.seen.output.splitlines()
        if line.strip() and not line.startswith("$ ")
    ]
    if not lines:
        return Cause(f"step {history.number} printed nothing")
    return Cause(f"the last line that step {history.number} printed is: {lines[-1]}")


OUTPUT: Final[Sequence[Rule]] = (command_failed, old_code_ran, yanked_without_warning, printed)
"""The rules for checks on the output, most specific first."""


# -- imports ---------------------------------------------------------------------------------------


def page_is_stale(question: Question) -> Cause | None:
    """Explain the failed check if an outdated page of the project was reused without a request."""
    history = question.history
    project = canonicalize_name(question.check.subject.split(".")[0])
    held = history.seen.after.get(project)
    cause = stale_page(question, project) if held is not None else None
    if cause is None or held is None:
        return None
    had = f"So the venv has {project} {held.version}, in which {_value_text(question)}"
    return replace(cause, remedy=had)


def other_distribution(question: Question) -> Cause | None:
    """Return a cause that names the imported release, and the releases with the expected value."""
    history = question.history
    project = canonicalize_name(question.check.subject.split(".")[0])
    held = holding_of(history, project)
    if held.after is None:
        return Cause(f"the venv does not hold {project}")
    verb = {Fate.KEPT: "kept", Fate.REINSTALLED: "installed again"}.get(held.fate, "installed")
    source = source_of(history, held.after, history.number)
    others = listed(list(_having(question, project)))
    elsewhere = f"; {question.check.expected} is the value in {others}" if others else ""
    edits = edits_before(history, project, held.since or 0) if held.fate is Fate.KEPT else ""
    since = f" since step {held.since}" if held.fate is Fate.KEPT else ""
    return Cause(
        f"{edits}step {history.number} {verb} {project} {held.after.version} {source}{since}, "
        f"in which {_value_text(question)}{elsewhere}"
    )


def _value_text(question: Question) -> str:
    """Describe the imported value, or the error that the import raised."""
    error = re.match(r"[\"'](\w+(?:Error|Exception)): ", question.check.seen)
    name = question.check.subject
    return f"{name} is not found ({error[1]})" if error else f"the value is {question.check.seen}"


def _having(question: Question, project: str) -> Iterator[str]:
    """Yield the releases whose module contains the expected value under the imported name."""
    history, check = question.history, question.check
    name = check.subject.partition(".")[2]
    for index in history.scenario.indexes:
        for file in history.files(index, project):
            values = {key.removesuffix("()"): repr(v) for key, v in file.release.attributes.items()}
            if values.get(name) == check.expected:
                yield f"{project} {file.version} of index {index}"


IMPORTS: Final[Sequence[Rule]] = (command_failed, page_is_stale, other_distribution)
"""The rules for checks on imported values, most specific first."""


# -- consistency -----------------------------------------------------------------------------------


def what_is_missing(question: Question) -> Cause | None:
    """Return a cause that states when the projects in unmet requirements were added or removed.

    If all requirements are met, the cause lists the installed distributions.
    """
    history = question.history
    if question.check.seen == "consistent":
        there = [
            f"{name} {distribution.version}"
            for name, distribution in sorted(history.seen.after.items())
        ]
        return Cause(
            f"after step {history.number} the venv holds {listed(there, 6) or 'nothing'}, and the "
            "requirements of each are met"
        )
    found = re.findall(r"([\w.-]+) requires ([\w.-]+)", question.check.seen)
    parts = []
    for name in dict.fromkeys(name for pair in found for name in pair):
        held = holding_of(history, canonicalize_name(name))
        if held.after is not None and held.fate is not Fate.ABSENT:
            since = held.since if held.fate is Fate.KEPT else history.number
            source = source_of(history, held.after, since or history.number)
            parts.append(f"{name} {held.after.version} came {source} in step {since}")
        elif held.fate is Fate.REMOVED:
            parts.append(f"step {history.number} removed {name}")
        else:
            parts.append(f"no step installed {name}")
    shown = f": {'; '.join(parts[:4])}" if parts else ""
    return Cause(f"{question.check.seen}{shown}")


CONSISTENCY: Final[Sequence[Rule]] = (what_is_missing,)
"""The rule for checks on whether the requirements of installed projects are met."""
