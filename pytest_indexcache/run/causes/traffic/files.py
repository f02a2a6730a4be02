"""Rules that explain why there were more or fewer downloads than expected."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from packaging.utils import canonicalize_name

from pytest_indexcache.messages import Exchange, Kind
from pytest_indexcache.run.causes.facts.extras import extra_asked_for, extra_left_out
from pytest_indexcache.run.causes.facts.freshness import freshness_of, override_of
from pytest_indexcache.run.causes.facts.history import History
from pytest_indexcache.run.causes.facts.metadata import is_file, metadata_access
from pytest_indexcache.run.causes.facts.questions import Cause, Question, Rule
from pytest_indexcache.run.causes.facts.wording import (
    answer_of,
    change_text,
    file_of,
    listed,
    reading_text,
    times,
    verb,
)
from pytest_indexcache.run.causes.traffic.pages import stale_page
from pytest_indexcache.run.causes.traffic.repeats import Repeat, earlier_download, why_again
from pytest_indexcache.run.causes.traffic.stored_files import stored_file_used
from pytest_indexcache.run.plays.checks.traffic import concerns
from pytest_indexcache.scenario.tables.steps import Compile, Lock
from pytest_indexcache.scenario.values.patterns import name_matcher

Downloads = dict[str, list[Exchange]]
"""Downloads by filename, in the order in which the files were first downloaded."""


# -- too many --------------------------------------------------------------------------------------


def downloaded_too_often(question: Question) -> Cause | None:
    """Return a cause for files that were downloaded unexpectedly, or more often than expected."""
    if not question.check.excess:
        return None
    reasons: dict[str, list[str]] = {}
    for name, exchanges in _downloads(question).items():
        reasons.setdefault(_why(question, exchanges), []).append(name)
    parts = [f"{listed(names)} {verb(names)} {reason}" for reason, names in reasons.items()]
    if not parts:
        return None
    shown = ". ".join(parts[:2])
    return Cause(shown if len(parts) <= 2 else f"{shown}; so was {_rest(reasons)}")


def _rest(reasons: dict[str, list[str]]) -> str:
    return listed([name for names in list(reasons.values())[2:] for name in names])


def _downloads(question: Question) -> Downloads:
    """Return the downloads to which the check applies."""
    pattern = question.check.subject
    found: Downloads = {}
    for exchange in question.history.seen.exchanges:
        if exchange.is_download and (not pattern or concerns(exchange, pattern)):
            found.setdefault(exchange.subject.filename or exchange.url, []).append(exchange)
    return found


def _why(question: Question, exchanges: Sequence[Exchange]) -> str:
    """Return the rest of a sentence that explains why a file was downloaded.

    The sentence begins with the filename.
    """
    history = question.history
    is_one_expected = question.check.expected not in ("0", "<= 0", "< 1")
    if len(exchanges) > 1 and is_one_expected:
        return _why_in_one_step(history, exchanges)
    earlier = earlier_download(history, exchanges[-1])
    if earlier is not None:
        return f"downloaded again: {why_again(Repeat(history, exchanges[-1], earlier))}"
    if len(exchanges) > 1:
        return _why_in_one_step(history, exchanges)
    return _why_at_all(history, exchanges[0])


def _why_in_one_step(history: History, exchanges: Sequence[Exchange]) -> str:
    first, often = exchanges[0], times(len(exchanges))
    here = f"downloaded {often} in step {history.number}"
    urls = {exchange.url for exchange in exchanges}
    if len(urls) > 1:
        return f"{here}, from {len(urls)} URLs: {listed(sorted(urls))}"
    fresh = freshness_of(first, exchanges[-1].at, override_of(history.scenario, first))
    access = metadata_access(history, first.subject.index or "", first.subject.filename or "")
    if access is not None and access.text:
        return f"{here}: {access.text}, so the whole file was sent for its metadata, and then again"
    return f"{here}, and its first response {reading_text(fresh)}"


def _why_at_all(history: History, exchange: Exchange) -> str:
    """Return the rest of a sentence that explains why a file was downloaded for the first time.

    The sentence begins with the filename.
    """
    index, name = exchange.subject.index or "", exchange.subject.filename or ""
    here = f"downloaded in step {history.number} for the first time"
    access = metadata_access(history, index, name)
    if access is not None and isinstance(history.step, Lock | Compile):
        lacks = [] if access.has_hash else [f"its page on index {index} names no hash"]
        lacks += [access.text] if access.text else []
        if lacks:
            return f"{here}, by a step that installs nothing: {', and '.join(lacks)}"
    failed = [e for e in history.seen.exchanges if e.subject.filename == name and e.is_failed]
    if failed:
        here += f", after {times(len(failed))} it had been answered with {answer_of(failed[-1])}"
    if exchange.subject.kind is Kind.SDIST and getattr(history.step, "no_binary", False):
        here += ", by a step that was told not to use wheels (no-binary)"
    why = extra_asked_for(history, exchange.subject.project or "")
    return f"{here}: {why}" if why else f"{here}{_other_file(history, exchange)}"


def _other_file(history: History, exchange: Exchange) -> str:
    """Name a different file of the same project that was downloaded earlier.

    The result is empty if there is none.
    """
    project = exchange.subject.project
    before = next(history.earlier(lambda e: e.is_download and e.subject.project == project), None)
    if before is None:
        return ""
    return f"; step {before.step} had got {before.exchange.subject.filename}"


# -- too few ---------------------------------------------------------------------------------------


def _is_missing(question: Question) -> bool:
    return question.check.excess is False


def request_failed(question: Question) -> Cause | None:
    """Explain the failed check if too few files were downloaded because a request failed."""
    if not _is_missing(question):
        return None
    pattern = question.check.subject
    exchanges = question.history.seen.exchanges
    for place, exchange in enumerate(exchanges):
        if (
            exchange.is_failed
            and is_file(exchange)
            and (not pattern or concerns(exchange, pattern))
        ):
            return Cause(
                f"{exchange.method} for {exchange.subject.filename} was answered with "
                f"{answer_of(exchange)}{_afterwards(exchange, exchanges[place + 1 :])}"
            )
    return None


def _afterwards(exchange: Exchange, later: Sequence[Exchange]) -> str:
    """Describe later requests for the URL of a failed request, or return an empty string."""
    words = [
        f"{e.method}{' with Range' if e.is_range else ''}, answered with {answer_of(e)}"
        for e in later
        if e.url == exchange.url
    ]
    return f"; then came {listed(list(dict.fromkeys(words)))}" if words else ""


def no_body_sent(question: Question) -> Cause | None:
    """Explain the failure if the index never sent the whole file, but only a 304 or parts of it."""
    if not _is_missing(question):
        return None
    history, pattern = question.history, question.check.subject
    asked = [
        e
        for e in history.seen.exchanges
        if is_file(e) and e.status in (304, 206) and (not pattern or concerns(e, pattern))
    ]
    if not asked or _downloads(question):
        return None
    exchange, name = asked[0], file_of(asked[0])
    if not exchange.is_revalidated:
        return Cause(
            f"step {history.number} asked for {name} only by ranges (206), and never for the "
            "whole file"
        )
    came = {
        file_of(e): next(history.earlier(partial(_is_download_of, e.url)), None)
        for e in asked
        if e.is_revalidated
    }
    first, is_one = came[name], len(came) == 1
    which = [f"{n} that came in step {s.step}" if s else n for n, s in came.items()]
    return Cause(
        f"step {history.number} revalidated {listed(which)}, and the index answered with a 304"
        f"{'' if is_one else ' each'}, so that {'its body was not' if is_one else 'no body was'} "
        "sent again",
        origin=first.step if first else None,
        decider="304",
    )


def _is_download_of(url: str, exchange: Exchange) -> bool:
    return exchange.is_download and exchange.url == url


def other_file_instead(question: Question) -> Cause | None:
    """Explain the failed check if a different file of the same release was downloaded.

    The lockfile may be the reason, if it lists only that file.
    """
    if not _is_missing(question):
        return None
    history, pattern = question.history, question.check.subject
    for exchange in history.seen.exchanges:
        wanted = _sibling(history, exchange, pattern) if exchange.is_download else None
        if wanted is None:
            continue
        name, index = exchange.subject.filename or "", exchange.subject.index
        text = f"{name} was downloaded instead of {wanted}, which index {index} offers"
        lockfile = history.lockfile_before
        if lockfile is not None and name in lockfile and wanted not in lockfile:
            return Cause(
                f"{text}: the lockfile that step {history.lockfile_step} wrote names {name} and "
                f"not the wheel{_published_in(history, index, exchange.subject.project)}",
                origin=history.lockfile_step,
            )
        if exchange.subject.kind is Kind.SDIST and getattr(history.step, "no_binary", False):
            text += f": step {history.number} was told not to use wheels (no-binary)"
        return Cause(text)
    return None


def _sibling(history: History, exchange: Exchange, pattern: str) -> str | None:
    """Return another file of the same release whose name matches the pattern, or None."""
    subject = exchange.subject
    files = history.files(subject.index or "", subject.project or "")
    versions = {file.version for file in files if file.filename == subject.filename}
    if name_matcher(pattern)(subject.filename or "") or not versions:
        return None
    matching = [
        f.filename for f in files if f.version in versions and name_matcher(pattern)(f.filename)
    ]
    return next(iter(matching), None)


def _published_in(history: History, index: str | None, project: str | None) -> str:
    changes = history.release_changes(index, project, 0)
    return f", although step {changes[-1][0]} {change_text(changes[-1][1])}" if changes else ""


def page_is_old(question: Question) -> Cause | None:
    """Explain the failed check if an outdated page of the project was reused without a request."""
    if not _is_missing(question):
        return None
    project = _project(question)
    last = next(
        question.history.earlier(lambda e: e.is_download and e.subject.project == project), None
    )
    name = last.exchange.subject.filename if last else None
    return stale_page(question, project, name or "")


def _project(question: Question) -> str:
    """Return the project in the check or, if the check names a file, the project of that file."""
    subject = question.check.subject
    is_name = subject.endswith((".whl", ".tar.gz", ".zip")) and "-" in subject
    return str(canonicalize_name(subject.split("-")[0])) if is_name else subject


def step_failed(question: Question) -> Cause | None:
    """Explain the failure if the step failed before it downloaded a file that the check counts."""
    history, pattern = question.history, question.check.subject
    if not _is_missing(question) or _downloads(question):
        return None
    if any(begun.outcome.succeeded for begun in history.current.begun):
        return None
    failed = [e for e in history.seen.exchanges if e.is_failed]
    why = f": {file_of(failed[-1])} was answered with {answer_of(failed[-1])}" if failed else ""
    what = f"a file of {pattern}" if pattern else "any file"
    return Cause(f"step {history.number} failed before it asked for {what}{why}")


def not_in_extra(question: Question) -> Cause | None:
    """Explain the failure if the project is required only by an extra that was not requested."""
    history, project = question.history, _project(question)
    seen = history.seen
    if not _is_missing(question) or project in seen.after or project in seen.before:
        return None
    text = extra_left_out(history, project)
    return Cause(text) if text else None


def kept_in_venv(question: Question) -> Cause | None:
    """Explain the failed check if the step kept the distribution that was already in the venv."""
    if not _is_missing(question):
        return None
    project = _project(question)
    before, after = question.history.seen.before, question.history.seen.after
    held, kept = before.get(project), after.get(project)
    is_left = (
        held and kept and (held.fingerprint, held.identity) == (kept.fingerprint, kept.identity)
    )
    if held is None or not is_left:
        return None
    return Cause(
        f"the venv held {project} {held.version} before step {question.history.number}, and "
        "the step left it as it was, so nothing was downloaded"
    )


def came_before(question: Question) -> Cause | None:
    """Explain the failure if the installer reused a file that an earlier step had downloaded."""
    if not _is_missing(question):
        return None
    history, pattern = question.history, question.check.subject
    asked = {e.subject.filename for e in history.seen.exchanges if e.method == "GET"}
    before = next(
        history.earlier(
            lambda e: (
                e.is_download
                and e.subject.filename not in asked
                and (not pattern or concerns(e, pattern))
            )
        ),
        None,
    )
    if before is None:
        return None
    return Cause(
        stored_file_used(history, before),
        origin=before.step,
        decider=freshness_of(before.exchange, before.exchange.at).decider,
    )


def downloaded_only(question: Question) -> Cause | None:
    """Return a cause that only lists what was downloaded or requested, if no other rule applies."""
    if not _is_missing(question):
        return None
    history, pattern = question.history, question.check.subject
    about = f" of {pattern}" if pattern else ""
    names = list(_downloads(question))
    if names:
        return Cause(f"step {history.number} downloaded {listed(names)} and nothing else{about}")
    asked = [e for e in history.seen.exchanges if not pattern or concerns(e, pattern)]
    offline = ", which is offline," if getattr(history.step, "offline", False) else ""
    if not asked:
        return Cause(f"step {history.number}{offline} made no request for a file or page{about}")
    kinds = list(dict.fromkeys(file_of(exchange) for exchange in asked))
    return Cause(f"step {history.number} asked for {listed(kinds)}, and for no whole file{about}")


DOWNLOADS: Final[Sequence[Rule]] = (
    downloaded_too_often,
    request_failed,
    no_body_sent,
    other_file_instead,
    page_is_old,
    step_failed,
    kept_in_venv,
    came_before,
    not_in_extra,
    downloaded_only,
)
"""The rules for checks on the number and the nominal size of downloads, most specific first."""
