"""The gateway tested with curl, a client that is independent of the other tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_indexcache.index.wire.gateway import Gateway, serve
from pytest_indexcache.messages import BytesContent, Exchange, Headers, HostPort, Request, Response

CURL = shutil.which("curl")

pytestmark = pytest.mark.skipif(CURL is None, reason="curl is not on PATH")


class Echo:
    """Answers every request with its method and URL."""

    origins = frozenset(
        HostPort(host, port) for host in ("download.pytorch.org", "pypi.org") for port in (80, 443)
    )

    def handle(self, request: Request, now: float) -> Response:  # noqa: ARG002
        """Answer a request."""
        text = f"{request.method} {request.url} {len(request.body)}\n"
        headers = Headers.of({"ETag": '"1"', "Cache-Control": "no-store"})
        return Response(200, headers, BytesContent(text.encode()))

    def is_reachable(self, host: str) -> bool:
        """Return whether the host is up."""
        return bool(host)


@pytest.fixture
def ledger() -> list[Exchange]:
    """Return the list of recorded exchanges."""
    return []


@pytest.fixture
def gateway(ledger: list[Exchange]) -> Iterator[Gateway]:
    """Return a gateway to two hosts."""
    with serve(Echo(), record=ledger.append, clock=time.time) as gateway:
        yield gateway


def curl(gateway: Gateway, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run curl with the gateway as its proxy, and without other settings."""
    assert CURL is not None
    command = [CURL, "--disable", "--silent", "--show-error", "--max-time", "20"]
    command += ["--proxy", gateway.proxy_url, "--cacert", str(gateway.ca_file), *arguments]
    environment = {"PATH": os.environ["PATH"]}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def test_curl_reaches_real_urls(gateway: Gateway, ledger: list[Exchange]) -> None:
    """Curl reaches an https and an http host on reused connections, with escaped paths."""
    wheel = "https://download.pytorch.org/whl/torch-2.8.0%2Bcpu-py3-none-any.whl"
    urls = [wheel, "https://pypi.org/simple/torch/", wheel, "http://pypi.org/simple/"]
    outcome = curl(gateway, "--write-out", "%{num_connects} %{http_version}\n", *urls)
    assert outcome.stderr == ""
    assert outcome.returncode == 0
    lines = outcome.stdout.splitlines()
    assert lines[0::2] == [f"GET {url} 0" for url in urls]
    assert lines[1::2] == ["1 1.1", "1 1.1", "0 1.1", "1 1.1"]
    assert [e.url for e in ledger] == urls


def test_curl_sees_the_header_fields_of_the_index(gateway: Gateway) -> None:
    """A HEAD response through the gateway has the index's header fields and no others."""
    outcome = curl(gateway, "--head", "--suppress-connect-headers", "https://pypi.org/simple/")
    assert outcome.stdout.splitlines() == [
        "HTTP/1.1 200 OK",
        'ETag: "1"',
        "Cache-Control: no-store",
        "Content-Length: 32",
        "",
    ]


def test_curl_uploads_a_body(gateway: Gateway, tmp_path: Path) -> None:
    """The gateway accepts several megabytes that curl sends with "Expect: 100-continue"."""
    body = tmp_path / "body"
    body.write_bytes(b"x" * 3_000_000)
    outcome = curl(gateway, "--upload-file", str(body), "https://pypi.org/legacy/")
    assert outcome.stdout == f"PUT https://pypi.org/legacy/body {1 << 20}\n"


def test_curl_is_refused_elsewhere(gateway: Gateway, ledger: list[Exchange]) -> None:
    """A request to a host outside the scenario is refused and recorded."""
    outcome = curl(gateway, "https://files.pythonhosted.org/packages/x.whl")
    assert outcome.returncode == 56
    assert "403" in outcome.stderr
    assert [(e.method, e.url) for e in ledger] == [
        ("CONNECT", "https://files.pythonhosted.org:443")
    ]


def test_curl_without_the_certificate_trusts_nothing(
    gateway: Gateway, ledger: list[Exchange]
) -> None:
    """A client that does not trust the gateway's certificate authority gets no response."""
    assert CURL is not None
    command = [CURL, "--disable", "--silent", "--proxy", gateway.proxy_url, "https://pypi.org/"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 60
    deadline = time.monotonic() + 10
    while not ledger and time.monotonic() < deadline:
        time.sleep(0.005)
    assert ledger[0].subject.refused is not None
    assert "TLS handshake with pypi.org failed" in ledger[0].subject.refused
