"""Pages of a fake index: URLs, formats and header fields."""

from __future__ import annotations

import gzip
import json
from typing import Any
from urllib.parse import unquote, urljoin

import pytest

from pytest_indexcache.errors import FakeIndexError
from pytest_indexcache.messages import Kind

from .asking import CPU, JSON, NOW, PYPI, ask, body, files, one_index, page

TORCH: dict[str, Any] = {"torch": {"2.8.0+cpu": {"requires": ["filelock"]}}}


def test_both_formats_list_the_same_and_vary() -> None:
    """Accept selects HTML or JSON, and is named in Vary beside the profile's own fields."""
    served = one_index(CPU, headers="pytorch", packages=TORCH)
    as_json = ask(served, f"{CPU}/torch/", {"Accept": JSON})
    as_html = ask(served, f"{CPU}/torch/")
    assert as_json.headers.get("Content-Type") == JSON
    assert as_html.headers.get("Content-Type") == "text/html; charset=UTF-8"
    for response in (as_json, as_html):
        assert response.headers.get("Vary") == "Accept, Accept-Encoding"
    assert json.loads(body(as_json))["files"][0]["filename"].encode() in body(as_html)


def test_vary_of_the_profile_stays_as_it_is() -> None:
    """Negotiation adds a second Vary line to that of the profile."""
    served = one_index(headers="gitlab", packages=TORCH)
    vary = ask(served, f"{PYPI}/torch/").headers.get_all("Vary")
    assert vary == ("Accept-Encoding", "Origin", "Accept")


@pytest.mark.parametrize(("offered", "content_type"), [("html", "text/html"), ("json", JSON)])
def test_index_with_one_format_sends_it_to_everybody(offered: str, content_type: str) -> None:
    """An index with a single format sends it to all clients, without Vary."""
    served = one_index(headers="none", formats=[offered], gzip=False, packages=TORCH)
    for accept in (JSON, "text/html", "image/png"):
        response = ask(served, f"{PYPI}/torch/", {"Accept": accept})
        assert response.status == 200
        assert (response.headers.get("Content-Type") or "").startswith(content_type)
        assert "Vary" not in response.headers


def test_page_is_406_where_no_format_fits() -> None:
    """A request that accepts none of the offered formats gets a 406 (PEP 691)."""
    response = ask(one_index(packages=TORCH), f"{PYPI}/torch/", {"Accept": "image/png"})
    assert (response.status, response.headers.get("Vary")) == (406, "Accept")


def test_compressed_page_is_another_representation() -> None:
    """Gzip changes the ETag, the length and the coding of a page, but not its content."""
    served = one_index(packages=TORCH)
    plain = ask(served, f"{PYPI}/torch/", {"Accept-Encoding": "identity"})
    packed = ask(served, f"{PYPI}/torch/", {"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers.get("Content-Encoding") == "gzip"
    assert gzip.decompress(body(packed)) == body(plain)
    assert packed.headers.get("ETag") != plain.headers.get("ETag")
    assert packed.headers.get("Content-Length") == str(packed.content.length)
    plain_tag = {"If-None-Match": plain.headers.get("ETag") or ""}
    assert ask(served, f"{PYPI}/torch/", plain_tag).status == 304
    assert ask(served, f"{PYPI}/torch/", {**plain_tag, "Accept-Encoding": "gzip"}).status == 200


def test_compressed_page_is_the_same_each_time() -> None:
    """The compressed form of a page always has the same bytes."""
    first, again = (one_index(packages=TORCH) for _ in range(2))
    wanted = {"Accept-Encoding": "gzip"}
    assert body(ask(first, f"{PYPI}/torch/", wanted)) == body(ask(again, f"{PYPI}/torch/", wanted))


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({}, 404),
        ({"headers": "pytorch"}, 403),
        ({"headers": "pytorch", "unknown-status": 404}, 404),
        ({"unknown-status": 403}, 403),
        ({"unknown-status": 410}, 410),
        ({"headers": "pytorch", "unknown-status": 401}, 401),
        ({"unknown-status": "empty-page"}, 200),
        ({"unknown-status": "login-page"}, 200),
    ],
)
def test_unknown_project_gets_the_status_of_the_index(options: dict[str, Any], status: int) -> None:
    """The status for an unknown project comes from the profile, or from the scenario."""
    response = ask(one_index(packages=TORCH, **options), f"{PYPI}/nothing/")
    assert response.status == status
    assert (response.subject.kind, response.subject.project) == (Kind.PAGE, "nothing")


def test_unknown_project_is_asked_for_a_user_with_401() -> None:
    """Any 401 has a challenge (RFC 9110 §11.6.1)."""
    served = one_index(packages=TORCH, unknown_status=401)
    response = ask(served, f"{PYPI}/nothing/")
    assert response.headers.get("WWW-Authenticate") == 'Basic realm="main"'


def test_unknown_project_may_have_an_empty_page() -> None:
    """The empty page for an unknown project is negotiated, and has a validator."""
    served = one_index(packages=TORCH, **{"unknown-status": "empty-page"})
    assert (page(served, f"{PYPI}/nothing/")["name"], files(served, f"{PYPI}/nothing/")) == (
        "nothing",
        {},
    )
    etag = ask(served, f"{PYPI}/nothing/").headers.get("ETag") or ""
    assert ask(served, f"{PYPI}/nothing/", {"If-None-Match": etag}).status == 304
    assert ask(served, f"{PYPI}/torch/").status == 200


def test_unknown_project_may_have_a_login_page() -> None:
    """A login page is HTML whatever Accept says, lists no files, and has the fields of a page."""
    own = {"nothing": {"headers": {"pages": {"cache-control": "no-store"}}}}
    served = one_index(pages=own, **{"unknown-status": "login-page"})
    response = ask(served, f"{PYPI}/nothing/", {"Accept": JSON})
    assert response.headers.get("Content-Type") == "text/html; charset=UTF-8"
    assert response.headers.get("Cache-Control") == "no-store"
    assert b"<form" in body(response)
    assert response.headers.get("Content-Length") == str(len(body(response)))


@pytest.mark.parametrize("name", ["empty-page", "login-page"])
def test_page_for_unknown_projects_stands_for_no_file(name: str) -> None:
    """On an index with a page for unknown projects, a missing file is still a 404."""
    served = one_index(**{"unknown-status": name})
    assert ask(served, f"{PYPI}/nothing/nothing-1.0.tar.gz").status == 404
    assert ask(served, "https://pypi.org/pypi/nothing/1.0/json").status == 404


def test_unknown_project_is_redirected_where_the_index_does_that() -> None:
    """An index can redirect unknown projects to pypi.org, as GitLab does."""
    served = one_index("https://gitlab.example/simple", **{"unknown-redirect": PYPI})
    response = ask(served, "https://gitlab.example/simple/six/")
    assert (response.status, response.headers.get("Location")) == (302, f"{PYPI}/six/")


@pytest.mark.parametrize("redirect", ["/simple/other/", "https://x.example/simple/a/"])
def test_page_redirects_where_the_scenario_says(redirect: str) -> None:
    """A page can redirect, with its own header fields."""
    own = {"redirect": redirect, "headers": {"pages": {"cache-control": "no-cache"}}}
    response = ask(one_index(pages={"a": own}), f"{PYPI}/a/")
    assert (response.status, response.headers.get("Location")) == (302, redirect)
    assert response.headers.get("Cache-Control") == "no-cache"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_pages_are_redirected_with_the_status_of_the_index(status: int) -> None:
    """Redirects of pages and of unknown projects have the status that the index sets."""
    elsewhere = {"unknown-redirect": "https://x.example/simple"}
    pages = {"a": {"redirect": "/simple/other/"}}
    served = one_index(pages=pages, answers={"redirect": status}, **elsewhere)
    assert [ask(served, f"{PYPI}/{name}/").status for name in ("a", "b")] == [status, status]


def test_page_may_serve_another_project() -> None:
    """A page can list the files of another project, with valid links."""
    pages = {"alias": {"serves": "torch"}}
    served = one_index(CPU, server="none", packages=TORCH, pages=pages)
    assert page(served, f"{CPU}/alias/")["name"] == "torch"
    [url] = files(served, f"{CPU}/alias/").values()
    assert ask(served, url).status == 200
    assert ask(served, f"{CPU}/alias/").subject.project == "alias"


def test_title_is_how_page_and_metadata_spell_the_name() -> None:
    """A title changes a project's name on the page and in metadata, but not in URLs and JSON."""
    served = one_index(packages={"jinja2": {"3": {}}}, pages={"jinja2": {"title": "Jinja2"}})
    assert b"<h1>Links for Jinja2</h1>" in body(ask(served, f"{PYPI}/jinja2/"))
    assert page(served, f"{PYPI}/jinja2/")["name"] == "jinja2"
    [url] = files(served, f"{PYPI}/jinja2/").values()
    assert b"\nName: Jinja2\n" in body(ask(served, f"{url}.metadata"))


def test_title_of_another_name_is_refused() -> None:
    """A title that is another project's name is refused."""
    with pytest.raises(FakeIndexError, match="title 'Flask' is another project's name"):
        one_index(packages={"a": {"1": {}}}, pages={"a": {"title": "Flask"}})


def test_root_page_lists_the_projects() -> None:
    """The root page of an index links to its projects."""
    served = one_index(packages={"b": {}, "a": {}}, pages={"c": {"serves": "a"}})
    assert [project["name"] for project in page(served, f"{PYPI}/")["projects"]] == ["a", "b", "c"]
    assert b'<a href="a/">a</a>' in body(ask(served, f"{PYPI}/"))


@pytest.mark.parametrize(
    "url", ["https://x.example/links", "https://x.example/whl/stable.html", "https://x.example"]
)
def test_flat_index_is_one_page_with_all_files(url: str) -> None:
    """A flat index is a single HTML page with the files of all projects."""
    served = one_index(url, flat=True, packages={**TORCH, "b": {"1": {}}})
    at = url if url.endswith(".html") else f"{url}/"
    response = ask(served, at, {"Accept": JSON})
    assert (response.headers.get("Content-Type") or "").startswith("text/html")
    hrefs = [part.split("#")[0] for part in body(response).decode().split('href="')[1:]]
    assert [unquote(href) for href in hrefs] == [
        "torch-2.8.0+cpu-py3-none-any.whl",
        "b-1-py3-none-any.whl",
    ]
    assert [ask(served, urljoin(at, href)).status for href in hrefs] == [200, 200]
    assert ask(served, f"{at.rstrip('/')}/torch/").status == 404
    if at != url and url.count("/") > 2:
        assert ask(served, url).status == 301


@pytest.mark.parametrize(
    ("choice", "algorithms"),
    [("sha256", ["sha256"]), ("sha512", ["sha512"]), ("md5", ["md5"]), ("none", [])],
)
def test_page_names_the_hash_that_was_chosen(choice: str, algorithms: list[str]) -> None:
    """Pages state hashes with the algorithm of the index, unless a release has another."""
    served = one_index(hashes=choice, packages={"a": {"1": {}}})
    other = one_index(packages={"a": {"1": {"hashes": choice}}})
    for index in (served, other):
        [file] = page(index, f"{PYPI}/a/")["files"]
        assert list(file["hashes"]) == algorithms
    assert page(served, f"{PYPI}/a/") == page(other, f"{PYPI}/a/")


def test_page_lists_what_the_release_says() -> None:
    """A page states Requires-Python and yanks, and lists files in the order of publication."""
    release = {
        "requires-python": ">=3.9",
        "yanked": "broken",
        "files": [
            {"tag": "cp312-cp312-manylinux_2_28_x86_64", "build-tag": "1"},
            {"kind": "sdist", "hashes": "none"},
        ],
    }
    served = one_index(packages={"a": {"2": release, "1": {"yanked": True, "metadata": False}}})
    wheel, sdist, old = page(served, f"{PYPI}/a/")["files"]
    assert wheel["filename"] == "a-2-1-cp312-cp312-manylinux_2_28_x86_64.whl"
    assert sdist["filename"] == "a-2.tar.gz"
    assert (wheel["requires-python"], wheel["yanked"]) == (">=3.9", "broken")
    assert (sdist["requires-python"], sdist["hashes"]) == (">=3.9", {})
    assert ("core-metadata" in wheel, "core-metadata" in sdist) == (True, False)
    assert ("core-metadata" in old, old["yanked"]) == (False, True)


def test_size_on_the_page_is_what_is_sent_not_the_nominal_one() -> None:
    """A page states the actual size, which installers may check, and not the nominal size."""
    served = one_index(packages={"a": {"1": {"size": "175.4 MiB"}}})
    [file] = page(served, f"{PYPI}/a/")["files"]
    response = ask(served, file["url"])
    assert file["size"] == response.content.length < 5000
    assert response.subject.nominal_bytes == 183_920_230


def test_header_fields_of_pages_come_in_layers() -> None:
    """Header fields of profile, index and page override each other; false removes a field."""
    served = one_index(
        headers={"profile": "pypi", "pages": {"Cache-Control": "max-age=1", "server": False}},
        packages={"a": {}, "b": {}},
        pages={"b": {"headers": {"pages": {"cache-control": "no-store", "vary": False}}}},
    )
    first, other = (ask(served, f"{PYPI}/{name}/").headers for name in "ab")
    assert first.get_all("Cache-Control") == ("max-age=1",)
    assert other.get_all("Cache-Control") == ("no-store",)
    assert "Server" not in first
    assert "Server" not in other
    assert "Vary" in first
    assert "Vary" not in other
    assert first.get("X-Cache") == "HIT, HIT"


def test_header_fields_may_be_several_lines_and_have_placeholders() -> None:
    """A header field can have several lines, and placeholders for dates and lengths."""
    fields = {"x-one": ["a", "b"], "expires": "$date", "x-length": "$length"}
    response = ask(one_index(headers={"pages": fields}, packages={"a": {}}), f"{PYPI}/a/")
    assert response.headers.get_all("X-One") == ("a", "b")
    assert response.headers.get("Expires") == response.headers.get("Date")
    assert response.headers.get("X-Length") == str(response.content.length)


def test_unknown_header_profile_is_refused() -> None:
    """An unknown header profile is an error of the index, with a hint."""
    with pytest.raises(FakeIndexError, match="header profile 'pypy'") as caught:
        one_index(headers="pypy")
    assert "did you mean 'pypi'?" in str(caught.value)


def test_page_is_never_modified_later_than_it_is_sent() -> None:
    """Last-Modified is a fixed day, but never in the future (RFC 9110 8.8.2.1)."""
    served = one_index(headers="nexus", packages={"a": {}})
    late = ask(served, f"{PYPI}/a/").headers
    early = ask(served, f"{PYPI}/a/", now=1000).headers
    assert (late.get("Last-Modified") or "").startswith("Mon, 01 Jan 2024 00:")
    assert early.get("Last-Modified") == early.get("Date")
    again = ask(served, f"{PYPI}/a/", now=NOW + 5000).headers
    assert again.get("Last-Modified") == late.get("Last-Modified")


@pytest.mark.parametrize(
    ("url", "kind", "project"),
    [
        (f"{PYPI}/a/b/", Kind.OTHER, None),
        (f"{PYPI}/-/", Kind.OTHER, None),
        ("https://pypi.org/", Kind.OTHER, None),
        ("https://pypi.org/simpler/", Kind.OTHER, None),
        (f"{PYPI}/a-1-py3-none-any.whl", Kind.WHEEL, "a"),
        (f"{PYPI}/a/foo_bar-1.0-py3-none-any.whl", Kind.WHEEL, "foo-bar"),
        (f"{PYPI}/a/foo_bar-1.0.tar.gz", Kind.SDIST, "foo-bar"),
        (f"{PYPI}/a/a-1-py3-none-any.whl.metadata", Kind.METADATA, "a"),
        ("https://files.pythonhosted.org/packages/x.whl", Kind.WHEEL, None),
    ],
)
def test_what_is_not_there_is_told_by_its_name(url: str, kind: Kind, project: str | None) -> None:
    """The request for a missing file is recorded with the kind that its filename indicates."""
    response = ask(one_index(packages={"a": {}}), url)
    assert response.status == 404
    assert response.subject.kind is kind
    assert response.subject.index == "main"
    assert kind is Kind.OTHER or response.subject.project == project
