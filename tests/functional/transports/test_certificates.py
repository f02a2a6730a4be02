"""The gateway's certificates, and failed TLS handshakes."""

from __future__ import annotations

import ssl
import time

import pytest

from pytest_indexcache.errors import GatewayError
from pytest_indexcache.index.wire.gateway import Gateway, serve
from pytest_indexcache.messages import Exchange

from .small_index import SmallIndex, wait_until
from .wire_client import WireClient


def test_certificate_is_for_the_name_that_the_handshake_asks_for(client: WireClient) -> None:
    """The gateway's certificate is for the SNI name, and only HTTP/1.1 is offered."""
    client.connect("index.example")
    settings = client.trusting_settings()
    settings.set_alpn_protocols(["h2", "http/1.1"])
    secure = client.start_tls("files.example", settings)
    certificate = secure.getpeercert()
    assert certificate is not None
    assert certificate["subjectAltName"] == (("DNS", "files.example"),)
    assert secure.selected_alpn_protocol() == "http/1.1"


def test_handshake_without_a_name_gets_the_certificate_of_the_tunnel(client: WireClient) -> None:
    """A client without SNI gets the certificate of the tunnel's host."""
    client.connect("files.example")
    settings = client.trusting_settings()
    settings.check_hostname = False
    certificate = client.start_tls(None, settings).getpeercert()
    assert certificate is not None
    assert certificate["subjectAltName"] == (("DNS", "files.example"),)


def test_name_that_is_none_ends_the_handshake(
    client: WireClient, capfd: pytest.CaptureFixture[str]
) -> None:
    """A handshake for an invalid host name fails, and the gateway prints nothing."""
    client.connect("index.example")
    settings = client.trusting_settings()
    settings.check_hostname = False
    with pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name"):
        client.start_tls("no_name.example", settings)
    assert capfd.readouterr() == ("", "")


def test_client_that_does_not_trust_the_gateway_is_recorded(
    client: WireClient, gateway: Gateway, ledger: list[Exchange]
) -> None:
    """A failed handshake is recorded in the ledger with its reason."""
    client.connect("index.example")
    with pytest.raises(ssl.SSLCertVerificationError):
        client.start_tls("index.example", ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    wait_until(lambda: ledger)
    assert (ledger[0].method, ledger[0].url) == ("CONNECT", "https://index.example:443")
    assert ledger[0].subject.refused is not None
    assert "TLS handshake with index.example failed" in ledger[0].subject.refused
    assert "unknown ca" in ledger[0].subject.refused


def test_certificate_file_holds_one_certificate_and_no_key(gateway: Gateway) -> None:
    """The gateway's folder contains only the certificate of its authority, and no key."""
    assert gateway.ca_file.read_text() == gateway.ca_pem
    assert gateway.ca_pem.count("-----BEGIN CERTIFICATE-----") == 1
    assert "PRIVATE" not in gateway.ca_pem
    assert [path.name for path in gateway.ca_file.parent.iterdir()] == ["ca.pem"]


def test_certificate_file_goes_with_the_gateway(index: SmallIndex) -> None:
    """The certificate file is removed when the gateway closes."""
    with serve(index, record=lambda _: None, clock=time.time) as gateway:
        folder = gateway.ca_file.parent
        assert folder.is_dir()
    assert not folder.exists()
    with pytest.raises(GatewayError, match="not open"):
        _ = gateway.ca_file
    with pytest.raises(GatewayError, match="serves no play"):
        _ = gateway.proxy_url
