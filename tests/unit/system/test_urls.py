"""The normal form of URLs, and the paths of file URLs."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.system.urls import (
    basic_authorization,
    hide_credentials,
    local_path,
    normal_url,
)


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("HTTPS://PyPI.org:443/simple/#x", "https://pypi.org/simple/"),
        ("http://user:secret@host:80", "http://host/"),
        ("http://host:8080/a?b=C", "http://host:8080/a?b=C"),
        ("https://host/torch-2.8.0%2Bcpu.whl?a=%2B", "https://host/torch-2.8.0+cpu.whl?a=%2B"),
    ],
)
def test_a_url_is_its_normal_form(url: str, normal: str) -> None:
    """URLs that differ in host case, default port, fragment or user have one normal form."""
    assert normal_url(url) == normal


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("file:///srv/a%20b", Path("/srv/a b")),
        ("FILE:///srv", Path("/srv")),
        ("file://localhost/srv", Path("/srv")),
        ("https://host/srv", None),
        ("/srv", None),
    ],
)
def test_file_url_names_a_path(url: str, path: Path | None) -> None:
    """A file URL is converted to a path, whatever the case of its scheme is (RFC 3986 3.1)."""
    assert local_path(url) == path


@pytest.mark.parametrize(
    ("url", "value"),
    [
        ("https://host/simple", ""),
        ("https://me:secret@host/simple", "Basic bWU6c2VjcmV0"),
        ("https://me:a%3Ab@host/simple", "Basic bWU6YTpi"),
        ("https://token@host/simple", "Basic dG9rZW46"),
    ],
)
def test_user_of_a_url_becomes_an_authorization(url: str, value: str) -> None:
    """User and password of a URL are decoded, and sent by the Basic scheme (RFC 7617)."""
    assert basic_authorization(url) == value


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("--index-url http://me:pw@localhost:80/a b", "--index-url http://****@localhost:80/a b"),
        ('"https://token@host/" git+https://t:k@x/y', '"https://****@host/" git+https://****@x/y'),
        ("https://me:p@ss@host/simple", "https://****@host/simple"),
        ("me@example.org https://host/a@1.0 # b@c", "me@example.org https://host/a@1.0 # b@c"),
    ],
)
def test_credentials_of_urls_in_a_text_are_hidden(text: str, shown: str) -> None:
    """User and password of each URL in a text are hidden; other text with an @ is kept."""
    assert hide_credentials(text) == shown
