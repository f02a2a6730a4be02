"""Remove from text private details, and details that differ in every play."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_ROOTS: Final = frozenset(
    (
        *("bin", "dev", "etc", "home", "lib", "media", "mnt", "opt", "private", "proc", "root"),
        *("run", "srv", "sys", "tmp", "usr", "var", "Users", "Applications", "Library", "Volumes"),
    )
)
_PATH: Final = re.compile(r"(?<![\w:/.~>…-])/([\w.+-]+)/(?:[^\s/'\"`<>|;,()\[\]]+/)*")
_SHORTENED: Final = re.compile(r"…/(?:[^\s/'\"`<>|;,()\[\]]+/)+")
_FILE_URL: Final = re.compile(r"file://(?:/[^\s'\"`<>]+/)")
_WINDOWS_PATH: Final = re.compile(r"(?<!\w)[A-Za-z]:\\(?:[^\s\\'\"`<>|]+\\)*")
_WORKSPACE: Final = re.compile(r"\bindexcache-report-[a-z0-9_]{8}\b|(?<=…/)play-[a-z0-9_]{8}\b")
_CHANGING: Final = (
    (re.compile(r"\b(127\.0\.0\.1|localhost|\[::1\]):\d+"), r"\1:PORT"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?"), "TIME"),
    (re.compile(r"\b(in|took|after) \d+(?:\.\d+)? ?(?:ns|µs|ms|s|seconds?)\b"), r"\1 TIME"),
    (re.compile(r"(?<![\w.=])\d+\.\d{3,}s\b"), "TIME"),
    (re.compile(r"\b[0-9a-f]{16}\.lock\b"), "HASH.lock"),
    (re.compile(r"\.tmp[A-Za-z0-9]{6}\b"), ".tmpXXXXXX"),
    (re.compile(r"\b(pip-[a-z-]+-)[a-z0-9_]{8}\b"), r"\1XXXXXXXX"),
)
"""Patterns for details that differ in every play, such as ports and times.

Each pattern is paired with its replacement.
"""


@dataclass(frozen=True)
class MachineWords:
    """The folders and names on this machine that a report must not reveal.

    ``folders`` maps paths to replacements. ``names`` contains the names of the user and the host.
    ``roots`` contains the names of folders directly below ``/``.
    """

    folders: Mapping[str, str] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    roots: frozenset[str] = frozenset()


_EVERYBODYS: Final = frozenset({"admin", "localhost", "nobody", "python", "root", "runner", "user"})
_SHORTEST_NAME: Final = 4


def anonymous(text: str, machine: MachineWords) -> str:
    """Return the text without private details, times, ports and random names.

    Private details are those that :func:`private` removes.
    """
    text = _without_paths(text, machine)
    for pattern, shown in _CHANGING:
        text = pattern.sub(shown, text)
    return _without_names(text, machine)


def private(text: str, machine: MachineWords) -> str:
    """Return the text without this machine's paths, user name and host name.

    Only the folders in a path are replaced, not its last part. Common user names such as ``root``
    and names with fewer than four letters are kept.
    """
    return _without_names(_without_paths(text, machine), machine)


def nameless(text: str, machine: MachineWords) -> str:
    """Return the text without this machine's private folders, user and host.

    Other paths remain, including folders that many machines have, such as ``/tmp``.
    """
    own = {path: shown for path, shown in machine.folders.items() if not _is_common(path)}
    return _without_names(_without_folders(text, own), machine)


def _is_common(folder: str) -> bool:
    parts = folder.strip("/").split("/")
    return len(parts) < 3 and parts[0] in _ROOTS - {"home", "Users"}


def _without_folders(text: str, folders: Mapping[str, str]) -> str:
    for folder in sorted(folders, key=len, reverse=True):
        # /tmp must not match in /var/tmp; a private folder is removed wherever it stands.
        before = r"(?<![\w.…-])" if _is_common(folder) else ""
        text = re.sub(rf"{before}{re.escape(folder)}(?![\w.-])", folders[folder], text)
    return text


def _without_paths(text: str, machine: MachineWords) -> str:
    text = _FILE_URL.sub("file://…/", _without_folders(text, machine.folders))
    roots = _ROOTS | machine.roots
    text = _PATH.sub(lambda found: "…/" if found[1] in roots else found[0], text)
    text = _SHORTENED.sub("…/", text)
    text = _WINDOWS_PATH.sub(lambda _: "…\\", text)
    return _WORKSPACE.sub("workspace", text)


def _without_names(text: str, machine: MachineWords) -> str:
    names = {
        word for word in machine.names if len(word) >= _SHORTEST_NAME and word not in _EVERYBODYS
    }
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", "NAME", text)
    return text


def without_urls(text: str) -> str:
    """Replace all URLs in text with ``URL``, because they may reveal a private index."""
    return re.sub(r"\b[a-z][a-z+]*://[^\s'\"`<>]+", "URL", text)
