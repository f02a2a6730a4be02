"""Recognise the URLs of simple pages and of files."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from pytest_indexcache.drafts.words.names import named_file, project_name
from pytest_indexcache.servers.profiles import server_at

_ORIGIN: Final = re.compile(r"^https?://([^/:]+|\[[^]/]*\])(?::\d+)?")
_PYPI_FILES: Final = "https://files.pythonhosted.org/"

# Each server has its pages at one path and its files at another; the sources are the profiles of
# the servers (servers/*.toml).
_FILES: Final = tuple(
    (re.compile(pattern), pages)
    for pattern, pages in (
        (r"(.*/artifactory/api/pypi/[^/]+)/", "/simple"),
        (r"(.*/repository/[^/]+)/packages/", "/simple"),
        (r"(.*/api/v4/(?:projects|groups)/[^/]+/(?:-/)?packages/pypi)/files/", "/simple"),
        (r"(.*/_packaging/[^/]+/pypi)/download/", "/simple"),
        (r"(.*/[^/]+/[^/]+)/\+f/", "/+simple"),
        (r"(.*)/simple/", "/simple"),
        (r"(https?://[^/]+(?:/[^/]+)*?)/packages/", "/simple"),
    )
)
_SERVERS: Final = tuple(
    (re.compile(pattern), server)
    for pattern, server in (
        (r".*/artifactory/api/pypi/", "artifactory"),
        (r".*/api/v4/(?:projects|groups)/[^/]+/(?:-/)?packages/pypi/simple", "gitlab"),
        (r".*/_packaging/[^/]+/pypi/simple", "azure"),
        (r"https?://[^/]*\.codeartifact\.[^/]*/pypi/[^/]+/simple", "codeartifact"),
        (r".*/repository/[^/]+/simple", "nexus"),
        (r".*/\+simple", "devpi"),
    )
)


def key_of(url: str) -> str:
    """Return a URL as a key for comparison, in lower case.

    The scheme, the port and a trailing slash are removed, because a scenario has only one index for
    each host and path.
    """
    return _ORIGIN.sub(r"\1", url.rstrip("/").lower())


def is_below(url: str, folder: str) -> bool:
    """Return whether a URL is equal to or below the URL of a folder."""
    return f"{key_of(url)}/".startswith(f"{key_of(folder)}/")


def is_pypi_file(url: str) -> bool:
    """Return whether a URL belongs to a file on PyPI."""
    return url.startswith(_PYPI_FILES)


def same_host(url: str, other: str) -> bool:
    """Return whether two URLs have the same host and port."""
    return url.split("/")[2:3] == other.split("/")[2:3]


def parent_of_page(url: str) -> str:
    """Return the URL of the index if ``url`` looks like the URL of a simple page, or ""."""
    if not url.endswith("/") or named_file(url):
        return ""
    index, _, project = url.rstrip("/").rpartition("/")
    return index if project_name(project) and index.count("/") > 2 else ""


def index_of_page(url: str) -> str:
    """Return the URL of the index if ``url`` looks like a simple page, or else "".

    Its path must contain ``simple``, or its server must be known.
    """
    index = parent_of_page(url)
    return index if "simple" in index or server_at(index) != "none" else ""


def index_of_file(url: str) -> str:
    """Guess the URL of an index from the URL of one of its files."""
    for pattern, pages in _FILES:
        if found := pattern.match(url):
            return f"{found[1]}{pages}"
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/simple"


def server_like(url: str) -> str:
    """Return the server software that uses URLs of this form, or "" if unknown."""
    if server_at(url) != "none":
        return ""
    return next((name for pattern, name in _SERVERS if pattern.match(url)), "")
