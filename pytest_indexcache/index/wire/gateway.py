"""The transport over the wire: a loopback proxy that serves the fake indexes at their real URLs.

Clients reach indexes with ``https`` URLs through ``CONNECT`` and TLS, and indexes with ``http``
URLs by plain proxy requests. The proxy listens only on loopback. It does not contact other hosts
unless its handler is one for real indexes (``index.upstreams``).
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
    """Serve a handler through a new gateway during one play, and yield the gateway.

    ``clock`` returns the time in seconds since the epoch. For the other arguments and for the
    errors, see :meth:`Gateway.serving`.
    """
    with Gateway(clock=clock) as gateway, gateway.serving(handler, record):
        yield gateway


class Gateway:
    """A context manager that serves plays one after another.

    Each play has its own port, so late requests from an earlier play cannot get into its ledger.
    All gateways in a process use the same certificate authority and certificates.
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
        """The CA certificate that installers must trust, in PEM format."""
        return self._authority.certificate

    @property
    def ca_file(self) -> Path:
        """The file with the CA certificate; it is deleted when the gateway is closed."""
        if self._folder is None:
            raise GatewayError("the gateway is not open", "enter it: with Gateway(...) as gateway")
        return Path(self._folder.name) / "ca.pem"

    @property
    def proxy_url(self) -> str:
        """The URL of the proxy, which is different for each play."""
        if self._server is None:
            raise GatewayError("the gateway serves no play", "use it within Gateway.serving()")
        return f"http://{self._server.host}:{self._server.port}"

    @property
    def is_serving(self) -> bool:
        """Whether a play is currently being served."""
        return self._server is not None

    def ssl_context(self) -> ssl.SSLContext:
        """Return TLS settings for a client that trusts nothing but this gateway."""
        return ssl.create_default_context(cadata=self.ca_pem)

    @contextmanager
    def serving(self, handler: Handler, record: Record) -> Iterator[Self]:
        """Serve the handler's origins during one play, and record every exchange.

        Exchanges are recorded one at a time, in the order in which they end. An exchange ends just
        before its last byte is sent, so it has been recorded by the time the client has received
        the whole response. A ``CONNECT`` is refused with a 403 if its host and port are not served,
        and with a 502 if the host is down. For a plain request (``http``), the connection is closed
        in both cases.

        On exit, all connections are closed, and recording stops.

        :raises GatewayError: if no port is free, or if another play is being served; on exit, if
            the handler has raised an error, or if a connection does not end
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
        """Wait up to ``timeout`` seconds for all exchanges to end; return whether they have.

        This is necessary after an installer has been killed, because its connections take a moment
        to close.
        """
        return self._reception is None or self._reception.settle(timeout)


def _raise_first(errors: list[Exception]) -> None:
    if errors:
        raise GatewayError(f"something broke behind the gateway: {errors[0]!r}") from errors[0]
