"""List the files on an index, based on its pages, a local folder or the installer's records."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Self

from packaging.utils import NormalizedName

from pytest_indexcache.errors import IndexResponseError, OfflineError
from pytest_indexcache.reference.http_cache.rules.cache_control import Directives
from pytest_indexcache.reference.index.client import IndexClient
from pytest_indexcache.reference.index.filenames import read_version
from pytest_indexcache.reference.index.index_records import IndexRecords
from pytest_indexcache.reference.index.simple_pages import parse_page
from pytest_indexcache.reference.words.behaviour import CORRECT, Behaviour
from pytest_indexcache.reference.words.packages import IndexLocation, RemoteFile
from pytest_indexcache.reference.words.selection import NOTHING, Selection
from pytest_indexcache.reference.words.simple_page import SimplePage
from pytest_indexcache.system.urls import local_path


@dataclass(frozen=True, slots=True)
class IndexListing:
    """The files that an index lists for a project.

    ``is_known`` is true if the index has the project. Even then, there may be no usable file,
    because the page is empty or is a login page. ``is_reused`` is true if the page was fresh in the
    HTTP cache, so no request was sent.
    """

    files: tuple[RemoteFile, ...] = ()
    is_known: bool = False
    is_reused: bool = False

    @classmethod
    def of(
        cls, files: tuple[RemoteFile, ...], index: IndexLocation, *, is_reused: bool = False
    ) -> Self:
        """Create a listing of the files on a page.

        A flat index has the project if it lists at least one file for it.
        """
        return cls(files, is_known=bool(files) or not index.flat, is_reused=is_reused)


class IndexPages:
    """Lists the files that indexes offer for a project.

    Pages are requested through the client and its HTTP cache. If the network is disabled and the
    HTTP cache does not contain a page, the page is taken from the records. ``refresh`` selects
    projects whose pages are revalidated regardless of their age. ``upgrade`` selects projects for
    which newer releases are wanted; their pages are also revalidated, unless the user's own
    override determines how long the index's pages are fresh. Thread-safe.
    """

    def __init__(
        self,
        client: IndexClient,
        records: IndexRecords,
        *,
        refresh: Selection = NOTHING,
        upgrade: Selection = NOTHING,
        behaviour: Behaviour = CORRECT,
    ) -> None:
        self._client = client
        self._records = records
        self._refresh = refresh
        self._upgrade = upgrade
        self._behaviour = behaviour
        self._flat_pages: dict[str, SimplePage | None] = {}
        self._flat_lock = Lock()

    def files(
        self, index: IndexLocation, project: NormalizedName, *, again: bool = False
    ) -> IndexListing | None:
        """Return the files that an index lists for a project.

        The result is None if requests are disabled and no earlier answer was recorded. With
        ``again``, a project's page is requested even if the stored page is fresh.

        :raises IndexResponseError: if the index answers with an error or an invalid page
        :raises ConnectionFailedError: if the index cannot be reached
        """
        folder = local_path(index.url)
        if folder is not None:
            return _list_local(index, folder, project)
        if index.flat:
            page = self._flat_page(index)
        else:
            # PEP 503: "All URLs which respond with an HTML5 page MUST end with a /".
            url = f"{index.url.rstrip('/')}/{project}/"
            page = self._ask(url, index, project, again=again)
        if page is None:
            return None
        if page.body is None:
            return IndexListing()
        is_reused = page.is_reused and not index.flat and not self._client.offline
        return IndexListing.of(parse_page(page, project, index), index, is_reused=is_reused)

    def _flat_page(self, index: IndexLocation) -> SimplePage | None:
        """Return the one page of a flat index; it is requested by the first call only."""
        with self._flat_lock:
            if index.url not in self._flat_pages:
                url = index.url.rstrip("/") if self._behaviour.drop_slash else index.url
                self._flat_pages[index.url] = self._ask(url, index, None)
            return self._flat_pages[index.url]

    def _ask(
        self,
        url: str,
        index: IndexLocation,
        project: NormalizedName | None,
        *,
        again: bool = False,
    ) -> SimplePage | None:
        """Request a project's page or, if ``project`` is None, the one page of a flat index."""
        refresh, upgrade = (
            bool(chosen) if project is None else project in chosen
            for chosen in (self._refresh, self._upgrade)
        )
        if self._behaviour.remember_absence:
            known = self._records.recall_page(index.public_url, project or "")
            if known is not None and known.body is None:
                return known
        try:
            page = self._client.get_page(url, index, refresh=refresh or again, upgrade=upgrade)
        except OfflineError:
            if self._behaviour.refuse_stale_offline:
                return None
            return self._records.recall_page(index.public_url, project or "")
        page = page or SimplePage(url)
        if not (self._behaviour.obey_no_store and "no-store" in Directives.of(page.headers)):
            self._records.remember_page(index.public_url, project or "", page)
        return page


def _list_local(index: IndexLocation, place: Path, project: NormalizedName) -> IndexListing:
    """List a project's files on this machine: in a folder, on a page, or in a folder of pages."""
    if index.flat and place.is_dir():
        return IndexListing.of(_list_folder(index, place, project), index)
    file = place if index.flat else place / project / "index.html"
    try:
        page = SimplePage(file.as_uri(), "text/html", file.read_bytes())
    except FileNotFoundError as error:
        if place.exists():
            return IndexListing()
        raise IndexResponseError(
            f"index {index.name!r}: there is no {place}", hint="check the index's URL"
        ) from error
    return IndexListing.of(parse_page(page, project, index), index)


def _list_folder(
    index: IndexLocation, folder: Path, project: NormalizedName
) -> tuple[RemoteFile, ...]:
    files = []
    for path in sorted(folder.iterdir()):
        version = read_version(path.name, project)
        if version is not None and path.is_file():
            files.append(
                RemoteFile(
                    filename=path.name,
                    url=path.absolute().as_uri(),
                    project=project,
                    version=version,
                    size=path.stat().st_size,
                    index=index,
                )
            )
    return tuple(files)
