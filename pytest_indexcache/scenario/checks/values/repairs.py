"""Remove invalid values from a scenario, so that the names in the rest of it can be checked."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any, Final

from packaging.utils import canonicalize_name
from pydantic import ValidationError

from pytest_indexcache.scenario.checks.values.known_keys import known_keys
from pytest_indexcache.scenario.checks.values.problems import findings_of
from pytest_indexcache.scenario.findings.finding import Finding, within
from pytest_indexcache.scenario.findings.positions import Path
from pytest_indexcache.scenario.model import Scenario

_MOST: Final = 50
"""The maximum number of invalid values; a file with more of them is not repaired."""

_ROUNDS: Final = 5
"""The maximum number of repair rounds; each round may reveal further invalid values."""

_IDLE_STEP: Final = {"do": "remove-venv"}
"""The step that takes the place of a removed one, so the other steps keep their numbers."""

_NEEDED: Final[dict[str, Any]] = {"title": "title", "steps": [_IDLE_STEP]}


@dataclass
class Repair:
    """A file's data after invalid values were removed, and the names that these values contained.

    ``names`` contains the names in the removed values. ``kinds`` contains the kinds of names that
    these values could define; unknown names of these kinds are not reported.
    """

    data: Any
    scenario: Scenario | None = None
    names: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    shifted: list[Path] = field(default_factory=list)
    renamed: dict[Path, str] = field(default_factory=dict)
    further: list[Finding] = field(default_factory=list)

    @classmethod
    def of(cls, wrong: Sequence[Finding], data: Any) -> Repair:
        """Copy the data, and remove invalid values until the copy is a valid scenario.

        This gives up after ``_ROUNDS`` rounds, or if there are more than ``_MOST`` invalid values.
        """
        repair = cls(copy.deepcopy(data))
        for _ in range(_ROUNDS):
            if len(wrong) > _MOST:
                break
            missing = [finding for finding in wrong if repair._is_missing(finding.path)]
            # In reverse order, so that positions in arrays stay valid.
            for finding in reversed([each for each in wrong if each not in missing]):
                repair._mend(finding.path)
            for finding in missing:
                if repair._is_missing(finding.path):
                    repair._fill(finding.path)
            try:
                repair.scenario = Scenario.model_validate(repair.data, by_alias=True, by_name=False)
            except ValidationError as error:
                wrong = list(findings_of(error, repair.data))
                repair.further += filter(repair._is_further, wrong)
            else:
                break
        return repair

    def _is_further(self, finding: Finding) -> bool:
        """Return whether a finding lies below a misspelt key and is not in ``further`` yet."""
        known = any(other.overlaps(finding.path) for other in self.further)
        parts = range(len(finding.path))
        return not known and any(finding.path[:length] in self.renamed for length in parts)

    def _is_missing(self, path: Path) -> bool:
        holder = self._at(path[:-1])
        return isinstance(holder, dict) and bool(path) and path[-1] not in holder

    @property
    def behind_misspelt_keys(self) -> list[Finding]:
        """Mistakes below misspelt keys, which were found only after the keys had been corrected."""
        return [replace(finding, path=self._as_written(finding.path)) for finding in self.further]

    def lookups(self, findings: Iterator[Finding]) -> Iterator[Finding]:
        """Yield only those findings about unknown names that also hold for the original file."""
        for finding in findings:
            if finding.looked_up is None:
                continue
            kind, name = finding.looked_up
            may_be = kind in self.kinds or canonicalize_name(name) in self.names
            is_shifted = any(finding.path[: len(path)] == path for path in self.shifted)
            if not (may_be or is_shifted):
                yield Finding(self._as_written(finding.path), finding.text, finding.hint)

    def _as_written(self, path: Path) -> Path:
        return tuple(self.renamed.get(path[: length + 1], part) for length, part in enumerate(path))

    def _mend(self, path: Path) -> None:
        """Correct a misspelt key, or else remove the invalid value at this path."""
        holder = self._at(path[:-1])
        key = path[-1] if path else None
        if isinstance(holder, dict) and isinstance(key, str) and key in holder:
            name = _meant(path, self.data)
            if name is not None and name not in holder:
                holder[name] = holder.pop(key)
                self.renamed[*path[:-1], name] = key
            else:
                self._leave_out(path)
        elif isinstance(holder, list):
            self._leave_out(path)

    def _fill(self, path: Path) -> None:
        """Insert a value for a missing key, or remove the table in which the key is missing."""
        if len(path) == 1:
            self.data[path[0]] = copy.deepcopy(_NEEDED.get(str(path[0])))
        elif len(path) == 3 and path[0] == "indexes" and path[2] == "url":
            self._at(path[:2])["url"] = f"https://{len(self.names)}.invalid/{path[1]}"
        else:
            self._leave_out(path[:-1])

    def _leave_out(self, path: Path) -> None:
        """Remove a value; if it is a step, put a step that does nothing in its place."""
        if path[:1] == ("steps",) and len(path) > 1 and path[2:] in ((), ("do",)):
            self._forget(path[:2])
            self.data["steps"][path[1]] = dict(_IDLE_STEP)
            return
        if path[:1] == ("steps",) and path[2:3] == ("together",) and path[4:] in ((), ("do",)):
            path = path[:4]
        self._forget(path)
        holder, key = self._at(path[:-1]), path[-1] if path else None
        if isinstance(holder, list) and isinstance(key, int):
            self.shifted.append(path[:-1])
            del holder[key]
        elif isinstance(holder, dict):
            holder.pop(key, None)

    def _forget(self, path: Path) -> None:
        self.names |= {canonicalize_name(text) for text in _texts(path, self._at(path))}
        self.kinds |= _kinds_at(path)

    def _at(self, path: Path) -> Any:
        value = self.data
        for part in path:
            value = within(value, part)
        return value


def _meant(path: Path, data: Any) -> str | None:
    """Return the known key that a misspelt key resembles, or None if no known key is similar."""
    known = known_keys(path[:-1], data)
    if path[-1] in known:
        return None
    close = get_close_matches(str(path[-1])[:200], known, n=1)
    return close[0] if close else None


def _texts(path: Path, value: Any) -> Iterator[str]:
    """Yield the strings in a path, and every key and string inside the value."""
    yield from (part for part in path if isinstance(part, str))
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts((key,), inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts((), inner)


def _kinds_at(path: Path) -> set[str]:
    """Return the kinds of names that the value at this path can define."""
    match path:
        case () | ("steps",):
            return {"index", "project", "release", "file", "extra", "group"}
        case ("indexes",) | ("indexes", _):
            return {"index", "project", "release", "file"}
        case ("indexes", _, "packages") | ("local-projects", *_):
            return {"project", "release", "file"}
        case ("indexes", _, "packages", _):
            return {"release", "file"}
        case ("project",):
            return {"project", "release", "extra", "group"}
        case ("project", "optional-dependencies"):
            return {"extra"}
        case ("project", "dependency-groups"):
            return {"group"}
        case ("indexes", _, "packages", *_) | ("steps", *_):
            return {"file"}
        case _:
            return set()
