"""Rules that explain why a command failed unexpectedly, with the installer's error message."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.messages import Exchange
from pytest_indexcache.run.causes.facts.freshness import Reading, freshness_of, override_of
from pytest_indexcache.run.causes.facts.history import History, Sent
from pytest_indexcache.run.causes.facts.offers import (
    named_projects,
    needs_text,
    offering_indexes,
    offers_text,
)
from pytest_indexcache.run.causes.facts.project_edits import edits_text, locked_option
from pytest_indexcache.run.causes.facts.questions import Cause, Question, Rule
from pytest_indexcache.run.causes.facts.wording import (
    file_of,
    listed,
    reading_text,
)
from pytest_indexcache.run.causes.outcomes.error_texts import error_of
from pytest_indexcache.run.causes.outcomes.failed_requests import (
    not_modified_of_another,
    page_lists_nothing,
    request_failed,
)
from pytest_indexcache.run.causes.outcomes.flaws import (
    files_of,
    flaws_of,
    locked_again,
    locked_before_replaced,
    stored_before_replaced,
    stored_with_fault,
)
from pytest_indexcache.run.causes.traffic.edges import old_answer, stored_old_file
from pytest_indexcache.run.causes.traffic.outages import index_is_down
from pytest_indexcache.run.causes.traffic.pages import stale_page
from pytest_indexcache.run.causes.traffic.repeats import taken_away
from pytest_indexcache.scenario.tables.changes import Damage
from pytest_indexcache.scenario.tables.steps import Compile, Install, SyncRequirements

_MISMATCH: Final = re.compile(r"hash|checksum|sha256|digest", re.IGNORECASE)
_UNSOLVED: Final = re.compile(
    r"No solution found|No matching distribution|version solving failed|[Uu]nable to find|"
    r"no candidate|not satisfy|no set of releases|cannot be used|ResolutionImpossible",
    re.IGNORECASE,
)
_LOCKFILE: Final = re.compile(r"lock ?file|pylock|poetry\.lock|pdm\.lock|uv\.lock", re.IGNORECASE)
_RESOLVED_ANEW: Final = re.compile(
    r"^((?:Ignoring|Resolving despite) existing lockfile .*)$", re.MULTILINE
)


def words_of(history: History) -> str:
    """Describe how the command ended, with the installer's error message."""
    error, number = error_of(history), history.number
    said = f": {error}" if error else ""
    match history.seen.exit:
        case ExitKind.HANG:
            return f"Step {number} was ended at its time limit{said}"
        case ExitKind.CRASH:
            how = "panicked" if " panicked at" in history.seen.output else "ended with a traceback"
            return f"The installer {how}{said}"
        case ExitKind.USAGE:
            return f"The installer rejected its command line{said}"
        case ExitKind.LIMIT:
            return f"Step {number} was ended at a limit: {history.current.outcome.exit_note}"
    code = history.current.outcome.exit_code
    return (
        f"The installer said: {error}" if error else f"Exit code {code}, without an error message"
    )


def edge_is_behind(question: Question) -> Cause | None:
    """Explain the failure if a hash did not match because a CDN edge sent outdated content."""
    history = question.history
    if not _MISMATCH.search(error_of(history)):
        return None
    return old_answer(history, lambda _: True) or stored_old_file(history)


def hash_is_of_other_bytes(question: Question) -> Cause | None:
    """Explain the failure if a file was replaced after it was stored or its hash was locked."""
    history, error = question.history, error_of(question.history)
    is_mismatch = _MISMATCH.search(error) is not None
    named = named_projects(history, error)
    for number, old, new in locked_before_replaced(history):
        came = any(
            e.is_download and e.subject.filename == new.filename for e in history.seen.exchanges
        )
        # The page of this step has the new hash, which an old file in the cache does not match.
        pages = history.pages_here(new.index, new.project)
        if is_mismatch and not came and pages and (stored := stored_before_replaced(history)):
            return stored
        if is_mismatch or (came and new.project in named):
            return Cause(
                f"the lockfile of step {history.lockfile_step} names the hash "
                f"sha256:{old[:8]}… for {new.filename}, but step {number} replaced it, and index "
                f"{new.index} has it with sha256:{new.distribution.digests.sha256[:8]}…"
                f"{locked_again(history, new, number)}",
                origin=history.lockfile_step,
            )
    if not is_mismatch:
        return None
    return stored_before_replaced(history) or stored_with_fault(history, named)


def file_is_flawed(question: Question) -> Cause | None:
    """Explain the failure if a file is damaged, or does not match a hash that is listed for it."""
    history = question.history
    error = error_of(history)
    named = named_projects(history, error)
    for file in files_of(history):
        # poetry says "File is not a zip file" without the project
        is_damaged = file.spec.damage is not None and not named
        if file.project in named or is_damaged or _MISMATCH.search(error):
            for flaw in flaws_of(history, file):
                return Cause(flaw)
    return None


def page_is_stale(question: Question) -> Cause | None:
    """Explain the failed check if an outdated page of a project in the error message was reused."""
    for project in named_projects(question.history, error_of(question.history)):
        cause = stale_page(question, project)
        if cause is not None:
            return cause
    return None


def store_is_damaged(question: Question) -> Cause | None:
    """Explain the failed check if the step used a cache entry that an earlier step had damaged."""
    history = question.history
    for played in reversed(history.played[:-1]):
        if isinstance(played.step, Damage) and not history.seen.exchanges:
            step = played.step
            return Cause(
                f"step {played.number} damaged the installer's cache ({step.how} of "
                f"{step.target}), and step {history.number} used it without a request",
                origin=played.number,
            )
    return None


def offline_without_the_index(question: Question) -> Cause | None:
    """Explain the failure if the step was offline and found no usable response in the cache."""
    history = question.history
    if not is_offline(history):
        return None
    for project in named_projects(history, error_of(history)):
        came = next(history.earlier(partial(_is_about, project)), None)
        if came is None:
            return Cause(
                f"step {history.number} is offline, and no step before had got {project} from an "
                "index, so no response for it is stored"
            )
        index, used = came.exchange.subject.index or "", _indexes_of(history)
        if index not in used:
            return Cause(
                f"step {history.number} is offline and does not use index {index}, from which "
                f"{project} came in step {came.step}; no response for it from index {listed(used)} "
                "is stored",
                origin=came.step,
            )
        unstored = _unstored(history, project)
        if unstored is not None:
            return unstored
        return _stored_and_not_used(history, project, came)
    return Cause(f"step {history.number} is offline")


def _stored_and_not_used(history: History, project: str, came: Sent) -> Cause:
    """Explain why an offline step did not use a response that had been stored."""
    number = history.number
    taken = taken_away(history, came)
    if taken is not None:
        return Cause(f"step {number} is offline, and {taken}", origin=came.step)
    page = history.last_page(came.exchange.subject.index or "", project) or came
    override = override_of(history.scenario, page.exchange)
    fresh = freshness_of(page.exchange, page.exchange.at, override)
    return Cause(
        f"step {number} is offline, and did not accept the stored response for {project}: "
        f"{file_of(page.exchange)} came in step {page.step} and {reading_text(fresh)}",
        origin=page.step,
        decider=fresh.decider,
    )


def _unstored(history: History, project: str) -> Cause | None:
    """Explain the failed check if a page or file of the project must not be stored."""
    for sent in history.earlier(partial(_is_about, project)):
        override = override_of(history.scenario, sent.exchange)
        fresh = freshness_of(sent.exchange, sent.exchange.at, override)
        if fresh.reading is Reading.NOT_STORED:
            return Cause(
                f"step {history.number} is offline, and {file_of(sent.exchange)} that came in step "
                f"{sent.step} {reading_text(fresh)}",
                origin=sent.step,
                decider=fresh.decider,
            )
    return None


def _is_about(project: str, exchange: Exchange) -> bool:
    return exchange.subject.project == project and exchange.status == 200


def is_offline(history: History) -> bool:
    """Return whether the failed step was not allowed to use the network."""
    return bool(getattr(history.step, "offline", False)) or "--offline" in command_of(history)


def command_of(history: History) -> str:
    """Return the command of the failed step, as it is displayed."""
    return history.current.outcome.command


def _indexes_of(history: History) -> list[str]:
    """Return the names of the indexes that the failed step may use."""
    step, scenario = history.step, history.scenario
    if isinstance(step, Install):
        given = [step.index or scenario.default_index, *step.extra_indexes, *step.find_links]
    elif isinstance(step, Compile | SyncRequirements):
        given = [scenario.default_index, *step.extra_indexes]
    else:
        given = [*scenario.indexes]
    return [name for name in given if name]


def lockfile_is_refused(question: Question) -> Cause | None:
    """Explain the failed check if the installer refused to use an outdated lockfile."""
    history = question.history
    if not _LOCKFILE.search(error_of(history)) or history.lockfile_step is None:
        return None
    anew = _RESOLVED_ANEW.search(history.seen.output)
    parts = [f'the installer says "{anew[1]}"'] if anew else []
    why = edits_text(history, history.lockfile_step) or _other_command(history)
    parts += [why] if why else []
    option = locked_option(history)
    option_text = f" ({option})" if option else ""
    reasons = f": {'; '.join(parts)}" if parts else ""
    return Cause(
        f"step {history.number}{option_text} refused the lockfile of step {history.lockfile_step}"
        f"{reasons}",
        origin=history.lockfile_step,
    )


def _other_command(history: History) -> str:
    """Return a clause listing the step's options that no earlier step with a lockfile used.

    The result is empty if there are no such options.
    """
    earlier = [p for p in history.played[:-1] if p.outcome.command and p.lockfile]
    if not earlier:
        return ""
    words = command_of(history).split()
    new = [w for w in words if w.startswith("--") and w not in earlier[-1].outcome.command.split()]
    known = {word for played in earlier for word in played.outcome.command.split()}
    fresh = [word for word in new if word not in known]
    return f"its command has {listed(fresh)}, which no step before it had" if fresh else ""


def nothing_fits(question: Question) -> Cause | None:
    """Return a cause that lists the offered releases if none of them meets the requirements."""
    history = question.history
    error = error_of(history)
    if not _UNSOLVED.search(error):
        return None
    projects = named_projects(history, error)
    offers = offers_text(history, *projects[:2])
    absent = [name for name in projects if not offering_indexes(history, name)]
    none = f"no index of the scenario has {listed(absent)}" if absent else ""
    needs = needs_text(history, projects)
    text = "; ".join(part for part in (none, offers, needs) if part)
    return Cause(text) if text else None


def last_words(question: Question) -> Cause | None:
    """Return a cause that consists only of the installer's error message."""
    if question.history.seen.succeeded:
        return None
    words = words_of(question.history)
    return Cause(words[0].lower() + words[1:])


def _with_words(rule: Rule) -> Rule:
    """Return a version of a rule that adds the installer's error message to its causes."""

    def worded(question: Question) -> Cause | None:
        cause = None if question.history.seen.succeeded else rule(question)
        return cause and replace(cause, remedy=words_of(question.history))

    worded.__doc__ = rule.__doc__
    return worded


DECIDERS: Final[Sequence[Rule]] = (
    edge_is_behind,
    hash_is_of_other_bytes,
    file_is_flawed,
    page_is_stale,
    store_is_damaged,
    index_is_down,
    offline_without_the_index,
    request_failed,
    not_modified_of_another,
    lockfile_is_refused,
    page_lists_nothing,
    nothing_fits,
)
"""The rules that look for the reason why a command failed, most specific first."""

REFUSALS: Final[Sequence[Rule]] = (*map(_with_words, DECIDERS), last_words)
"""The rules for a command that should have succeeded but failed, most specific first."""
