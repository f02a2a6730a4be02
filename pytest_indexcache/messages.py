"""HTTP requests, responses and exchanges as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from enum import StrEnum
from functools import lru_cache
from math import floor
from typing import Any, Final, Literal, NamedTuple, Protocol, Self
from urllib.parse import urlsplit

HTML: Final = "text/html"
HTML_V1: Final = "application/vnd.pypi.simple.v1+html"
JSON_V1: Final = "application/vnd.pypi.simple.v1+json"
"""The media type of a simple page in JSON (PEP 691)."""


class Kind(StrEnum):
    """The kind of a requested resource; ``json`` stands for a release in pypi.org's JSON API."""

    PAGE = "page"
    METADATA = "metadata"
    WHEEL = "wheel"
    SDIST = "sdist"
    JSON = "json"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Headers:
    """An ordered list of header fields, with case-insensitive names (RFC 9110 §5.1)."""

    fields: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, source: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> Headers:
        """Create headers from a mapping, or from pairs of a name and a value."""
        pairs = source.items() if isinstance(source, Mapping) else source
        return cls(tuple((str(name), str(value)) for name, value in pairs))

    def get(self, name: str) -> str | None:
        """Return the values of a field joined by ``", "`` (RFC 9110 §5.3), or None."""
        values = self.get_all(name)
        return ", ".join(values) if values else None

    def get_all(self, name: str) -> tuple[str, ...]:
        """Return the values of a field, one for each header line."""
        wanted = name.lower()
        return tuple([value for key, value in self.fields if key.lower() == wanted])

    def set(self, name: str, *values: str) -> Headers:
        """Return headers in which ``values`` replace all lines of a field."""
        return Headers(self.without(name).fields + tuple((name, value) for value in values))

    def setdefault(self, name: str, value: str) -> Headers:
        """Return headers with a field added, unless it is already present."""
        return self if name in self else self.set(name, value)

    def without(self, *names: str) -> Headers:
        """Return headers without these fields."""
        unwanted = {name.lower() for name in names}
        return Headers(tuple([pair for pair in self.fields if pair[0].lower() not in unwanted]))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bool(self.get_all(name))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)


class Content(Protocol):
    """A body's content, which has a known length and can be read in pieces."""

    @property
    def length(self) -> int:
        """The number of bytes."""

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes from ``start`` up to ``stop``, in pieces."""


@dataclass(frozen=True, slots=True)
class BytesContent:
    """Content in memory."""

    data: bytes = b""

    @property
    def length(self) -> int:
        """The number of bytes."""
        return len(self.data)

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes from ``start`` up to ``stop`` in one piece."""
        if start < stop:
            yield self.data[start:stop]


class HostPort(NamedTuple):
    """The host of a server, in lower case, and its port."""

    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Self:
        """Return the host and port in a URL; the port defaults to the scheme's port.

        :raises ValueError: if the port is invalid
        """
        parts = urlsplit(url)
        return cls(parts.hostname or "", parts.port or (80 if parts.scheme == "http" else 443))


@dataclass(frozen=True, slots=True)
class Request:
    """A request as received by an index; ``url`` is absolute, with its original escapes."""

    method: str
    url: str
    headers: Headers = Headers()
    body: bytes = b""

    @property
    def host(self) -> str:
        """The host in the URL, in lower case, without port or user name."""
        return _host_of(self.url)

    @property
    def origin(self) -> HostPort:
        """The host and the port in the URL."""
        return HostPort.of(self.url)

    @property
    def is_conditional(self) -> bool:
        """Whether the request includes If-None-Match or If-Modified-Since (RFC 9110 §13.1)."""
        return "If-None-Match" in self.headers or "If-Modified-Since" in self.headers


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a response is sent; by default, immediately and completely.

    ``delay`` is a pause in seconds before the first byte, or after ``pause_after`` bytes of the
    body. After ``cut_after`` bytes of the body, the connection is closed. If the connection is
    closed before the first byte, ``drops`` says how; otherwise, ``drops`` is None.
    """

    delay: float = 0.0
    cut_after: int | None = None
    pause_after: int | None = None
    drops: Literal["reset", "close"] | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """Facts about a response that are recorded in the ledger, but not sent.

    ``index`` is the name of the index, or None for an unknown host. ``nominal_bytes`` is the size
    of the real file. ``fault`` is the name of a simulated fault. ``refused`` is the reason why
    nothing was served. ``from_edge`` is true if the CDN edge answered from its store.
    """

    kind: Kind = Kind.OTHER
    index: str | None = None
    project: str | None = None
    filename: str | None = None
    nominal_bytes: int = 0
    fault: str | None = None
    refused: str | None = None
    from_edge: bool = False


@dataclass(frozen=True, slots=True)
class Response:
    """A response from an index; for a 206, ``content`` contains only the bytes in the range.

    ``behind`` is the exchange between the CDN edge and its index, or None if there was none.
    """

    status: int
    headers: Headers = Headers()
    content: Content = BytesContent()
    delivery: Delivery = Delivery()
    subject: Subject = Subject()
    behind: Exchange | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request that reached an index, with its response, as recorded in the ledger.

    ``at`` is the time in seconds since the epoch. ``sent`` is the number of body bytes that were
    sent, ``length`` the size of the body. ``status`` is None if no response was sent. ``behind`` is
    the exchange between the CDN edge and its index. ``by`` names one of several concurrent steps,
    such as ``together[1] (2 of 3)``.
    """

    at: float
    method: str
    url: str
    request_headers: Headers
    status: int | None
    response_headers: Headers = Headers()
    sent: int = 0
    length: int = 0
    subject: Subject = field(default_factory=Subject)
    behind: Exchange | None = None
    by: str = ""

    @classmethod
    def of(cls, request: Request, response: Response, *, sent: int, at: float) -> Exchange:
        """Create an exchange; ``sent`` is the number of body bytes that were sent."""
        dropped = response.delivery.drops is not None or response.subject.refused is not None
        return cls(
            at=at,
            method=request.method,
            url=request.url,
            request_headers=request.headers,
            status=None if dropped else response.status,
            response_headers=Headers() if dropped else response.headers,
            sent=sent,
            length=response.content.length,
            subject=response.subject,
            behind=response.behind,
        )

    @property
    def is_complete(self) -> bool:
        """Whether the whole body was sent."""
        return self.status is not None and self.sent == self.length

    @property
    def is_download(self) -> bool:
        """Whether a wheel or an sdist was sent completely."""
        is_file = self.subject.kind in (Kind.WHEEL, Kind.SDIST)
        return is_file and self.method == "GET" and self.status == 200 and self.is_complete

    @property
    def is_conditional(self) -> bool:
        """Whether the request included If-None-Match or If-Modified-Since (RFC 9110 §13.1)."""
        return Request(self.method, self.url, self.request_headers).is_conditional

    @property
    def is_range(self) -> bool:
        """Whether the request is for a part of the body (RFC 9110 §14.2)."""
        return "Range" in self.request_headers

    @property
    def is_revalidated(self) -> bool:
        """Whether the status is 304, which allows the installer to reuse its stored response."""
        return self.status == 304

    @property
    def is_failed(self) -> bool:
        """Whether the installer received an error, or an incomplete body."""
        return (
            self.status is None
            or self.status >= 400
            or (self.method != "HEAD" and not self.is_complete)
        )

    def to_json(self) -> dict[str, Any]:
        """Return the exchange as a JSON-compatible dict."""
        subject = {name: getattr(self.subject, name) for name in Subject.__slots__}
        return {
            "at": self.at,
            "method": self.method,
            "url": self.url,
            "request_headers": [list(pair) for pair in self.request_headers],
            "status": self.status,
            "response_headers": [list(pair) for pair in self.response_headers],
            "sent": self.sent,
            "length": self.length,
            "subject": {**subject, "kind": str(self.subject.kind)},
            "behind": None if self.behind is None else self.behind.to_json(),
            "by": self.by,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Exchange:
        """Create an exchange from the result of :meth:`to_json`."""
        subject = Subject(**{**data["subject"], "kind": Kind(data["subject"]["kind"])})
        behind = data.get("behind")
        return replace(
            cls(
                **{key: data[key] for key in ("at", "method", "url", "status", "sent", "length")},
                request_headers=Headers.of((a, b) for a, b in data["request_headers"]),
                response_headers=Headers.of((a, b) for a, b in data["response_headers"]),
            ),
            subject=subject,
            behind=None if behind is None else cls.from_json(behind),
            by=data.get("by", ""),
        )


def http_date(now: float) -> str:
    """Format a time in seconds since the epoch as an HTTP date (RFC 9110 §5.6.7)."""
    return _date_of_second(floor(now))


@lru_cache(maxsize=1024)
def _date_of_second(second: int) -> str:
    return formatdate(second, usegmt=True)


@lru_cache(maxsize=1024)
def _host_of(url: str) -> str:
    return urlsplit(url).hostname or ""
