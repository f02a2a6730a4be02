"""Responses, pages and files from real indexes, as recorded during a capture."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from packaging.utils import canonicalize_name

from pytest_indexcache.drafts.captures.indexes.page_entries import LinkedFile, SeenPage
from pytest_indexcache.drafts.words.names import named_file
from pytest_indexcache.messages import Headers, Kind, Subject
from pytest_indexcache.system.urls import normal_url

METADATA = ".metadata"
PYPI_URL = "https://pypi.org/simple"


def is_pypi(url: str) -> bool:
    """Return whether a URL is that of PyPI's simple index, with or without a trailing slash."""
    return url.rstrip("/") == PYPI_URL


def is_same_index(url: str, other: str) -> bool:
    """Return whether two URLs are equal apart from a trailing slash and credentials."""
    return normal_url(url).rstrip("/") == normal_url(other).rstrip("/")


@dataclass(frozen=True)
class SeenResponse:
    """A response from a real index.

    ``page`` is the parsed body if it is a simple page. ``is_chunked`` is true if the body was sent
    in chunks, without a Content-Length.
    """

    method: str
    url: str
    request: Headers
    status: int
    headers: Headers
    subject: Subject
    page: SeenPage | None = None
    is_chunked: bool = False


@dataclass(frozen=True)
class SeenFile:
    """A file that was requested; ``metadata`` is its core metadata, or "" if unknown."""

    entry: LinkedFile
    index: str
    metadata: str = ""
    is_read_by_ranges: bool = False
    build_requires: tuple[str, ...] = ()


@dataclass(frozen=True)
class CapturedIndex:
    """An index to capture.

    ``url`` contains no credentials. ``login`` is a user name and password, or None. ``is_netrc`` is
    true if the login comes from the netrc file. ``is_fallback`` is true if the index is reached
    only through another index's redirects.
    """

    name: str
    url: str
    is_default: bool = False
    is_explicit: bool = False
    cache_control: Mapping[str, str] = field(default_factory=dict)
    login: tuple[str, str] | None = None
    is_netrc: bool = False
    is_fallback: bool = False


@dataclass(frozen=True)
class SeenIndex:
    """A real index with all its recorded responses."""

    index: CapturedIndex
    responses: tuple[SeenResponse, ...]

    @property
    def pages(self) -> dict[str, SeenPage]:
        """The latest page of each project."""
        return {
            each.subject.project: each.page
            for each in self.responses
            if each.subject.project is not None and each.page is not None
        }

    @property
    def entries(self) -> dict[str, LinkedFile]:
        """All files to which the pages link, keyed by filename."""
        return {entry.filename: entry for page in self.pages.values() for entry in page.entries}

    @property
    def asked_files(self) -> tuple[str, ...]:
        """The names of files that were requested, or whose metadata was requested."""
        names = {}
        for each in self.responses:
            if each.subject.kind in (Kind.WHEEL, Kind.SDIST, Kind.METADATA):
                names[(each.subject.filename or "").removesuffix(METADATA)] = True
            elif each.subject.kind is Kind.JSON:
                names |= dict.fromkeys(self._of_release(each.url), True)
        return tuple(name for name in names if named_file(name) is not None)

    def _of_release(self, url: str) -> Iterator[str]:
        """Yield the filenames of the release that a URL of PyPI's JSON API describes."""
        parts = urlsplit(url).path.strip("/").split("/")
        if len(parts) < 3:
            return
        project, version = canonicalize_name(parts[-3]), unquote(parts[-2])
        for entry in self.entries.values():
            if (entry.project, entry.version) == (project, version):
                yield entry.filename

    def of(
        self, *kinds: Kind, statuses: Collection[int] = (), method: str = ""
    ) -> list[SeenResponse]:
        """Return the responses of these kinds, limited to ``statuses`` and ``method`` if given."""
        return [
            each
            for each in self.responses
            if each.subject.kind in kinds
            and (not statuses or each.status in statuses)
            and (not method or each.method == method)
        ]


def seen_indexes(
    indexes: Sequence[CapturedIndex], responses: Iterable[SeenResponse]
) -> tuple[SeenIndex, ...]:
    """Group responses by index."""
    of_index: dict[str, list[SeenResponse]] = {index.name: [] for index in indexes}
    for response in responses:
        if response.subject.index in of_index:
            of_index[response.subject.index].append(response)
    return tuple(SeenIndex(index, tuple(of_index[index.name])) for index in indexes)


def entry_of(seen: SeenIndex, filename: str) -> LinkedFile | None:
    """Return the page entry for a requested file.

    If no page links to the file, an entry is made from the URL of the request. If the file was not
    requested either, the result is None.
    """
    listed = seen.entries.get(filename)
    if listed is not None:
        return listed
    named = named_file(filename)
    for each in seen.responses:
        if named is not None and (each.subject.filename or "").removesuffix(METADATA) == filename:
            url = each.url.partition("?")[0].removesuffix(METADATA)
            return LinkedFile(named.project, named.version, filename, url, url)
    return None
