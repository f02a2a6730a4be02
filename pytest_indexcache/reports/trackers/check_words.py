"""Describe a check in a report: its subject, the expected value, and the actual value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from pytest_indexcache.reports.trackers.blocks import code
from pytest_indexcache.run.plays.results import Check, CheckKind

_SUBJECTS: Final[Mapping[CheckKind, str]] = {
    CheckKind.EXIT: "end of the command",
    CheckKind.SATISFIED: "requirements of the step",
    CheckKind.DOWNLOADS: "downloads of {subject}",
    CheckKind.REVALIDATED: "responses 304 for {subject}",
    CheckKind.REQUESTS: "requests of kind {subject}",
    CheckKind.REQUESTS_TO: "requests of kind {subject} to index {index}",
    CheckKind.CACHE_BYTES: "bytes in the cache",
    CheckKind.INSTALLED: "version of {subject} in the venv",
    CheckKind.INSTALLED_COUNT: "projects in the venv",
    CheckKind.ABSENT: "{subject} in the venv",
    CheckKind.VENV_FILES: "files {subject} in the venv",
    CheckKind.ORIGIN: "origin of {subject}",
    CheckKind.BUILDS_OF: "build of {subject} in the venv",
    CheckKind.LOCKED: "{field} of {subject} in the lockfile",
    CheckKind.LOCKFILE: "lockfile",
    CheckKind.BUILDS: "builds of {subject}",
    CheckKind.IMPORTS: "value of {subject}",
    CheckKind.CHECK: "venv",
    CheckKind.OUTPUT: "output",
}
"""A phrase for the subject of each kind of check; other kinds are shown by their key."""

_CHANGES: Final[Mapping[CheckKind, str]] = {
    CheckKind.ADDED: "added to the venv",
    CheckKind.REMOVED: "removed from the venv",
    CheckKind.REINSTALLED: "reinstalled",
}
_OFFERED: Final = "offered"


class CheckWords(NamedTuple):
    """The subject of a check, the expected value and the actual value, as Markdown."""

    subject: str
    expected: str
    seen: str


def check_words(check: Check) -> CheckWords:
    """Return the words for a check; a kind of check without a phrase is described by its key."""
    subject, expected, seen = _subject(check), code(check.expected), code(check.seen)
    if check.kind is CheckKind.ABSENT:
        seen = "installed" if check.seen == check.subject else f"{seen} installed"
        return CheckWords(subject, "not installed", seen)
    if check.kind is CheckKind.OUTPUT:
        text = code(check.subject)
        sides = [f"contains {text}", f"does not contain {text}"]
        return CheckWords(subject, *(sides if check.field == "contains" else sides[::-1]))
    if check.kind in _CHANGES:
        none = f"not {_CHANGES[check.kind].partition(' ')[0]}"
        expected = none if check.expected == "nothing" else expected
        seen = none if check.seen == "nothing" else seen
    if check.kind is CheckKind.LOCKED and check.field == "hashes":
        expected = "hashes that the index offers" if check.expected == _OFFERED else expected
        seen = "hashes that the index offers" if check.seen == _OFFERED else seen
    return CheckWords(subject, expected, seen)


def _subject(check: Check) -> str:
    member = f"{code(check.member)}: " if check.member else ""
    if check.kind in _CHANGES and check.subject:
        return f"{member}{code(check.subject)}, {_CHANGES[check.kind]}"
    phrase = _SUBJECTS.get(check.kind)
    if phrase is None or (check.index and "{index}" not in phrase):
        return code(check.key)
    parts = {"subject": code(check.subject), "index": code(check.index or ""), "field": check.field}
    return member + phrase.format_map(parts)


def check_text(check: Check) -> str:
    """Return a check as one phrase, such as ``downloads of `six`: expected `0`, seen `1```."""
    subject, expected, seen = check_words(check)
    return f"{subject}: expected {expected}, seen {seen}"
