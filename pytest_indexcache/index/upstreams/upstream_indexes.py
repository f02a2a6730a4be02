"""Real indexes behind a gateway, which forwards all requests and generates no responses itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Lock
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import httpx
from packaging.utils import canonicalize_name

from pytest_indexcache.index.exchanges.subjects import METADATA, kind_of, project_of
from pytest_indexcache.index.upstreams.forwarding import Forwarder, ForwardingError, decoded_body
from pytest_indexcache.index.upstreams.links import PAGE_TYPES, media_type, page_links, rewritten
from pytest_indexcache.index.upstreams.upstream import Upstream
from pytest_indexcache.messages import (
    BytesContent,
    Delivery,
    HostPort,
    Kind,
    Request,
    Response,
    Subject,
)
from pytest_indexcache.system.private_hosts import is_private_host

Observe = Callable[[Request, Response], None]
"""A function that is called with each request and its response before the response is sent.

It can read pages, which are in memory, but must not read the bodies of files.
"""

_TOTAL = re.compile(r"bytes [0-9]+-[0-9]+/([0-9]+)", re.ASCII)


class UpstreamIndexes:
    """Real indexes, keyed by name, and the hosts that their pages and redirects lead to.

    It is a ``Handler``, as ``FakeIndexes`` is, and a context manager that closes its connections
    when it exits. Any number of threads can call :meth:`handle`.

    Requests are sent to the server of an index, or to a host that one of its pages has linked to;
    no other hosts are served. Redirects are forwarded, not followed. If the URL that installers
    request (``Upstream.stands_at``) differs from the server's URL, links are rewritten so that they
    lead installers to the right resource.

    The ``Authorization`` field of a request is only sent to the requested host, or to the server
    that replaces this host. If the installer used TLS, it is never sent over a network unencrypted.
    Credentials in the URL of an upstream are only sent to the origin of that URL.

    ``observe`` is called with each request and its response. ``transport`` is used instead of the
    network.
    """

    def __init__(
        self,
        upstreams: Sequence[Upstream],
        observe: Observe | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._upstreams = tuple(upstreams)
        self._observe = observe
        self._forwarder = Forwarder(transport)
        self._lock = Lock()
        self._linked: dict[str, Upstream] = {}
        self._led: dict[HostPort, Upstream] = {}
        self._origins = frozenset(upstream.origin for upstream in self._upstreams)

    def __enter__(self) -> UpstreamIndexes:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections to servers."""
        self._forwarder.close()

    @property
    def origins(self) -> frozenset[HostPort]:
        """The hosts and ports of all indexes, and of all links and redirects seen so far."""
        return self._origins

    @property
    def hosts(self) -> frozenset[str]:
        """All hostnames that are served, in lower case."""
        return frozenset(origin.host for origin in self._origins)

    def serves(self, url: str) -> bool:
        """Return whether requests for a URL would be forwarded."""
        try:
            return HostPort.of(url) in self._origins
        except ValueError:
            return False

    def is_reachable(self, host: str) -> bool:
        """Return True, because only a request can show whether a real host is reachable."""
        return host in self.hosts

    def handle(self, request: Request, now: float) -> Response:  # noqa: ARG002
        """Forward a request to the server that it is for, and return the response.

        If the server cannot be reached, or if it fails before it responds, the connection is closed
        without a response, and the reason is recorded in the exchange.
        """
        upstream = self._owner(request.url)
        is_own = HostPort.of(request.url) == upstream.origin
        url = upstream.inward(request.url) if is_own else request.url
        subject = self._subject(upstream, request.url)
        try:
            response = self._forwarder.ask(_authorized(request, url, upstream, is_own=is_own))
        except ForwardingError as error:
            reason = f"{HostPort.of(url).host} did not answer: {error}"
            refused = replace(subject, refused=reason)
            return Response(502, delivery=Delivery(drops="close"), subject=refused)
        response = replace(
            response, subject=replace(subject, nominal_bytes=_whole_length(response))
        )
        response = self._led_on(upstream, url, response)
        if self._observe is not None:
            self._observe(request, response)
        return response

    def _owner(self, url: str) -> Upstream:
        """Return the index that a URL belongs to: one that linked to it, or else one on its host.

        If there are several indexes on the host, the one whose folder contains the URL is chosen.
        """
        with self._lock:
            linked = self._linked.get(_key(url)) or self._linked.get(_key(_parent(url)))
        if linked is not None:
            return linked
        origin = HostPort.of(url)
        there = [upstream for upstream in self._upstreams if upstream.origin == origin]
        if not there:
            return self._led.get(origin, self._upstreams[0])
        return max(there, key=lambda each: each.matched_length(url))

    def _subject(self, upstream: Upstream, url: str) -> Subject:
        filename = unquote(urlsplit(url).path.rpartition("/")[2])
        kind = kind_of(filename)
        if kind is not Kind.OTHER:
            return Subject(kind, upstream.name, project_of(filename), filename)
        project = unquote(upstream.project(url))
        if project or url.rstrip("/") == upstream.stands_at.rstrip("/"):
            named = canonicalize_name(project) if project else None
            return Subject(Kind.PAGE, upstream.name, named)
        return Subject(kind, upstream.name)

    def _led_on(self, upstream: Upstream, url: str, response: Response) -> Response:
        """Start serving the hosts that a response leads to, and rewrite its links if necessary.

        The result is the response to send to the client.
        """
        location = response.headers.get("Location")
        if location is not None and 300 <= response.status < 400:
            there = urljoin(url, location)
            new = upstream.outward(there)
            self._learn(upstream, new)
            if new != there:
                response = replace(response, headers=response.headers.set("Location", new))
        content_type = response.headers.get("Content-Type")
        is_page = response.status == 200 and media_type(content_type) in PAGE_TYPES
        if not is_page or response.subject.filename is not None:
            return response
        length = response.content.length
        body = BytesContent(b"".join(response.content.chunks(0, length)))
        response = replace(response, content=body)
        text = decoded_body(response)
        if text is None:
            return response
        changed = self._rewritten(upstream, url, text, content_type)
        for link in page_links(changed or text, content_type, upstream.outward(url)):
            self._learn(upstream, link)
        return response if changed is None else _with_body(response, changed)

    def _rewritten(
        self, upstream: Upstream, url: str, text: bytes, content_type: str | None
    ) -> bytes | None:
        """Return a page after rewriting its links to the URLs that installers request."""
        if not upstream.is_moved:
            return None
        page = upstream.outward(url)
        seen = iter(page_links(text, content_type, page))

        def rewrite(link: str) -> str:
            new = upstream.outward(link)
            return "" if next(seen, None) == new else new

        return rewritten(text, content_type, url, rewrite)

    def admit(self, index: str, url: str) -> None:
        """Start serving the host of a file URL that was found in a lockfile."""
        for upstream in self._upstreams:
            if upstream.name == index:
                self._add(upstream, url, HostPort.of(url))

    def _learn(self, upstream: Upstream, link: str) -> None:
        """Start serving the host of a link, unless a public index links to a private network."""
        try:
            origin = HostPort.of(link)
        except ValueError:
            return
        is_url = link.startswith(("http://", "https://")) and bool(origin.host)
        real = HostPort.of(upstream.url).host
        if not is_url or (is_private_host(origin.host) and not is_private_host(real)):
            return
        self._add(upstream, link, origin)

    def _add(self, upstream: Upstream, link: str, origin: HostPort) -> None:
        with self._lock:
            self._linked.setdefault(_key(link), upstream)
            self._led.setdefault(origin, upstream)
            self._origins |= {origin}


def _authorized(request: Request, url: str, upstream: Upstream, *, is_own: bool) -> Request:
    """Return the request to send to a server, with only the credentials that it may see."""
    headers = request.headers
    is_laid_open = request.url.startswith("https:") and url.startswith("http:")
    if is_laid_open and not is_private_host(HostPort.of(url).host):
        headers = headers.without("Authorization")
    if is_own and upstream.authorization:
        headers = headers.setdefault("Authorization", upstream.authorization)
    return replace(request, url=url, headers=headers)


def _with_body(response: Response, body: bytes) -> Response:
    headers = response.headers.without("Content-Encoding", "Content-Length", "Transfer-Encoding")
    headers = headers.set("Content-Length", str(len(body)))
    return replace(response, headers=headers, content=BytesContent(body))


def _whole_length(response: Response) -> int:
    """Return the length of the complete body, even for a 206; 0 if the length is unknown."""
    if response.status == 206:
        total = _TOTAL.fullmatch(response.headers.get("Content-Range") or "")
        return int(total[1]) if total else 0
    return response.content.length if response.status == 200 else 0


def _key(url: str) -> str:
    """Return a link in its normal form: decoded, and without query and fragment."""
    return unquote(urldefrag(url)[0].partition("?")[0])


def _parent(url: str) -> str:
    """Return a file's URL, given either that URL or the URL of the file's core metadata."""
    return _key(url).removesuffix(METADATA)
