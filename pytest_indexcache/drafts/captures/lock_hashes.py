"""Update the hash of the project file in lockfiles of Poetry and PDM.

These installers treat a lockfile as outdated if this hash is wrong. The project file of a captured
scenario differs from the user's, so its hash differs, too. The rules are those of Poetry 1.8 to
2.5.1 and PDM 2.10 to 2.29.4.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, Final

from packaging.utils import canonicalize_name

from pytest_indexcache.drafts.captures.privacy.marks import unmarked

_HASH: Final = re.compile(r'(?<=content[-_]hash = ")(?P<kind>sha256:)?(?P<hash>[0-9a-f]{64})(?=")')
_STANDARD: Final = ("requires-python", "dependencies", "optional-dependencies")
_OLDER: Final = ("dependencies", "source", "extras", "dev-dependencies")


def rehashed(text: str, installer: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Return a lockfile with the hash of project file ``after`` in place of the hash of ``before``.

    If the lockfile does not contain the hash of ``before``, it is returned unchanged.
    """
    found = _HASH.search(text)
    for covered in _COVERED.get(installer, ()):
        if found is not None and found["hash"] == _digest(covered(before)):
            return text.replace(found["hash"], _digest(covered(unmarked(after))))
    return text


def rehashed_files(
    files: Mapping[str, str], before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, str]:
    """Return files in which all lockfiles contain the hashes of the new project files.

    ``before`` and ``after`` map installer names to the old and new project files.
    """
    rehash = dict(files)
    for path, text in files.items():
        for name in before if path.endswith(".lock") else ():
            rehash[path] = rehashed(text, name, before[name], after[name])
    return rehash


def _digest(covered: Any) -> str:
    return sha256(json.dumps(covered, sort_keys=True, default=str).encode()).hexdigest()


def _own(data: Mapping[str, Any], installer: str) -> Mapping[str, Any]:
    tool = data.get("tool")
    own = tool.get(installer) if isinstance(tool, Mapping) else None
    return own if isinstance(own, Mapping) else {}


def _table(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key)
    return value if isinstance(value, Mapping) else {}


def _poetry(data: Mapping[str, Any]) -> Any:
    """Return the tables that Poetry hashes in releases that support ``[dependency-groups]``."""
    project = _table(data, "project")
    covered: dict[str, Any] = {}
    standard = {key: project[key] for key in _STANDARD if project.get(key) is not None}
    if standard:
        covered["project"] = standard
    if _table(data, "dependency-groups"):
        covered["dependency-groups"] = data["dependency-groups"]
    own = _own(data, "poetry")
    tables = {key: own[key] for key in (*_OLDER, "group") if own.get(key) is not None}
    if covered:
        return {**covered, "tool": {"poetry": tables}}
    # Without standard tables, a missing table is covered as null.
    return {**dict.fromkeys(_OLDER), **tables}


def _poetry_without_groups(data: Mapping[str, Any]) -> Any:
    return _poetry({key: value for key, value in data.items() if key != "dependency-groups"})


def _pdm(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tables that PDM 2.20 and later hash."""
    own, project = _own(data, "pdm"), _table(data, "project")
    groups: dict[str, list[Any]] = {}
    for tables in (_table(data, "dependency-groups"), _table(own, "dev-dependencies")):
        for name, texts in tables.items():
            groups.setdefault(canonicalize_name(name), []).extend(texts)
    return {
        "sources": own.get("source", []),
        "dependencies": project.get("dependencies", []),
        "dev-dependencies": groups,
        "optional-dependencies": project.get("optional-dependencies", {}),
        "requires-python": project.get("requires-python", ""),
        "resolution": own.get("resolution", {}),
    }


def _older_pdm(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tables that PDM before 2.20 hashes."""
    own = _own(data, "pdm")
    covered = {**_pdm(data), "dev-dependencies": own.get("dev-dependencies", {})}
    del covered["resolution"]
    return {**covered, "overrides": _table(own, "resolution").get("overrides", {})}


_COVERED: Final[Mapping[str, tuple[Callable[[Mapping[str, Any]], Any], ...]]] = {
    "poetry": (_poetry, _poetry_without_groups),
    "pdm": (_pdm, _older_pdm),
}
"""For each installer, functions that return the tables that its various releases hash."""
