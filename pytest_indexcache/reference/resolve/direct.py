"""Candidates that do not come from an index: files at URLs, local files, and folders."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from packaging.utils import NormalizedName

from pytest_indexcache.errors import UsageError
from pytest_indexcache.reference.index.filenames import read_version
from pytest_indexcache.reference.index.simple_pages import read_url_hashes
from pytest_indexcache.reference.resolve.core_metadata import CoreMetadata
from pytest_indexcache.reference.resolve.metadata import MetadataReader
from pytest_indexcache.reference.resolve.needs import Candidate
from pytest_indexcache.reference.words.packages import RemoteFile
from pytest_indexcache.reference.words.sources import PackageSource
from pytest_indexcache.system.urls import local_path, without_credentials
from pytest_indexcache.system.venvs.origins import Origin


class DirectCandidates:
    """Creates candidates from sources and URLs.

    ``own`` maps folders to their core metadata, if that is already known.
    """

    def __init__(
        self, metadata: MetadataReader, own: Mapping[Path, CoreMetadata] | None = None
    ) -> None:
        self._reader = metadata
        self._own = own or {}

    def of_source(self, name: NormalizedName, source: PackageSource) -> Candidate:
        """Return the candidate for a source that is a path or a URL.

        :raises UsageError: if the project is not at that path or URL
        """
        if source.path is None:
            return self.of_url(name, source.url or "")
        if source.path.is_file():
            return self.of_url(name, source.path.as_uri())
        return self._of_folder(name, source.path, editable=source.editable)

    def of_url(self, name: NormalizedName, url: str) -> Candidate:
        """Return the candidate at a URL: a wheel, an sdist or, for a file URL, a folder.

        :raises UsageError: if the project cannot be installed from this URL
        """
        folder = local_path(url)
        if folder is not None and not folder.exists():
            raise UsageError(f"{name}: there is no {folder}", hint="check the path")
        if folder is not None and folder.is_dir():
            return self._of_folder(name, folder, editable=False)
        file = file_at(name, url)
        return Candidate(name, file.version, self.origin_of(url), (file,))

    def origin_of(self, url: str) -> Origin:
        """Return the origin for a URL: a folder on this machine, or the URL without credentials."""
        folder = local_path(url)
        if folder is not None and folder.is_dir():
            return Origin("path", str(folder))
        return Origin("url", without_credentials(url.partition("#")[0]))

    def metadata(self, candidate: Candidate) -> CoreMetadata:
        """Return the core metadata of a candidate that is a folder."""
        return self._read_folder(Path(candidate.origin.location))

    def _of_folder(self, name: NormalizedName, folder: Path, *, editable: bool) -> Candidate:
        metadata = self._read_folder(folder)
        if metadata.name != name:
            raise UsageError(f"{folder} holds {metadata.name}, not {name}")
        origin = Origin("editable" if editable else "path", str(folder))
        return Candidate(name, metadata.version, origin)

    def _read_folder(self, folder: Path) -> CoreMetadata:
        return self._own.get(folder) or self._reader.read_folder(folder)


def file_at(name: NormalizedName, url: str) -> RemoteFile:
    """Return the file at a URL, which must belong to the project.

    :raises UsageError: if the URL is not that of a wheel or an sdist of the project
    """
    scheme, _, path, _, _ = urlsplit(url)
    if scheme not in ("https", "http", "file"):
        raise UsageError(
            f"{name} cannot be installed from {without_credentials(url)!r}",
            hint="name an https, http or file URL of a wheel or an sdist; not of a git repository",
        )
    filename = unquote(path.rpartition("/")[2])
    version = read_version(filename, name)
    if version is None:
        raise UsageError(
            f"{name}: {filename or without_credentials(url)!r} is not a wheel or sdist of it",
            hint="the URL must end with a name such as demo-1.0-py3-none-any.whl",
        )
    return RemoteFile(filename, url.partition("#")[0], name, version, read_url_hashes(url))
