"""Choose an index for each release of a draft, and the folder of its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_indexcache.drafts.files.project_files import DraftIndex, ProjectWords, index_name
from pytest_indexcache.drafts.logs.events import LogEvent
from pytest_indexcache.drafts.releases import DraftRelease
from pytest_indexcache.drafts.words.names import named_file
from pytest_indexcache.servers.profiles import load_profile, server_at

PYPI: Final = DraftIndex("pypi", "https://pypi.org/simple")
_PYPI_FILES: Final = "https://files.pythonhosted.org/"
_ANSWERS: Final = ("fresh", "stale", "modified", "not-modified", "absent", "answered")


@dataclass(frozen=True)
class PlacedRelease:
    """A release and its index; ``folder`` is the URL of its files if they are elsewhere."""

    release: DraftRelease
    index: str
    folder: str = ""


@dataclass(frozen=True)
class Placement:
    """The indexes of a draft, in the order in which they are asked, and their releases.

    ``lifetimes`` are the seconds for which pages or files of an index may be reused, by its name
    and ``pages`` or ``files``; ``unstorable`` has the pairs that, according to the log, must not be
    stored.
    """

    indexes: tuple[DraftIndex, ...]
    releases: tuple[PlacedRelease, ...]
    lifetimes: Mapping[tuple[str, str], str]
    unstorable: frozenset[tuple[str, str]]


def place(
    releases: Sequence[DraftRelease], words: ProjectWords, events: Sequence[LogEvent]
) -> Placement:
    """Assign an index to each release: from its files, its source or its page, else the default."""
    indexes = _all_indexes(words, events, releases)
    pages = _pages(events, indexes)
    placed = tuple(_placed(release, indexes, words, pages) for release in releases)
    used = {each.index for each in placed} | {index.name for index in words.indexes}
    kept = tuple(index for index in indexes if index.name in used)
    lifetimes = {}
    unstorable = set()
    for event in events:
        kind = "files" if named_file(event.url) else "pages"
        index = _index_of_url(event.url, kept)
        if index and event.kind == "lifetime":
            lifetimes[index.name, kind] = event.detail
        elif index and event.kind == "unstorable" and event.detail == "no-store":
            unstorable.add((index.name, kind))
    return Placement(kept, placed, lifetimes, frozenset(unstorable))


def stores_nothing(index: DraftIndex) -> bool:
    """Return whether the server at an index's host sends files that must not be stored."""
    fields = load_profile(server_at(index.url)).files
    return any(
        name.lower() == "cache-control" and "no-store" in str(value)
        for name, value in fields.items()
    )


def _all_indexes(
    words: ProjectWords, events: Sequence[LogEvent], releases: Sequence[DraftRelease]
) -> list[DraftIndex]:
    """Return the indexes of the project file, further indexes found in the log, and PyPI."""
    indexes = list(words.indexes)
    urls = [event.url for event in events if event.kind == "index"]
    urls += [release.index_url for release in releases if release.index_url]
    urls += [url for event in events if event.kind in _ANSWERS and (url := _page_index(event.url))]
    urls += [page for each in releases if (page := _page_index(each.page_url))]
    urls += _file_folders(releases, [*urls, *(index.url for index in indexes)])
    for url in dict.fromkeys(url.rstrip("/") for url in urls):
        if url and all(_key(index.url) != _key(url) for index in indexes):
            names = {index.name for index in indexes}
            name = index_name(url)
            while name in names:
                name += "-2"
            indexes.append(DraftIndex(name, url))
    if not any(index.is_default or _is_pypi(index) for index in indexes):
        indexes.append(PYPI)
    return indexes


def _file_folders(releases: Sequence[DraftRelease], indexes: Sequence[str]) -> list[str]:
    """Return the folders of files at hosts of known servers that belong to no known index.

    If one folder is inside another, the inner one is the index: PyTorch puts files that several
    indexes share in the folder above.
    """
    urls = [url for release in releases for url in release.file_urls]
    folders = {url.rpartition("/")[0] for url in urls if server_at(url) not in ("none", "pypi")}
    known = [*folders, *indexes]
    return sorted(
        folder
        for folder in folders
        if not any(_below(other, folder) for other in known if _key(other) != _key(folder))
        and not any(_below(folder, index) for index in indexes)
    )


def _is_pypi(index: DraftIndex) -> bool:
    """Return whether an index is PyPI, whatever name a project file gives it."""
    return _key(index.url) == _key(PYPI.url)


def _suits(release: DraftRelease, index: DraftIndex) -> bool:
    """Return whether a release probably comes from an index: 2.9.0+cpu is at …/whl/cpu."""
    local = release.version.partition("+")[2]
    return _key(index.url).rpartition("/")[2] == local if local else _is_pypi(index)


def _key(url: str) -> str:
    return url.rstrip("/").lower()


def _page_index(url: str) -> str:
    """Return the URL of the index that has this simple page; empty for other URLs."""
    if not url or named_file(url) or not url.endswith("/"):
        return ""
    index, _, project = url.rstrip("/").rpartition("/")
    is_page = "simple" in index or server_at(index) != "none"
    return index if project and is_page and index.count("/") > 2 else ""


def _pages(
    events: Sequence[LogEvent], indexes: Sequence[DraftIndex]
) -> dict[str, list[DraftIndex]]:
    """Return, for each project, the indexes from which its page was requested."""
    pages: dict[str, list[DraftIndex]] = {}
    for event in events:
        url = _page_index(event.url) if event.kind in _ANSWERS else ""
        for index in indexes:
            if url and _key(index.url) == _key(url):
                project = event.url.rstrip("/").rpartition("/")[2]
                pages.setdefault(project, []).append(index)
    return pages


def _index_of_url(url: str, indexes: Sequence[DraftIndex]) -> DraftIndex | None:
    """Return the index of a URL: the one whose own URL is the longest matching prefix."""
    if url.startswith(_PYPI_FILES):
        return next(filter(_is_pypi, indexes), None)
    below = [index for index in indexes if _key(url).startswith(f"{_key(index.url)}/")]
    return max(below, key=lambda index: len(index.url), default=None)


def _placed(
    release: DraftRelease,
    indexes: Sequence[DraftIndex],
    words: ProjectWords,
    pages: Mapping[str, Sequence[DraftIndex]],
) -> PlacedRelease:
    index = _index(release, indexes, words, pages)
    url = next(iter(release.file_urls), "")
    folder = f"{url.rpartition('/')[0]}/" if url else ""
    is_beside = not folder or folder.startswith(_PYPI_FILES) or _below(folder, index.url)
    # Elsewhere on the same host each file may have a folder of its own, as with devpi, which the
    # server's profile knows; a folder above the index is the choice of the uploader.
    same_host = folder.split("/")[2:3] == index.url.split("/")[2:3]
    is_telling = not is_beside and (not same_host or _below(index.url, folder.rstrip("/")))
    return PlacedRelease(release, index.name, folder if is_telling else "")


def _below(url: str, folder: str) -> bool:
    return f"{_key(url)}/".startswith(f"{_key(folder)}/")


def _index(
    release: DraftRelease,
    indexes: Sequence[DraftIndex],
    words: ProjectWords,
    pages: Mapping[str, Sequence[DraftIndex]],
) -> DraftIndex:
    for url in (release.index_url, _page_index(release.page_url)):
        for index in indexes:
            if url and _key(index.url) == _key(url):
                return index
    for url in release.file_urls:
        if found := _index_of_url(url, indexes):
            return found
        folder = url.rpartition("/")[0]
        if found := next((index for index in indexes if _below(index.url, folder)), None):
            return found
    sources = {str(source["index"]) for source in words.sources.get(release.project, ())}
    named = [index for index in indexes if index.name in sources]
    named.sort(key=lambda index: not _suits(release, index))
    asked = [index for index in pages.get(release.project, ()) if not index.is_explicit]
    default = [index for index in indexes if index.is_default or _is_pypi(index)]
    return [*named, *(index for index in default if index in asked), *asked, *default][0]
