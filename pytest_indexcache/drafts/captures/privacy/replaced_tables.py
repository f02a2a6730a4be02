"""Replace private words in the tables of a captured scenario.

A project may have a name such as ``no-store`` or ``sync``, which is also a word of the scenario
format. For this reason, project names are replaced only in values that can contain one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from pytest_indexcache.drafts.captures.privacy.labels import LabelKind
from pytest_indexcache.drafts.captures.privacy.marks import marked
from pytest_indexcache.drafts.captures.privacy.replacements import Replacements
from pytest_indexcache.drafts.captures.privacy.texts import (
    command_text,
    conflict_text,
    label_text,
    line_text,
    lockfile_text,
    marker_text,
    requirement_text,
)

SETTINGS_BY_PROJECT: Final = (
    "config-settings-package",
    "exclude-newer-package",
    "extra-build-dependencies",
    "extra-build-variables",
    "prerelease-package",
)
"""Tables in uv's settings whose keys are names of projects."""

BY_PROJECT: Final[Mapping[str, str]] = {
    "packages": "releases",
    "pages": "",
    "sources": "",
    "local-projects": "",
    "downloads": "",
    "installed": "version",
    "revalidated": "",
    "dependencies": "version",
    "dev-dependencies": "requires",
    "overrides": "version",
    **dict.fromkeys(SETTINGS_BY_PROJECT, ""),
    "extra-build-dependencies": "requires",
}
"""For each table whose keys are projects, the key whose rules apply to the table's values."""

BY_LABEL: Final[Mapping[str, str]] = {
    "extras": "requires",
    "groups": "requires",
    "optional-dependencies": "requires",
    "dependency-groups": "requires",
    "group": "",
}
"""For each table whose keys are extras or groups, the key whose rules apply to its values."""

_GROUPS: Final = frozenset(
    "groups group dependency-groups dev-dependencies default-groups include-group".split()  # noqa: SIM905
)
"""Keys under which a scenario or project file names dependency groups."""

OWN_TABLES: Final = frozenset(("headers", "answers", "cache-control"))
"""Tables that contain no private words, because all their words come from fixed lists."""

OWN_WORDS: Final = frozenset(
    """
    formats hashes hrefs server do exit tag size padding upload-time python
    requires-python unknown-status build-tag kind index extra-indexes
    """.split()  # noqa: SIM905
)
"""Keys whose values contain no private words, because they come from fixed lists."""

_PATTERNS: Final = frozenset(("include_packages", "exclude_packages"))
"""Keys in PDM's settings whose values are patterns for project names."""

_Rule = Callable[[str, Replacements], str]
_RULES: Final[Mapping[str, _Rule]] = {
    "filename": lambda text, replacements: replacements.names.filename(text),
    "version": lambda text, replacements: replacements.names.version(text),
    "absent": lambda text, replacements: replacements.names.whole(text),
    **dict.fromkeys(("marker", "markers", "environments", "required-environments"), marker_text),
    **dict.fromkeys(("extras", "extra"), partial(label_text, kind="extra")),
    **dict.fromkeys(_GROUPS - {"dev-dependencies"}, partial(label_text, kind="group")),
    "conflicts": conflict_text,
    **dict.fromkeys(
        """
        requires dependencies requirements overrides constraints dev-dependencies
        override-dependencies constraint-dependencies build-constraint-dependencies
        """.split(),  # noqa: SIM905
        requirement_text,
    ),
}


def replaced_tables(tables: Mapping[str, Any], replacements: Replacements) -> dict[str, Any]:
    """Return tables with private words replaced, and with marks around parts known to be safe."""
    special = {"files": _files, "access": _access}
    return {
        key: (special[key] if key in special else partial(_value, key))(value, replacements)
        for key, value in tables.items()
    }


def _value(key: str, value: Any, replacements: Replacements) -> Any:
    if isinstance(value, Mapping):
        return _table(key, value, replacements)
    if isinstance(value, list | tuple):
        if key in _PATTERNS:
            found = [replacements.names.matching(str(each)) for each in value]
            return list(dict.fromkeys(name for names in found for name in names))
        keys = ["" if isinstance(each, Mapping) else key for each in value]
        return [_value(*each, replacements) for each in zip(keys, value, strict=True)]
    if not isinstance(value, str) or key in OWN_WORDS:
        return value
    if key == "title":
        start, _, command = value.partition(": ")
        return f"{marked(start)}: {command_text(command.partition(' ')[0], command, replacements)}"
    rule = _RULES.get(key)
    return rule(value, replacements) if rule is not None else replacements.text(value)


def _table(key: str, table: Mapping[str, Any], replacements: Replacements) -> dict[str, Any]:
    if key in OWN_TABLES:
        return dict(table)
    special = _TABLES.get(key)
    if special is not None:
        return special(table, replacements)
    if key in BY_PROJECT and not are_groups(key, table):
        whole = replacements.names.whole
        inner = BY_PROJECT[key]
        return {whole(name): _value(inner, each, replacements) for name, each in table.items()}
    if key in BY_LABEL or are_groups(key, table):
        inner = BY_LABEL.get(key, "requires")
        kind: LabelKind = "group" if key in _GROUPS else "extra"
        return {
            label_text(name, replacements, kind): _value(inner, each, replacements)
            for name, each in table.items()
        }
    return {name: _value(str(name), each, replacements) for name, each in table.items()}


def are_groups(key: str, table: Mapping[Any, Any]) -> bool:
    """Return whether a table maps groups to lists of requirements, as ``dev-dependencies`` does."""
    lists = [each for each in table.values() if isinstance(each, list)]
    has_lists = bool(table) and len(lists) == len(table)
    texts = (text for each in lists for text in each)
    return key == "dev-dependencies" and has_lists and all(isinstance(text, str) for text in texts)


def _releases(table: Mapping[str, Any], replacements: Replacements) -> dict[str, Any]:
    version = replacements.names.version
    return {version(name): _value("release", each, replacements) for name, each in table.items()}


def _users(table: Mapping[str, str], replacements: Replacements) -> dict[str, Any]:
    return {
        marked(replacements.user(name)): marked(replacements.secret(word))
        for name, word in table.items()
    }


def _access(table: Mapping[str, Any], replacements: Replacements) -> dict[str, Any]:
    """Return the ``access`` table with user names and passwords replaced."""
    words = {"user": replacements.user, "password": replacements.secret}
    return {
        name: {k: marked(words[k](v)) if k in words else v for k, v in login.items()}
        for name, login in table.items()
    }


def _commands(table: Mapping[str, str], replacements: Replacements) -> dict[str, Any]:
    return {name: command_text(name, words, replacements) for name, words in table.items()}


def _files(table: Mapping[str, str], replacements: Replacements) -> dict[str, Any]:
    """Return the files of the workspace with private words replaced."""
    files = {}
    for path, text in table.items():
        folder, _, name = path.partition("/")
        place = f"{marked(folder)}/{replacements.text(name)}" if name else path
        if path.endswith(".lock") or is_pylock(path):
            files[place] = lockfile_text(text, replacements)
        elif path.endswith((".txt", ".in")):
            lines = text.splitlines()
            files[place] = "".join(f"{line_text(line, replacements)}\n" for line in lines)
        else:
            files[place] = replacements.text(text)
    return files


def is_pylock(path: str) -> bool:
    """Return whether a path is that of a lockfile in the standard format (PEP 751)."""
    name = path.rpartition("/")[2]
    return name.startswith("pylock.") and name.endswith(".toml")


_TABLES: Final[Mapping[str, Callable[[Mapping[str, Any], Replacements], dict[str, Any]]]] = {
    "releases": _releases,
    "users": _users,
    "command": _commands,
}
