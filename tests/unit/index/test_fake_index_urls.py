"""URLs of files, and unusual URLs in requests."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_indexcache.errors import FakeIndexError
from pytest_indexcache.messages import Kind

from .asking import CPU, PYPI, ask, body, files, one_index, page

TORCH: dict[str, Any] = {"torch": {"2.8.0+cpu": {"requires": ["filelock"]}}}


def test_files_of_pypi_lie_on_another_host_under_a_hash() -> None:
    """Pages of pypi.org link to files.pythonhosted.org, like the real pages."""
    served = one_index(packages={"six": {"1.0": {}}})
    [url] = files(served, f"{PYPI}/six/").values()
    assert served.hosts == {"pypi.org", "files.pythonhosted.org"}
    host, aa, bb, rest, name = url.removeprefix("https://").replace("/packages", "").split("/")
    assert (host, len(aa), len(bb), len(rest)) == ("files.pythonhosted.org", 2, 2, 60)
    assert name == "six-1.0-py3-none-any.whl"
    assert ask(served, url).status == 200


def test_files_of_pytorch_lie_in_the_folder_of_the_index() -> None:
    """The plus sign in a local version is %2B in links, and both forms of the URL are served."""
    served = one_index(CPU, packages=TORCH)
    response = ask(served, f"{CPU}/torch/", {"Accept": "text/html"})
    assert b'<a href="/whl/cpu/torch-2.8.0%2Bcpu-py3-none-any.whl#sha256=' in body(response)
    for name in (
        "torch-2.8.0%2Bcpu",
        "torch-2.8.0%2bcpu",
        "torch-2.8.0+cpu",
        "%74orch-2.8.0%2Bcpu",
    ):
        assert ask(served, f"{CPU}/{name}-py3-none-any.whl").status == 200
    assert ask(served, f"{CPU}/torch-2.8.0%252Bcpu-py3-none-any.whl").status == 403


def test_files_of_other_indexes_lie_beside_the_pages() -> None:
    """Files of an unknown index are in their project's folder, as on pypi.nvidia.com."""
    served = one_index("https://pypi.nvidia.com", packages={"tensorrt-cu12": {"10.7.0": {}}})
    assert list(files(served, "https://pypi.nvidia.com/tensorrt-cu12/").values()) == [
        "https://pypi.nvidia.com/tensorrt-cu12/tensorrt_cu12-10.7.0-py3-none-any.whl"
    ]


@pytest.mark.parametrize(
    ("options", "release", "expected"),
    [
        ({"files-url": "https://cdn.example/f"}, {}, "https://cdn.example/f/a-1-py3-none-any.whl"),
        ({}, {"url": "https://pypi.org/whl/"}, "https://pypi.org/whl/a-1-py3-none-any.whl"),
        ({}, {"url": "https://x.example/a%2Bb.whl"}, "https://x.example/a%2Bb.whl"),
        ({"hrefs": "absolute"}, {}, "https://index.example/simple/a/a-1-py3-none-any.whl"),
    ],
)
def test_files_lie_where_the_scenario_says(
    options: dict[str, Any], release: dict[str, Any], expected: str
) -> None:
    """A scenario can set the folder of all files, or the URL of one file, on any host."""
    url = "https://index.example/simple"
    served = one_index(url, packages={"a": {"1": release}}, **options)
    [file] = page(served, f"{url}/a/")["files"]
    assert file["url"] == expected
    assert ask(served, expected).status == 200


def test_port_and_user_of_the_index_url_do_not_get_in_the_way() -> None:
    """Links have the port but not the user of the index's URL; requests match without either."""
    url = "http://me:secret@index.example:8080/simple/"
    served = one_index(url, packages={"a": {"1": {}}}, hrefs="absolute")
    [file] = page(served, "http://index.example:8080/simple/a/")["files"]
    assert file["url"] == "http://index.example:8080/simple/a/a-1-py3-none-any.whl"
    assert ask(served, file["url"]).status == 200


def test_relative_hrefs_that_cannot_be_are_refused() -> None:
    """Relative links are refused if files are on another host."""
    with pytest.raises(FakeIndexError, match="a relative href cannot lead to"):
        one_index(packages={"a": {"1": {}}}, hrefs="relative")


@given(
    st.text(st.characters(codec="ascii", exclude_characters="#?")),
    st.dictionaries(
        st.sampled_from(["Accept", "Accept-Encoding", "Range", "If-Range", "If-None-Match"]),
        st.text(),
    ),
    st.sampled_from(["GET", "HEAD", "POST"]),
)
def test_any_request_gets_a_response(path: str, headers: dict[str, str], method: str) -> None:
    """Any request gets a response with a status and a length."""
    served = one_index(CPU, packages=TORCH)
    for url in (f"{CPU}/{path}", f"{CPU}/torch/{path}", f"{CPU}{path}", f"{CPU}/torch/"):
        response = ask(served, url, headers, method=method)
        assert response.status in {200, 301, 304, 403, 405, 406}
        assert response.status == 304 or "Content-Length" in response.headers
        assert response.subject.index == "main" or response.subject.refused


def test_two_files_at_one_url_are_refused() -> None:
    """Two files with the same URL are refused."""
    release = {"url": "https://x.example/a.whl"}
    with pytest.raises(
        FakeIndexError, match=r"main.*a-2-py3-none-any.whl cannot be at https://x.example/a.whl"
    ):
        one_index(packages={"a": {"1": release, "2": release}})


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        (
            {"packages": {"a": {"1": {"files": [{"kind": "sdist", "tag": "py3-none-any"}]}}}},
            "a 1: an sdist has neither a tag",
        ),
        (
            {"packages": {"a": {"1": {"attributes": {"b": 1, "b.c": 1}}}}},
            "a 1: attribute 'b.c': a module and a value",
        ),
        (
            {"packages": {"a": {"1": {"files": [{"kind": "sdist", "damage": "short-record"}]}}}},
            "a 1: an sdist has no RECORD",
        ),
        ({"pages": {"a": {"serves": "b", "redirect": "/c/"}}}, "page a both redirects and serves"),
    ],
)
def test_index_that_cannot_be_as_it_is_said_is_refused(table: Any, problem: str) -> None:
    """The error for an impossible index names the index, and the release or the page."""
    with pytest.raises(FakeIndexError, match=f"index 'main': {problem}"):
        one_index(**table)


@pytest.mark.parametrize(
    ("url", "location"),
    [
        (f"{PYPI}/Six/", "/simple/six/"),
        (f"{PYPI}/six", "/simple/six/"),
        (f"{PYPI}/ruamel_.Yaml", "/simple/ruamel-yaml/"),
        (f"{PYPI}/zope.interface/?x=1", "/simple/zope-interface/"),
        (PYPI, "/simple/"),
    ],
)
def test_page_is_redirected_to_its_normalised_url(url: str, location: str) -> None:
    """A name that is not normalised, or a missing slash, gets a 301 to the page (PEP 503)."""
    response = ask(one_index(packages={"six": {"1": {}}}), url)
    assert (response.status, response.headers.get("Location")) == (301, location)
    assert response.subject.kind is Kind.PAGE
