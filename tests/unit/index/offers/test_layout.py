"""URLs of pages and files."""

from __future__ import annotations

import pytest

from pytest_indexcache.index.offers.layout import Layout, Location
from pytest_indexcache.scenario.tables.indexes import Index

FILENAME = "torch-2.8.0+cpu-py3-none-any.whl"


def layout(**table: object) -> Layout:
    """Return the layout of an index with these keys."""
    return Layout("some", Index.model_validate(table))


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("https://PyPI.org/simple/six/", Location("pypi.org", "/simple/six/")),
        ("https://pypi.org/a%2Bb", Location("pypi.org", "/a+b")),
        ("https://pypi.org", Location("pypi.org", "/")),
        ("https://pypi.org:8443/x?query#fragment", Location("pypi.org", "/x")),
    ],
)
def test_location_ignores_how_a_url_is_written(url: str, location: Location) -> None:
    """A location does not depend on host case, percent-encoding, port, query and fragment."""
    assert Location.of(url) == location


@pytest.mark.parametrize(
    ("table", "project", "path"),
    [
        ({"url": "https://pypi.org/simple"}, "six", "/simple/six/"),
        ({"url": "https://pypi.org/simple/"}, None, "/simple/"),
        ({"url": "https://x.example/flat.html", "flat": True}, None, "/flat.html"),
        ({"url": "https://x.example/flat/", "flat": True}, None, "/flat/"),
    ],
)
def test_page_lies_below_the_index(table: dict[str, object], project: str, path: str) -> None:
    """The URL of a project's page ends with a slash; a flat index may be one document."""
    assert layout(**table).page_path(project) == path


@pytest.mark.parametrize(
    ("table", "url"),
    [
        (
            {"url": "https://ours.example/simple"},
            "https://ours.example/simple/torch/torch-2.8.0%2Bcpu-py3-none-any.whl",
        ),
        (
            {"url": "https://ours.example/simple", "files-url": "https://cdn.example/f"},
            "https://cdn.example/f/torch-2.8.0%2Bcpu-py3-none-any.whl",
        ),
        (
            {"url": "https://download.pytorch.org/whl/cpu"},
            "https://download.pytorch.org/whl/cpu/torch-2.8.0%2Bcpu-py3-none-any.whl",
        ),
        (
            {"url": "http://ours.example:8080/flat/", "flat": True},
            "http://ours.example:8080/flat/torch-2.8.0%2Bcpu-py3-none-any.whl",
        ),
    ],
)
def test_file_lies_where_its_host_puts_it(table: dict[str, object], url: str) -> None:
    """A file is served beside its page, in the index's folder, or at another host."""
    assert layout(**table).file_url("torch", "2.8.0+cpu", FILENAME) == url


def test_file_of_pypi_keeps_its_place_when_it_is_replaced() -> None:
    """The folder on files.pythonhosted.org depends only on the filename."""
    pypi = layout(url="https://pypi.org/simple")
    url = pypi.file_url("six", "1.0", "six-1.0-py3-none-any.whl")
    assert url.startswith("https://files.pythonhosted.org/packages/")
    assert url == pypi.file_url("six", "1.0", "six-1.0-py3-none-any.whl")


@pytest.mark.parametrize(
    ("hrefs", "href"),
    [
        ("relative", "../../packages/six.whl"),
        ("absolute", "https://ours.example/packages/six.whl"),
    ],
)
def test_page_refers_to_a_file_as_the_index_does(hrefs: str, href: str) -> None:
    """Links to files of the same origin are relative, unless ``hrefs`` makes them absolute."""
    ours = layout(url="https://ours.example/simple", hrefs=hrefs)
    assert ours.href("https://ours.example/packages/six.whl", "/simple/six/") == href


def test_file_of_another_host_is_named_by_its_whole_url() -> None:
    """Links to files of another host are absolute."""
    ours = layout(url="https://ours.example/simple")
    url = "https://cdn.example/six.whl"
    assert ours.href(url, "/simple/six/") == url
