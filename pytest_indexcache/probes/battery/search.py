"""Find a project whose page and files can be requested by a probe."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from packaging.utils import canonicalize_name

from pytest_indexcache.errors import ProbeError
from pytest_indexcache.messages import Headers, Request
from pytest_indexcache.probes.battery.asking import Ask, ServerAnswer
from pytest_indexcache.probes.battery.pages import ProbedFile, ProbedPage, read_page
from pytest_indexcache.probes.battery.places import Places, file_url
from pytest_indexcache.probes.battery.questions import UV
from pytest_indexcache.probes.battery.root_pages import (
    ask_root_page,
    demand_projects,
    file_projects,
    listed_projects,
)
from pytest_indexcache.system.urls import without_credentials

MOST_PROJECTS: Final = 5
"""The maximum number of projects to look at when searching for one that has a wheel."""

MOST_REDIRECTS: Final = 3
DENIED: Final = frozenset((401, 403))
REDIRECTS: Final = (301, 302, 303, 307, 308)


def find_places(
    ask: Ask, index_url: str, project: str | None
) -> tuple[Places, ServerAnswer | None]:
    """Return the URLs to request, and the redirect that leads to the wheel, if there is one.

    If ``project`` is None, the first project on the root page that has a wheel is used.

    :raises ProbeError: if the index has no such project or no readable page, or denies access
    """
    statuses: set[int] = set()
    ask = _noting(ask, statuses)
    simple = without_credentials(index_url).rstrip("/") + "/"
    names = [canonicalize_name(project)] if project else _listed_projects(ask, simple)
    best: Places | None = None
    for name in names:
        places = _files_of(ask, Places(simple, name))
        if places is not None and places.wheel:
            best = places
            break
        best = best or places
    if best is None and statuses & DENIED:
        hint = "if the index needs a user, write https://USER:PASSWORD@HOST/...; or name a project"
        subject = f"the page of {project}" if project else "its root page"
        raise ProbeError(f"{simple} answers {min(statuses & DENIED)} for {subject}", hint)
    if best is None:
        if project:
            _demand_no_list(ask, simple, simple.rstrip("/"))
        what = f"has no simple page of {project}" if project else "lists no project with a page"
        raise ProbeError(
            f"{simple} {what}", "name the URL below which the pages of projects are, and a project"
        )
    return _after_redirects(ask, best)


def _noting(ask: Ask, statuses: set[int]) -> Ask:
    """Wrap ``ask`` in a function that also adds the status of each answer to ``statuses``."""

    def noted(request: Request) -> ServerAnswer | None:
        answer = ask(request)
        if answer is not None:
            statuses.add(answer.status)
        return answer

    return noted


def _listed_projects(ask: Ask, simple: str) -> Iterator[str]:
    page, status = ask_root_page(ask, simple)
    if status in DENIED:
        return
    if not page:
        _demand_no_list(ask, simple.rstrip("/"))
        raise ProbeError(
            f"{simple} has no root page: {status or 'no answer'}", "name a project after the URL"
        )
    demand_projects(page, simple)
    yield from islice(listed_projects(page, simple), MOST_PROJECTS)


def _demand_no_list(ask: Ask, *urls: str) -> None:
    """Raise ProbeError if one of the URLs is a page that lists files and no projects."""
    for url in urls:
        page, _ = ask_root_page(ask, url)
        if page:
            demand_projects(page, url)


def _files_of(ask: Ask, places: Places) -> Places | None:
    """Return the places with the wheel and sdist on the project's page; None if it lists none.

    If a page lists only files of other projects, it is not the project's page, and the result is
    None: some servers answer every URL with the same list of files.
    """
    answer, url = _followed(ask, places.page, {"Accept": UV})
    page = answer and read_page(answer)
    if not page or not page.files:
        return None
    projects = file_projects(page, url)
    if projects and places.project not in projects:
        return None
    wheel, sdist = (_chosen(page, ends, url) for ends in ((".whl",), (".tar.gz", ".zip")))
    return Places(places.simple, places.project, wheel, sdist)


def _chosen(page: ProbedPage, ends: tuple[str, ...], url: str) -> str | None:
    """Return the URL of the smallest file that has one of these suffixes, or None.

    If the page does not state sizes, the last file is used.
    """

    def size(file: ProbedFile) -> int:
        size = file.attributes.get("size")
        return size if isinstance(size, int) else 0

    files = [file for file in page.files if file.filename.endswith(ends) and file.href]
    files.reverse()
    for file in sorted(files, key=size):
        try:
            return file_url(url, file.href)
        except ValueError:
            continue
    return None


def _after_redirects(ask: Ask, places: Places) -> tuple[Places, ServerAnswer | None]:
    """Return the places with the wheel's final URL, and the first redirect to it or None."""
    if places.wheel is None:
        return places, None
    first = ask(Request("GET", places.wheel))
    if first is None or first.status not in REDIRECTS:
        return places, None
    _, url = _followed(ask, places.wheel, {}, first)
    return Places(places.simple, places.project, url, places.sdist), first


def _followed(
    ask: Ask, url: str, fields: dict[str, str], first: ServerAnswer | None = None
) -> tuple[ServerAnswer | None, str]:
    """Follow redirects, and return the last answer with its URL.

    ``first`` is the answer from ``url`` if it is known already.
    """
    answer = first or ask(Request("GET", url, Headers.of(fields)))
    for _ in range(MOST_REDIRECTS):
        if answer is None or answer.status not in REDIRECTS or not answer.field("location"):
            break
        try:
            url = file_url(url, answer.field("location"))
        except ValueError:
            return None, url
        answer = ask(Request("GET", url, Headers.of(fields)))
    return answer, url


def first_of(files: Iterable[ProbedFile], ends: str) -> ProbedFile | None:
    """Return the first file whose name ends with ``ends``, or None."""
    return next((file for file in files if file.filename.endswith(ends)), None)
