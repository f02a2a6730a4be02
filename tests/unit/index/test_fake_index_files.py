"""Files of a fake index: whole, in ranges, conditional, signed, and private."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.messages import Headers, Kind, Request, Response, Subject
from pytest_indexcache.servers import profile_names

from .asking import CPU, NOW, PYPI, ask, body, one_index

WHEEL = f"{CPU}/torch-2.8.0%2Bcpu-py3-none-any.whl"
RELEASE: dict[str, Any] = {"requires": ["filelock"], "size": "175.4 MiB"}


def pytorch(headers: Any = "pypi", **options: Any) -> FakeIndexes:
    """Make the index with torch."""
    return one_index(CPU, headers=headers, packages={"torch": {"2.8.0+cpu": RELEASE}}, **options)


SERVED = pytorch()
WHOLE = body(ask(SERVED, WHEEL))


def test_wheel_is_sent_with_its_subject() -> None:
    """The response for a wheel names index, project and file for the ledger."""
    response = ask(SERVED, WHEEL)
    assert response.status == 200
    assert response.headers.get("Content-Length") == str(len(WHOLE))
    assert response.subject == Subject(
        Kind.WHEEL, "main", "torch", "torch-2.8.0+cpu-py3-none-any.whl", 183_920_230
    )


def test_core_metadata_lies_beside_the_wheel() -> None:
    """The core metadata beside a wheel is equal to the wheel's METADATA (PEP 658)."""
    response = ask(SERVED, f"{WHEEL}.metadata")
    assert response.status == 200
    assert b"Requires-Dist: filelock\n" in body(response)
    assert response.subject == Subject(
        Kind.METADATA,
        "main",
        "torch",
        "torch-2.8.0+cpu-py3-none-any.whl.metadata",
        response.content.length,
    )


def test_core_metadata_is_absent_where_the_index_serves_none() -> None:
    """On an index without PEP 658 the metadata file is a 404."""
    response = ask(pytorch(metadata=False), f"{WHEEL}.metadata")
    assert (response.status, response.subject.kind) == (404, Kind.METADATA)


@pytest.mark.parametrize("profile", profile_names())
@pytest.mark.parametrize("url", [WHEEL, f"{WHEEL}.metadata", f"{CPU}/torch/"])
def test_each_validator_of_each_profile_leads_to_304(profile: str, url: str) -> None:
    """Every ETag and Last-Modified of each profile leads to a 304 without a body."""
    served = pytorch(profile)
    first = ask(served, url)
    for field, condition in (("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since")):
        value = first.headers.get(field)
        if value is None:
            continue
        again = ask(served, url, {condition: value})
        assert (again.status, again.content.length) == (304, 0)
        assert "Content-Length" not in again.headers
        assert again.subject == first.subject


def test_304_repeats_what_rfc_9110_asks_for() -> None:
    """A 304 has the page's Cache-Control, Date, ETag and Vary, and no field about the body."""
    first = ask(SERVED, f"{CPU}/torch/")
    again = ask(SERVED, f"{CPU}/torch/", {"If-None-Match": first.headers.get("ETag") or ""})
    for name in ("Cache-Control", "Date", "ETag", "Vary"):
        assert again.headers.get(name) == first.headers.get(name)
    assert "Content-Type" not in again.headers


def test_etag_that_is_not_sent_cannot_be_matched() -> None:
    """An index that sends no ETag does not match any ETag."""
    etag = ask(SERVED, WHEEL).headers.get("ETag") or ""
    served = pytorch({"profile": "pypi", "files": {"etag": False}})
    assert ask(served, WHEEL, {"If-None-Match": etag}).status == 200


@pytest.mark.parametrize("url", [WHEEL, f"{WHEEL}.metadata", f"{CPU}/torch/", f"{CPU}/none/"])
def test_head_has_the_fields_of_get_and_no_body(url: str) -> None:
    """The answer to HEAD has the header fields of the answer to GET, and no body."""
    get, head = ask(SERVED, url), ask(SERVED, url, method="HEAD")
    assert (head.status, head.headers) == (get.status, get.headers)
    assert head.content.length == 0


def test_head_is_405_where_the_index_does_not_answer_it() -> None:
    """An index that refuses HEAD, as Azure does, answers it with 405."""
    response = ask(pytorch(head=False), WHEEL, method="HEAD")
    assert (response.status, response.headers.get("Allow")) == (405, "GET")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "get"])
def test_other_methods_are_405(method: str) -> None:
    """Methods other than GET and HEAD get a 405 that is recorded with the file."""
    response = ask(SERVED, WHEEL, method=method)
    assert (response.status, response.headers.get("Allow")) == (405, "GET, HEAD")
    assert response.subject.kind is Kind.WHEEL


@given(st.integers(0, len(WHOLE) + 9), st.integers(0, len(WHOLE) + 9))
def test_any_range_is_that_part_of_the_wheel(first: int, last: int) -> None:
    """A range request gets a 206 with that part, a 416, or the whole file."""
    length = len(WHOLE)
    for field, expected in (
        (f"bytes={first}-{last}", WHOLE[first : last + 1] if first <= last else None),
        (f"bytes={first}-", WHOLE[first:]),
        (f"bytes=-{last}", WHOLE[-last:] if last else b""),
    ):
        response = ask(SERVED, WHEEL, {"Range": field})
        if expected is None:
            assert (response.status, body(response)) == (200, WHOLE)
        elif not expected:
            assert response.status == 416
            assert response.headers.get("Content-Range") == f"bytes */{length}"
        else:
            assert (response.status, body(response)) == (206, expected)
            start = WHOLE.index(expected) if len(expected) > 40 else None
            stated = response.headers.get("Content-Range") or ""
            assert stated.endswith(f"/{length}")
            assert start is None or stated.startswith(f"bytes {start}-{start + len(expected) - 1}/")
            assert response.headers.get("Content-Length") == str(len(expected))


def test_several_ranges_are_answered_with_the_whole() -> None:
    """A request for several ranges gets the whole file, which RFC 9110 14.2 allows."""
    response = ask(SERVED, WHEEL, {"Range": "bytes=0-1,5-6"})
    assert (response.status, body(response)) == (200, WHOLE)


def test_range_depends_on_its_condition() -> None:
    """If-Range with the current ETag gets the range, and with another ETag the whole file."""
    etag = ask(SERVED, WHEEL).headers.get("ETag") or ""
    part = ask(SERVED, WHEEL, {"Range": "bytes=0-9", "If-Range": etag})
    whole = ask(SERVED, WHEEL, {"Range": "bytes=0-9", "If-Range": '"other"'})
    assert (part.status, whole.status) == (206, 200)
    assert part.headers.get("ETag") == etag


def test_range_is_ignored_where_the_index_answers_none() -> None:
    """An index without ranges sends the whole file, and no Accept-Ranges."""
    response = ask(pytorch(ranges=False), WHEEL, {"Range": "bytes=0-9"})
    assert (response.status, body(response)) == (200, WHOLE)
    assert "Accept-Ranges" not in response.headers
    assert "Accept-Ranges" in ask(SERVED, WHEEL).headers


def test_range_does_not_apply_to_head() -> None:
    """A range in a HEAD request is ignored (RFC 9110 14.2)."""
    assert ask(SERVED, WHEEL, {"Range": "bytes=0-9"}, method="HEAD").status == 200


def test_validator_counts_before_the_range() -> None:
    """A range request with a matching validator gets a 304 (RFC 9110 13.2.2)."""
    etag = ask(SERVED, WHEEL).headers.get("ETag") or ""
    assert ask(SERVED, WHEEL, {"Range": "bytes=0-9", "If-None-Match": etag}).status == 304


def test_header_fields_of_files_come_in_layers() -> None:
    """Header fields of profile, index, project, release and file override each other in order."""
    release = {
        "headers": {"files": {"cache-control": "release"}},
        "files": [{}, {"tag": "py2-none-any", "headers": {"files": {"CACHE-CONTROL": "file"}}}],
    }
    served = one_index(
        CPU,
        headers={"profile": "pytorch", "files": {"x-index": "1", "cache-control": "index"}},
        packages={"a": {"1": release, "2": {}, "3": {"headers": "nvidia"}}, "b": {"1": {}}},
        pages={"a": {"headers": {"files": {"cache-control": "project"}}}},
    )

    def sent(name: str) -> Headers:
        return ask(served, f"{CPU}/{name}-none-any.whl").headers

    seen = [
        sent(name).get("Cache-Control") for name in ("a-1-py3", "a-1-py2", "a-2-py3", "b-1-py3")
    ]
    assert seen == ["release", "file", "project", "index"]
    assert all(sent(name).get("X-Index") == "1" for name in ("a-1-py3", "a-1-py2", "b-1-py3"))
    assert (sent("a-2-py3").get("Server"), sent("a-3-py3").get("X-CDN")) == ("AmazonS3", "akam")


def test_core_metadata_has_header_fields_of_its_own() -> None:
    """Header fields for files do not apply to core metadata."""
    headers = {"files": {"x-what": "file"}, "metadata": {"x-what": "metadata"}}
    served = pytorch({"profile": "pypi", **headers})
    assert ask(served, WHEEL).headers.get("X-What") == "file"
    assert ask(served, f"{WHEEL}.metadata").headers.get("X-What") == "metadata"


def signed(served: FakeIndexes, url: str) -> str:
    """Return the signed URL to which the URL of a file redirects."""
    response = ask(served, url)
    assert (response.status, response.content.length) == (302, 0)
    assert response.subject.kind is Kind.WHEEL
    return response.headers.get("Location") or ""


def test_signed_url_changes_each_time_and_every_one_leads_to_the_file() -> None:
    """Each redirect of a file has a new signature, and every signature is valid."""
    served = pytorch(**{"signed-urls": "https://bucket.example/signed"})
    first, second = signed(served, WHEEL), signed(served, WHEEL)
    assert first != second
    assert first.startswith("https://bucket.example/signed/torch-2.8.0%2Bcpu-py3-none-any.whl?")
    assert "bucket.example" in served.hosts
    for url in (first, second, first):
        response = ask(served, url)
        assert (response.status, body(response)) == (200, WHOLE)
        assert response.headers.get("Cache-Control") == "max-age=365000000, immutable, public"
    for url in (first.split("?")[0], f"{first}0", first.replace("signature=", "signature=0")):
        assert ask(served, url).status == 403
    assert ask(served, f"{WHEEL}.metadata").status == 200


def test_signatures_are_the_same_in_every_play() -> None:
    """The first signature of a file depends only on its name."""
    plays = [pytorch(**{"signed-urls": "https://bucket.example"}) for _ in range(2)]
    assert signed(plays[0], WHEEL) == signed(plays[1], WHEEL)


def authorization(user: str, password: str) -> Mapping[str, str]:
    """Return the Authorization header field of a user (RFC 7617)."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


@pytest.mark.parametrize("url", [WHEEL, f"{WHEEL}.metadata", f"{CPU}/torch/", f"{CPU}/none/"])
def test_index_with_users_wants_one(url: str) -> None:
    """Without credentials, pages and files of a private index are a 401 with a challenge."""
    served = pytorch(users={"me": "a:b", "you": "c"})
    for headers in (
        {},
        authorization("me", "c"),
        authorization("", ""),
        {"Authorization": "Bearer a:b"},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic /w=="},
    ):
        response = ask(served, url, headers)
        assert response.status == 401
        assert response.headers.get("WWW-Authenticate") == 'Basic realm="main"'
    assert response.subject.kind is not Kind.OTHER
    for user in (("me", "a:b"), ("you", "c")):
        assert ask(served, url, authorization(*user)).status == ask(SERVED, url).status


def test_files_on_another_host_need_no_user() -> None:
    """Files on another host need no credentials, because installers send none to that host."""
    served = one_index(PYPI, packages={"a": {"1": {}}}, users={"me": "x"})
    [file] = served["main"].files.values()
    assert ask(served, file.url).status == 200


def test_large_wheel_is_sent_in_parts_from_anywhere() -> None:
    """A range near the end of a padded wheel is generated without the bytes before it."""
    served = one_index(CPU, packages={"torch": {"1": {"padding": "64 MiB"}}})
    url = f"{CPU}/torch-1-py3-none-any.whl"
    length = int(ask(served, url, method="HEAD").headers.get("Content-Length") or 0)
    assert length > 64 << 20
    tail: Response = ask(served, url, {"Range": "bytes=-22"})
    assert body(tail)[:4] == b"PK\5\6"
    middle = ask(served, url, {"Range": "bytes=50000000-50000099"})
    assert len(body(middle)) == 100


def test_the_same_request_gets_the_same_response() -> None:
    """The same request always gets the same response from an unchanged index."""
    requests = [Request("GET", url) for url in (WHEEL, f"{CPU}/torch/", f"{CPU}/")]
    first, again = pytorch(), pytorch()
    for request in requests:
        one, other = first.handle(request, NOW), again.handle(request, NOW)
        assert (one.status, one.headers, body(one)) == (other.status, other.headers, body(other))
