"""Check that ``.pth`` and similar files only refer to folders in the workspace.

Installers write absolute paths into such files. If a file is truncated within a path, the rest of
the path leads to a folder outside the workspace. Python would then import modules from there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

from pytest_indexcache.errors import PlayError
from pytest_indexcache.run.plays.workspace.walked_folders import INSTALLED

_PATHS: Final = ".pth"
_NAMES: Final = ("RECORD", "direct_url.json")
_SUFFIXES: Final = (_PATHS, ".egg-link")
_LARGEST: Final = 1 << 20
_NOT_PLAIN: Final = re.compile(r"[^\S \t\r\n]|[\x00-\x08\x0e-\x1f\x7f\ufffd]|\r(?!\n)")
"""Matches characters that some Python versions read as line ends, or decode differently."""

_IMPORTS: Final = re.compile(
    # virtualenv and uv; setuptools and editables, for editable installs
    r"import (_\w+)(?:; ?\1\.install\(\))?;?|"
    # setuptools, in build venvs
    r"import os; ?var = 'SETUPTOOLS_USE_DISTUTILS'; "
    r"enabled = os\.environ\.get\(var, '(?:local|stdlib)'\) == 'local'; "
    r"enabled and __import__\('_distutils_hack'\)\.add_shim\(\); ?"
)
"""Matches the code that installers and build backends write into ``.pth`` files."""

_ADDED: Final = re.compile(r"import site; site\.addsitedir\(([\"'])([^\"'\\]+)\1\)")
"""Matches the line with which ``uv run --with`` adds one venv to another."""


def names_paths(file: Path) -> bool:
    """Return whether files with this name contain paths that Python or an installer follows."""
    return file.name in _NAMES or file.suffix in _SUFFIXES


def cuts_root(root: Path, file: Path, length: int) -> bool:
    """Return whether truncating a file at ``length`` would cut off part of the workspace's path.

    What remains of the path would lead to a folder above the workspace.
    """
    plain = {str(root), str(root.resolve())}
    urls = {f"file://{written}" for path in plain for written in (path, quote(path))}
    paths = [path.encode() for path in plain | urls]
    reach = max(map(len, paths))
    begin = max(0, length - reach)
    with file.open("rb") as content:
        content.seek(begin)
        around = content.read(length - begin + reach)
    cut = length - begin
    return any(
        found.start() < cut < found.end()
        for path in paths
        for found in re.finditer(re.escape(path), around)
    )


def demand_paths_inside(root: Path) -> None:
    """Raise PlayError if a Python in the workspace would import modules from outside it.

    Python reads the ``.pth`` files in site-packages when it starts; some of them come from uv's
    cache. A line is rejected if it leads out of the workspace, or contains code that no installer
    writes.
    """
    inside = root.resolve()
    for file in _path_files(root):
        if not file.is_file() or not file.resolve().is_relative_to(inside):
            raise _refusal(root, file, "is a link out of the workspace, or not a regular file")
        if file.stat().st_size > _LARGEST:
            raise _refusal(root, file, f"has more than {_LARGEST:,} bytes")
        text = file.read_bytes().decode("utf-8-sig", "replace")
        if _NOT_PLAIN.search(text):
            raise _refusal(root, file, "has characters that are not allowed in a text file")
        for line in text.splitlines():
            if not _is_inside(inside, file.parent, line.rstrip()):
                raise _refusal(
                    root, file, f"has the line {line[:200]!r}, which leads out of the workspace"
                )


def _refusal(root: Path, file: Path, problem: str) -> PlayError:
    return PlayError(
        f"{file.relative_to(root)} {problem}: a Python would import modules of the machine",
        "look at the step that wrote the file",
    )


def _path_files(root: Path) -> Iterator[Path]:
    """Yield the files in a workspace and its cache that extend a Python's module search path."""
    waiting = [str(root)]
    while waiting:
        folder = waiting.pop()
        with os.scandir(folder) as entries:
            # Python only reads the files directly in site-packages, not those in its subfolders.
            goes_down = not folder.endswith(INSTALLED)
            for entry in entries:
                is_path_file = entry.name.endswith(_PATHS)
                if (is_path_file or goes_down) and entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif is_path_file:
                    yield Path(entry.path)


def _is_inside(inside: Path, folder: Path, line: str) -> bool:
    """Return whether a line of a file in ``folder`` leads into the workspace or is harmless."""
    if not line or line.startswith("#") or _IMPORTS.fullmatch(line):
        return True
    if found := _ADDED.fullmatch(line):
        line = found[2]
    elif line.startswith(("import ", "import\t")):
        return False
    return (folder / line).resolve().is_relative_to(inside)
