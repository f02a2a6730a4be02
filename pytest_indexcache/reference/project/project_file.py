"""Edit a project file without losing its comments and layout."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Mapping, MutableMapping
from pathlib import Path
from typing import Any, Final

import tomli_w
import tomlkit
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name
from tomlkit.items import Array, InlineTable

from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.errors import UsageError
from pytest_indexcache.reference.project.toml_table import read_toml
from pytest_indexcache.reference.words.packages import IndexLocation
from pytest_indexcache.system.atomic_files import write_atomically

Key = tuple[str, ...]

_OWN: Final = ("tool", "indexcache")


class ProjectFile:
    """A ``pyproject.toml`` that is being edited; :meth:`write` writes the changes to disk.

    :raises UsageError: if the file does not exist, or is not valid TOML
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        read_toml(path)
        self._document = tomlkit.parse(path.read_bytes().decode())

    def add_requirements(
        self,
        requirements: Iterable[Requirement],
        *,
        extra: str | None = None,
        group: str | None = None,
    ) -> None:
        """Add requirements to the project, or to one of its extras or groups.

        A requirement replaces an existing one for the same project.
        """
        for requirement in requirements:
            path = _place(self._document, extra, group)
            name = canonicalize_name(requirement.name)
            former = [text for text in self._strings(path) if _name_of(text) == name]
            self._edit(path, former, [str(requirement)])

    def remove_requirements(
        self,
        names: Collection[NormalizedName],
        *,
        extra: str | None = None,
        group: str | None = None,
    ) -> None:
        """Remove the requirements for these projects from the project, or from an extra or a group.

        If nothing else requires such a project, its source is also removed.

        :raises UsageError: if there is no requirement for one of the projects
        """
        path = _place(self._document, extra, group)
        former = [text for text in self._strings(path) if _name_of(text) in names]
        missing = sorted(set(names) - {_name_of(line) for line in former})
        if missing:
            where = ".".join(path)
            raise UsageError(
                f"{self.path}: {where} does not have {missing[0]}",
                hint="name the extra or the group that has it, if one does",
            )
        self._edit(path, former, [])
        for name in names:
            if name not in self._required():
                self._drop_source(name)

    def set_source(self, name: NormalizedName, source: Mapping[str, Any]) -> None:
        """Set the source of a project, replacing any existing one."""
        self._drop_source(name)
        inline = tomlkit.inline_table()
        inline.update(source)
        _table(self._document, (*_OWN, "sources"))[name] = inline

    def add_index(self, index: IndexLocation) -> None:
        """Add an index, unless the file already contains it.

        :raises UsageError: if the file contains an index with the same name but another URL
        """
        own = self._document.get("tool", {}).get("indexcache", {})
        for present in own.get("indexes", ()):
            if present.get("name") == index.name:
                if present.get("url", "").rstrip("/") == index.url.rstrip("/"):
                    return
                raise UsageError(
                    f"{self.path}: the index {index.name!r} is at {present.get('url')}",
                    hint="choose another name",
                )
        indexes = _table(self._document, _OWN, has_header=False).setdefault(
            "indexes", tomlkit.aot()
        )
        indexes.append({"name": index.name, "url": index.url})

    def write(self) -> bool:
        """Write the file, and return whether its layout and comments could be kept."""
        text, data = tomlkit.dumps(self._document), self._document.unwrap()
        is_kept = _holds(text, data)
        write_atomically(self.path, (text if is_kept else tomli_w.dumps(data)).encode())
        return is_kept

    def _strings(self, path: Key) -> list[str]:
        value: Any = self._document
        for part in path:
            value = value.get(part, {}) if isinstance(value, Mapping) else {}
        return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []

    def _edit(self, path: Key, remove: list[str], add: list[str]) -> None:
        table = _table(self._document, path[:-1])
        array = table.setdefault(path[-1], tomlkit.array().multiline(multiline=True))
        for string in remove:
            array.remove(string)
        for string in add:
            _append(array, string)

    def _drop_source(self, name: NormalizedName) -> None:
        sources = self._document.get("tool", {}).get("indexcache", {}).get("sources", {})
        for key in [source for source in sources if canonicalize_name(source) == name]:
            del sources[key]

    def _required(self) -> set[NormalizedName | None]:
        project = self._document.get("project", {})
        lists = [
            project.get("dependencies", []),
            *project.get("optional-dependencies", {}).values(),
            *self._document.get("dependency-groups", {}).values(),
        ]
        return {_name_of(text) for strings in lists for text in strings if isinstance(text, str)}


def relative_path(path: Path, folder: Path) -> str:
    """Return a path relative to a folder, with slashes; absolute if it is on another drive."""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # on another drive
        return path.absolute().as_posix()


def _place(data: Mapping[str, Any], extra: str | None, group: str | None) -> Key:
    """Return the key of the array that contains the requirements, spelled as in the file."""
    if extra is not None:
        known = data.get("project", {}).get("optional-dependencies", {})
        return ("project", "optional-dependencies", _spelled(extra, known))
    if group is not None:
        return ("dependency-groups", _spelled(group, data.get("dependency-groups", {})))
    return ("project", "dependencies")


def _spelled(name: str, known: Iterable[str]) -> str:
    wanted = canonicalize_name(name)
    return next(
        (known_name for known_name in known if canonicalize_name(known_name) == wanted), name
    )


def _append(array: Array, string: str) -> None:
    """Append a string to an array, on a new line if the other items are on separate lines."""
    lines = re.findall(r"\n[ \t]*(?=[\"'])", array.as_string())
    if lines:
        array.add_line(string, indent=lines[-1][1:])
    else:
        array.append(string)


def _table(
    tree: MutableMapping[str, Any], path: Key, *, has_header: bool = True
) -> MutableMapping[str, Any]:
    """Return a table in a file; if it is missing, add it, with or without a header."""
    for number, part in enumerate(path, 1):
        if part not in tree:
            is_super = not has_header or number < len(path)
            is_inline = isinstance(tree, InlineTable)
            tree[part] = tomlkit.inline_table() if is_inline else tomlkit.table(is_super)
        tree = tree[part]
    return tree


def _name_of(requirement: str) -> NormalizedName | None:
    try:
        return canonicalize_name(Requirement(requirement).name)
    except InvalidRequirement:
        return None


def _holds(text: str, data: Mapping[str, Any]) -> bool:
    try:
        return loads_toml(text) == data
    except ValueError:
        return False
