"""A single real index: the URL that installers request, and the URL of the real server."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, urlsplit, urlunsplit

from pytest_indexcache.errors import UpstreamError
from pytest_indexcache.messages import HostPort
from pytest_indexcache.system.urls import basic_authorization, without_credentials

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Upstream:
    """A real index with its name in the scenario.

    ``url`` is the URL of the server; ``stands_at`` is the URL that installers request, and defaults
    to ``url``. Both are the URLs of folders with simple pages. Credentials in ``url`` are only sent
    to the origin of ``url``, and only with requests that do not contain credentials themselves.
    Credentials in ``stands_at`` are sent by the installer.

    :raises UpstreamError: for a URL that is not http or https, or that has no host
    """

    name: str
    url: str
    stands_at: str = ""
    authorization: str = field(default="", repr=False, init=False)

    def __post_init__(self) -> None:
        credentials = _checked(self.name, self.url).netloc.rpartition("@")[0]
        _checked(self.name, self.stands_at or self.url)
        stands_at = without_credentials(self.stands_at or self.url)
        object.__setattr__(
            self, "authorization", basic_authorization(self.url) if credentials else ""
        )
        object.__setattr__(self, "url", _folder(without_credentials(self.url)))
        object.__setattr__(self, "stands_at", _folder(stands_at))

    @property
    def is_moved(self) -> bool:
        """Whether the URL of the server differs from the URL that installers request."""
        return self.url != self.stands_at

    @property
    def origin(self) -> HostPort:
        """The host and port in the URL that installers request."""
        return HostPort.of(self.stands_at)

    def matched_length(self, url: str) -> int:
        """Return the length of the index's folder path, or 0 if the URL is outside the folder."""
        own = self.stands_at
        return len(own) if url == own[:-1] or url.startswith(own) else 0

    def project(self, url: str) -> str:
        """Return the project name in the URL of a page, or an empty string for any other URL."""
        if not self.matched_length(url) or len(url) < len(self.stands_at):
            return ""
        segment, _, rest = urlsplit(url[len(self.stands_at) :]).path.partition("/")
        return "" if rest else segment

    def inward(self, url: str) -> str:
        """Convert a URL that an installer requests to the URL on the real server.

        A URL inside the index's folder is mapped to the same path inside the server's folder. Any
        other URL on the index's host is mapped to the same path on the server's host.
        """
        return _moved(url, self.stands_at, self.url)

    def outward(self, url: str) -> str:
        """Convert a URL on the real server to the URL that installers request.

        A URL that does not belong to the server is returned unchanged.
        """
        if HostPort.of(url) != HostPort.of(self.url):
            return url
        return _moved(url, self.url, self.stands_at)


def _moved(url: str, old: str, new: str) -> str:
    if url.startswith(old):
        return f"{new}{url[len(old) :]}"
    if url == old[:-1]:
        return new[:-1]
    there = urlsplit(new)
    return urlunsplit(urlsplit(url)._replace(scheme=there.scheme, netloc=there.netloc))


def _checked(name: str, url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        is_index = parts.scheme in _DEFAULT_PORTS and parts.hostname and parts.port != 0
    except ValueError:
        is_index = False
    if not is_index or parts.query or parts.fragment:
        shown = without_credentials(url)
        hint = "give the URL of its simple pages, such as http://127.0.0.1:3141/root/pypi/+simple/"
        raise UpstreamError(f"index {name!r} cannot be asked at {shown!r}", hint)
    return parts


def _folder(url: str) -> str:
    """Return a normalised URL for a folder, with the host in lower case and a trailing slash."""
    parts = urlsplit(url)
    host = parts.netloc.lower().removesuffix(f":{_DEFAULT_PORTS[parts.scheme]}")
    return urlunsplit((parts.scheme, host, f"{parts.path.rstrip('/')}/", "", ""))
