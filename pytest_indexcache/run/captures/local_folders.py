"""Read the local projects to which a project file or a command refers."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from pytest_indexcache.drafts.captures.local_projects import LocalPath, local_project
from pytest_indexcache.drafts.captures.projects import project_data
from pytest_indexcache.errors import CommandError

_MOST_MEMBERS: Final = 100


def local_projects(folder: Path, paths: Iterable[LocalPath]) -> dict[str, Any]:
    """Return the ``[local-projects]`` table for paths that are relative to the project's folder.

    Only names, versions and requirements are taken from the project files.

    :raises CommandError: if a path is not a project within the folder
    """
    tables: dict[str, Any] = {}
    for path in paths:
        for inner in _folders(folder, path):
            name, table = _project(folder, path, inner)
            if table["path"] not in {each["path"] for each in tables.values()}:
                tables[name] = table
    return tables


def _folders(folder: Path, path: LocalPath) -> Iterator[str]:
    """Yield the folders that match a path, relative to the project's folder."""
    if not path.is_glob:
        yield path.path
        return
    if ".." in Path(path.path).parts or Path(path.path).is_absolute():
        raise _outside(path, path.path)
    found = [
        match for match in sorted(folder.glob(path.path)) if (match / "pyproject.toml").is_file()
    ]
    if len(found) > _MOST_MEMBERS:
        raise CommandError(f"{path.place}: {path.path!r} has more than {_MOST_MEMBERS} members")
    yield from (each.relative_to(folder).as_posix() for each in found)


def _project(folder: Path, path: LocalPath, inner: str) -> tuple[str, dict[str, Any]]:
    inside = Path(os.path.normpath(inner)).as_posix()
    if inside == ".":
        hint = "capture its requirements: with uv sync, or from a requirements file"
        raise CommandError(f"{path.place}: {inner!r} is the project itself, not built here", hint)
    place = folder / inside
    root = folder.resolve()
    if inside.startswith("..") or Path(inside).is_absolute() or not _is_in(place, root):
        raise _outside(path, inner)
    file = place / "pyproject.toml"
    if place.is_file():
        hint = "publish it to an index, or capture without it"
        raise CommandError(f"{path.place}: {inner!r} is a file, which is not copied", hint)
    if not file.is_file():
        hint = "only projects with a [project] table can be copied"
        raise CommandError(f"{path.place}: there is no pyproject.toml in {inner!r}", hint)
    if not _is_in(file, root):
        raise _outside(path, inner)
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(
            f"{path.place}: {inner}/pyproject.toml cannot be read: {error}"
        ) from None
    data = project_data(text, f"{inner}/pyproject.toml")
    name, table = local_project(data, f"project/{inside}")
    if not name:
        text = f"{path.place}: {inner}/pyproject.toml has no [project] table with a name"
        raise CommandError(text, "give it one (PEP 621), or capture without it")
    return name, table


def _is_in(place: Path, root: Path) -> bool:
    return place.resolve().is_relative_to(root)


def _outside(path: LocalPath, inner: str) -> CommandError:
    return CommandError(
        f"{path.place}: {inner!r} is not in the project's folder; only files in it are copied",
        "move it there for the capture, or name a folder that contains both with --project",
    )
