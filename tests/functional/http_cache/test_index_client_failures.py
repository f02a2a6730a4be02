"""Index failures, offline mode, and the network settings of the index client."""

from __future__ import annotations

import ssl
import subprocess
import sys
from pathlib import Path

import pytest
import trustme

from pytest_indexcache.errors import (
    ConnectionFailedError,
    IndexResponseError,
    OfflineError,
    UsageError,
)

from .clients import FRESH, Maker, download
from .scripted_server import Answer, ScriptedServer, serving

# -- failures --------------------------------------------------------------------------------------


def test_a_failing_index_is_asked_again(
    server: ScriptedServer, make: Maker, waits: list[float]
) -> None:
    """A request is retried after a broken connection, a server error or a truncated page."""
    page = Answer(fields=FRESH, body=b"page")
    cut = Answer(fields=FRESH, body=b"page", cut_after=1)
    answers = iter([Answer(reset=True), Answer(503), cut, page])
    server.answer = lambda _: next(answers)
    got = make().get_page(f"{server.url}/a/", None)
    assert got is not None
    assert got.body == b"page"
    assert waits == [0.5, 1.0, 0.5]


def test_an_index_that_stays_broken_is_given_up(
    server: ScriptedServer, make: Maker, waits: list[float]
) -> None:
    """After a few attempts, the client gives up and reports the last answer of a failing index."""
    server.answer = lambda _: Answer(502)
    with pytest.raises(IndexResponseError, match="status 502"):
        make().get_page(f"{server.url}/a/", None)
    assert len(server.requests) == 4
    assert waits == [0.5, 1.0, 2.0]


def test_nobody_there_is_a_failed_connection(make: Maker, waits: list[float]) -> None:
    """The error for a refused connection to an index gives the URL and advice."""
    with serving(lambda _: Answer()) as server:
        url = f"{server.url}/a/"
    with pytest.raises(ConnectionFailedError, match=f"no complete response from {url}") as caught:
        make(retries=1).get_page(url, None)
    assert "network" in caught.value.hint
    assert waits == [0.5]


def test_a_stale_page_does_not_hide_that_the_index_is_down(make: Maker) -> None:
    """If an index is down, a stale page is used only in offline mode."""
    stale = {"Cache-Control": "max-age=0"}
    with serving(lambda _: Answer(fields=stale, body=b"page")) as server:
        url = f"{server.url}/a/"
        make().get_page(url, None)
    with pytest.raises(ConnectionFailedError):
        make(retries=0).get_page(url, None)
    page = make(offline=True).get_page(url, None)
    assert page is not None
    assert page.body == b"page"


def test_offline_files_come_from_the_cache_or_not_at_all(
    server: ScriptedServer, make: Maker
) -> None:
    """In offline mode, a file that was not stored is reported as missing."""
    server.answer = lambda _: Answer(fields={"Cache-Control": "max-age=0"}, body=b"wheel")
    download(make(), f"{server.url}/a.whl", None, store=True)
    offline = make(offline=True)
    assert offline.offline
    assert download(offline, f"{server.url}/a.whl", None, store=True) == b"wheel"
    for store in (True, False):
        with pytest.raises(OfflineError):
            download(offline, f"{server.url}/b.whl", None, store=store)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://[/a.whl",
        "http://a/\0.whl",
        "http://a/" + "b" * 66_000,
        f"http://{'a' * 70}.example/a.whl",
        "http://xn--/a.whl",
        "http://a..example/a.whl",
    ],
)
def test_a_url_that_is_none_is_an_error(make: Maker, waits: list[float], url: str) -> None:
    """A link that is not a valid URL raises an error without a retry."""
    with pytest.raises(IndexResponseError, match="is not a URL"):
        make().get_metadata(url, None)
    assert waits == []


@pytest.mark.parametrize("host", ["a" * 70 + ".example", "xn--"])
def test_a_redirect_to_no_host_is_an_error(server: ScriptedServer, make: Maker, host: str) -> None:
    """A redirect to an invalid host name is an error."""
    server.answer = lambda _: Answer(302, {"Location": f"http://{host}/simple/a/"})
    with pytest.raises(IndexResponseError, match=r"is not a URL|redirects to an invalid URL"):
        make(retries=0).get_page(f"{server.url}/a/", None)


# -- the process -----------------------------------------------------------------------------------

WARM = """
import sys, pathlib
from pytest_indexcache.reference.http_cache.origin import HttpxOrigin
from pytest_indexcache.reference.index.client import IndexClient
client = IndexClient(pathlib.Path(sys.argv[1]), HttpxOrigin(), clock=lambda: 1.7e9)
assert client.get_page(sys.argv[2], None).body == b"<a>page</a>"
print("httpx" in sys.modules, "ssl" in sys.modules)
"""


def test_a_warm_run_never_imports_httpx(server: ScriptedServer, make: Maker) -> None:
    """A run that is answered from the cache imports neither httpx nor TLS modules."""
    url = f"{server.url}/a/"
    make().get_page(url, None)
    command = [sys.executable, "-c", WARM, str(make.folder), url]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["False", "False"]


def test_a_proxy_is_asked_for_what_is_elsewhere(
    server: ScriptedServer, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client uses the proxy in its arguments, or in the environment if ``trust_env`` is set."""
    url = "http://index.invalid/simple"
    assert make(proxy=server.url).get_page(f"{url}/a/", None) is not None
    monkeypatch.setenv("HTTP_PROXY", server.url)
    assert make(trust_env=True).get_page(f"{url}/b/", None) is not None
    assert [request.url for request in server.requests] == [f"{url}/a/", f"{url}/b/"]
    with pytest.raises(ConnectionFailedError):
        make(trust_env=False, retries=0).get_page(f"{url}/c/", None)


@pytest.mark.parametrize("proxy", ["ftp://proxy.invalid", "socks4://proxy.invalid", "http://h:x"])
def test_a_proxy_that_cannot_be_used_is_wrong_usage(
    make: Maker, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    """The error for an unusable proxy names the environment variable that set it."""
    url = "https://index.invalid/simple/a/"
    with pytest.raises(UsageError, match="the proxy cannot be used"):
        make(proxy=proxy).get_page(url, None)
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(UsageError, match=r"HTTPS_PROXY.* cannot be used"):
        make(trust_env=True).get_page(url, None)


def test_certificates_are_those_that_are_named(
    make: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server is trusted only if an argument or SSL_CERT_FILE names its CA bundle."""
    authority = trustme.CA()
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with serving(lambda _: Answer(fields=FRESH, body=b"page"), tls=context) as server:
        with pytest.raises(ConnectionFailedError, match="certificate verify failed"):
            make(retries=0).get_page(f"{server.url}/a/", None)
        assert make(ca_bundle=bundle).get_page(f"{server.url}/b/", None) is not None
        monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
        assert make(trust_env=True).get_page(f"{server.url}/c/", None) is not None
