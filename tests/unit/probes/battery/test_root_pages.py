"""Root pages of an index, and pages that are taken for one."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from pytest_indexcache.errors import ProbeError
from pytest_indexcache.messages import Headers, Request
from pytest_indexcache.probes.battery.asking import Ask, ServerAnswer
from pytest_indexcache.probes.battery.search import find_places

HOST = "https://index.example"
FLAT = ("six-1.0-py3-none-any.whl", "idna-3.0.tar.gz")
SIX = ("six-1.0-py3-none-any.whl", "six-1.0.tar.gz")
ABOVE = ("../", "?C=N;O=D", "/", "http://[")
"""Links of a directory listing that lead to no project."""


def _answers(pages: Mapping[str, tuple[str, ...]]) -> Ask:
    """Return a function that answers with pages of links, by URL; other URLs answer 404."""

    def ask(request: Request) -> ServerAnswer:
        links = pages.get(request.url, pages.get("*"))
        if links is None:
            return ServerAnswer(404, Headers())
        body = "".join(f'<a href="{link}">{link}</a>' for link in links)
        return ServerAnswer(200, Headers.of({"Content-Type": "text/html"}), body.encode())

    return ask


@pytest.mark.parametrize("project", [None, "six"])
@pytest.mark.parametrize(
    ("url", "pages", "problem", "hint"),
    [
        (f"{HOST}/flat", {f"{HOST}/flat/": FLAT}, "/flat/ lists files, not projects", "each"),
        (f"{HOST}/a/flat", {f"{HOST}/a/flat/": (*ABOVE, *FLAT)}, "page for --find-links", "each"),
        (f"{HOST}/links.html", {f"{HOST}/links.html": FLAT}, "/links.html lists files", "each"),
        (f"{HOST}/flat", {"*": FLAT[1:]}, "/flat/ lists files, not projects", "each"),
        (f"{HOST}/simple/six", {f"{HOST}/simple/six/": SIX}, "page of one", f"{HOST}/simple six"),
    ],
)
def test_page_that_lists_files_is_not_probed(
    url: str, pages: Mapping[str, tuple[str, ...]], problem: str, hint: str, project: str | None
) -> None:
    """A page of files is not taken for an index; the error says which URL to give instead."""
    with pytest.raises(ProbeError) as caught:
        find_places(_answers(pages), url, project)
    assert problem in caught.value.problem
    assert hint in caught.value.hint


@pytest.mark.parametrize("project", [None, "six"])
@pytest.mark.parametrize("root", [("six/",), (*ABOVE, "six/"), (FLAT[0], "six/")])
def test_project_below_a_root_page_is_found(root: tuple[str, ...], project: str | None) -> None:
    """A root page with links to folders or files beside projects is a root page."""
    pages = {f"{HOST}/simple/": root, f"{HOST}/simple/six/": SIX}
    places, _ = find_places(_answers(pages), f"{HOST}/simple", project)
    assert (places.project, places.wheel) == ("six", f"{HOST}/simple/six/{SIX[0]}")


def test_missing_project_of_an_index_is_named() -> None:
    """If a root page exists, but not the named project, the error names the project."""
    with pytest.raises(ProbeError, match="has no simple page of absent"):
        find_places(_answers({f"{HOST}/simple/": ("six/",)}), f"{HOST}/simple", "absent")
