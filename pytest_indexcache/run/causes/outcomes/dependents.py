"""Rules that explain why a project is installed or missing, based on what requires it."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_indexcache.index.offers.published import PublishedFile
from pytest_indexcache.run.causes.facts.extras import (
    Dependent,
    asks_for_extra,
    dependents,
    extra_left_out,
    is_held,
)
from pytest_indexcache.run.causes.facts.history import History
from pytest_indexcache.run.causes.facts.holdings import download_of, holding_of, source_of
from pytest_indexcache.run.causes.facts.questions import Cause, Question
from pytest_indexcache.run.causes.facts.wording import listed
from pytest_indexcache.run.plays.goals.declared_project import name_of
from pytest_indexcache.run.plays.records.observation import Venv
from pytest_indexcache.run.plays.results import CheckKind
from pytest_indexcache.scenario.commands import command_parts
from pytest_indexcache.scenario.tables.steps import Command, Remove
from pytest_indexcache.scenario.values.patterns import name_matcher


def required_by(question: Question) -> Cause | None:
    """Explain the failure if the step or a distribution requires the unexpected project."""
    history = question.history
    for project in _unwanted(question):
        asked = [text for text in _requirements(history) if name_of(text) == project]
        if asked:
            version = history.seen.added[project]
            return Cause(f"step {history.number} asks for {asked[0]} and installed {version}")
        for dependent in dependents(history, project):
            if not dependent.extra or asks_for_extra(
                history, dependent.file.project, dependent.extra
            ):
                return Cause(_required_by(history, dependent, project))
    return None


def still_required(question: Question) -> Cause | None:
    """Explain the failure if an uninstall kept a project that another distribution requires."""
    history, project = question.history, question.check.subject
    if not _is_removal(history) or not all(project in venv for venv in _venvs(history)):
        return None
    for dependent in dependents(history, project):
        asked = asks_for_extra(history, dependent.file.project, dependent.extra)
        if is_held(history, dependent.file) and (not dependent.extra or asked):
            version = history.seen.after[project].version
            return Cause(
                f"step {history.number} kept {project} {version}, as {dependent.requiring} "
                f"requires it{f', and {asked}' if asked else ''}"
            )
    return None


def _is_removal(history: History) -> bool:
    step, installer = history.step, history.current.installer
    if not isinstance(step, Command):
        return isinstance(step, Remove)
    parts = command_parts(installer, step.command.get(installer, ""))
    return parts is not None and parts.subcommand.name == "remove"


def _venvs(history: History) -> tuple[Venv, Venv]:
    return history.seen.before, history.seen.after


def _unwanted(question: Question) -> list[str]:
    """Return the projects that the step installed although the check expects them to be absent."""
    check, added = question.check, question.history.seen.added
    if check.kind not in (CheckKind.ABSENT, CheckKind.ADDED) or check.expected not in (
        "absent",
        "nothing",
    ):
        return []
    return [name for name in added if name_matcher(check.subject)(name)]


def _requirements(history: History) -> Sequence[str]:
    """Return the requirements that are given in the failed step."""
    found: Sequence[str] = getattr(history.step, "requirements", ())
    return found


def _required_by(history: History, one: Dependent, project: str) -> str:
    """Describe which distribution requires a project, and where that distribution came from."""
    number, dependent, name = history.number, one.file, one.file.project
    held = history.seen.after[name]
    sent = download_of(history, held, number)
    came_from = sent.exchange.subject.index if sent else None
    version = history.seen.after[project].version
    text = f"{project} {version} is required by {one.requiring}"
    if one.extra:
        text += f", and {asks_for_extra(history, name, one.extra)}"
    if held.version != dependent.version:
        since = holding_of(history, name).since or number
        source = source_of(history, held, since)
        return (
            f"{text}; the venv holds {name} {held.version} {source} since step {since}"
            f"{other_choice(history)}"
        )
    if came_from not in (None, dependent.index):
        own = next(
            (f for f in history.files(came_from or "", name) if f.version == held.version), None
        )
        if own is not None and all(other.file != own for other in dependents(history, project)):
            return (
                f"{text} only; the {name} that step {number} installed came from index "
                f"{came_from}, whose metadata does not require it{_not_asked(history, own)}"
            )
    before = history.seen.before.get(name)
    if before is not None and before.version != held.version:
        text += f", which step {number} put in the place of {name} {before.version}"
    return f"{text}{other_choice(history)}"


def _not_asked(history: History, file: PublishedFile) -> str:
    asked = any(
        e.subject.filename == f"{file.filename}.metadata" and e.subject.index == file.index
        for e in history.seen.exchanges
    )
    return "" if asked else " and was not asked for"


def other_choice(history: History) -> str:
    """Describe the extras and groups that an earlier step selected but this step did not."""
    parts = []
    for name in ("extras", "groups"):
        here = set(getattr(history.step, name, ()))
        for played in reversed(history.played[:-1]):
            chosen = tuple(getattr(played.step, name, ()))
            lost = [label for label in chosen if label not in here]
            if lost:
                kind = name.removesuffix("s") if len(lost) == 1 else name
                parts.append(
                    f"step {played.number} chose the {kind} {listed(lost)}, and step "
                    f"{history.number} does not"
                )
                break
    return "".join(f"; {part}" for part in parts)


def not_in_extra(question: Question) -> Cause | None:
    """Explain the failed check if a project is missing because only an extra requires it."""
    history, check = question.history, question.check
    if check.expected in ("absent", "nothing") or check.subject in history.seen.after:
        return None
    if check.subject in history.seen.before:
        return None
    text = extra_left_out(history, check.subject)
    return Cause(text) if text else None
