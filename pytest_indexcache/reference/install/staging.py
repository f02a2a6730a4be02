"""Move files from a staging folder into the venv that contains it; both have the same layout."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path


def occupied(source: Path, target: Path, doomed: Collection[str]) -> Path | None:
    """Return the first path that is a file in ``source`` but a folder in the venv, or vice versa.

    The contents of ``source`` are to be moved to ``target``. Files in ``doomed`` are ignored,
    because they are removed before the move. The result is a path in the venv, or None if there is
    no such path.
    """
    if not os.path.lexists(target):
        return None
    if source.is_dir() and target.is_dir():
        found = (occupied(path, target / path.name, doomed) for path in source.iterdir())
        return next((place for place in found if place is not None), None)
    if source.is_dir():
        return None if str(target) in doomed else target
    if target.is_dir() and not target.is_symlink():
        kept = (path for path in target.rglob("*") if path.is_symlink() or not path.is_dir())
        return None if all(str(path) in doomed for path in kept) else target
    return None


def put_in_place(source: Path, target: Path) -> None:
    """Move all files to ``target``; a dist-info folder is moved after the files that it lists."""
    for path, place in sorted(_moves(source, target), key=_is_of_dist_info):
        path.replace(place)


def _moves(source: Path, target: Path) -> Iterator[tuple[Path, Path]]:
    """Yield the source and target of each rename; existing folders are filled, not replaced."""
    if source.is_dir() and target.is_dir():
        for path in source.iterdir():
            yield from _moves(path, target / path.name)
    else:
        yield source, target


def _is_of_dist_info(move: tuple[Path, Path]) -> bool:
    return any(part.endswith(".dist-info") for part in move[0].parts[-2:])
