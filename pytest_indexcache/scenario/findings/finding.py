"""Findings: mistakes in a scenario, before they are assigned to a file and a line."""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from pytest_indexcache.errors import Problem
from pytest_indexcache.scenario.findings.positions import Path, Positions
from pytest_indexcache.scenario.words.wording import MOST_NAMES, Suggestion, shown

MOST: Final = 50
"""The maximum number of problems that are listed for a file."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A mistake in a scenario, or a value that is probably wrong.

    Keys in ``path`` may be normalised. If ``is_warning`` is true, the scenario can be played
    nevertheless. If ``of_plays`` is true, the scenario cannot be played, but its indexes can be
    served. If the finding is about an unknown name, ``looked_up`` contains the kind of name and the
    name.
    """

    path: Path
    text: str
    hint: str | Suggestion = ""
    is_warning: bool = False
    looked_up: tuple[str, str] | None = None
    of_plays: bool = False

    def overlaps(self, path: Path) -> bool:
        """Return whether the finding is about this path, a value inside it or a table around it."""
        return all(mine == other for mine, other in zip(self.path, path, strict=False))


def located(findings: Iterable[Finding], data: Any, positions: Positions) -> tuple[Problem, ...]:
    """Return the findings as problems, sorted by line, with keys spelled as in the file."""
    placed = []
    spelling = _Spelling(data)
    for finding in findings:
        path = spelling.of(finding.path)
        placed.append((positions.line(path), path, finding))
    placed.sort(key=lambda each: each[0] or 0)
    problems = [
        Problem(finding.text, key_path(path), line, str(finding.hint), finding.is_warning)
        for line, path, finding in placed[:MOST]
    ]
    if len(placed) > MOST:
        problems.append(Problem(f"{len(placed) - MOST} more problems are not listed"))
    return tuple(problems)


def key_path(path: Path) -> str:
    """Return a path as a dotted TOML key; array elements are counted from 1, as steps are.

    >>> key_path(("indexes", "pypi", "packages", "six", "1.0", "files", 0))
    'indexes.pypi.packages.six."1.0".files[1]'
    """
    return "".join(_key_parts(path)).lstrip(".")


def _key_parts(path: Path) -> Iterator[str]:
    for part in path:
        if isinstance(part, int):
            yield f"[{part + 1}]"
        elif re.fullmatch(r"[A-Za-z0-9_-]{1,60}", part):
            yield f".{part}"
        else:
            yield f'."{shown(part)[1:-1]}"'


class _Spelling:
    """The spelling in the file of keys that the model has normalised: ``Torch`` for ``torch``."""

    def __init__(self, data: Any) -> None:
        self._data = data
        self._keys: dict[int, dict[Hashable, str]] = {}

    def of(self, path: Path) -> Path:
        """Return a path with its keys spelled as in the file.

        An array position is left out if the file contains a single value instead of an array. A key
        is left out if it exists only in the model: ``headers.profile`` becomes ``headers`` if the
        file contains ``headers = "pypi"``.
        """
        data = self._data
        found: list[str | int] = []
        for part in path:
            if isinstance(data, dict) and isinstance(part, int):
                continue
            if isinstance(data, str):
                break
            found.append(self._key(part, data))
            data = within(data, found[-1])
        return tuple(found)

    def _key(self, part: str | int, data: Any) -> str | int:
        if isinstance(part, int) or not isinstance(data, dict) or part in data:
            return part
        if id(data) not in self._keys:
            self._keys[id(data)] = {_identity(key): key for key in data}
        return self._keys[id(data)].get(_identity(part), part)


def _identity(key: str) -> Hashable:
    """Return a value that is the same for all spellings of a version or name."""
    try:
        return Version(key)
    except (InvalidVersion, ValueError):
        return canonicalize_name(key)


def within(data: Any, part: str | int) -> Any:
    """Return the value at a key in a table or a position in an array, or None if there is none."""
    if isinstance(data, dict):
        return data.get(part)
    if isinstance(data, list) and isinstance(part, int) and part < len(data):
        return data[part]
    return None


def unknown(path: Path, what: str, name: str, known: Collection[str]) -> Finding:
    """Return a finding about an unknown name, with the most similar known name as a hint.

    ``what`` is the kind of name, such as ``project``.
    """
    hint = Suggestion(name, known) if known else f"the scenario has no {what}"
    return Finding(path, f"unknown {what} {shown(name)}", hint, looked_up=(what, name))


def unknown_release(path: Path, project: str, version: str, known: Collection[str]) -> Finding:
    """Return a finding about an unknown release, with the most similar known release as a hint."""
    text = f"{project} has no release {shown(version)}"
    hint = nearest_release(version, known)
    return Finding(path, text, hint, looked_up=("release", version))


def nearest_release(version: str, known: Collection[str]) -> Suggestion:
    """Return a hint with a similar release, such as ``2.8.0`` if ``version`` is ``2.8``."""
    alike = [other for other in islice(known, MOST_NAMES) if Version(other) == Version(version)]
    return Suggestion(version, alike or known)
