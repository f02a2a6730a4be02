"""Convert pins to packages in a lockfile, and packages to pins (PEP 751, ``[[packages]]``)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypedDict
from urllib.parse import unquote, urlsplit

from packaging.markers import Marker
from packaging.pylock import (
    Package,
    PackageArchive,
    PackageDirectory,
    PackageSdist,
    PackageVcs,
    PackageWheel,
)
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from pytest_indexcache.errors import LockfileError
from pytest_indexcache.reference.index.filenames import SDIST_SUFFIXES, read_version
from pytest_indexcache.reference.project.project_file import relative_path
from pytest_indexcache.reference.words.packages import IndexLocation, Pin, RemoteFile
from pytest_indexcache.system.urls import local_path, without_credentials
from pytest_indexcache.system.venvs.origins import Origin

UNKNOWN_VERSION: Final = Version("0")
"""The placeholder for the version of an archive, which is unknown until the archive is built."""

Chosen = PackageVcs | PackageDirectory | PackageArchive | PackageWheel | PackageSdist


def package_of(pin: Pin, files: Sequence[RemoteFile], marker: str | None, folder: Path) -> Package:
    """Return the lockfile's entry for a pin; paths in it are relative to ``folder``.

    ``files`` are the release's files that fit the environment, best first, each with a hash.
    ``marker`` is the condition on extras and groups under which the package is installed; None
    means always.
    """
    directory = archive = index = sdist = None
    wheels: list[PackageWheel] = []
    if pin.origin.kind in ("path", "editable"):
        path = relative_path(Path(pin.origin.location), folder)
        directory = PackageDirectory(path=path, editable=pin.origin.kind == "editable")
    elif pin.origin.kind == "url":
        archive = PackageArchive(**_facts(files[0], folder))
    else:
        index = pin.origin.location
        for file in files:
            if file.is_wheel:
                wheels.append(PackageWheel(name=file.filename, **_facts(file, folder)))
            elif sdist is None:
                sdist = PackageSdist(name=file.filename, **_facts(file, folder))
    names = sorted({canonicalize_name(requirement.name) for requirement in pin.dependencies})
    return Package(
        name=pin.name,
        # PEP 751: a version "MUST NOT be included when it cannot be guaranteed to be consistent
        # with the code used (i.e. when a source tree is used)".
        version=None if directory else pin.version,
        marker=None if marker is None else Marker(marker),
        dependencies=[{"name": name} for name in names] or None,
        directory=directory,
        archive=archive,
        index=index,
        sdist=sdist,
        wheels=wheels or None,
    )


class _Facts(TypedDict):
    url: str | None
    path: str | None
    size: int | None
    hashes: dict[str, str]


def _facts(file: RemoteFile, folder: Path) -> _Facts:
    path = local_path(file.url)
    return {
        "url": without_credentials(file.url) if path is None else None,
        "path": None if path is None else relative_path(path, folder),
        "size": file.size,
        "hashes": dict(sorted(file.hashes.items())),
    }


def pin_of(package: Package, chosen: Chosen, folder: Path, indexes: Sequence[IndexLocation]) -> Pin:
    """Return a pin for a package and the file, archive or folder to install it from.

    :raises LockfileError: if the package has an unsupported kind of source
    """
    dependencies = tuple(
        Requirement(str(entry["name"])) for entry in package.dependencies or () if "name" in entry
    )
    if isinstance(chosen, PackageDirectory):
        location = os.path.normpath(folder / chosen.path / (chosen.subdirectory or "."))
        origin = Origin("editable" if chosen.editable else "path", location)
        return Pin(package.name, package.version, origin, None, dependencies)
    if isinstance(chosen, PackageVcs):
        raise LockfileError(
            f"{package.name} is locked to a {chosen.type} repository, which is not supported",
            hint="lock a release, a URL or a folder instead",
        )
    if isinstance(chosen, PackageArchive) and chosen.subdirectory:
        raise LockfileError(
            f"{package.name} is locked to the folder {chosen.subdirectory!r} of an archive, which "
            "is not supported",
            hint="lock a release or a folder instead",
        )
    file = _file_of(package, chosen, folder, indexes)
    if isinstance(chosen, PackageArchive):
        origin = Origin("url", file.url)
    else:
        origin = Origin("index", _public(package.index or ""))
    version = None if file.version is UNKNOWN_VERSION else file.version
    return Pin(package.name, version, origin, file, dependencies)


def _file_of(
    package: Package,
    chosen: PackageArchive | PackageWheel | PackageSdist,
    folder: Path,
    indexes: Sequence[IndexLocation],
) -> RemoteFile:
    # "If path is set, use it. If url is set, try to use it" (the specification, "Installation").
    path = Path(os.path.normpath(folder / chosen.path)) if chosen.path else None
    url = path.as_uri() if path else str(chosen.url)
    if isinstance(chosen, PackageArchive):
        filename = unquote(urlsplit(url).path.rpartition("/")[2])
    else:
        filename = chosen.filename
    version = package.version or read_version(filename, package.name)
    if version is None and not filename.endswith(SDIST_SUFFIXES):
        raise LockfileError(
            f"{package.name}: {filename!r} does not say which version it is",
            hint="write a version beside its name, or the URL of an sdist",
        )
    return RemoteFile(
        filename=filename,
        url=url,
        project=package.name,
        version=version or UNKNOWN_VERSION,
        hashes={name.lower(): digest.lower() for name, digest in chosen.hashes.items()},
        size=chosen.size,
        is_locked=True,
        index=_index_of(package, url, indexes),
    )


def _index_of(package: Package, url: str, indexes: Sequence[IndexLocation]) -> IndexLocation | None:
    """Return the index from which a package's file comes, or None if ``indexes`` lacks it.

    If the package names an index, the result is the index with that URL. Otherwise, it is an index
    with the same scheme and host as ``url``, the URL of the file.
    """
    if package.index:
        named = _public(package.index)
        return next((index for index in indexes if index.public_url == named), None)
    try:
        host = urlsplit(url)[:2]
    except ValueError as error:
        raise LockfileError(f"{package.name}: {url} is not a URL: {error}") from error
    return next((index for index in indexes if urlsplit(index.public_url)[:2] == host), None)


def _public(index: str) -> str:
    return without_credentials(index).rstrip("/")
