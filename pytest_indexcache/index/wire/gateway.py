"""The transport on the wire: a proxy on loopback that serves the fake indexes at their URLs.

Indexes at ``https`` URLs are reached through ``CONNECT`` and TLS, and indexes at ``http`` URLs with
plain proxy requests. The proxy listens only on loopback, and does not contact other hosts, except
through a handler for real indexes (``index.upstreams``).
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

from pytest_indexcache.errors import GatewayError
from pytest_indexcache.index.exchanges.handler import Clock, Handler, Record
from pytest_indexcache.index.exchanges.reception import Reception
from pytest_indexcache.index.wire.certificates import certificate_authority
from pytest_indexcache.index.wire.index_server import IndexServer

if TYPE_CHECKING:
    from types import TracebackType


@contextmanager
def serve(handler: Handler, *, record: Record, clock: Clock) -> Iterator[Gateway]:
    """Open a gateway for one play; see :meth:`Gateway.serving`."""
    with Gateway(clock=clock) as gateway, gateway.serving(handler, record):
        yield gateway


class Gateway:
    """A context manager that serves one play after another.

    Each play has its own port, so that late requests of an earlier play cannot get into its ledger.
    All gateways of a process share one certificate authority and its certificates.
    """

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._authority = certificate_authority()
        self._folder: TemporaryDirectory[str] | None = None
        self._server: IndexServer | None = None
        self._reception: Reception | None = None

    def __enter__(self) -> Self:
        self._folder = TemporaryDirectory(prefix="indexcache-gateway-")
        self.ca_file.write_text(self.ca_pem, encoding="ascii")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    @property
    def ca_pem(self) -> str:
        """The CA certificate that an installer must trust, in PEM."""
        return self._authority.certificate

    @property
    def ca_file(self) -> Path:
        """The file with the CA certificate; it is deleted when the gateway is closed."""
        if self._folder is None:
            raise GatewayError("the gateway is not open", "enter it: with Gateway(...) as gateway")
        return Path(self._folder.name) / "ca.pem"

    @property
    def proxy_url(self) -> str:
        """The URL of the proxy; it differs for each play."""
        if self._server is None:
            raise GatewayError("the gateway serves no play", "use it within Gateway.serving()")
        return f"http://{self._server.host}:{self._server.port}"

    @property
    def is_serving(self) -> bool:
        """Whether a play is being served."""
        return self._server is not None

    def ssl_context(self) -> ssl.SSLContext:
        """Return TLS settings for a client that trusts only this gateway."""
        return ssl.create_default_context(cadata=self.ca_pem)

    @contextmanager
    def serving(self, handler: Handler, record: Record) -> Iterator[Self]:
        """Serve the handler's origins for one play, and record every exchange.

        Exchanges are recorded in the order in which they end, one at a time. An exchange ends just
        before its last byte is sent, so it is recorded once a client has received the whole
        response. A ``CONNECT`` is refused with 403 if the host and port are not served, and with
        502 if the host is down. For a plain request (``http``), the connection is closed in both
        cases.

        At the end, all connections are closed, and recording stops.

        :raises GatewayError: if no port is free, if another play is being served, and at
            the end if the handler raised an error, or a connection does not end
        """
        if self._server is not None:
            raise GatewayError("the gateway serves another play", "open another gateway")
        self._reception = Reception(handler, record=record, clock=self._clock)
        self._server = IndexServer(self._reception, self._authority)
        try:
            with self._server:
                yield self
            _raise_first(self._server.handler_errors)
        finally:
            self._reception.end()
            self._reception = self._server = None

    def settle(self, timeout: float = 2.0) -> bool:
        """Wait up to ``timeout`` seconds until no exchange is open; return whether none is open.

        This is needed after an installer is killed: its connections take a moment to close.
        """
        return self._reception is None or self._reception.settle(timeout)


def _raise_first(errors: list[Exception]) -> None:
    if errors:
        raise GatewayError(f"something broke behind the gateway: {errors[0]!r}") from errors[0]
