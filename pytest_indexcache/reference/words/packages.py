"""The values that the parts of the reference installer pass to each other: indexes, files, pins."""

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
"""The default index if no other is configured."""


@dataclass(frozen=True, slots=True)
class IndexLocation:
    """An index that the project may use.

    An ``explicit`` index is used only for projects whose source names it. All other projects are
    installed from the first non-explicit index that has a page for them; the default index comes
    last. The files on an index with ``is_beside`` (find-links) are used in addition to those on any
    other index. ``pages_override`` and ``files_override`` replace the Cache-Control of the index's
    *responses*.
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
        """Check that the URL can be requested.

        :raises UsageError: if it is not an HTTP, HTTPS or file URL
        """
        if not is_index_url(self.url):
            raise UsageError(
                f"index {self.name!r}: {self.url!r} is not the URL of an index",
                hint="write https://HOST/PATH, or file:///FOLDER",
            )

    @property
    def public_url(self) -> str:
        """The URL without user name, password or trailing slash, for lockfiles and messages."""
        return without_credentials(self.url).rstrip("/")

    @property
    def place(self) -> str:
        """The index's URL in a normalized form, which is the same however the URL is written."""
        return normal_url(self.url).rstrip("/")


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file that a simple page lists, or to whose URL a requirement refers.

    ``hashes`` maps algorithms to hex digests. ``metadata_hashes`` maps algorithms to digests of the
    core metadata, and may be empty; it is None if the index does not announce core metadata for the
    file (PEP 714). ``size`` is checked only with ``is_locked``, when it comes from a lockfile; the
    size on a page is not checked. ``uploaded`` is in seconds since the epoch, or None if the index
    does not list it.
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
        """Whether the file is a wheel; otherwise, it is an sdist."""
        return self.filename.endswith(".whl")


@dataclass(frozen=True, slots=True)
class Pin:
    """A package to install into the environment.

    ``file`` is the wheel or sdist to install; it is None for a folder. ``version`` is None for a
    folder from a lockfile, and for a folder or a locked archive whose version is unknown before the
    build. ``unknown_extras`` are required extras that the package does not have.
    """

    name: NormalizedName
    version: Version | None
    origin: Origin
    file: RemoteFile | None = None
    dependencies: tuple[Requirement, ...] = ()
    unknown_extras: tuple[NormalizedName, ...] = ()


def is_index_url(url: str) -> bool:
    """Return whether a URL can be that of an index: an HTTP, HTTPS or file URL."""
    try:
        scheme, host, path = urlsplit(url)[:3]
    except ValueError:
        return False
    if scheme == "file":  # RFC 8089 2: the host of a file on this machine
        return host.lower() in ("", "localhost") and path.startswith("/")
    return scheme in ("http", "https") and bool(host)


def is_exact(part: Specifier) -> bool:
    """Return whether a clause of a specifier allows exactly one version (PEP 440)."""
    return part.operator == "===" or (part.operator == "==" and not part.version.endswith(".*"))
