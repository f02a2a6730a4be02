"""Parsers of simple pages, in HTML and JSON, for valid and invalid pages."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_name
from packaging.version import Version

from pytest_indexcache.errors import IndexResponseError
from pytest_indexcache.reference.index.simple_pages import parse_page, read_url_hashes
from pytest_indexcache.reference.words.packages import RemoteFile
from pytest_indexcache.reference.words.simple_page import SimplePage

URL = "https://download.pytorch.org/whl/cpu/torch/"
TORCH = canonicalize_name("torch")
WHEEL = "torch-2.8.0+cpu-cp313-cp313-manylinux_2_28_x86_64.whl"


def read_html(text: str, url: str = URL, content_type: str = "text/html") -> tuple[RemoteFile, ...]:
    """Parse an HTML page."""
    return parse_page(SimplePage(url, content_type, text.encode()), TORCH)


def read_json(*files: object, **page: Any) -> tuple[RemoteFile, ...]:
    """Parse a JSON page."""
    body = {"meta": {"api-version": "1.1"}, "name": "torch", "files": list(files), **page}
    content_type = "application/vnd.pypi.simple.v1+json"
    return parse_page(SimplePage(URL, content_type, json.dumps(body).encode()), TORCH)


def test_reads_links_as_pytorch_writes_them() -> None:
    """For a link with an absolute path, %2B and a hash, name, version and URL are found."""
    (file,) = read_html(
        '<a href="/whl/cpu/torch-2.8.0%2Bcpu-cp313-cp313-manylinux_2_28_x86_64.whl#sha256=ABCD"'
        ' data-dist-info-metadata="sha256=ef01" data-core-metadata="sha256=ef01">torch</a>'
    )
    assert file == RemoteFile(
        filename=WHEEL,
        url=f"https://download.pytorch.org/whl/cpu/{WHEEL.replace('+', '%2B')}",
        project=TORCH,
        version=Version("2.8.0+cpu"),
        hashes={"sha256": "abcd"},
        metadata_hashes={"sha256": "ef01"},
    )


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("torch-1.0.tar.gz", "https://download.pytorch.org/whl/cpu/torch/torch-1.0.tar.gz"),
        ("../../torch-1.0.tar.gz", "https://download.pytorch.org/whl/torch-1.0.tar.gz"),
        ("//cdn.example/torch-1.0.tar.gz", "https://cdn.example/torch-1.0.tar.gz"),
        ("https://cdn.example/a/torch-1.0.tar.gz", "https://cdn.example/a/torch-1.0.tar.gz"),
        (
            "https://cdn.example/torch-1.0.tar.gz?sig=a%2Fb",
            "https://cdn.example/torch-1.0.tar.gz?sig=a%2Fb",
        ),
    ],
)
def test_resolves_links_against_the_page(href: str, expected: str) -> None:
    """Relative, absolute and signed links are resolved as in a browser."""
    assert [it.url for it in read_html(f'<a href="{href}">torch</a>')] == [expected]


@pytest.mark.parametrize(
    "filename",
    [
        f"torch-1.{'9' * 5000}-py3-none-any.whl",
        f"torch-1.0-{'9' * 5000}-py3-none-any.whl",
        f"torch-1.0+{'a' * 1000}.tar.gz",
    ],
)
def test_leaves_out_files_with_names_that_no_file_can_have(filename: str) -> None:
    """Files whose names have invalid characters, or too many digits, are left out."""
    assert read_html(f'<a href="{filename}">x</a><a href="torch-1.0.zip">y</a>') == read_html(
        '<a href="torch-1.0.zip">y</a>'
    )


def test_file_with_a_name_too_long_for_a_disk_is_there() -> None:
    """A file whose name is too long for a disk is listed, because it can still be locked."""
    (file,) = read_html(f'<a href="torch-1.0+{"a" * 250}.tar.gz">x</a>')
    assert len(file.filename) > 255


def test_obeys_a_base_element() -> None:
    """Links are resolved against the page's base element."""
    (file,) = read_html('<base href="https://other.example/x/"><a href="torch-1.0.zip">t</a>')
    assert file.url == "https://other.example/x/torch-1.0.zip"


def test_reads_the_attributes_of_links() -> None:
    """The attribute data-requires-python is unescaped, and data-yanked may have no value."""
    files = read_html(
        '<a href="torch-1.0.zip" data-requires-python="&gt;=3.8,&lt;4">1</a>'
        '<a href="torch-2.0.zip" data-yanked="bad build">2</a>'
        '<a href="torch-3.0.zip" data-yanked>3</a>'
        '<a href="torch-4.0.zip" data-core-metadata="true">4</a>'
    )
    assert files[0].requires_python == ">=3.8,<4"
    assert [file.yanked for file in files] == [None, "bad build", "", None]
    assert [file.metadata_hashes for file in files] == [None, None, None, {}]


def test_reads_entries_in_json() -> None:
    """Hashes, size, yank and announced metadata of a JSON entry are read (PEP 691, 700, 714)."""
    (file,) = read_json(
        {
            "filename": WHEEL,
            "url": f"../{WHEEL}",
            "hashes": {"sha256": "AB", "blake2b": "ff"},
            "requires-python": ">=3.9",
            "size": 175,
            "yanked": "why",
            "core-metadata": {"sha256": "cd"},
            "upload-time": "2025-01-01T00:00:00Z",
        }
    )
    assert file.url == f"https://download.pytorch.org/whl/cpu/{WHEEL}"
    assert (file.hashes, file.size, file.yanked) == ({"sha256": "ab"}, 175, "why")
    assert (file.requires_python, file.metadata_hashes) == (">=3.9", {"sha256": "cd"})


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"core-metadata": True}, {}),
        ({"core-metadata": False, "dist-info-metadata": True}, None),
        ({"dist-info-metadata": {"sha256": "aa"}}, {"sha256": "aa"}),
        ({}, None),
    ],
)
def test_prefers_the_key_of_pep_714(entry: dict[str, Any], expected: object) -> None:
    """The key core-metadata takes precedence over dist-info-metadata (PEP 714)."""
    (file,) = read_json({"filename": "torch-1.0.zip", "url": "torch-1.0.zip", **entry})
    assert file.metadata_hashes == expected


def test_leaves_out_what_is_no_file_of_the_project() -> None:
    """Files of other projects, eggs, .exe installers and invalid versions are left out."""
    names = [
        "torchvision-1.0-py3-none-any.whl",
        "torch-1.0-py3.9.egg",
        "torch-1.0.win32.exe",
        "torch-banana-py3-none-any.whl",
        "torch-1.0-none-any.whl",
        "torch-1.0-py3-none-any/../../evil.whl",
        "torch-banana.tar.gz",
        "readme.html",
        "torch-1.0-py3-none-any.whl",
    ]
    files = read_json(*({"filename": name, "url": "x/file"} for name in names))
    assert [file.filename for file in files] == ["torch-1.0-py3-none-any.whl"]


def test_knows_projects_by_normalised_names() -> None:
    """Old sdists with hyphens, dots or capitals in their names belong to the normalised name."""
    names = ["My.Project-1.0.tar.gz", "my-project-1.1.tar.gz", "my_project-1.2-py3-none-any.whl"]
    body = {"files": [{"filename": name, "url": name} for name in names]}
    page = SimplePage(URL, "application/json", json.dumps(body).encode())
    files = parse_page(page, canonicalize_name("my-project"))
    assert [str(file.version) for file in files] == ["1.0", "1.1", "1.2"]


def test_no_remote_page_leads_to_a_file_on_this_disk() -> None:
    """Links to local files are followed only on pages that are local, too."""
    link = '<a href="file:///etc/torch-1.0.zip">t</a><a href="ftp://x/torch-1.0.zip">t</a>'
    assert read_html(link) == ()
    (file,) = read_html(link, url="file:///srv/torch/index.html")
    assert file.url == "file:///etc/torch-1.0.zip"


def test_reads_html_whatever_it_is_called() -> None:
    """An HTML page is parsed under any media type: download.pytorch.org sent octet-stream."""
    page = '<a href="torch-1.0.zip">t</a>'
    for content_type in ("binary/octet-stream", "application/vnd.pypi.simple.v1+html", ""):
        assert len(read_html(page, content_type=content_type)) == 1


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("[]", "no list of files"),
        ('{"files": {}}', "no list of files"),
        ("{", "its JSON is broken"),
        ('{"meta": {"api-version": "2.0"}, "files": []}', "its version is 2.0"),
    ],
)
def test_refuses_json_that_is_no_page(body: str, problem: str) -> None:
    """The error for an invalid JSON page names the page and the problem."""
    url = "https://user:secret@x.example/torch/"
    with pytest.raises(IndexResponseError, match=problem) as caught:
        parse_page(SimplePage(url, "application/json", body.encode()), TORCH)
    assert "https://x.example/torch/ is not a simple page" in str(caught.value)


def test_refuses_html_of_another_major_version() -> None:
    """A simple page of major version 2 is refused (PEP 629)."""
    with pytest.raises(IndexResponseError, match=r"its version is 2\.0"):
        read_html('<meta name="pypi:repository-version" content="2.0">')


def test_reads_the_hash_of_a_url() -> None:
    """A hash in a URL's fragment is found even if the fragment has other parts."""
    assert read_url_hashes("https://x/a.whl#egg=a&sha256=Ab") == {"sha256": "ab"}
    assert read_url_hashes("https://x/a.whl#subdirectory=b") == {}


PIECES = st.sampled_from(
    ["<a ", "href=", '"', "'", ">", "</a>", "torch-1.0.zip", "#sha256=", "<!--", "-->", "<![", "&"]
)


@given(st.one_of(st.binary(), st.lists(PIECES, max_size=30).map(lambda it: "".join(it).encode())))
def test_any_bytes_are_a_page_or_an_error(body: bytes) -> None:
    """Any bytes are either parsed as a page or raise IndexResponseError."""
    for content_type in ("text/html", "application/json", ""):
        try:
            files = parse_page(SimplePage(URL, content_type, body), TORCH)
        except IndexResponseError:
            continue
        assert all(file.project == TORCH for file in files)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
KEYS = ("filename", "url", "hashes", "yanked", "size", "core-metadata", "requires-python")


@given(
    st.lists(
        st.fixed_dictionaries(
            {"filename": JSON | st.just("torch-1.0.zip"), "url": JSON | st.just("torch-1.0.zip")},
            optional=dict.fromkeys(KEYS[2:], JSON),
        )
    )
)
def test_any_values_of_entries_give_files_or_nothing(entries: list[dict[str, Any]]) -> None:
    """Entries of a page with values of wrong types are left out without an error."""
    for file in read_json(*entries):
        assert file.url.startswith("https://")
        assert file.size is None or file.size >= 0
        assert all(isinstance(digest, str) for digest in file.hashes.values())
        assert file.requires_python is None or isinstance(file.requires_python, str)
