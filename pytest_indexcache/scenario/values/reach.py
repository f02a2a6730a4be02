"""The folders, indexes and modules that the values in a scenario can refer to."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import dropwhile
from pathlib import PurePosixPath
from posixpath import normpath
from typing import Final, Self
from urllib.parse import urlsplit

from packaging.utils import canonicalize_name

from pytest_indexcache.messages import HostPort

PATH: Final = r"[\w.+][\w./+-]*"

OTHER_PYTHONS: Final = "__pypackages__"
"""The folder that makes PDM use the system's Python instead of a venv (PEP 582)."""

NOT_ENTERED: Final = (OTHER_PYTHONS, "site-packages", "dist-packages")
"""Folders that no value may contain, in lower case, because the files in them are not checked."""

_HIERARCHY: Final = re.compile(r"https?://[^/?#]+(?:[/?#].*)?", re.DOTALL)


@dataclass(frozen=True)
class Reach:
    """The folders, indexes and modules that a value can refer to.

    ``origins`` contains the hosts and ports of the indexes. ``modules`` contains the modules of the
    projects. ``attributes`` contains the modules in verbatim files that may be imported when the
    project is built. ``folders`` contains the folders that relative paths may start from: a
    command, for example, runs in the project's folder, one level below the workspace.
    """

    origins: frozenset[HostPort] = frozenset()
    modules: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()
    folders: tuple[str, ...] = ("project",)

    @classmethod
    def of(cls, urls: Iterable[str], projects: Iterable[str], files: Iterable[str] = ()) -> Self:
        """Create the reach for a scenario with these index URLs and these projects.

        ``files`` are paths in the workspace; modules in these files are within reach as well.
        """
        own = frozenset(_modules_in(files))
        return cls(frozenset(map(HostPort.of, urls)), modules_of(projects) | own)

    def entered(self, path: str) -> Reach:
        """Return the reach after changing the folder: paths may start in the old or the new one.

        :raises ValueError: if the folder has already been changed twice
        """
        if len(self.folders) > 2:
            raise ValueError("a command may change its folder at most twice")
        return self.starting(normpath(f"{folder}/{path}") for folder in self.folders)

    def starting(self, folders: Iterable[str]) -> Reach:
        """Return the reach for paths that may also start from additional folders."""
        return replace(self, folders=tuple(dict.fromkeys([*self.folders, *folders])))

    def holds(self, path: str) -> bool:
        """Return whether a path stays in the workspace, whichever of the folders it starts from.

        ``..`` is allowed only at the beginning of a path, because a folder that precedes it may be
        a link.
        """
        parts = [part for part in path.split("/") if part not in ("", ".")]
        if not re.fullmatch(PATH, path) or ".." in dropwhile("..".__eq__, parts):
            return False
        if any(part.lower() in NOT_ENTERED for part in parts):
            return False
        places = (normpath(f"{folder}/{path}") for folder in self.folders)
        return not any(place == ".." or place.startswith("../") for place in places)

    def serves(self, url: str) -> bool:
        """Return whether there is an index at the host and port of a URL."""
        return self.missing_host(url) is None

    def missing_host(self, url: str) -> str | None:
        """Return the host of a URL if no index serves it, or None if an index does.

        The result is an empty string if the URL has no host.
        """
        if not _HIERARCHY.fullmatch(url) or "\\" in url:
            return ""
        try:
            origin, place = HostPort.of(url), urlsplit(url).netloc
        except ValueError:
            return ""
        if place.count("@") > 1 or origin not in self.origins:
            return place.rpartition("@")[2]
        return None

    @property
    def hosts(self) -> list[str]:
        """The hosts of the indexes, with the port unless it is 80 or 443."""
        return sorted(
            origin.host if origin.port in (80, 443) else f"{origin.host}:{origin.port}"
            for origin in self.origins
        )


STANDARD_MODULES: Final = frozenset(sys.stdlib_module_names).union(
    # Modules in other versions of Python, and some that sys.stdlib_module_names omits.
    *(
        ("test", "lib2to3", "distutils", "site"),
        ("formatter", "parser", "symbol", "macpath", "macurl2path", "dummy_threading"),
        ("_dummy_thread", "_dummy_threading", "binhex", "asynchat", "asyncore", "imp", "smtpd"),
        ("aifc", "audioop", "cgi", "cgitb", "chunk", "crypt", "imghdr", "mailcap", "msilib"),
        ("nis", "nntplib", "ossaudiodev", "pipes", "sndhdr", "spwd", "sunau", "telnetlib", "uu"),
        ("xdrlib", "annotationlib", "compression", "pathlib", "_pyrepl", "pydoc_data", "phello"),
        ("__hello__", "__phello__", "_bootlocale", "idlelib", "turtledemo", "ensurepip", "venv"),
    )
)
"""The standard modules of all Python versions; they hide project modules with the same name."""


def _modules_in(files: Iterable[str]) -> Iterator[str]:
    """Yield the top-level name by which each of these files could be imported if it is a module."""
    for path in map(PurePosixPath, files):
        if path.suffix == ".py":
            yield path.parent.name if path.stem == "__init__" else path.stem


def modules_of(projects: Iterable[str]) -> frozenset[str]:
    """Return the names of the modules that these projects install."""
    return frozenset(canonicalize_name(name).replace("-", "_") for name in projects)
