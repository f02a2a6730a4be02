"""Rules that explain unexpected contents of the venv."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from posixpath import normpath
from typing import Final

from pytest_indexcache.index.documents.sdists import SdistSpec
from pytest_indexcache.messages import Exchange
from pytest_indexcache.run.causes.facts.freshness import freshness_of, override_of
from pytest_indexcache.run.causes.facts.history import History
from pytest_indexcache.run.causes.facts.holdings import (
    Fate,
    Holding,
    changes_to,
    download_of,
    holding_of,
    source_of,
)
from pytest_indexcache.run.causes.facts.offers import named_projects, offers_text
from pytest_indexcache.run.causes.facts.project_edits import (
    kept_lockfile,
)
from pytest_indexcache.run.causes.facts.questions import Cause, Question, Rule
from pytest_indexcache.run.causes.facts.wording import listed, reading_text
from pytest_indexcache.run.causes.outcomes.dependents import (
    not_in_extra,
    other_choice,
    required_by,
    still_required,
)
from pytest_indexcache.run.causes.outcomes.locks import lockfile_decided, not_in_lockfile
from pytest_indexcache.run.causes.traffic.edges import old_file
from pytest_indexcache.run.causes.traffic.pages import stale_page
from pytest_indexcache.run.plays.results import CheckKind
from pytest_indexcache.scenario.commands import entered_folders
from pytest_indexcache.scenario.tables.changes import Replace
from pytest_indexcache.scenario.tables.verbs import Command
from pytest_indexcache.scenario.values.patterns import name_matcher


def command_failed(question: Question) -> Cause | None:
    """Return a cause that states how a failed command had changed the venv before it failed."""
    history = question.history
    if history.seen.succeeded:
        return None
    changed = _changed(history)
    if changed:
        return Cause(f"step {history.number} failed when it had {changed}")
    held = holding_of(history, question.check.subject).before
    left = f" with {held.name} {held.version}" if held else ""
    return Cause(f"step {history.number} failed and left the venv{left} as it was")


def in_another_folder(question: Question) -> Cause | None:
    """Explain the failure if the command ran in a folder other than that of the checked venv."""
    history = question.history
    current, step = history.current, history.step
    if not isinstance(step, Command) or step.venv is not None or _changed(history):
        return None
    command = step.command.get(current.installer, "")
    entered = normpath(entered_folders(current.installer, command, step.folder)[-1])
    if entered == step.folder:
        return None
    place = "the workspace's root" if entered == "." else f"folder {entered}"
    is_name = "/" not in entered and entered != "."
    return Cause(
        f"step {history.number} works in {place}, and the check is about the venv of the step's "
        f"folder {step.folder}",
        remedy=f'With folder = "{entered}" in the step, the check is about that venv'
        if is_name
        else "",
    )


def counted(question: Question) -> Cause | None:
    """Return a cause for an unexpected number of distributions, with the step's changes."""
    check, history = question.check, question.history
    if check.subject:
        return None
    return Cause(f"step {history.number} {_changed(history) or 'changed nothing in the venv'}")


def _changed(history: History) -> str:
    """List the distributions that the step added and removed, or return an empty string."""
    added = [f"{name} {version}" for name, version in history.seen.added.items()]
    removed = [f"{name} {version}" for name, version in history.seen.removed.items()]
    parts = [f"added {listed(added, 6)}"] if added else []
    parts += [f"removed {listed(removed, 6)}"] if removed else []
    return " and ".join(parts)


def page_is_stale(question: Question) -> Cause | None:
    """Explain the failed check if an outdated page of the project was reused without a request."""
    history, project = question.history, question.check.subject
    held = holding_of(history, project)
    # If an older lockfile was used, no page was needed.
    is_needed = held.fate is not Fate.REMOVED and not kept_lockfile(history)
    cause = stale_page(question, project) if is_needed else None
    if cause is None or held.after is None or held.fate is Fate.KEPT:
        return cause
    sent = download_of(history, held.after, history.number)
    again = "again " if held.fate is Fate.REINSTALLED else ""
    if sent is None or sent.step == history.number:
        return cause
    name = sent.exchange.subject.filename
    return replace(
        cause, remedy=f"So {name} of step {sent.step} was installed {again}from the cache"
    )


def other_build_tag(question: Question) -> Cause | None:
    """Explain the failure if the installed wheel has a build tag other than the expected one."""
    check, history = question.check, question.history
    if check.kind is not CheckKind.BUILDS_OF:
        return None
    held = holding_of(history, check.subject).after
    if held is None:
        return None
    files = [
        file
        for index in history.scenario.indexes
        for file in history.files(index, check.subject)
        if file.version == held.version
    ]
    taken = next((f for f in files if f.spec.build == check.seen), None)
    wanted = next((f for f in files if f.spec.build == check.expected), None)
    if taken is None or wanted is None or taken.filename == wanted.filename:
        return None
    one_index = len({f.index for f in files}) == 1
    names = [f.filename if one_index else f"{f.filename} (index {f.index})" for f in files]
    holding = holding_of(history, check.subject)
    if holding.fate is Fate.KEPT:
        return Cause(
            f"the venv holds {check.subject} {held.version} from {taken.filename} since step "
            f"{holding.since}, and step {history.number} kept it: it is the same version as that "
            f"of {wanted.filename}",
            origin=holding.since,
        )
    who = f"index {wanted.index} offers" if one_index else "the indexes offer"
    return Cause(
        f"{who} {check.subject} {held.version} as {listed(sorted(names), 4)}; step "
        f"{history.number} installed {taken.filename} instead of {wanted.filename}"
    )


def kept(question: Question) -> Cause | None:
    """Explain the failed check if the step kept the distribution that was already in the venv."""
    history, project = question.history, question.check.subject
    held = holding_of(history, project)
    if held.fate is not Fate.KEPT or held.before is None:
        return None
    source = source_of(history, held.before, held.since or history.number)
    since = f" since step {held.since}" if held.since else ""
    asked = any(e.subject.project == project for e in history.seen.exchanges)
    nothing = "" if asked else ", without asking an index or building it"
    if history.seen.builds.get(project):
        nothing = ", although it was built"
    return Cause(
        f"{_changes_text(history, project, held)}the venv held {project} {held.before.version} "
        f"{source}{since}, and step {history.number} kept it{nothing}"
        f"{_others_locked(history, project, held.before.version)}",
        origin=held.since,
    )


def _others_locked(history: History, project: str, version: str) -> str:
    """Return a clause saying that the lockfile lists other versions besides ``version``.

    The result is empty if the lockfile does not, or if the step did not use the lockfile.
    """
    versions = history.locked_versions(project, before=True) if kept_lockfile(history) else ()
    others = [other for other in versions if other != version]
    has = f"the lockfile of step {history.lockfile_step} has {listed(others)}"
    return f", although {has} as well" if others and version in versions else ""


def _changes_text(history: History, project: str, held: Holding) -> str:
    changes = changes_to(history, project, held.since or 0)
    return f"step {changes[-1][0]} {changes[-1][1]}; " if changes else ""


def old_file_installed(question: Question) -> Cause | None:
    """Explain the failed check if a CDN edge sent a file of the project that had been replaced."""
    return old_file(question.history, question.check.subject)


def stored_file_installed(question: Question) -> Cause | None:
    """Explain the failure if a replaced file, or a wheel built from one, came from the cache."""
    history, project = question.history, question.check.subject
    held = holding_of(history, project)
    if held.after is None or held.fate not in (Fate.INSTALLED, Fate.REPLACED, Fate.REINSTALLED):
        return None
    sent = download_of(history, held.after, history.number)
    if sent is None or sent.step == history.number:
        return None
    exchange = sent.exchange
    changes = history.release_changes(exchange.subject.index, project, sent.step)
    replaced = [number for number, change in changes if isinstance(change, Replace)]
    if not replaced:
        return None
    built = _built_from(history, exchange)
    return Cause(
        f"step {history.number} installed {_what(exchange, sent.step, built)} from the cache, and "
        f"did not {'build it again' if built else 'ask for it again'}; step {replaced[-1]} "
        f"replaced {'the sdist' if built else 'it'} with other "
        f"bytes{_named_anew(history, exchange)}",
        origin=sent.step,
        decider=_reading(history, exchange),
    )


def _built_from(history: History, exchange: Exchange) -> bool:
    file = history.file(exchange.subject.index or "", exchange.subject.filename or "")
    return file is not None and isinstance(file.spec, SdistSpec)


def _what(exchange: Exchange, step: int, built: bool) -> str:
    name = exchange.subject.filename
    return f"the wheel that step {step} built of {name}" if built else f"{name} of step {step}"


def _reading(history: History, exchange: Exchange) -> str:
    override = override_of(history.scenario, exchange)
    return reading_text(freshness_of(exchange, exchange.at, override))


def _named_anew(history: History, exchange: Exchange) -> str:
    """Return a clause saying that the step received a page with the new hash of a replaced file.

    The result is empty if the step did not.
    """
    subject = exchange.subject
    pages = history.pages_here(subject.index, subject.project or "")
    file = history.file(subject.index or "", subject.filename or "")
    if file is None or file.named_hash in ("none", "wrong"):
        return ""
    if any(page.status == 200 for page in pages):
        return f", and the page that came in this step names its new {file.named_hash}"
    return ""


def replaced_by_another(question: Question) -> Cause | None:
    """Explain the failure if the step replaced the project's distribution with a different one."""
    history, project = question.history, question.check.subject
    held = holding_of(history, project)
    if held.fate is not Fate.REPLACED or held.before is None or held.after is None:
        return None
    number = history.number
    old = source_of(history, held.before, held.since or number)
    offers = offers_text(history, project)
    return Cause(
        f"the venv held {project} {held.before.version} {old} since step {held.since}; step "
        f"{number} replaced it with {held.after.version} {source_of(history, held.after, number)}"
        f"{f' ({offers})' if offers else ''}",
        origin=held.since,
    )


def from_where(question: Question) -> Cause | None:
    """Return a cause that states where the project came from, and which releases are offered."""
    history, project = question.history, _one_project(question)
    held = holding_of(history, project)
    offers = offers_text(history, project)
    if held.after is None:
        gone = (
            f"step {history.number} took {project} out of the venv{other_choice(history)}"
            if held.before
            else ""
        )
        never = f"step {history.number} did not install {project}"
        return Cause("; ".join(part for part in (gone or never, offers) if part))
    again = {Fate.REINSTALLED: "installed again", Fate.INSTALLED: "installed"}.get(held.fate, "has")
    source = source_of(history, held.after, history.number)
    is_offline = getattr(history.step, "offline", False)
    who = f"step {history.number}, which is offline," if is_offline else f"step {history.number}"
    text = f"{who} {again} {project} {held.after.version} {source}"
    sent = download_of(history, held.after, history.number)
    if held.fate is not Fate.KEPT and sent is not None and sent.step < history.number:
        text += f", as step {sent.step} had downloaded it"
    changes = [f"step {number} {change}" for number, change in changes_to(history, project, 0)]
    return Cause("; ".join(part for part in (text, offers, *changes[-1:]) if part))


def _one_project(question: Question) -> str:
    """Return the project that the check names; for a pattern, the first match in the venv."""
    subject = question.check.subject
    return next(
        (name for name in question.history.seen.after if name_matcher(subject)(name)), subject
    )


INSTALLED: Final[Sequence[Rule]] = (
    command_failed,
    in_another_folder,
    counted,
    still_required,
    lockfile_decided,
    not_in_lockfile,
    page_is_stale,
    required_by,
    not_in_extra,
    other_build_tag,
    old_file_installed,
    stored_file_installed,
    kept,
    replaced_by_another,
    from_where,
)
"""The rules for checks on the contents of the venv, most specific first."""


def not_satisfied(question: Question) -> Cause | None:
    """Return a cause for the first unmet requirement that a rule can explain."""
    check, history = question.check, question.history
    for project in named_projects(history, check.seen):
        about = Question(replace(check, kind=CheckKind.INSTALLED, subject=project), history)
        for rule in INSTALLED:
            cause = rule(about)
            if cause is not None:
                return cause
    return None


SATISFIED: Final[Sequence[Rule]] = (not_satisfied,)
"""The rule for a venv that does not meet the step's requirements."""
