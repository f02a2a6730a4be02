"""What speaks against a file: damage, or a hash that is named somewhere and that it has not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pytest_indexcache.index.offers.published import PublishedFile
from pytest_indexcache.run.causes.facts.history import History
from pytest_indexcache.run.causes.outcomes.holdings import download_of
from pytest_indexcache.run.causes.outcomes.named_hashes import locked_hashes, named_hashes
from pytest_indexcache.scenario.tables.changes import Replace

_DAMAGES: Final = {
    "bad-crc": "the checksum (CRC) of a member is wrong",
    "short-record": "its RECORD leaves out a file",
    "not-a-zip": "it is not an archive",
}


def files_of(history: History) -> list[PublishedFile]:
    """Return the files that the step downloaded or installed, as the indexes offered them."""
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


def flaws_of(history: History, file: PublishedFile) -> Iterator[str]:
    """Yield what speaks against a file, each as a sentence."""
    damage = file.spec.damage
    if damage is not None:
        yield f"{file.filename} of index {file.index} is damaged ({damage}: {_DAMAGES[damage]})"
    named = named_hashes(history, file.project) + locked_hashes(history, file)
    if named and not any(one.is_of(file) for one in named):
        wrong = named[0]
        real = getattr(file.distribution.digests, wrong.algorithm)
        yield (
            f"{wrong.source} names the hash {wrong.algorithm}:{wrong.value[:8]}… for "
            f"{file.project}, but {file.filename} has {wrong.algorithm}:{real[:8]}…"
            f"{_replaced(history, file)}"
        )
    if file.hashes == "wrong":
        yield (
            f"the page of {file.project} on index {file.index} names a hash that {file.filename} "
            "does not have"
        )


def _replaced(history: History, file: PublishedFile) -> str:
    """Say that the file was replaced since the lockfile was written."""
    changes = history.release_changes(file.index, file.project, history.lockfile_step or 0)
    numbers = [number for number, change in changes if isinstance(change, Replace)]
    return f" since step {numbers[-1]} replaced it" if numbers else ""
