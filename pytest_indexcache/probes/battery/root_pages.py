"""Read the root page of an index, and recognize pages that list files instead of projects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote, urljoin, urlsplit

from packaging.utils import canonicalize_name

from pytest_indexcache.errors import ProbeError
from pytest_indexcache.messages import HTML, Headers, Request
from pytest_indexcache.probes.battery.asking import Ask
from pytest_indexcache.probes.battery.pages import ProbedFile, ProbedPage, read_page
from pytest_indexcache.probes.battery.questions import UV

_FILES: Final = (".whl", ".tar.gz", ".zip", ".egg", ".tar.bz2")


def ask_root_page(ask: Ask, url: str) -> tuple[ProbedPage | None, int | None]:
    """Return the simple page at a URL, or None, and the status of the answer."""
    answer = ask(Request("GET", url, Headers.of({"Accept": f"{HTML}, {UV}"})))
    return (None, None) if answer is None else (read_page(answer), answer.status)


def listed_projects(page: ProbedPage, simple: str) -> Iterator[str]:
    """Yield the normalized names of the projects on a root page; links to files are left out."""
    for entry in page.files:
        last = _last_part(entry, simple)
        name = canonicalize_name(last)
        if not last.endswith(_FILES) and re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", name):
            yield name


def demand_projects(page: ProbedPage, url: str) -> None:
    """Raise ProbeError if a page lists files and no projects."""
    projects = file_projects(page, url)
    if not projects or any(listed_projects(page, url)):
        return
    above, _, last = url.rstrip("/").rpartition("/")
    if projects == {canonicalize_name(last)}:
        raise ProbeError(
            f"{url} is the page of one project",
            f"give the URL of the root page, and the project: {above} {last}",
        )
    raise ProbeError(
        f"{url} lists files, not projects: it is a page for --find-links, not the root page of an "
        "index",
        "give the URL below which each project has a page, such as https://index.example/simple; "
        "an index without such pages cannot be probed",
    )


def file_projects(page: ProbedPage, url: str) -> set[str]:
    """Return the normalized names of the projects of which a page lists wheels or sdists."""
    lasts = (_last_part(entry, url) for entry in page.files)
    return {_project_of(last) for last in lasts if last.endswith(_FILES)}


def _last_part(entry: ProbedFile, url: str) -> str:
    """Return the last part of an entry's path, or "" for a link to the page or a folder above."""
    if not entry.href:
        return entry.filename
    try:
        target = urljoin(url, entry.href).partition("?")[0]
        path = "" if url.startswith(target) else urlsplit(target).path
    except ValueError:
        return ""
    return unquote(path.rstrip("/").rpartition("/")[2])


def _project_of(filename: str) -> str:
    """Return the normalized project of a wheel or an sdist, guessed from the file's name."""
    is_built = filename.endswith((".whl", ".egg"))
    return canonicalize_name(
        filename.partition("-")[0] if is_built else filename.rpartition("-")[0]
    )
