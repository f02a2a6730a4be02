"""Rules that explain why a command succeeded although it should have failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from pytest_indexcache.index.offers.published import PublishedFile
from pytest_indexcache.run.causes.facts.history import History
from pytest_indexcache.run.causes.facts.holdings import download_of, source_of
from pytest_indexcache.run.causes.facts.project_edits import edits_text, locked_option
from pytest_indexcache.run.causes.facts.questions import Cause, Question, Rule
from pytest_indexcache.run.causes.facts.wording import file_of, listed, requests
from pytest_indexcache.run.causes.outcomes.flaws import files_of, flaws_of
from pytest_indexcache.run.causes.outcomes.named_hashes import named_hashes, texts_of
from pytest_indexcache.run.causes.traffic.edges import old_answer
from pytest_indexcache.run.causes.traffic.pages import stale_page

_WEAK: Final = ("md5", "sha1")


def flawed_file_accepted(question: Question) -> Cause | None:
    """Explain an unexpected success: a damaged file, or one that fails a hash check, was used."""
    history = question.history
    for file in files_of(history):
        for flaw in flaws_of(history, file):
            return Cause(f"{flaw}; step {history.number} accepted it anyway")
    return None


def old_file_accepted(question: Question) -> Cause | None:
    """Explain the failed check if a CDN edge sent a file that had been replaced on its index."""
    cause = old_answer(question.history, lambda exchange: exchange.is_download)
    acceptance = f"step {question.history.number} accepted it"
    return cause and replace(cause, mechanism=f"{cause.mechanism}; {acceptance}")


def faulty_response_accepted(question: Question) -> Cause | None:
    """Explain the failed check if the step accepted a response that was affected by a fault."""
    for exchange in question.history.seen.exchanges:
        if exchange.subject.fault not in (None, "slow"):
            return Cause(
                f"{exchange.method} for {file_of(exchange)} was answered with the fault "
                f"{exchange.subject.fault}, and step {question.history.number} went on"
            )
    return None


def _requires_hashes(history: History) -> bool:
    is_asked = getattr(history.step, "require_hashes", False)
    return bool(is_asked) or "--require-hashes" in history.current.outcome.command


def weak_hash_accepted(question: Question) -> Cause | None:
    """Explain an unexpected success: hashes are required, but only weak ones are listed."""
    history = question.history
    if not _requires_hashes(history):
        return None
    for file in files_of(history):
        named = named_hashes(history, file.project)
        if named and all(named_hash.algorithm in _WEAK for named_hash in named):
            weak = listed(sorted({named_hash.algorithm for named_hash in named}))
            page = (
                f" (and so does the page of index {file.index})" if file.named_hash in _WEAK else ""
            )
            return Cause(
                f"{named[0].source} names only an {weak} hash for {file.project}{page}, and "
                f"step {history.number} accepted {file.filename} by it, although --require-hashes "
                "was given"
            )
    return None


def hash_missing(question: Question) -> Cause | None:
    """Explain an unexpected success: hashes are required, but none is listed for a project."""
    history = question.history
    if not _requires_hashes(history):
        return None
    for file in files_of(history):
        if not named_hashes(history, file.project) and not _locked_by_hash(history, file):
            where = listed([name for name in texts_of(history) if not name.startswith("the ")])
            return Cause(
                f"{where or 'no requirement'} names no hash for {file.project}, and step "
                f"{history.number} accepted {file.filename} without one, although "
                "--require-hashes was given"
            )
    return None


def _locked_by_hash(history: History, file: PublishedFile) -> bool:
    digest = file.distribution.digests.sha256
    return any(digest in text for text in (*texts_of(history).values(), _lockfile(history)))


def _lockfile(history: History) -> str:
    return history.lockfile_before or ""


def lockfile_accepted(question: Question) -> Cause | None:
    """Explain the failure if a step that must not change the lockfile accepted an outdated one."""
    history = question.history
    option, since = locked_option(history), history.lockfile_step
    if not option or since is None:
        return None
    edits = edits_text(history, since)
    if not edits:
        return None
    asked = f"with {requests(len(history.seen.exchanges))}"
    return Cause(
        f"{edits}; step {history.number} ({option}) accepted the lockfile of step {since} "
        f"anyway, {asked}",
        origin=since,
    )


def page_is_stale(question: Question) -> Cause | None:
    """Explain an unexpected success: an outdated page of an installed project was reused."""
    for project in question.history.seen.added:
        cause = stale_page(question, project)
        if cause is not None:
            return cause
    return None


def came_from_cache(question: Question) -> Cause | None:
    """Explain the failed check if the step installed files that an earlier step had downloaded."""
    history = question.history
    found = []
    for project, version in history.seen.added.items():
        sent = download_of(history, history.seen.after[project], history.number)
        if sent is not None and sent.step < history.number:
            found.append((sent.step, f"{project} {version}"))
    if not found:
        return None
    step = max(step for step, _ in found)
    return Cause(
        f"step {history.number} installed {listed([name for _, name in found])} from what step "
        f"{step} had downloaded, with {requests(len(history.seen.exchanges))}",
        origin=step,
    )


def accepted(question: Question) -> Cause | None:
    """Return a cause that lists the projects that were installed, and where they came from."""
    history = question.history
    seen = history.seen
    if not seen.added and not seen.removed and not seen.reinstalled:
        return Cause(
            f"step {history.number} succeeded and changed nothing in the venv, with "
            f"{requests(len(seen.exchanges))}"
        )
    parts = [
        f"{project} {version} {source_of(history, seen.after[project], history.number)}"
        for project, version in seen.added.items()
    ]
    removed = f" and removed {listed(sorted(seen.removed))}" if seen.removed and not parts else ""
    return Cause(
        f"step {history.number} installed {listed(parts) if parts else 'nothing'}{removed}"
    )


def _if_succeeded(rule: Rule) -> Rule:
    return lambda question: rule(question) if question.history.seen.succeeded else None


_SUCCESSES: Final[Sequence[Rule]] = (
    flawed_file_accepted,
    weak_hash_accepted,
    hash_missing,
    old_file_accepted,
    faulty_response_accepted,
    lockfile_accepted,
    page_is_stale,
    came_from_cache,
    accepted,
)

SUCCESSES: Final = tuple(map(_if_succeeded, _SUCCESSES))
"""The rules for a command that should have failed but succeeded, most specific first."""
