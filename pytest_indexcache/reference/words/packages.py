"""What the parts of the reference installer hand to each other: indexes, files, pins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from packaging.requirements import Requirement
from packaging.specifiers import Specifier
from packaging.utils import NormalizedName
from packaging.version import Version

from pytest_indexcache.errors import UsageError
from pytest_indexcache.system.urls import normal_url, without_credentials
from pytest_indexcache.system.venvs.origins import Origin

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

    def __post_init__(self) -> None:
        """Refuse what no request could be made of.

        :raises UsageError: if the URL is not that of an index
        """
        if not is_index_url(self.url):
            raise UsageError(
                f"index {self.name!r}: {self.url!r} is not the URL of an index",
                hint="write https://HOST/PATH, or file:///FOLDER",
            )

    @property
    def public_url(self) -> str:
        """The URL without user, password and last slash: how files and messages name the index."""
        return without_credentials(self.url).rstrip("/")

    @property
    def place(self) -> str:
        """The URL in the form by which indexes are compared: two of one place are one index."""
        return normal_url(self.url).rstrip("/")


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file that a simple page lists, or that a requirement names by URL.

    ``hashes`` maps names of algorithms to hex digests. ``metadata_hashes`` is None where the index
    announces no core metadata for the file (PEP 714), else its hashes, perhaps none. The ``size``
    of a file that ``is_locked`` is that in a lockfile, and not only what a page says. ``uploaded``
    is in seconds since the epoch, None where the index does not tell.
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
    is_locked: bool = False
    uploaded: float | None = None

    @property
    def is_wheel(self) -> bool:
        """Whether the file is a wheel, rather than an sdist."""
        return self.filename.endswith(".whl")


@dataclass(frozen=True, slots=True)
class Pin:
    """One package that the environment shall hold.

    ``file`` is the wheel or sdist to install, None for a folder. ``version`` is None only for a
    folder: one whose version its build backend alone knows, or one that comes out of a lock; and
    for an archive of a lock whose version is not known before it is built. ``unknown_extras`` were
    asked for, and it does not have them.
    """

    name: NormalizedName
    version: Version | None
    origin: Origin
    file: RemoteFile | None = None
    dependencies: tuple[Requirement, ...] = ()
    unknown_extras: tuple[NormalizedName, ...] = ()


def is_index_url(url: str) -> bool:
    """Return whether a URL is one of HTTP or of a folder, so that an index could be there."""
    try:
        scheme, host, path = urlsplit(url)[:3]
    except ValueError:
        return False
    if scheme == "file":  # RFC 8089 2: the host of a file on this machine
        return host.lower() in ("", "localhost") and path.startswith("/")
    return scheme in ("http", "https") and bool(host)


def is_exact(part: Specifier) -> bool:
    """Return whether a part of a specifier admits one version alone (PEP 440)."""
    return part.operator == "===" or (part.operator == "==" and not part.version.endswith(".*"))
