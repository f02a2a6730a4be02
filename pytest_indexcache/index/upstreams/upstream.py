"""One real index: the URL at which installers ask for it, and the URL at which it answers."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from pytest_indexcache.errors import UpstreamError
from pytest_indexcache.messages import HostPort
from pytest_indexcache.system.urls import without_credentials

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Upstream:
    """A real index under the name that the scenario gives it.

    ``url`` is where it answers; ``stands_at`` is the URL of the index for installers, and if it is
    empty that is ``url``. Both are folders of simple pages. Credentials in ``url`` are sent to the
    origin of ``url`` alone, with requests that have none of their own; those in ``stands_at`` are
    for the installer to send.

    :raises UpstreamError: for a URL that is not http or https, or has no host
    """

    name: str
    url: str
    stands_at: str = ""
    authorization: str = field(default="", repr=False, init=False)

    def __post_init__(self) -> None:
        credentials = _checked(self.name, self.url).netloc.rpartition("@")[0]
        _checked(self.name, self.stands_at or self.url)
        stands_at = without_credentials(self.stands_at or self.url)
        object.__setattr__(self, "authorization", _basic(credentials) if credentials else "")
        object.__setattr__(self, "url", _folder(without_credentials(self.url)))
        object.__setattr__(self, "stands_at", _folder(stands_at))

    @property
    def is_moved(self) -> bool:
        """Whether the index answers elsewhere than where installers ask for it."""
        return self.url != self.stands_at

    @property
    def origin(self) -> HostPort:
        """The host and the port at which installers ask for it."""
        return HostPort.of(self.stands_at)

    def matched_length(self, url: str) -> int:
        """Return how many characters of an installer's URL are this index's folder, 0 for none."""
        own = self.stands_at
        return len(own) if url == own[:-1] or url.startswith(own) else 0

    def project(self, url: str) -> str:
        """Return the segment of a URL that names a project's page; empty for another URL."""
        if not self.matched_length(url) or len(url) < len(self.stands_at):
            return ""
        segment, _, rest = urlsplit(url[len(self.stands_at) :]).path.partition("/")
        return "" if rest else segment

    def inward(self, url: str) -> str:
        """Return the URL to ask the real index for what an installer asks for at a URL.

        Below the folder of the index that is the same place below its own folder; elsewhere at the
        host, the same path at the host of the real index.
        """
        return _moved(url, self.stands_at, self.url)

    def outward(self, url: str) -> str:
        """Return the URL at which an installer asks for a URL of the real index.

        A URL of any other origin stays as it is.
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
    """Return the URL of a folder as requests have it: small letters in the host, a slash last."""
    parts = urlsplit(url)
    host = parts.netloc.lower().removesuffix(f":{_DEFAULT_PORTS[parts.scheme]}")
    return urlunsplit((parts.scheme, host, f"{parts.path.rstrip('/')}/", "", ""))


def _basic(credentials: str) -> str:
    user, _, password = credentials.partition(":")
    text = f"{unquote(user)}:{unquote(password)}"
    return f"Basic {b64encode(text.encode()).decode('ascii')}"
