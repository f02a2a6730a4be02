"""Describe files from earlier steps that were reused without a request."""

from __future__ import annotations

from pytest_indexcache.run.causes.facts.freshness import freshness_of, override_of
from pytest_indexcache.run.causes.facts.history import History, Sent, is_page
from pytest_indexcache.run.causes.facts.project_edits import kept_lockfile
from pytest_indexcache.run.causes.facts.wording import change_text, reading_text
from pytest_indexcache.run.causes.traffic.pages import other_overrides
from pytest_indexcache.scenario.tables.steps import ClearCache, Damage


def stored_file_used(history: History, before: Sent) -> str:
    """Describe how a file from an earlier step was reused, and what has changed since then."""
    exchange = before.exchange
    now = max((e.at for e in history.seen.exchanges), default=exchange.at)
    fresh = freshness_of(exchange, now, override_of(history.scenario, exchange))
    text = (
        f"{exchange.subject.filename} came in step {before.step} and was not asked for again in "
        f"step {history.number}{cleared_text(history, before)}; "
    )
    if is_locked(history, before):
        text += f"the lockfile of step {history.lockfile_step} names the sha256 of that file"
    else:
        text += f"the response of step {before.step} {reading_text(fresh)}"
        if not fresh.is_reusable:
            text += other_overrides(history, exchange.subject.index)
            text += _named_by_page(history, before)
    changes = history.release_changes(exchange.subject.index, exchange.subject.project, before.step)
    if not changes:
        return text
    number, change = changes[-1]
    return f"{text}, and step {number} {change_text(change)} after it came"


def is_locked(history: History, before: Sent) -> bool:
    """Return whether the step used a lockfile that lists the sha256 of a stored file.

    If so, the installer recognizes the file by its hash, regardless of the header fields.
    """
    subject = before.exchange.subject
    came = history.file(subject.index or "", subject.filename or "", before.step)
    lockfile = history.lockfile_before if kept_lockfile(history) else None
    return came is not None and came.distribution.digests.sha256 in (lockfile or "")


def _named_by_page(history: History, before: Sent) -> str:
    """Return a clause saying that a page lists a hash of the stored file, or an empty string.

    The installer can recognize the stored file by this hash.
    """
    subject = before.exchange.subject
    came = history.file(subject.index or "", subject.filename or "", before.step)
    pages = [e for played in history.played for e in played.seen.exchanges]
    is_listed = any(is_page(e, subject.index, subject.project or "") for e in pages)
    if came is None or not is_listed or came.named_hash in ("none", "wrong"):
        return ""
    return f", and its page names the {came.named_hash} by which it can be recognized"


def cleared_text(history: History, before: Sent) -> str:
    """Return a clause naming the step that cleared or damaged the cache after a file was stored.

    The result is empty if no step did.
    """
    project = before.exchange.subject.project
    for played in history.between(before.step):
        step = played.step
        if isinstance(step, ClearCache) and (not step.projects or project in step.projects):
            return f", although step {played.number} cleared the cache"
        if isinstance(step, Damage):
            return (
                f", although step {played.number} damaged {step.target} in the cache ({step.how})"
            )
    return ""
