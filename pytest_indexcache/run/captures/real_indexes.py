"""Send a play's requests to real indexes instead of fake indexes, and record the responses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from threading import Lock

from pytest_indexcache.drafts.captures.indexes.page_entries import read_page
from pytest_indexcache.drafts.captures.indexes.seen import METADATA, CapturedIndex, SeenResponse
from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.index.upstreams.forwarding import decoded_body
from pytest_indexcache.index.upstreams.links import media_type
from pytest_indexcache.index.upstreams.upstream import Upstream
from pytest_indexcache.index.upstreams.upstream_indexes import UpstreamIndexes
from pytest_indexcache.messages import BytesContent, Headers, HostPort, Kind, Request, Response
from pytest_indexcache.run.captures.real_metadata import metadata_in
from pytest_indexcache.scenario.tables.indexes import Index

_DISTRIBUTIONS = (Kind.WHEEL, Kind.SDIST)


class RealIndexes(FakeIndexes):
    """Forwards a play's requests to real indexes, and records the responses.

    ``responses``, ``metadata`` and ``failures`` grow during the play. ``metadata`` maps filenames
    to core metadata. Each failure is a sentence about a server that did not answer. ``links``
    lists files to which no page links, as pairs of an index name and a URL. ``note`` is called
    with each request before it is forwarded; several threads may call it.
    """

    def __init__(
        self,
        indexes: Mapping[str, Index],
        captured: tuple[CapturedIndex, ...],
        links: Iterable[tuple[str, str]] = (),
        note: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__(indexes)
        upstreams = [Upstream(index.name, index.url) for index in captured]
        self.responses: list[SeenResponse] = []
        self.metadata: dict[str, str] = {}
        self.failures: list[str] = []
        self._logins: dict[HostPort, str] = {}
        self._passed = UpstreamIndexes(upstreams, self._observe)
        self._lock = Lock()
        self._note = note
        for index, url in links:
            self._passed.admit(index, url)

    @property
    def origins(self) -> frozenset[HostPort]:
        """The host and port of every index, and of every link and redirect seen so far."""
        return self._passed.origins

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts of :attr:`origins`."""
        return self._passed.hosts

    def is_reachable(self, host: str) -> bool:
        """Return whether requests for a host are forwarded."""
        return self._passed.is_reachable(host)

    def handle(self, request: Request, now: float) -> Response:
        """Forward a request, record the response and return it."""
        if self._note is not None:
            self._note(f"{request.method} {request.url}")
        response = self._passed.handle(request, now)
        if " did not answer: " in (response.subject.refused or ""):
            with self._lock:
                self.failures.append(str(response.subject.refused))
        return response

    def close(self) -> None:
        """Close the connections to the servers."""
        self._passed.close()

    def ask(self, url: str, byte_range: str = "") -> Response:
        """Send a GET request without recording it, using the login that the installer sent."""
        fields = {"Accept": "*/*", "Accept-Encoding": "identity"}
        fields |= {"Range": byte_range} if byte_range else {}
        login = self._logins.get(HostPort.of(url))
        fields |= {"Authorization": login} if login else {}
        before = len(self.responses)
        response = self._passed.handle(Request("GET", url, Headers.of(fields)), 0.0)
        with self._lock:
            del self.responses[before:]
        return response

    def _observe(self, request: Request, response: Response) -> None:
        subject = response.subject
        login = request.headers.get("Authorization")
        if login is not None and response.status not in (401, 403):
            self._logins[HostPort.of(request.url)] = login
        is_whole = response.status == 200 and isinstance(response.content, BytesContent)
        page = None
        if is_whole and subject.kind in (Kind.PAGE, Kind.OTHER):
            text = decoded_body(response)
            kind = media_type(response.headers.get("Content-Type"))
            page = read_page(text, kind, request.url) if text is not None else None
        elif is_whole and request.method == "GET" and subject.filename:
            self._note_metadata(subject.kind, subject.filename, response)
        is_chunked = "Transfer-Encoding" in response.headers
        seen = SeenResponse(
            request.method,
            request.url,
            request.headers,
            response.status,
            response.headers,
            subject,
            page,
            is_chunked,
        )
        with self._lock:
            self.responses.append(seen)

    def _note_metadata(self, kind: Kind, filename: str, response: Response) -> None:
        data = decoded_body(response) or b""
        if kind is Kind.METADATA:
            self.metadata[filename.removesuffix(METADATA)] = data.decode("utf-8", "replace")
        elif kind in _DISTRIBUTIONS and (text := metadata_in(data, filename)):
            self.metadata.setdefault(filename, text)
