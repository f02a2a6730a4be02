"""Entries on pages whose values differ from the files that they describe."""

from __future__ import annotations

import io
import tarfile
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter

from pytest_indexcache.errors import FakeIndexError
from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.scenario.tables.steps import Change

from .asking import NOW, PYPI, ask, body, files, one_index, page

CHANGE: TypeAdapter[Change] = TypeAdapter(Change)
WHEEL = "foo-1.0-py3-none-any.whl"


def foo(**release: Any) -> FakeIndexes:
    """Make an index with one release of foo."""
    return one_index(
        packages={"foo": {"1.0": {k.replace("_", "-"): v for k, v in release.items()}}}
    )


def entry(served: FakeIndexes, filename: str = WHEEL) -> dict[str, Any]:
    """Return the entry of a file on the JSON page."""
    [found] = [it for it in page(served, f"{PYPI}/foo/")["files"] if it["filename"] == filename]
    return dict(found)


def html(served: FakeIndexes) -> str:
    """Return the HTML page."""
    return body(ask(served, f"{PYPI}/foo/")).decode()


def apply(served: FakeIndexes, do: str, **keys: Any) -> None:
    """Change the index at a fixed time."""
    table = {"do": do, "index": "main", "project": "foo", "version": "1.0", **keys}
    served.apply(CHANGE.validate_python(table), NOW)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (datetime(2026, 8, 1, 12, tzinfo=UTC), "2026-08-01T12:00:00Z"),
        ("2026-08-01T12:00:00+02:00", "2026-08-01T10:00:00Z"),
    ],
)
def test_a_file_was_uploaded_when_it_is_said(said: object, shown: str) -> None:
    """The page shows the given upload time of a file, in UTC."""
    assert entry(foo(upload_time=said))["upload-time"] == shown


def test_what_is_published_was_uploaded_just_then() -> None:
    """Initial files were uploaded in January 2024, and published files at the time of the step."""
    served = foo()
    apply(served, "publish", version="2.0")
    apply(served, "publish", version="3.0", contents={"upload-time": "1 hour ago"})
    assert entry(served)["upload-time"].startswith("2024-01-01T00:")
    published = entry(served, "foo-2.0-py3-none-any.whl")["upload-time"]
    assert published == datetime.fromtimestamp(NOW, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert entry(served, "foo-3.0-py3-none-any.whl")["upload-time"] < published


def test_one_file_can_be_yanked() -> None:
    """One file can be yanked, by its table or by a step, without the release's other files."""
    fix = "foo-1.0-1fix-py3-none-any.whl"
    served = foo(files=[{"yanked": "broken"}, {"build-tag": "1fix"}])
    assert (entry(served)["yanked"], entry(served, fix)["yanked"]) == ("broken", False)
    apply(served, "yank", file=fix, reason="worse")
    assert entry(served, fix)["yanked"] == "worse"


def test_one_file_can_be_deleted() -> None:
    """Deleting one file keeps the other files of the release."""
    served = foo(files=[{}, {"kind": "sdist"}])
    apply(served, "delete", file=WHEEL)
    assert list(files(served, f"{PYPI}/foo/")) == ["foo-1.0.tar.gz"]
    with pytest.raises(FakeIndexError, match=f"there is no file {WHEEL} of foo 1.0"):
        apply(served, "delete", file=WHEEL)


def test_several_hashes_are_named_in_json_and_the_first_in_html() -> None:
    """A JSON page lists all hashes of a file, and an HTML page only the first one."""
    served = foo(hashes=["md5", "sha256"])
    assert list(entry(served)["hashes"]) == ["md5", "sha256"]
    assert "#md5=" in html(served)
    assert "#sha256=" not in html(served)


def test_the_page_may_say_another_requires_python_and_size() -> None:
    """The page can state another Requires-Python and size than the file has."""
    served = foo(requires_python=">=3.99", listed={"requires-python": False, "size": False})
    shown = entry(served)
    assert {"requires-python", "size"} & shown.keys() == set()
    assert b"Requires-Python: >=3.99" in body(ask(served, f"{shown['url']}.metadata"))
    assert entry(foo(listed={"size": "2 KB"}))["size"] == 2000


@pytest.mark.parametrize(
    ("metadata", "status", "text"),
    [
        ({"requires": ["bar"]}, 200, b"Requires-Dist: bar"),
        ({"requires-python": ">=3.99"}, 200, b"Requires-Python: >=3.99"),
        ({"name": "other", "version": "2.0"}, 200, b"Name: other\nVersion: 2.0\n"),
        ({"junk": True}, 200, b"This is not core metadata."),
        ({"missing": True}, 404, b"not found"),
    ],
)
def test_metadata_apart_may_be_other_than_in_the_file(
    metadata: dict[str, Any], status: int, text: bytes
) -> None:
    """Served metadata can differ from the wheel's; the page gives the hash of the served file."""
    served = foo(metadata=metadata)
    shown = entry(served)
    response = ask(served, f"{shown['url']}.metadata")
    assert (response.status, text in body(response)) == (status, True)
    assert len(shown["core-metadata"]["sha256"]) == 64
    assert shown["hashes"] == entry(foo())["hashes"]


def test_the_hash_of_metadata_may_be_wrong_or_missing() -> None:
    """For correct metadata, the page can have a wrong hash or no hash."""
    right = entry(foo())["core-metadata"]
    assert entry(foo(metadata={"hash": "wrong"}))["core-metadata"] != right
    assert entry(foo(metadata={"hash": "none"}))["core-metadata"] is True


def test_a_file_may_have_an_unusual_name() -> None:
    """A wheel with an unusual filename has the given ``tag`` in its WHEEL file."""
    name = "Foo-1.0.0-py312-none-any.whl"
    served = foo(files=[{"filename": name}])
    wheel = body(ask(served, entry(served, name)["url"]))
    assert b"Tag: py3-none-any" in wheel


@pytest.mark.parametrize(
    ("file", "problem"),
    [
        ({"filename": "bar-1.0-py3-none-any.whl"}, "of another project or release"),
        ({"filename": "foo-1.1-py3-none-any.whl"}, "of another project or release"),
        ({"filename": "foo-1.0.tar.gz"}, "is not the name of a wheel"),
        ({"builds": {"tag": "py2-none-any"}}, "a wheel is not built"),
    ],
)
def test_a_name_that_is_none_of_the_release_is_refused(file: dict[str, Any], problem: str) -> None:
    """A filename of another project or release, or ``builds`` of a wheel, is refused."""
    with pytest.raises(FakeIndexError, match=problem):
        foo(files=[file])


def test_a_url_may_have_a_signature_that_must_be_right() -> None:
    """If a file's URL has a query, requests with another query, or without one, are refused."""
    url = f"https://s3.example/{WHEEL}"
    served = foo(url=f"{url}?Signature=first&Expires=17#egg=foo")
    assert entry(served)["url"] == f"{url}?Signature=first&Expires=17#egg=foo"
    assert f'href="{url}?Signature=first&amp;Expires=17#egg=foo"' in html(served)
    assert ask(served, f"{url}?Signature=first&Expires=17").status == 200
    apply(served, "replace", contents={"url": f"{url}?Signature=second"})
    assert ask(served, f"{url}?Signature=first&Expires=17").status == 403
    assert ask(served, url).status == 403
    assert ask(served, f"{url}?Signature=second").status == 200


def test_a_replacement_of_what_the_page_says_leaves_the_file_as_it_is() -> None:
    """A replacement of page data keeps the file's bytes, hash and date."""
    served = foo(requires=["bar"])
    before, date = entry(served), ask(served, entry(served)["url"]).headers.get("Last-Modified")
    apply(served, "replace", contents={"listed": {"requires-python": ">=3.8"}})
    after = entry(served)
    assert after == {**before, "requires-python": ">=3.8"}
    assert ask(served, after["url"]).headers.get("Last-Modified") == date
    with pytest.raises(FakeIndexError, match="would have the same entry on the page as before"):
        apply(served, "replace", contents={"listed": {"requires-python": ">=3.8"}})


def test_one_file_of_a_release_keeps_what_its_release_says_when_it_is_replaced() -> None:
    """A replaced file keeps the requirements of its release."""
    served = foo(requires=["bar"], files=[{}, {"kind": "sdist"}])
    apply(served, "replace", contents={"files": [{"build": "second"}]})
    assert b"Requires-Dist: bar" in body(ask(served, entry(served)["url"]))


def test_what_a_step_yanked_stays_yanked_when_the_page_says_something_else() -> None:
    """A replacement of page data keeps an earlier yank."""
    served = foo()
    apply(served, "yank", reason="bad")
    apply(served, "replace", contents={"hashes": "md5"})
    assert entry(served)["yanked"] == "bad"
    apply(served, "replace", contents={"yanked": False})
    assert entry(served)["yanked"] is False


def test_a_replaced_sdist_may_become_another_wheel() -> None:
    """A replaced sdist may build a wheel with another tag."""
    sdist = "foo-1.0.tar.gz"
    served = foo(files=[{"kind": "sdist"}])
    before = entry(served, sdist)["hashes"]
    contents = {"files": [{"kind": "sdist", "build": "main", "builds": {"tag": "py2-none-any"}}]}
    apply(served, "replace", contents=contents)
    assert entry(served, sdist)["hashes"] != before
    with tarfile.open(fileobj=io.BytesIO(body(ask(served, entry(served, sdist)["url"])))) as sent:
        tag = sent.extractfile("foo-1.0/backend/TAG")
        assert tag is not None
        assert tag.read() == b"py2-none-any"
