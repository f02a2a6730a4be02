"""Values and files that pass the checks, parsed again as installers and clients do."""

from __future__ import annotations

import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from pytest_indexcache.messages import HostPort
from pytest_indexcache.scenario.checks.safety.contents.requirements_files import (
    requirements_misfits,
)
from pytest_indexcache.scenario.checks.safety.contents.shapes import misfits
from pytest_indexcache.scenario.values.kinds import check_value
from pytest_indexcache.scenario.values.reach import Reach

from .requirements_by_pip import places_by_pip

REACH = Reach(frozenset({HostPort("a.example", 443), HostPort("b.example", 8080)}))

_PIECES = (
    *("https://", "http://", "HTTPS://", "https:", "file://", "git+", "//", "/", "\\", "@", ":"),
    *("a.example", "A.Example", "b.example", ":8080", ":443", "evil.example", "127.0.0.1", "a"),
    *("#", ".", "?", "%2f", "%2e%2e", "..", "~", "$", "${HOME}", " ", "\t", "\n", "[", "]", "x"),
    *(".whl", ".txt", "=", ",", ";", "-", "*", "subdirectory=", "egg=", "&", "é", "\u2028", "\0"),
    "user:pass",
)
_SPLICED = st.lists(st.sampled_from(_PIECES), max_size=9).map("".join)
_URLS = st.tuples(
    st.sampled_from(["https://a.example", "http://b.example:8080/x", "https://", ""]), _SPLICED
).map("".join)


def accepts(kind: str, value: str) -> bool:
    """Return whether a value passes the check of a kind."""
    try:
        check_value(kind, value, REACH)
    except ValueError:
        event("refused")
        return False
    event("accepted")
    return True


@settings(max_examples=500, deadline=None)
@given(url=_URLS)
def test_url_that_is_accepted_leads_to_an_index(url: str) -> None:
    """In an accepted URL, every parser finds the host and port of an index, and no ``..``."""
    if not accepts("url", url):
        return
    served = {("a.example", 443), ("b.example", 8080)}
    parts, other = urlsplit(url), httpx.URL(url)
    assert parts.scheme == other.scheme
    port = {"http": 80, "https": 443}[parts.scheme]
    assert (parts.hostname, parts.port or port) in served
    assert (other.host, other.port or port) in served
    asked = urllib.request.Request(url).host.rpartition("@")[2].lower()
    assert asked.rstrip(":") in ("a.example", "a.example:443", "b.example:8080")
    assert ".." not in url


@pytest.mark.parametrize("kind", ["path", "folder", "glob", "output", "venv", "requirements"])
@settings(max_examples=150, deadline=None)
@given(value=_SPLICED)
def test_path_that_is_accepted_stays_inside(kind: str, value: str) -> None:
    """An accepted path, resolved as by the operating system, is inside the workspace."""
    if accepts(kind, value) and not value.startswith("http"):
        assert _is_inside(value)


def _is_inside(path: str) -> bool:
    expanded = Path(os.path.expandvars(path)).expanduser()
    place = os.path.normpath(Path("/workspace/project") / expanded)
    return place == "/workspace" or place.startswith("/workspace/")


_WORDS = (
    *("six", "six==1.0", "-e", "-r", "-c", "-i", "-f", "--hash=sha256:00", "--index-url", "--pre"),
    *("../x", "../../x", "/abs", "r.txt", "../../r.txt", "https://a.example/x.whl", "file:///x"),
    *("https://evil.example/", "git+https://a.example/x", "x @ ", "${HOME}", "#", "\\", "\n"),
    *(" ", "\t", "\r\n", "\x0c", "\u2028", "'", '"', ";", "python_version < '3'", "-efile:///x"),
    *("[a]", "--config-settings", "a=b", "--global-option=x", ",", "\\\n"),
)
_REQUIREMENTS = st.lists(st.sampled_from(_WORDS), max_size=8).map("".join)


@settings(max_examples=500, deadline=None)
@given(text=_REQUIREMENTS)
def test_requirements_file_that_is_accepted_stays_inside(text: str) -> None:
    """In an accepted requirements file, pip's parser finds no path out of the workspace."""
    if list(requirements_misfits(text, REACH)):
        event("refused")
        return
    event("accepted")
    for place in places_by_pip(text):
        if "://" in place:
            assert urlsplit(place).netloc == "a.example", place
            assert urlsplit(place).scheme == "https"
        else:
            assert _is_inside(place), place
            assert not place.startswith("file:")


_VALUES = st.one_of(
    _SPLICED,
    st.sampled_from(["../../x", "/abs", "https://evil.example/", "file:///x", "x", "../x"]),
    st.sampled_from(["https://a.example/x", "six @ /abs", "git+https://a.example/x", "six"]),
)
_KEYS = st.sampled_from(
    (
        *("path", "url", "index", "name", "file", "git", "pip", "target", "cache-dir", "source"),
        *("sources", "find-links", "index-url", "package", "packages", "x", "dependencies"),
        "indexes",
    )
)
_TABLES = st.recursive(
    _VALUES | st.booleans() | st.integers(0, 9),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=8,
)
_INERT = {"conflicts", "options", "metadata", "markers", "extras", "hash", "cache-control", "urls"}


@pytest.mark.parametrize("shape", ["uv", "poetry", "pdm", "indexcache", "uv.toml", "uv.lock"])
@settings(max_examples=100, deadline=None)
@given(value=st.dictionaries(_KEYS, _TABLES, max_size=4))
def test_table_that_is_accepted_holds_no_way_out(shape: str, value: dict[str, object]) -> None:
    """No string in an accepted table is an absolute path or a foreign URL, or contains ``..``."""
    if list(misfits(value, shape, REACH)):
        event("refused")
        return
    event("accepted")
    for text in _texts(value):
        assert "//evil.example" not in text
        assert not text.startswith(("/", "file:", "git+", "~"))
        assert "../.." not in text


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key not in _INERT:
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
