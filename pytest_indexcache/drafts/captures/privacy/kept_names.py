"""Find the names of folders and files that a captured scenario keeps, for the user to check."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_ROOT: Final = "project/"
_COMMON_FILE: Final = re.compile(
    r"(?:uv|poetry|pdm)\.lock|pylock\.toml|(?:.*/)?requirements(?:[-_.](?:dev|test|docs?))?\.(?:txt|in)"
)
_COMMON_FOLDER: Final = re.compile(r"(?:libs?|packages|requirements|src)?(?:/project[0-9]*)?")


def kept_names(tables: Mapping[str, Any]) -> Iterator[str]:
    """Yield the folder names of local projects, and the names of files that are not common ones.

    ``tables`` are the tables of a scenario in which private words were replaced and marks removed.
    """
    for path in tables.get("files", {}):
        name = path.removeprefix(_ROOT)
        folder = name.rpartition("/")[0]
        if not _COMMON_FILE.fullmatch(name) or not _COMMON_FOLDER.fullmatch(folder):
            yield f"file {name}"
    for project in tables.get("local-projects", {}).values():
        folder = project.get("path", "").removeprefix(_ROOT)
        if not _COMMON_FOLDER.fullmatch(folder):
            yield f"folder {folder}"
