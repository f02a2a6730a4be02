"""The certificate authority of a run, and its private keys."""

from __future__ import annotations

import ssl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pytest_indexcache.index.wire.certificates import CertificateAuthority, certificate_authority


def handshake(authority: CertificateAuthority, host: str, name: str) -> ssl.SSLObject:
    """Connect a client that trusts the authority to a server, without a socket."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    trusting = ssl.create_default_context(cadata=authority.certificate)
    client = trusting.wrap_bio(to_client, to_server, server_hostname=name)
    server = authority.server_context(host).wrap_bio(to_server, to_client, server_side=True)
    for _ in range(3):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return client


def test_process_has_one_authority() -> None:
    """A process creates its authority only once."""
    assert certificate_authority() is certificate_authority()


def test_server_is_trusted_by_who_trusts_the_authority() -> None:
    """A client that trusts the authority accepts a host's certificate, whatever the host's case."""
    certificate = handshake(CertificateAuthority(), "PyPI.org", "pypi.org").getpeercert()
    assert certificate is not None
    assert certificate["subjectAltName"] == (("DNS", "pypi.org"),)


def test_name_in_the_handshake_decides() -> None:
    """The server's certificate is for the hostname in the TLS handshake."""
    certificate = handshake(CertificateAuthority(), "pypi.org", "files.example").getpeercert()
    assert certificate is not None
    assert certificate["subjectAltName"] == (("DNS", "files.example"),)


def test_address_has_a_certificate_too() -> None:
    """An index at an IP address has a certificate, too."""
    certificate = handshake(CertificateAuthority(), "127.0.0.1", "127.0.0.1").getpeercert()
    assert certificate is not None
    assert certificate["subjectAltName"] == (("IP Address", "127.0.0.1"),)


def test_authority_trusts_no_other() -> None:
    """The certificates of one run are not trusted in another run."""
    client = ssl.create_default_context(cadata=CertificateAuthority().certificate)
    assert client.cert_store_stats()["x509_ca"] == 1
    other = CertificateAuthority()
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    side = client.wrap_bio(to_client, to_server, server_hostname="pypi.org")
    server = other.server_context("pypi.org").wrap_bio(to_server, to_client, server_side=True)
    with pytest.raises(ssl.SSLWantReadError):
        side.do_handshake()
    with pytest.raises(ssl.SSLWantReadError):
        server.do_handshake()
    with pytest.raises(ssl.SSLCertVerificationError):
        side.do_handshake()


def test_certificates_are_kept_and_made_once_by_many_threads() -> None:
    """Sixteen threads that request the same host get the same certificate."""
    authority = CertificateAuthority()
    with ThreadPoolExecutor(16) as pool:
        contexts = set(pool.map(authority.server_context, ["pypi.org"] * 64))
    assert len(contexts) == 1


@pytest.mark.parametrize("host", ["", "no_name", "a" * 70, "a b"])
def test_name_that_no_certificate_can_have_is_refused(host: str) -> None:
    """A name that is not a hostname raises ValueError."""
    with pytest.raises(ValueError, match=r"\w"):
        CertificateAuthority().server_context(host)


def test_no_key_stays_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key is left in the folder for temporary files."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    CertificateAuthority().server_context("pypi.org")
    assert list(tmp_path.iterdir()) == []
