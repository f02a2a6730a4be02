"""Find files with flaws: damaged files, and files that do not match a hash listed for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from pytest_indexcache.index.offers.published import PublishedFile
from pytest_indexcache.messages import Exchange
from pytest_indexcache.run.causes.facts.freshness import freshness_of, override_of
from pytest_indexcache.run.causes.facts.history import History, Sent, is_page
from pytest_indexcache.run.causes.facts.holdings import download_of
from pytest_indexcache.run.causes.facts.questions import Cause
from pytest_indexcache.run.causes.facts.wording import answer_with_fault, change_text, reading_text
from pytest_indexcache.run.causes.outcomes.named_hashes import locked_hashes, named_hashes
from pytest_indexcache.run.causes.traffic.repeats import taken_away
from pytest_indexcache.scenario.tables.changes import Replace
from pytest_indexcache.scenario.tables.steps import Lock, Sync

_WRONG_BYTES: Final = ("wrong-hash", "wrong-length")
_DAMAGES: Final = {
    "bad-crc": "the checksum (CRC) of a member is wrong",
    "short-record": "its RECORD leaves out a file",
    "not-a-zip": "it is not an archive",
}


def files_of(history: History) -> list[PublishedFile]:
    """Return the published files that the step downloaded or installed."""
    names = [
        (exchange.subject.index or "", exchange.subject.filename or "")
        for exchange in history.seen.exchanges
        if exchange.is_download
    ]
    for project in history.seen.added:
        sent = download_of(history, history.seen.after[project], history.number)
        if sent is not None:
            names.append((sent.exchange.subject.index or "", sent.exchange.subject.filename or ""))
    files = (history.file(index, name) for index, name in dict.fromkeys(names))
    return [file for file in files if file is not None]


def locked_before_replaced(history: History) -> Iterator[tuple[int, str, PublishedFile]]:
    """Yield files that were replaced after their hash had been locked.

    Each item consists of the number of the step that replaced the file, the locked sha256, and the
    new file.
    """
    lockfile = history.lockfile_before or ""
    for played in history.played[:-1]:
        step = played.step
        if not isinstance(step, Replace):
            continue
        for new in history.files(step.index, step.project):
            old = history.file(step.index, new.filename, played.number)
            digests = [file.distribution.digests.sha256 for file in (old, new) if file is not None]
            if len(set(digests)) == 2 and digests[0] in lockfile and digests[1] not in lockfile:
                yield played.number, digests[0], new


def locked_again(history: History, file: PublishedFile, since: int) -> str:
    """Return a clause about a step that locked the old hash although the page gave the new one.

    Only steps after step ``since`` are searched. The result is empty if there is no such step.
    """
    for played in history.between(since):
        asked = any(
            is_page(e, file.index, file.project) and e.status == 200 for e in played.seen.exchanges
        )
        if asked and isinstance(played.step, Lock | Sync):
            return (
                f"; step {played.number} ({played.step.do}) received the page with the new hash, "
                "but wrote the old one, from the lockfile or the cache"
            )
    return ""


def stored_before_replaced(history: History) -> Cause | None:
    """Explain the failure if the step used a cached file that was replaced on its index later."""
    for sent, number, change in _replaced_downloads(history):
        exchange = sent.exchange
        now = max((e.at for e in history.seen.exchanges), default=exchange.at)
        fresh = freshness_of(exchange, now, override_of(history.scenario, exchange))
        return Cause(
            f"{exchange.subject.filename} that came in step {sent.step} {reading_text(fresh)} and "
            f"was used from the cache without asking, but step {number} {change_text(change)}, so "
            f"it does not have the sha256 that {_namer(history, exchange)} names",
            origin=sent.step,
            decider=fresh.decider,
        )
    return None


def stored_with_fault(history: History, projects: Sequence[str]) -> Cause | None:
    """Explain the failed check if the step used corrupted bytes that an earlier step had stored.

    ``projects`` are the projects that the installer's error message mentions.
    """
    asked = {e.url for e in history.seen.exchanges if e.method == "GET"}
    for sent in history.earlier(lambda e: e.is_download and e.url not in asked):
        subject = sent.exchange.subject
        if subject.project not in projects or subject.fault not in _WRONG_BYTES:
            continue
        if taken_away(history, sent) is not None:
            return None
        now = max((e.at for e in history.seen.exchanges), default=sent.exchange.at)
        fresh = freshness_of(sent.exchange, now, override_of(history.scenario, sent.exchange))
        return Cause(
            f"{subject.filename} came in step {sent.step} with {answer_with_fault(sent.exchange)}; "
            f"step {history.number} did not ask for it again, and used the stored response: the "
            f"response of step {sent.step} {reading_text(fresh)}",
            origin=sent.step,
            decider=fresh.decider,
        )
    return None


def _replaced_downloads(history: History) -> Iterator[tuple[Sent, int, Replace]]:
    """Yield downloads of files that were later replaced, and that the failed step did not request.

    Each item consists of the download, the number of the step that replaced the file, and the step
    itself.
    """
    known = {e.url for e in history.seen.exchanges if e.method == "GET"}
    for sent in history.earlier(lambda e: e.is_download):
        subject = sent.exchange.subject
        if sent.exchange.url in known:
            continue
        known.add(sent.exchange.url)  # this download replaced older ones
        if taken_away(history, sent) is not None:
            continue
        for number, change in history.release_changes(subject.index, subject.project, sent.step):
            if isinstance(change, Replace):
                yield sent, number, change


def _namer(history: History, exchange: Exchange) -> str:
    """Name the lockfile or page that lists the current hash of a downloaded file."""
    subject = exchange.subject
    file = history.file(subject.index or "", subject.filename or "")
    sha256 = file.distribution.digests.sha256 if file is not None else "none"
    if sha256 in (history.lockfile_before or ""):
        return f"the lockfile of step {history.lockfile_step}"
    if sha256 in (history.current.lockfile or ""):
        return f"the lockfile that step {history.number} wrote"
    pages = history.pages_here(subject.index, subject.project or "")
    return "the page of this step" if pages else "its page"


def flaws_of(history: History, file: PublishedFile) -> Iterator[str]:
    """Yield a sentence for each flaw that a file has."""
    damage = file.spec.damage
    if damage is not None:
        yield f"{file.filename} of index {file.index} is damaged ({damage}: {_DAMAGES[damage]})"
    named = named_hashes(history, file.project) + locked_hashes(history, file)
    if named and not any(named_hash.is_of(file) for named_hash in named):
        wrong = named[0]
        real = getattr(file.distribution.digests, wrong.algorithm)
        yield (
            f"{wrong.source} names the hash {wrong.algorithm}:{wrong.value[:8]}… for "
            f"{file.project}, but {file.filename} has {wrong.algorithm}:{real[:8]}…"
            f"{_replaced(history, file)}"
        )
    if file.named_hash == "wrong":
        yield (
            f"the page of {file.project} on index {file.index} names a hash that {file.filename} "
            "does not have"
        )


def _replaced(history: History, file: PublishedFile) -> str:
    """Return a clause naming the last step that replaced a locked file, or an empty string."""
    changes = history.release_changes(file.index, file.project, history.lockfile_step or 0)
    numbers = [number for number, change in changes if isinstance(change, Replace)]
    return f" since step {numbers[-1]} replaced it" if numbers else ""
