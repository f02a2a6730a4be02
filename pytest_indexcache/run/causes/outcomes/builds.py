"""Rules that explain why a project was built more or less often than expected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pytest_indexcache.run.causes.facts.history import History
from pytest_indexcache.run.causes.facts.holdings import (
    Fate,
    changes_to,
    folder_of,
    holding_of,
    same_venv,
    source_of,
)
from pytest_indexcache.run.causes.facts.questions import Cause, Question, Rule
from pytest_indexcache.run.causes.facts.wording import times
from pytest_indexcache.run.causes.outcomes.refusals import words_of
from pytest_indexcache.run.plays.records.played_steps import PlayedStep
from pytest_indexcache.scenario.tables.steps import ClearCache, Command, PruneCache, RemoveVenv


def last_build(history: History, project: str) -> PlayedStep | None:
    """Return the last earlier step that built a project, or None."""
    built = (p for p in reversed(history.played[:-1]) if p.seen.builds.get(project))
    return next(built, None)


def command_failed(question: Question) -> Cause | None:
    """Return a cause that quotes the installer's error message if the command failed."""
    history = question.history
    if history.seen.succeeded:
        return None
    return Cause(f"step {history.number} failed. {words_of(history)}")


def kept_without_a_build(question: Question) -> Cause | None:
    """Explain the failure if nothing was built because the venv already contained the project."""
    history, project = question.history, question.check.subject
    held = holding_of(history, project)
    is_built = history.seen.builds.get(project, 0) > 0
    if question.check.excess or is_built or held.fate is not Fate.KEPT or held.before is None:
        return None
    source = source_of(history, held.before, held.since or history.number)
    return Cause(
        f"{edits_before(history, project, held.since or 0)}the venv held {project} "
        f"{held.before.version} {source} since step {held.since}, and step {history.number} kept "
        "it and built nothing",
        origin=held.since,
    )


def edits_before(history: History, project: str, since: int) -> str:
    """Return a clause about the last change to a project after step ``since``, or an empty string.

    The clause ends with a semicolon, because it begins a sentence.
    """
    changes = changes_to(history, project, since)
    return f"step {changes[-1][0]} {changes[-1][1]}; " if changes else ""


def stored_build_used(question: Question) -> Cause | None:
    """Explain the failed check if the step installed a wheel that an earlier step had built."""
    history, project = question.history, question.check.subject
    built, held = last_build(history, project), holding_of(history, project)
    is_built = history.seen.builds.get(project, 0) > 0
    if question.check.excess or is_built or built is None or held.after is None:
        return None
    return Cause(
        f"{edits_before(history, project, built.number)}step {history.number} installed the wheel "
        f"of {project} that step {built.number} had built, from the cache, and built nothing"
        f"{other_command(history, built)}",
        origin=built.number,
    )


def other_command(history: History, built: PlayedStep) -> str:
    """Describe how the failed step's command line differs from that of an earlier build.

    The result is empty if the failed step adds nothing to the earlier command line.
    """
    if not isinstance(history.step, Command):
        return ""
    here, there = history.current.outcome.command.split(), built.outcome.command.split()
    new = [word for word in here if word not in there]
    old = [word for word in there if word not in here]
    if not new:
        return ""
    instead = f" instead of {' '.join(old)}" if old else ""
    return f", although its command says {' '.join(new)}{instead}"


def built_again(question: Question) -> Cause | None:
    """Explain the failed check if the project was built more often than expected.

    The cause names the earlier build, if there is one, and the relevant changes since then.
    """
    history, project = question.history, question.check.subject
    count = history.seen.builds.get(project, 0)
    if not question.check.excess:
        return None
    here = f"{project} was built {times(count)} in step {history.number}"
    built = last_build(history, project)
    if built is None:
        return Cause(f"{here}; no step before had built it{_folder(history, project)}")
    other = _other_circumstances(history, built)
    since = [f"step {n} {text}" for n, text in changes_to(history, project, built.number)]
    since += [
        f"step {played.number} ({played.step.do})"
        for played in history.between(built.number)
        if _cleared(played, project)
    ]
    between = f"; in between {' and '.join(since)}" if since else ""
    between = between or _venv_removed(history, project, built, is_decided=bool(other))
    return Cause(f"{here}, and in step {built.number} before{other}{between}", origin=built.number)


def _cleared(played: PlayedStep, project: str) -> bool:
    step = played.step
    if isinstance(step, ClearCache):
        return not step.projects or project in step.projects
    return isinstance(step, PruneCache)


def _other_circumstances(history: History, built: PlayedStep) -> str:
    """Return a clause saying how an earlier build differed in installer release or Python version.

    The result is empty if it differed in neither.
    """
    release = built.outcome.release
    other = f", played by release {release}" if release != history.current.outcome.release else ""
    here, there = (getattr(p.step, "python", None) for p in (history.current, built))
    if here != there:
        names = [python or "the default Python" for python in (here, there)]
        other += f", for Python {names[0]} instead of {names[1]}"
    return other


def _venv_removed(history: History, project: str, built: PlayedStep, *, is_decided: bool) -> str:
    """Return a clause that explains a repeated build by the removal of the venv, if possible.

    The clause names the step that removed the venv. If no step since the earlier build removed a
    venv, the clause says that nothing changed. The result is empty if a removed venv did not
    contain the project or is not the venv of the failed step. It is also empty if a venv was
    removed but another reason is known (``is_decided``).
    """
    removed = [p for p in history.between(built.number) if isinstance(p.step, RemoveVenv)]
    for played in reversed(removed):
        was_held = project in played.seen.before and project in history.seen.after
        if was_held and same_venv(played, history.current) and not is_decided:
            return (
                f"; step {played.number} removed the venv that held it, and what step "
                f"{built.number} had built was not reused"
            )
    return "" if removed else "; nothing changed in between"


def _folder(history: History, project: str) -> str:
    folder = folder_of(history, project)
    return f" ({folder})" if folder else ""


def not_built(question: Question) -> Cause | None:
    """Return a cause that states only how often the project was built, if no other rule applies."""
    history, project = question.history, question.check.subject
    count = history.seen.builds.get(project, 0)
    return Cause(f"step {history.number} built {project} {times(count) if count else 'not at all'}")


BUILDS: Final[Sequence[Rule]] = (
    command_failed,
    built_again,
    kept_without_a_build,
    stored_build_used,
    not_built,
)
"""The rules for checks on the number of builds, most specific first."""
