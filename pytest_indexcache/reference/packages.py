"""What the parts of the reference installer hand to each other: indexes, files, origins, pins."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal
from urllib.parse import unquote, urlsplit, urlunsplit

from packaging.requirements import Requirement
from packaging.utils import NormalizedName
from packaging.version import Version

PYPI: Final = "https://pypi.org/simple"
"""The default index where nobody names another."""


@dataclass(frozen=True, slots=True)
class IndexLocation:
    """An index that the project may use.

    ``explicit`` indexes serve only the projects whose source names them; of the others the first
    that has a page for a project serves it, and the default index comes last. What is ``is_beside``
    (find-links) offers its files beside those of any index. ``pages_override``
    and ``files_override`` replace the Cache-Control of the index's *responses*.
    """

    name: str
    url: str
    explicit: bool = False
    default: bool = False
    flat: bool = False
    is_beside: bool = False
    pages_override: str | None = None
    files_override: str | None = None

    @property
    def public_url(self) -> str:
        """The URL without user, password and last slash: how files and messages name the index."""
        return without_credentials(self.url).rstrip("/")


def local_path(url: str) -> Path | None:
    """Return the path that a file URL names, None for any other URL."""
    if not url.startswith("file:"):
        return None
    path = urlsplit(url).path
    if os.name != "nt":
        return Path(unquote(path))
    from urllib.request import url2pathname  # at the top it would cost every run 60 ms

    return Path(url2pathname(path))


def without_credentials(url: str) -> str:
    """Return the URL without user and password, so that it can be shown and written down."""
    if "@" not in url:
        return url
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a distribution came from; ``location`` is an index's URL, a URL, or a folder's path."""

    kind: Literal["index", "url", "path", "editable"]
    location: str


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file that a simple page lists, or that a requirement names by URL.

    ``hashes`` maps names of algorithms to hex digests. ``metadata_hashes`` is None where the index
    announces no core metadata for the file (PEP 714), else its hashes, perhaps none.
    """

    filename: str
    url: str
    project: NormalizedName
    version: Version
    hashes: Mapping[str, str] = field(default_factory=dict)
    requires_python: str | None = None
    yanked: str | None = None
    metadata_hashes: Mapping[str, str] | None = None
    size: int | None = None
    index: IndexLocation | None = None

    @property
    def is_wheel(self) -> bool:
        """Whether the file is a wheel, rather than an sdist."""
        return self.filename.endswith(".whl")


@dataclass(frozen=True, slots=True)
class Pin:
    """One package that the environment shall hold.

    ``file`` is the wheel or sdist to install, None for a folder. ``version`` is None only for a
    folder: one whose version its build backend alone knows, or one that comes out of a lock.
    """

    name: NormalizedName
    version: Version | None
    origin: Origin
    file: RemoteFile | None = None
    dependencies: tuple[Requirement, ...] = ()
