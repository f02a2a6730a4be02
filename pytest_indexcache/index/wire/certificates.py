"""A certificate authority that exists only in this process and that no system trusts.

Its key is never written to disk. Installers are configured to trust its certificate during a play.
"""

from __future__ import annotations

import functools
import ssl
import threading
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

import trustme

_DESCRIPTORS: Final = Path("/dev/fd")


class CertificateAuthority:
    """Issues a certificate for each requested hostname, and caches it; thread-safe."""

    def __init__(self) -> None:
        self._authority = trustme.CA(organization_name="pytest-indexcache, a throw-away authority")
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._lock = threading.Lock()

    @property
    def certificate(self) -> str:
        """The certificate of the authority itself, in PEM format."""
        return self._authority.cert_pem.bytes().decode("ascii")

    def server_context(self, host: str) -> ssl.SSLContext:
        """Return the TLS settings that a server uses for a hostname or IP address.

        If a client sends another name in its handshake (SNI), it receives the certificate for that
        name.

        :raises ValueError: if the host is neither a hostname nor an IP address
        """
        name = host.lower()
        with self._lock:
            if name not in self._contexts:
                self._contexts[name] = self._make_context(name)
            return self._contexts[name]

    def _make_context(self, name: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        load_certificate(context, self._authority.issue_cert(name))
        context.set_alpn_protocols(["http/1.1"])
        context.sslsocket_class = _LosableSocket
        context.num_tickets = 0  # session resumption would save nothing here
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


def load_certificate(context: ssl.SSLContext, certificate: trustme.LeafCert) -> None:
    """Load a server's certificate; no key is left on disk, even if the process is killed.

    OpenSSL reads the key and the certificate from files (https://bugs.python.org/issue16487). On
    systems with ``/dev/fd``, these are temporary files without a name, opened by their descriptors.
    Each file is read only once, because on macOS all openings of a descriptor share one read
    position.
    """
    if not _DESCRIPTORS.is_dir():
        certificate.configure_cert(context)
        return
    chain = b"".join(blob.bytes() for blob in certificate.cert_chain_pems)
    parts = (chain, certificate.private_key_pem.bytes())
    with ExitStack() as stack:
        files = [stack.enter_context(TemporaryFile(buffering=0)) for _ in parts]
        for file, part in zip(files, parts, strict=True):
            file.write(part)
            file.seek(0)
        context.load_cert_chain(*(str(_DESCRIPTORS / str(file.fileno())) for file in files))


class _LosableSocket(ssl.SSLSocket):
    """A TLS socket that is closed when it is garbage-collected.

    If a client disconnects before the handshake, ``wrap_socket`` raises an error after it has
    created the socket, so the caller has no reference through which to close it.
    """

    def __del__(self) -> None:
        self.close()


@functools.cache
def certificate_authority() -> CertificateAuthority:
    """Return this process's certificate authority."""
    return CertificateAuthority()
