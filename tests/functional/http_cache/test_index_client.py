"""The requests of the index client, and how their responses are cached."""

from __future__ import annotations

import gzip
import re
from base64 import b64encode
from urllib.parse import urlsplit

import pytest

from pytest_indexcache.errors import ConnectionFailedError, IndexResponseError, OfflineError
from pytest_indexcache.messages import Request
from pytest_indexcache.reference.index import client
from pytest_indexcache.reference.words.packages import IndexLocation
from pytest_indexcache.reference.words.variants import VARIANTS

from .clients import FOR_EVER, FRESH, NO_STORE, Maker, download, index_of
from .scripted_server import Answer, ScriptedServer, serving

# -- pages -----------------------------------------------------------------------------------------


def test_a_page_comes_once_while_it_is_fresh(server: ScriptedServer, make: Maker) -> None:
    """Clients that share a cache request a fresh page only once, as JSON if possible (PEP 691)."""
    url = f"{server.url}/whl/cpu/torch/"
    page = make().get_page(url, index_of(server))
    assert page is not None
    assert (page.url, page.content_type, page.body) == (url, "text/html", b"<a>page</a>")
    accepted = server.requests[0].headers.get("Accept") or ""
    assert accepted.startswith("application/vnd.pypi.simple.v1+json, ")
    again = make().get_page(url, index_of(server))
    assert again is not None
    assert again.body == page.body
    assert len(server.requests) == 1


def test_an_index_without_the_project_has_no_page(server: ScriptedServer, make: Maker) -> None:
    """A 404 for a page means that the project is missing, so that the next index may be asked."""
    server.answer = lambda _: Answer(404, body=b"no")
    assert make().get_page(f"{server.url}/whl/cpu/nothing/", index_of(server)) is None


def test_a_project_that_is_gone_has_a_page_without_files(
    server: ScriptedServer, make: Maker
) -> None:
    """A 410 for a page means that the project existed, so that no later index may replace it."""
    server.answer = lambda _: Answer(410, body=b"gone")
    page = make().get_page(f"{server.url}/whl/cpu/nothing/", index_of(server))
    assert page is not None
    assert page.body == b""


def test_a_body_that_unpacks_to_very_much_is_refused(
    server: ScriptedServer, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small body that decompresses to a thousand times its size is refused."""
    monkeypatch.setattr(client, "_LARGEST_PAGE", 1 << 20)
    sizes = {"a": 1 << 20, "b": (1 << 20) + 1}
    coding = {"Content-Encoding": "gzip"}
    bodies = {f"/{name}/": gzip.compress(bytes(size)) for name, size in sizes.items()}
    server.answer = lambda request: Answer(fields=coding, body=bodies[urlsplit(request.url).path])
    assert make().get_page(f"{server.url}/a/", None) is not None
    with pytest.raises(IndexResponseError, match="as gzip: it is larger than 1 MiB"):
        make().get_page(f"{server.url}/b/", None)


@pytest.mark.parametrize("status", [401, 403])
def test_another_status_is_an_error_that_names_the_url(
    server: ScriptedServer, make: Maker, status: int
) -> None:
    """An error status for a page raises an error with the URL, and no other index is asked."""
    server.answer = lambda _: Answer(status)
    url = f"{server.url}/whl/cpu/torch/"
    problem = f"{url} was answered with status {status}"
    with pytest.raises(IndexResponseError, match=problem) as caught:
        make().get_page(url, index_of(server))
    assert "password" in caught.value.hint


@pytest.mark.parametrize("url", ["http://[x/simple/a/", "http://127.0.0.1:99999/simple/a/"])
def test_what_is_no_url_is_an_error_that_shows_it(make: Maker, url: str) -> None:
    """The error for an invalid URL, of an index or on its page, shows the URL."""
    with pytest.raises(IndexResponseError, match=re.escape(f"{url!r} is not a URL")):
        make().get_page(url, None)


def test_a_compressed_page_is_undone(server: ScriptedServer, make: Maker) -> None:
    """A gzip response is decompressed, and invalid gzip data is an error."""
    fields = {**FRESH, "Content-Encoding": "gzip"}
    server.answer = lambda _: Answer(fields=fields, body=gzip.compress(b"page"))
    for _ in range(2):
        page = make().get_page(f"{server.url}/a/", None)
        assert page is not None
        assert page.body == b"page"
    server.answer = lambda _: Answer(fields=fields, body=b"garbage")
    with pytest.raises(IndexResponseError, match="cannot be unpacked as gzip"):
        make().get_page(f"{server.url}/b/", None)
    server.answer = lambda _: Answer(fields={"Content-Encoding": "br"}, body=b"x")
    with pytest.raises(IndexResponseError, match="'br'"):
        make().get_page(f"{server.url}/c/", None)


def test_a_page_can_be_refreshed(server: ScriptedServer, make: Maker) -> None:
    """A refresh revalidates fresh pages, either for one call or for every call of a client."""
    client = make()
    client.get_page(f"{server.url}/a/", None)
    client.get_page(f"{server.url}/a/", None, refresh=True)
    assert len(server.requests) == 2
    make(refresh=True).get_page(f"{server.url}/a/", None)
    assert len(server.requests) == 3


def test_redirects_are_followed_hop_by_hop(server: ScriptedServer, make: Maker) -> None:
    """The client reports the URL after redirects, and caches each hop according to its fields."""

    def answer(request: Request) -> Answer:
        if request.url.endswith("/Torch"):
            return Answer(301, {"Location": "/whl/cpu/torch/", **FRESH})
        return Answer(fields=NO_STORE, body=b"page")

    server.answer = answer
    client = make()
    for _ in range(2):
        page = client.get_page(f"{server.url}/Torch", None)
        assert page is not None
        assert page.url == f"{server.url}/whl/cpu/torch/"
    paths = [request.url.removeprefix(server.url) for request in server.requests]
    assert paths == ["/Torch", "/whl/cpu/torch/", "/whl/cpu/torch/"]
    assert len(server.connections) == 1


@pytest.mark.parametrize(
    ("location", "text"),
    [
        ("/a/", "more than 10 times"),
        ("ftp://x/", "not the URL of an index|invalid URL"),
        ("http://[", "not the URL of an index"),
        ("http://[::1", "not the URL of an index|invalid URL"),
        ("http://h:x/", "not the URL of an index|invalid URL"),
        ("javascript:alert(1)", "not the URL of an index|invalid URL"),
        ("http://127.0.0.1:99999/", "not the URL of an index|invalid URL"),
    ],
)
def test_a_redirect_that_leads_nowhere_is_an_error(
    server: ScriptedServer, make: Maker, location: str, text: str
) -> None:
    """A redirect is an error if it loops, changes to another scheme or has an invalid target."""
    server.answer = lambda _: Answer(302, {"Location": location})
    with pytest.raises(IndexResponseError, match=text):
        make().get_page(f"{server.url}/a/", None)


# -- credentials -----------------------------------------------------------------------------------


def _basic(secret: str) -> str:
    return f"Basic {b64encode(secret.encode()).decode()}"


def test_the_indexs_user_is_sent_to_its_own_origin_alone(make: Maker) -> None:
    """Credentials are sent to the pages and files of the index, and not to redirect targets."""
    with serving(lambda _: Answer(fields=NO_STORE, body=b"wheel")) as other:
        moved = {"Location": f"{other.url}/signed"}
        with serving(lambda _: Answer(302, moved)) as own:
            url = own.url.replace("//", "//us%40er:p%3Aw@")
            index = IndexLocation("private", f"{url}/simple")
            page = make().get_page(f"{own.url}/simple/a/", index)
            download(make(), f"{url}/files/a.whl", None, store=False)
            assert page is not None
            assert page.url == f"{other.url}/signed"
    sent = [request.headers.get("Authorization") for request in own.requests]
    assert sent == [_basic("us@er:p:w")] * 2
    assert [request.headers.get("Authorization") for request in other.requests] == [None, None]


def test_a_password_appears_in_no_error(server: ScriptedServer, make: Maker) -> None:
    """No error about a bad or missing answer shows the password of an index."""
    server.answer = lambda _: Answer(500)
    url = server.url.replace("//", "//user:secret@")
    with pytest.raises(IndexResponseError) as answered:
        make().get_page(url, None)
    with pytest.raises(OfflineError) as offline:
        make(offline=True).get_page(url, None)
    server.answer = lambda _: Answer(302, {"Location": "/"})
    with pytest.raises(IndexResponseError) as circled:
        make().get_page(url, None)
    assert "secret" not in str(answered.value) + str(offline.value) + str(circled.value)


# -- metadata and files ----------------------------------------------------------------------------


def test_core_metadata_is_bytes_or_none(server: ScriptedServer, make: Maker) -> None:
    """The client returns None if the index answers a request for core metadata with 404."""
    server.answer = lambda _: Answer(fields=FRESH, body=b"Metadata-Version: 2.1\n")
    url = f"{server.url}/a.whl.metadata"
    assert make().get_metadata(url, None) == b"Metadata-Version: 2.1\n"
    server.answer = lambda _: Answer(404)
    assert make().get_metadata(f"{server.url}/b.whl.metadata", None) is None
    assert make().get_metadata(url, None) == b"Metadata-Version: 2.1\n"
    assert make().get_metadata(url, None, store=False) is None


def test_a_file_goes_through_the_cache_or_past_it(server: ScriptedServer, make: Maker) -> None:
    """With store=False a file bypasses the cache; with store=True its header fields decide."""
    server.answer = lambda _: Answer(fields=FRESH, body=b"wheel")
    client, url = make(), f"{server.url}/a.whl"
    for _ in range(2):
        assert download(client, url, None, store=False) == b"wheel"
    assert len(server.requests) == 2
    for _ in range(2):
        assert download(client, url, None, store=True) == b"wheel"
    assert len(server.requests) == 3
    assert server.requests[0].headers.get("Accept-Encoding") == "identity"


def test_a_missing_file_is_an_error(server: ScriptedServer, make: Maker) -> None:
    """A file that is on the page but not on the index is an error."""
    server.answer = lambda _: Answer(404)
    with pytest.raises(IndexResponseError, match="status 404") as caught:
        download(make(), f"{server.url}/a.whl", None, store=True)
    assert "--refresh" in caught.value.hint


def test_a_file_that_breaks_off_is_a_failed_connection(server: ScriptedServer, make: Maker) -> None:
    """A truncated file raises an error that names the URL, and is not stored."""
    url = f"{server.url}/a.whl"
    server.answer = lambda _: Answer(fields=FRESH, body=b"wheel" * 99, cut_after=5)
    with pytest.raises(ConnectionFailedError, match=f"no complete response from {url}"):
        download(make(), url, None, store=True)
    server.answer = lambda _: Answer(fields=FRESH, body=b"wheel")
    assert download(make(), url, None, store=True) == b"wheel"


# -- overrides -------------------------------------------------------------------------------------


def test_overrides_are_for_their_index_and_their_kind(server: ScriptedServer, make: Maker) -> None:
    """An override for files applies only to the files of its own index, not to pages."""
    server.answer = lambda _: Answer(fields=NO_STORE, body=b"x")
    index, other = index_of(server, files=FOR_EVER), index_of(server)
    client = make()
    for _ in range(2):
        download(client, f"{server.url}/a.whl", index, store=True)
    assert len(server.requests) == 1
    for _ in range(2):
        client.get_page(f"{server.url}/a/", index)
        download(client, f"{server.url}/b.whl", other, store=True)
    assert len(server.requests) == 5
    assert all("Cache-Control" not in request.headers for request in server.requests)


def test_an_override_for_pages_is_for_metadata_too(server: ScriptedServer, make: Maker) -> None:
    """An override for pages also applies to core metadata."""
    server.answer = lambda _: Answer(fields=NO_STORE, body=b"x")
    index = index_of(server, pages="max-age=60")
    for _ in range(2):
        make().get_page(f"{server.url}/a/", index)
        make().get_metadata(f"{server.url}/a.whl.metadata", index)
    assert len(server.requests) == 2


def test_the_variant_of_uv_0_7_22_overrides_the_request(
    server: ScriptedServer, make: Maker
) -> None:
    """The variant of uv 0.7.22 sends the override in its request, and stores no response."""
    server.answer = lambda _: Answer(fields=NO_STORE, body=b"x")
    index = index_of(server, files=FOR_EVER)
    client = make(behaviour=VARIANTS["override-on-request"])
    for _ in range(2):
        download(client, f"{server.url}/a.whl", index, store=True)
    assert len(server.requests) == 2
    assert server.requests[0].headers.get("Cache-Control") == FOR_EVER


def test_the_variant_that_overrides_everywhere_spills_over(
    server: ScriptedServer, make: Maker
) -> None:
    """The override-everywhere variant applies an index's override to other indexes' responses."""
    server.answer = lambda _: Answer(fields=NO_STORE, body=b"x")
    indexes = (index_of(server), index_of(server, files=FOR_EVER))
    client = make(behaviour=VARIANTS["override-everywhere"], indexes=indexes)
    for _ in range(2):
        download(client, f"{server.url}/a.whl", indexes[0], store=True)
    assert len(server.requests) == 1


def test_the_variant_that_trusts_stale_pages_asks_once(server: ScriptedServer, make: Maker) -> None:
    """The trust-stale-pages variant reuses stale pages, but requests core metadata again."""
    server.answer = lambda _: Answer(fields={"Cache-Control": "no-cache"}, body=b"x")
    client = make(behaviour=VARIANTS["trust-stale-pages"])
    for _ in range(2):
        client.get_page(f"{server.url}/a/", None)
    assert len(server.requests) == 1
    for _ in range(2):
        client.get_metadata(f"{server.url}/a.whl.metadata", None)
    assert len(server.requests) == 3
