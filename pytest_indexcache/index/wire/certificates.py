"""A certificate authority for one run: it lives in this process alone and is trusted by nobody.

Its key is never written anywhere. What the installers of a play are told to trust is its
certificate.
"""

from __future__ import annotations

import functools
import ssl
import threading

import trustme


class CertificateAuthority:
    """Issues a certificate for each hostname that is asked for, and keeps it. Safe for threads."""

    def __init__(self) -> None:
        self._authority = trustme.CA(organization_name="pytest-indexcache, a throw-away authority")
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._lock = threading.Lock()

    @property
    def certificate(self) -> str:
        """The authority's own certificate, PEM."""
        return self._authority.cert_pem.bytes().decode("ascii")

    def server_context(self, host: str) -> ssl.SSLContext:
        """Return the TLS settings of a server at a hostname or an address.

        A client that asks for another name in its handshake (SNI) gets the certificate for that.

        :raises ValueError: for what is neither a hostname nor an address.
        """
        name = host.lower()
        with self._lock:
            if name not in self._contexts:
                self._contexts[name] = self._make_context(name)
            return self._contexts[name]

    def _make_context(self, name: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(name).configure_cert(context)
        context.set_alpn_protocols(["http/1.1"])
        context.sslsocket_class = _LosableSocket
        context.num_tickets = 0  # a resumed session would save nothing here
        context.sni_callback = self._answer_server_name
        return context

    def _answer_server_name(
        self, connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext
    ) -> int | None:
        if name is None:
            return None
        try:
            connection.context = self.server_context(name)
        except ValueError:
            return int(ssl.AlertDescription.ALERT_DESCRIPTION_UNRECOGNIZED_NAME)
        return None


class _LosableSocket(ssl.SSLSocket):
    """A TLS socket that may be lost without being closed.

    Where a client has left before its handshake, ``wrap_socket`` has made one, raises, and leaves
    nobody to close it but this.
    """

    def __del__(self) -> None:
        self.close()


@functools.cache
def certificate_authority() -> CertificateAuthority:
    """Return the certificate authority of this process."""
    return CertificateAuthority()
