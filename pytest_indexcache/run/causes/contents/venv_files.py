"""Rules that explain unexpected or missing files in the venv."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pytest_indexcache.run.causes.facts.holdings import holding_of, source_of
from pytest_indexcache.run.causes.facts.questions import Cause, Question, Rule
from pytest_indexcache.run.causes.facts.wording import listed
from pytest_indexcache.run.causes.outcomes.venvs import command_failed


def of_projects(question: Question) -> Cause | None:
    """Return a cause that states which project each unexpected file belongs to."""
    history, check = question.history, question.check
    files = history.seen.venv_files.get(check.subject, ())
    if not files or check.excess is False:
        return None
    parts = []
    for project in dict.fromkeys(file.project for file in files):
        paths = listed([file.path for file in files if file.project == project])
        parts.append(f"{paths} {_origin(question, project)}")
    return Cause("; ".join(parts[:3]))


def _origin(question: Question, project: str | None) -> str:
    """Describe the project that a file belongs to, and the step that installed it."""
    history = question.history
    if project is None:
        return "is not in the RECORD of any project in the venv, so no uninstall removes it"
    held = holding_of(history, project)
    if held.after is None:
        return f"belongs to {project}"
    step = held.since if held.since and held.before == held.after else history.number
    source = source_of(history, held.after, history.number)
    return f"belongs to {project} {held.after.version}, which step {step} installed {source}"


def none_there(question: Question) -> Cause | None:
    """Return a cause that lists the distributions in the venv, and any files matching the check."""
    history, pattern = question.history, question.check.subject
    held = [
        f"{name} {distribution.version}"
        for name, distribution in sorted(history.seen.after.items())
    ]
    files = history.seen.venv_files.get(pattern, ())
    has = f"has only {listed([file.path for file in files])}" if files else "has no such file"
    return Cause(
        f"after step {history.number} the venv {has}; it holds {listed(held, 6) or 'no project'}"
    )


VENV_FILES: Final[Sequence[Rule]] = (command_failed, of_projects, none_there)
"""The rules for checks on files in the venv, most specific first."""
