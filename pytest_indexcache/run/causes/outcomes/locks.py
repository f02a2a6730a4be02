"""Rules that explain lockfile entries, and releases that were chosen because of a lockfile."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pytest_indexcache.run.causes.facts.history import History
from pytest_indexcache.run.causes.facts.holdings import Fate, changes_to, holding_of
from pytest_indexcache.run.causes.facts.offers import offers_text
from pytest_indexcache.run.causes.facts.project_edits import (
    edits_text,
    kept_lockfile,
    locked_option,
)
from pytest_indexcache.run.causes.facts.questions import Cause, Question, Rule
from pytest_indexcache.run.causes.facts.wording import change_text, listed, requests
from pytest_indexcache.run.causes.outcomes.refusals import words_of
from pytest_indexcache.run.causes.traffic.pages import (
    goes_by_lockfile,
    page_not_modified,
    stale_page,
)
from pytest_indexcache.run.plays.results import CheckKind

_NOT_LOCKED: Final = "not locked"


def command_failed(question: Question) -> Cause | None:
    """Return a cause that quotes the installer's error message if the command failed."""
    history = question.history
    if history.seen.succeeded:
        return None
    return Cause(f"step {history.number} failed. {words_of(history)}")


def page_is_stale(question: Question) -> Cause | None:
    """Explain the failed check if the lockfile is based on an outdated page of the project."""
    history = question.history
    project = question.check.subject
    if _is_unchanged(history):
        return page_not_modified(history, project)
    return stale_page(question, project)


def _is_unchanged(history: History) -> bool:
    before = history.lockfile_before
    return before is not None and before == history.current.lockfile


def lockfile_kept(question: Question) -> Cause | None:
    """Explain the failed check if the step did not change the lockfile from an earlier step."""
    history, project = question.history, question.check.subject
    since = history.lockfile_step
    if not _is_unchanged(history) or since is None:
        return None
    changes = [
        f"step {number} {change_text(change)} on index {index}"
        for index in history.scenario.indexes
        for number, change in history.release_changes(index, project, since)
    ]
    edits = edits_text(history, since)
    parts = [*changes, *([edits] if edits else [])]
    instruction = _newer_options(history)
    kept = (
        f"step {history.number}{instruction} left the lockfile of step {since} as it was "
        f"({_locked_text(question)}) and {_asked(history)}"
    )
    return Cause("; ".join([*parts, kept]), origin=since)


def _newer_options(history: History) -> str:
    """Return a phrase with the options and settings that request newer releases.

    The result is empty if the step has no such option.
    """
    options = []
    for name in ("upgrade", "refresh"):
        value = getattr(history.step, name, False)
        options += [
            f"{name} {listed(value)}" if isinstance(value, tuple) and value else name
        ] * bool(value)
    if not options:
        return ""
    settings = [
        line.strip()
        for text in history.current.outcome.files.values()
        for line in text.splitlines()
        if re.match(r"\s*(upgrade|refresh)\b.*=", line)
    ]
    said = f" although the project file says {listed(settings)}" if settings else ""
    return f", told to {' and '.join(options)}{said},"


def _asked(history: History) -> str:
    count = len(history.seen.exchanges)
    return f"made {requests(count)}" if count else "asked no index"


def _locked_text(question: Question) -> str:
    """Describe the lockfile's entry for the project: ``foo 1.0``, ``foo without hashes``."""
    check = question.check
    if check.seen == _NOT_LOCKED:
        return f"no entry for {check.subject}"
    if check.field == "hashes":
        words = {"yes": "with hashes", "no": "without hashes"}
        if check.expected in words:
            return f"{check.subject} {words.get(check.seen, 'with hashes for only some files')}"
        return f"{check.subject} with {_hashes_seen(check.seen)}"
    if check.field in ("files", "urls"):
        what = "the files" if check.field == "files" else "files at"
        return f"{check.subject} {_without(check.field, check.seen) or f'with {what} {check.seen}'}"
    if check.field == "index":
        where = "without an index" if check.seen == "none" else f"from {check.seen}"
        return f"{check.subject} {where}"
    return f"{check.subject} {'without a version' if check.seen == 'none' else check.seen}"


def _hashes_seen(seen: str) -> str:
    """Describe the hashes in a lockfile entry that no index offers.

    ``seen`` is the observed value of the check, which lists the hashes.
    """
    if seen == "none":
        return "no hash"
    other = [text for text in seen.split(", ") if text != "offered"]
    return f"the hashes {', '.join(other)}"


def _without(part: str, seen: str) -> str:
    return f"without {'files' if part == 'files' else 'URLs of files'}" if seen == "none" else ""


def offered_and_locked(question: Question) -> Cause | None:
    """Return a cause that lists the releases on each index, and the project's lockfile entry."""
    history, check = question.history, question.check
    offers = offers_text(history, check.subject)
    hashes = _hashes_text(question) if check.field == "hashes" else ""
    asked = sorted(
        {
            e.subject.index
            for e in history.seen.exchanges
            if e.subject.project == check.subject and e.subject.index
        }
    )
    since = history.lockfile_step or 0
    edits = edits_text(history, since)
    changes = [
        f"step {number} {text}" for number, text in changes_to(history, check.subject, since)
    ]
    who = f" ({listed(asked)} {'was' if len(asked) == 1 else 'were'} asked)" if asked else ""
    locked = f"the lockfile that step {history.number} wrote has {_locked_text(question)}"
    return Cause(
        "; ".join(part for part in (edits, *changes[-1:], f"{offers}{who}", hashes, locked) if part)
    )


def _hashes_text(question: Question) -> str:
    history, project = question.history, question.check.subject
    parts = [
        f"the page of index {index} names "
        f"{'no hash' if file.named_hash == 'none' else f'an {file.named_hash}'} for {file.filename}"
        for index in history.scenario.indexes
        for file in history.files(index, project)
    ]
    return "; ".join(dict.fromkeys(parts[:3]))


def lockfile_decided(question: Question) -> Cause | None:
    """Explain the failure if the step installed a release because an earlier lockfile lists it."""
    history, project = question.history, question.check.subject
    holding, locked = holding_of(history, project), history.locked_versions(project, before=True)
    after = holding.after
    is_release = after is not None and after.origin == "index"
    if not is_release or question.check.kind is CheckKind.BUILDS_OF:
        return None
    if holding.fate is Fate.KEPT and len(locked) > 1:
        return None  # the lockfile has more projects than the venv
    if not (kept_lockfile(history) or goes_by_lockfile(history, project)):
        return None
    if after is None or after.version not in locked:
        return None
    return _locked_before(history, project)


def entry_kept(question: Question) -> Cause | None:
    """Explain the failed check if the step rewrote the lockfile but kept the locked version."""
    history, check = question.history, question.check
    is_kept = check.field in ("", "version") and goes_by_lockfile(history, check.subject)
    return _locked_before(history, check.subject) if is_kept else None


def _locked_before(history: History, project: str) -> Cause:
    since, number = history.lockfile_step, history.number
    changes = [f"step {step} {text}" for step, text in changes_to(history, project, since or 0)]
    newer = f"; {changes[-1]} after that" if changes else ""
    went = "used it and left it as it was" if _is_unchanged(history) else "kept that version"
    locked = listed(history.locked_versions(project, before=True))
    return Cause(
        f"the lockfile of step {since} has {project} {locked}, and step {number} {went}{newer}",
        origin=since,
    )


def not_in_lockfile(question: Question) -> Cause | None:
    """Explain the failed check if the project is not in the lockfile that the step used."""
    history, project = question.history, question.check.subject
    text, since = history.lockfile_before, history.lockfile_step
    is_wanted = question.check.expected not in ("absent", "nothing")
    if not is_wanted or holding_of(history, project).after is not None:
        return None
    if not kept_lockfile(history):
        return None
    if not text or since is None or re.search(rf'(?m)^(name = )?"{re.escape(project)}"', text):
        return None
    edits = edits_text(history, since)
    option = locked_option(history)
    return Cause(
        f"{f'{edits}; ' if edits else ''}step {history.number}{f' ({option})' if option else ''} "
        f"used the lockfile of step {since}, which does not have {project}",
        origin=since,
    )


LOCKED: Final[Sequence[Rule]] = (
    command_failed,
    page_is_stale,
    lockfile_kept,
    entry_kept,
    offered_and_locked,
)
"""The rules for checks on lockfile entries, most specific first."""
