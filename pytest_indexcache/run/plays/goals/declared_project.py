"""Read the dependencies in a workspace's project file, whichever installer's format it uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from pytest_indexcache.data_formats import loads_toml

_POETRY_CONDITIONS: Final = ("optional", "markers", "python", "platform")


@dataclass(frozen=True)
class DeclaredProject:
    """The project file ``pyproject.toml`` in its current state.

    It is read from disk, because commands such as ``uv add`` change it. A missing or invalid file
    counts as empty.
    """

    folder: Path

    @cached_property
    def _document(self) -> Mapping[str, Any]:
        try:
            return loads_toml((self.folder / "pyproject.toml").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}

    def _table(self, *keys: str) -> Mapping[str, Any]:
        found: Any = self._document
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}

    @property
    def name(self) -> str | None:
        """The project's normalized name, or None if it is missing or invalid."""
        name = self._table("project").get("name") or self._table("tool", "poetry").get("name")
        return canonicalize_name(name) if isinstance(name, str) else None

    def requirements(self, extras: Iterable[str], groups: Iterable[str]) -> Iterator[Requirement]:
        """Yield the requirements, including those of the chosen extras and dependency groups.

        Unknown extras and groups are ignored. Dynamic requirements are omitted, and so are
        requirements that do not follow PEP 508.
        """
        project = self._table("project")
        texts = [*_texts(project.get("dependencies")), *self._poetry_names()]
        optional = _by_name(self._table("project", "optional-dependencies"))
        for extra in extras:
            texts += _texts(optional.get(canonicalize_name(extra)))
        for group in groups:
            texts += self._group(group, ())
        for text in texts:
            try:
                requirement = Requirement(text)
            except InvalidRequirement:
                continue
            if canonicalize_name(requirement.name) != self.name:
                yield requirement

    def _group(self, name: str, above: tuple[str, ...]) -> list[str]:
        """Return the requirements in a dependency group and in all groups it includes (PEP 735)."""
        key = canonicalize_name(name)
        entries = _by_name(self._table("dependency-groups")).get(key)
        if key in above or not isinstance(entries, list):
            return []
        texts = _texts(entries)
        for entry in entries:
            if isinstance(entry, dict) and isinstance(entry.get("include-group"), str):
                texts += self._group(entry["include-group"], (*above, key))
        return texts

    def _poetry_names(self) -> Iterator[str]:
        """Yield the project names in Poetry's dependency table.

        The version ranges in this table are ignored, because they do not follow PEP 440. If
        ``[project]`` lists any requirements, including those of extras, Poetry 2 installs only
        those; the table then only adds details, such as a path. If ``dependencies`` is dynamic,
        projects that belong only to extras are not yielded.
        """
        project = self._table("project")
        optional = self._table("project", "optional-dependencies").values()
        of_extras = {name_of(text) for many in optional for text in _texts(many)}
        is_dynamic = "dependencies" in _texts(project.get("dynamic"))
        if not is_dynamic and (of_extras or _texts(project.get("dependencies"))):
            return
        for name, value in self._table("tool", "poetry", "dependencies").items():
            is_plain = isinstance(value, str) or (
                isinstance(value, dict) and not any(key in value for key in _POETRY_CONDITIONS)
            )
            if name != "python" and is_plain and canonicalize_name(name) not in of_extras:
                yield name

    @property
    def with_own_source(self) -> frozenset[str]:
        """The projects that come from a path or a URL; any version of these is accepted."""
        tables = (self._table("tool", tool, "sources") for tool in ("uv", "indexcache"))
        return frozenset(
            canonicalize_name(name)
            for table in tables
            for name, source in table.items()
            if any("index" not in entry for entry in _entries(source))
        )

    @property
    def overrides(self) -> Iterator[str]:
        """The requirements (PEP 508) that override all other requirements for the same project."""
        yield from _texts(self._table("tool", "uv").get("override-dependencies"))
        yield from _texts(self._table("tool", "indexcache").get("overrides"))
        yield from self._table("tool", "pdm", "resolution", "overrides")

    @property
    def excluded(self) -> frozenset[str]:
        """The projects that are not installed even if they are required."""
        excluded = [
            *_texts(self._table("tool", "uv").get("exclude-dependencies")),
            *_texts(self._table("tool", "pdm", "resolution").get("excludes")),
        ]
        return frozenset(map(canonicalize_name, excluded))


def _texts(value: Any) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def _entries(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _by_name(table: Mapping[str, Any]) -> dict[str, Any]:
    return {canonicalize_name(name): value for name, value in table.items()}


def name_of(text: str) -> str | None:
    """Return the project that a requirement names, or None for a path or a URL."""
    try:
        return canonicalize_name(Requirement(text).name)
    except InvalidRequirement:
        return None
