"""Find the files in a venv that match patterns, and the project to which each file belongs."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pytest_indexcache.run.plays.venvs.distributions import Distribution
from pytest_indexcache.scenario.values.patterns import path_matcher


@dataclass(frozen=True)
class VenvFile:
    """A file in a venv: its path, relative to the venv, and the project to which it belongs."""

    path: str
    project: str | None = None


def files_of_venv(
    venv: Path,
    patterns: Collection[str],
    installed: Mapping[str, Distribution],
    each: Callable[[Iterable[str]], Iterable[str]] = iter,
) -> dict[str, tuple[VenvFile, ...]]:
    """Return the files in a venv that match each pattern, with the projects they belong to.

    The venv is walked only once. A file in a folder with two names, such as ``lib64``, matches
    under either name but counts once. ``each`` iterates over the patterns, and may raise an error
    after a deadline.
    """
    if not patterns:
        return {}
    paths = sorted(_files(venv))
    links = _links(venv)
    spelt = {path: [path, *_other_names(path, links)] for path in paths}
    owners = _owners(venv, installed)
    found: dict[str, tuple[VenvFile, ...]] = {}
    for pattern in each(patterns):
        matches = path_matcher(pattern)
        matched = (path for path in paths if any(map(matches, spelt[path])))
        found[pattern] = tuple(VenvFile(path, owners.get(path)) for path in matched)
    return found


def _files(venv: Path) -> Iterator[str]:
    """Yield the paths of all files in a venv, relative to it, without following folder links."""
    for folder, _, names in os.walk(venv):
        for name in names:
            path = Path(folder, name)
            if path.is_file():
                yield path.relative_to(venv).as_posix()


def _links(venv: Path) -> dict[str, str]:
    """Map each link in a venv's top folder to its target, if the target is a folder in the venv."""
    root = venv.resolve()
    links = [path for path in venv.glob("*") if path.is_symlink() and path.is_dir()]
    targets = {path.name: path.resolve() for path in links}
    return {
        name: target.relative_to(root).as_posix()
        for name, target in targets.items()
        if target.is_relative_to(root)
    }


def _other_names(path: str, links: Mapping[str, str]) -> Iterator[str]:
    for name, target in links.items():
        if path.startswith(f"{target}/"):
            yield name + path.removeprefix(target)


def _owners(venv: Path, installed: Mapping[str, Distribution]) -> dict[str, str]:
    """Return the project to which each path in a RECORD file belongs.

    The keys are the paths, relative to the venv.
    """
    owners: dict[str, str] = {}
    for distribution in installed.values():
        try:
            record = (distribution.folder / "RECORD").read_text("utf-8", "replace")
        except FileNotFoundError:
            continue
        site_packages = os.path.relpath(distribution.folder.parent, venv)
        for row in csv.reader(record.splitlines()):
            path = os.path.normpath(f"{site_packages}/{next(iter(row), '')}")
            owners.setdefault(Path(path).as_posix(), distribution.name)
    return owners
