"""What is looked for in the cache of an installer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name


@dataclass(frozen=True)
class CacheQuery:
    """What is looked for in a cache: pages, metadata, wheels or unpacked wheels.

    ``project`` is None for those of all projects; ``urls`` are those from which they came.
    """

    what: str
    project: str | None
    urls: frozenset[str]

    def has(self, name: str) -> bool:
        """Whether a project is looked for."""
        return self.project is None or canonicalize_name(name) == self.project

    def has_file(self, path: Path) -> bool:
        """Whether a file is a wheel or an sdist of what is looked for."""
        is_file = path.name.endswith((".whl", ".tar.gz", ".zip"))
        return is_file and self.has(_project_of(path.name))


def _project_of(filename: str) -> str:
    # The version of an sdist has no dash, its name may have some (PEP 625 is younger).
    is_wheel = filename.endswith(".whl")
    return filename.split("-", maxsplit=1)[0] if is_wheel else filename.rpartition("-")[0]
