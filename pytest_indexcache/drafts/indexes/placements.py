"""Decide which index serves each release of a draft, and in which folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pytest_indexcache.drafts.facts.command_steps import CommandIndex, CommandStep
from pytest_indexcache.drafts.facts.releases import DraftRelease
from pytest_indexcache.drafts.files.project_files import DraftIndex, ProjectWords, index_name
from pytest_indexcache.drafts.indexes.answer_facts import AnswerFacts, answer_facts, index_of_url
from pytest_indexcache.drafts.indexes.redirects import PageRedirect, page_redirects
from pytest_indexcache.drafts.logs.events import LogEvent
from pytest_indexcache.drafts.words.index_urls import (
    index_of_file,
    index_of_page,
    is_below,
    is_pypi_file,
    key_of,
    parent_of_page,
    same_host,
)
from pytest_indexcache.servers.profiles import load_profile, server_at

PYPI: Final = DraftIndex("pypi", "https://pypi.org/simple")
ANSWERS: Final = ("fresh", "stale", "modified", "not-modified", "absent", "answered", "asked")
"""The kinds of events that show that their URL was requested."""


@dataclass(frozen=True)
class PlacedRelease:
    """A release with the name of its index.

    ``folder`` is the URL of the folder that contains its files, or "" if the files are in a usual
    place on the index.
    """

    release: DraftRelease
    index: str
    folder: str = ""


@dataclass(frozen=True)
class Placement:
    """The indexes of a draft, in the order in which installers search them, and their releases.

    ``guessed`` contains the URLs of indexes that were guessed from file URLs. ``targets`` contains
    the names of indexes that are reached only through redirects.
    """

    indexes: tuple[DraftIndex, ...]
    releases: tuple[PlacedRelease, ...]
    facts: AnswerFacts = field(default_factory=AnswerFacts)
    guessed: frozenset[str] = frozenset()
    redirects: tuple[PageRedirect, ...] = ()
    targets: frozenset[str] = frozenset()

    def named(self, url: str) -> DraftIndex | None:
        """Return the draft's index with this URL, or None."""
        return _at(self.indexes, url)


def place(
    releases: Sequence[DraftRelease],
    words: ProjectWords,
    steps: Sequence[CommandStep],
    events: Sequence[LogEvent],
) -> Placement:
    """Assign each release to an index.

    An index is chosen by the files, the source or the page of the project, or else by the options
    of the command that installs it. Without any of these, the default index is used.
    """
    known = _named_indexes(words, [index for step in steps for index in step.indexes], events)
    redirects = tuple({each.project: each for each in page_redirects(events)}.values())
    indexes, guessed = _all_indexes(known, events, releases, redirects)
    hints = _Hints(
        words,
        _pages(events, indexes),
        _of_commands(steps),
        {each.project: each.target for each in redirects},
    )
    placed = tuple(_placed(release, indexes, hints) for release in releases)
    if len(steps) > 1:
        placed += tuple(_at_defaults(placed, steps, indexes))
    used = {each.index for each in placed} | {index.name for index in known}
    used |= {index.name for each in redirects if (index := _at(indexes, each.source))}
    if any(index.role == "extra" for step in steps for index in step.indexes):
        used.add(PYPI.name)  # the default index beside the extra ones, although it has no project
    kept = tuple(index for index in indexes if index.name in used)
    homes = {each.release.project: each.index for each in placed}
    facts = answer_facts(events, kept, homes)
    return Placement(kept, placed, facts, guessed, redirects, _targets(redirects, kept, known))


def _at(indexes: Iterable[DraftIndex], url: str) -> DraftIndex | None:
    return next((index for index in indexes if key_of(index.url) == key_of(url)), None)


def _targets(
    redirects: Iterable[PageRedirect], indexes: Sequence[DraftIndex], known: Sequence[DraftIndex]
) -> frozenset[str]:
    """Return the names of indexes that are reached only through redirects from a default index."""
    names = set()
    for each in redirects:
        source, target = _at(indexes, each.source), _at(indexes, each.target)
        is_default = source is not None and (source.is_default or len(known) == 0)
        if is_default and target is not None and _at(known, target.url) is None:
            names.add(target.name)
    return frozenset(names)


def asked_projects(
    events: Iterable[LogEvent], words: ProjectWords, named: Sequence[CommandIndex]
) -> list[str]:
    """Return the projects whose pages were requested according to the log."""
    events = list(events)
    urls = {key_of(index.url) for index in _named_indexes(words, named, events)}
    projects = []
    for event in events:
        index = parent_of_page(event.url) if event.kind in ANSWERS else ""
        if index and (index_of_page(event.url) or key_of(index) in urls):
            projects.append(event.url.rstrip("/").rpartition("/")[2])
    return list(dict.fromkeys(projects))


def _named_indexes(
    words: ProjectWords, named: Sequence[CommandIndex], events: Iterable[LogEvent]
) -> list[DraftIndex]:
    """Return the indexes that the project file, a command or the log names."""
    indexes = list(words.indexes)
    listed = [CommandIndex(each.url, each.detail) for each in events if each.kind == "index"]
    for each in [*named, *listed]:
        same = [n for n, index in enumerate(indexes) if key_of(index.url) == key_of(each.url)]
        is_default = each.role == "default" and not any(index.is_default for index in indexes)
        if same:
            known = indexes[same[0]]
            indexes[same[0]] = replace(known, is_default=known.is_default or is_default)
            continue
        name = _free(each.name or index_name(each.url), indexes)
        is_flat = each.role == "links"
        indexes.append(DraftIndex(name, each.url, is_default=is_default, is_flat=is_flat))
    return indexes


def _free(name: str, indexes: Iterable[DraftIndex]) -> str:
    names = {index.name for index in indexes}
    while name in names:
        name += "-2"
    return name


def stores_nothing(index: DraftIndex) -> bool:
    """Return whether the server behind an index is known to send ``no-store`` for files."""
    fields = load_profile(server_at(index.url)).files
    return any(
        name.lower() == "cache-control" and "no-store" in str(value)
        for name, value in fields.items()
    )


def _all_indexes(
    known: Sequence[DraftIndex],
    events: Sequence[LogEvent],
    releases: Sequence[DraftRelease],
    redirects: Iterable[PageRedirect],
) -> tuple[list[DraftIndex], frozenset[str]]:
    """Return all indexes in files, commands and the log, and the URLs of guessed indexes.

    PyPI is added if no other index is the default.
    """
    indexes = list(known)
    urls = [release.index_url for release in releases if release.index_url]
    urls += [url for event in events if event.kind in ANSWERS and (url := index_of_page(event.url))]
    urls += [page for each in releases if (page := index_of_page(each.page_url))]
    urls += [url for each in redirects for url in (each.source, each.target)]
    urls += _file_folders(releases, [*urls, *(index.url for index in indexes)])
    _add(indexes, urls)
    guessed = list(_by_files(releases, [index.url for index in indexes]))
    _add(indexes, guessed)
    if not any(index.is_default or _is_pypi(index) for index in indexes):
        indexes.append(PYPI)
    return indexes, frozenset(key_of(url) for url in guessed)


def _add(indexes: list[DraftIndex], urls: Iterable[str]) -> None:
    for url in dict.fromkeys(url.rstrip("/") for url in urls):
        if url and all(key_of(index.url) != key_of(url) for index in indexes):
            indexes.append(DraftIndex(_free(index_name(url), indexes), url))


def _by_files(releases: Sequence[DraftRelease], indexes: Sequence[str]) -> Iterable[str]:
    """Guess the URLs of indexes for files on hosts that do not belong to a known index."""
    for release in releases:
        url = next(iter(release.file_urls), "")
        is_placed = bool(release.index_url or index_of_page(release.page_url))
        is_known = any(same_host(url, index) or is_below(index, url) for index in indexes)
        if url and not is_placed and not is_known and not is_pypi_file(url):
            yield index_of_file(url)


def _file_folders(releases: Sequence[DraftRelease], indexes: Sequence[str]) -> list[str]:
    """Return the folders of files that are on known servers but on no known index.

    PyTorch serves files that several indexes share from a folder above these indexes. For this
    reason, a folder is left out if it contains another of the folders or a known index.
    """
    urls = [url for release in releases for url in release.file_urls]
    folders = {url.rpartition("/")[0] for url in urls if server_at(url) not in ("none", "pypi")}
    known = [*folders, *indexes]
    return sorted(
        folder
        for folder in folders
        if not any(is_below(other, folder) for other in known if key_of(other) != key_of(folder))
        and not any(is_below(folder, index) for index in indexes)
    )


def _is_pypi(index: DraftIndex) -> bool:
    """Return whether an index has the URL of PyPI."""
    return key_of(index.url) == key_of(PYPI.url)


def _suits(release: DraftRelease, index: DraftIndex) -> bool:
    """Return whether an index suits a release's version, as ``.../whl/cpu`` suits ``2.9.0+cpu``."""
    local = release.version.partition("+")[2]
    return key_of(index.url).rpartition("/")[2] == local if local else _is_pypi(index)


def _pages(
    events: Sequence[LogEvent], indexes: Sequence[DraftIndex]
) -> dict[str, list[DraftIndex]]:
    """Return the indexes whose page for a project was requested, keyed by project."""
    pages: dict[str, list[DraftIndex]] = {}
    for event in events:
        url = parent_of_page(event.url) if event.kind in ANSWERS else ""
        for index in indexes:
            if url and key_of(index.url) == key_of(url):
                project = event.url.rstrip("/").rpartition("/")[2]
                pages.setdefault(project, []).append(index)
    return pages


def _of_commands(steps: Iterable[CommandStep]) -> dict[str, str]:
    """Map each project to the URL of the extra index in the command that installs it."""
    named: dict[str, str] = {}
    for step in steps:
        url = next((index.url for index in step.indexes if index.role == "extra"), "")
        for text in step.requirements:
            named.setdefault(canonicalize_name(Requirement(text).name), url)
    return named


@dataclass(frozen=True)
class _Hints:
    """Hints about which index serves each project, from files, the log and commands."""

    words: ProjectWords
    pages: Mapping[str, Sequence[DraftIndex]]
    commands: Mapping[str, str]
    redirects: Mapping[str, str]


def _placed(release: DraftRelease, indexes: Sequence[DraftIndex], hints: _Hints) -> PlacedRelease:
    index = _index(release, indexes, hints)
    url = next(iter(release.file_urls), "")
    folder = f"{url.rpartition('/')[0]}/" if url else ""
    is_at_home = is_pypi_file(folder) and _is_pypi(index)
    is_beside = not folder or is_at_home or is_below(folder, index.url)
    # Elsewhere on the same host each file may have a folder of its own, as with devpi, which the
    # server's profile knows; a folder above the index is the choice of the uploader.
    is_here = same_host(folder, index.url)
    is_telling = not is_beside and (not is_here or is_below(index.url, folder.rstrip("/")))
    return PlacedRelease(release, index.name, folder if is_telling else "")


def _at_defaults(
    placed: Sequence[PlacedRelease], steps: Sequence[CommandStep], indexes: Sequence[DraftIndex]
) -> Iterator[PlacedRelease]:
    """Yield the releases that a command installs from its own default index.

    Several commands may install the same project from different default indexes, but a log shows
    only the files on one of them. Therefore, the releases are added to the other indexes, too.
    """
    homes = {(each.release.project, each.index) for each in placed}
    for step in steps:
        used = [index for each in step.indexes if (index := _at(indexes, each.url))]
        default = next(
            (other_index for other_index in step.indexes if other_index.role == "default"), None
        )
        index = _at(indexes, default.url) if default is not None else None
        if index is None or index.is_flat or step.verb != "install":
            continue
        for project in _closure(step, placed):
            if not any((project, other_index.name) in homes for other_index in used):
                homes.add((project, index.name))
                found = {
                    id(placed_release.release): placed_release
                    for placed_release in placed
                    if placed_release.release.project == project
                }
                yield from (
                    PlacedRelease(placed_release.release, index.name)
                    for placed_release in found.values()
                )


def _closure(step: CommandStep, placed: Sequence[PlacedRelease]) -> list[str]:
    """Return the projects that a command installs: those that it names and their requirements."""
    waiting = [canonicalize_name(Requirement(text).name) for text in step.requirements]
    found: dict[str, None] = {}
    while waiting:
        project = waiting.pop()
        if project not in found:
            found[project] = None
            texts = [
                placed_release.release.requires
                for placed_release in placed
                if placed_release.release.project == project
            ]
            waiting += [
                canonicalize_name(Requirement(each).name) for text in texts for each in text
            ]
    return list(found)


def _index(release: DraftRelease, indexes: Sequence[DraftIndex], hints: _Hints) -> DraftIndex:
    redirected = hints.redirects.get(release.project, "")
    for url in (redirected, release.index_url, index_of_page(release.page_url)):
        if url and (found := _at(indexes, url)):
            return found
    asked = [index for index in hints.pages.get(release.project, ()) if not index.is_explicit]
    for url in release.file_urls:
        below = [index for index in indexes if is_below(url, index.url)]
        folder = url.rpartition("/")[0]
        if found := max(below, key=lambda index: len(index.url), default=None) or next(
            (index for index in indexes if is_below(index.url, folder)), None
        ):
            return found
        pypi = next(filter(_is_pypi, indexes), None)
        # An index other than PyPI may list files of PyPI.
        if is_pypi_file(url) and pypi is not None and (not asked or pypi in asked):
            return pypi
    sources = {str(source["index"]) for source in hints.words.sources.get(release.project, ())}
    named = [index for index in indexes if index.name in sources]
    named.sort(key=lambda index: not _suits(release, index))
    default = [index for index in indexes if index.is_default or _is_pypi(index)]
    # Parts of a project are where the project is: tensorrt-cu12-libs belongs to tensorrt-cu12.
    kin = [name for name in hints.commands if f"{release.project}-".startswith(f"{name}-")]
    url = hints.commands[max(kin, key=len)] if kin else ""
    commanded = [index for index in indexes if url and key_of(index.url) == key_of(url)]
    first = [*named, *(index for index in default if index in asked), *asked, *commanded]
    first += [found for url in release.file_urls if (found := index_of_url(url, indexes))]
    return [*first, *default][0]
