"""Changes of a fake index between two steps."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from pytest_indexcache.errors import FakeIndexError
from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.scenario.tables.steps import Change

from .asking import CPU, NOW, PYPI, ask, body, one_index, page

CHANGE: TypeAdapter[Change] = TypeAdapter(Change)


def change(served: FakeIndexes, do: str, **keys: Any) -> None:
    """Apply a change, given as in a scenario file."""
    table = {name.replace("_", "-"): value for name, value in keys.items()}
    served.apply(CHANGE.validate_python({"do": do, "index": "main", **table}), NOW)


def pytorch(headers: Any = "pypi", **options: Any) -> FakeIndexes:
    """Make an index with two releases of torch, one of which has two files."""
    releases = {
        "1.0": {"files": [{}, {"tag": "cp312-cp312-linux_x86_64"}, {"kind": "sdist"}]},
        "2.0+cpu": {"requires": ["filelock"], "size": "2 GiB"},
    }
    return one_index(CPU, headers=headers, packages={"torch": releases}, **options)


def listed(served: FakeIndexes, project: str = "torch") -> dict[str, Any]:
    """Return the entries of the page, by filename."""
    return {file["filename"]: file for file in page(served, f"{CPU}/{project}/")["files"]}


def test_published_release_appears_with_its_files() -> None:
    """A published release is listed and served, with newer dates than before."""
    served = pytorch("nexus")
    before = ask(served, f"{CPU}/torch/")
    change(served, "publish", project="torch", version="3.0", contents={"requires": ["six"]})
    assert "torch-3.0-py3-none-any.whl" in listed(served)
    wheel = ask(served, f"{CPU}/torch-3.0-py3-none-any.whl")
    assert b"Requires-Dist: six" in body(wheel)
    since = {"If-Modified-Since": before.headers.get("Last-Modified") or ""}
    assert ask(served, f"{CPU}/torch/", since).status == 200


def test_published_project_appears() -> None:
    """An unknown project gets a page when it is published."""
    served = pytorch()
    assert ask(served, f"{CPU}/six/").status == 404
    change(served, "publish", project="six", version="1")
    assert list(listed(served, "six")) == ["six-1-py3-none-any.whl"]
    assert "six" in [project["name"] for project in page(served, f"{CPU}/")["projects"]]


def test_files_are_added_to_a_release() -> None:
    """Publishing an existing version adds its new files to the release."""
    served = pytorch()
    files = [{"tag": "py2-none-any"}]
    change(served, "publish", project="torch", version="1.0", contents={"files": files})
    assert len([name for name in listed(served) if name.startswith("torch-1.0-")]) == 3


def test_published_file_that_is_there_is_refused() -> None:
    """Publishing a filename that exists is refused, and changes nothing."""
    served = pytorch()
    with pytest.raises(FakeIndexError, match=r"torch-1\.0-py3-none-any\.whl already exists"):
        change(served, "publish", project="torch", version="1.0")
    assert len(listed(served)) == 4


def test_replaced_release_has_the_same_names_and_other_bytes() -> None:
    """A replaced release keeps tags, requirements and sizes, and gets another build."""
    served = pytorch()
    before, url = listed(served), f"{CPU}/torch-2.0%2Bcpu-py3-none-any.whl"
    old = ask(served, url)
    change(served, "replace", project="torch", version="2.0+cpu")
    after, new = listed(served), ask(served, url)
    assert list(after) == list(before)
    assert b"__build__ = 'replaced'" in body(new)
    assert b"Requires-Dist: filelock" in body(new)
    assert new.subject.nominal_bytes == old.subject.nominal_bytes == 2 << 30
    assert after["torch-1.0.tar.gz"] == before["torch-1.0.tar.gz"]
    name = "torch-2.0+cpu-py3-none-any.whl"
    assert after[name]["hashes"] != before[name]["hashes"]
    assert after[name]["upload-time"] > before[name]["upload-time"]
    etag = {"If-None-Match": old.headers.get("ETag") or ""}
    assert ask(served, url, etag).status == 200


def test_replaced_release_of_several_files_keeps_them_all() -> None:
    """Replacing a release replaces each of its files, including sdists."""
    served = pytorch()
    before = listed(served)
    change(served, "replace", project="torch", version="1.0", contents={"requires": ["six"]})
    after = listed(served)
    changed = {name for name in before if before[name]["hashes"] != after[name]["hashes"]}
    assert changed == {name for name in before if "-1.0" in name}
    url = f"{CPU}/torch-1.0-cp312-cp312-linux_x86_64.whl.metadata"
    assert b"Requires-Dist: six" in body(ask(served, url))


def test_single_files_of_a_release_can_be_replaced() -> None:
    """A replacement that lists files replaces only these files."""
    served = pytorch()
    before = listed(served)
    contents = {"files": [{"build": "again"}]}
    change(served, "replace", project="torch", version="1.0", contents=contents)
    after = listed(served)
    assert list(after) == list(before)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"torch-1.0-py3-none-any.whl"}


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"version": "9"}, "there is no release 9 of torch"),
        ({"version": "1.0", "project": "six"}, "there is no project six"),
        (
            {"version": "1.0", "contents": {"files": [{"tag": "py2-none-any"}]}},
            "py2-none-any.whl is not there",
        ),
        ({"version": "1.0", "contents": {"tag": "py2-none-any"}}, "py2-none-any.whl is not there"),
        ({"version": "1.0", "contents": {"build": "main"}}, "would have the same bytes as before"),
    ],
)
def test_replacement_that_cannot_be_is_refused(keys: dict[str, Any], problem: str) -> None:
    """Replacing a missing file, or replacing a file with the same file, is refused."""
    with pytest.raises(FakeIndexError, match=problem):
        change(pytorch(), "replace", **{"project": "torch", **keys})


def test_yanked_release_stays_and_says_why() -> None:
    """A yank applies to every file of the release, and changes the page."""
    served = pytorch()
    etag = ask(served, f"{CPU}/torch/").headers.get("ETag") or ""
    change(served, "yank", project="torch", version="1.0", reason="broken")
    yanks = {name: file["yanked"] for name, file in listed(served).items()}
    assert list(yanks.values()) == ["broken"] * 3 + [False]
    assert ask(served, f"{CPU}/torch/", {"If-None-Match": etag}).status == 200
    assert ask(served, f"{CPU}/torch-1.0.tar.gz").status == 200


def test_deleted_release_is_gone_from_page_and_place() -> None:
    """A deleted release is neither listed nor served, but its project remains."""
    served = pytorch()
    change(served, "delete", project="torch", version="1.0")
    assert list(listed(served)) == ["torch-2.0+cpu-py3-none-any.whl"]
    assert ask(served, f"{CPU}/torch-1.0.tar.gz").status == 404
    change(served, "delete", project="torch", version="2.0+cpu")
    assert listed(served) == {}


def test_deleted_project_is_unknown() -> None:
    """Deleting without a version deletes the whole project."""
    served = pytorch()
    change(served, "delete", project="torch")
    assert ask(served, f"{CPU}/torch/").status == 404
    assert page(served, f"{CPU}/")["projects"] == []


@pytest.mark.parametrize(
    ("do", "keys", "problem"),
    [
        ("yank", {"project": "torch", "version": "9"}, "no release 9 of torch"),
        ("yank", {"project": "six", "version": "9"}, "no project six"),
        ("delete", {"project": "torch", "version": "9"}, "no release 9 of torch"),
        ("delete", {"project": "six"}, "no project six"),
        ("set-headers", {"project": "six", "headers": "none"}, "no project six"),
        ("set-headers", {"version": "1.0", "headers": "none"}, "a version, but no project"),
        ("set-headers", {"project": "torch", "version": "9", "headers": "none"}, "no release 9"),
        (
            "set-headers",
            {"project": "torch", "version": "1.0", "headers": {"pages": {"age": "1"}}},
            "pages, but a release has no page",
        ),
        ("set-headers", {"headers": "nix"}, "header profile 'nix'"),
        ("come-back", {}, "it is already up"),
        ("yank", {"index": "nix", "project": "torch", "version": "1.0"}, "no such index"),
    ],
)
def test_change_to_what_is_not_there_is_an_error(
    do: str, keys: dict[str, Any], problem: str
) -> None:
    """The error for a missing target names the index, the target and existing targets."""
    with pytest.raises(FakeIndexError, match=problem) as caught:
        change(pytorch(), do, **keys)
    assert "hint" in str(caught.value) or do == "come-back" or "pages" in problem


def fields(served: FakeIndexes, url: str, name: str = "Cache-Control") -> str | None:
    """Return a header field of the response at a URL."""
    return ask(served, url).headers.get(name)


ONE, TWO = f"{CPU}/torch-1.0-py3-none-any.whl", f"{CPU}/torch-2.0%2Bcpu-py3-none-any.whl"


def test_headers_of_an_index_change_for_everything() -> None:
    """New header fields of an index replace the earlier fields of pages and files."""
    own = {"torch": {"headers": {"pages": {"cache-control": "own"}}}}
    served = pytorch(pages=own)
    change(served, "set-headers", headers={"pages": {"cache-control": "a"}, "files": {"age": "7"}})
    assert fields(served, f"{CPU}/torch/") == "a"
    assert fields(served, f"{CPU}/") == "a"
    assert (fields(served, ONE, "Age"), fields(served, TWO, "Age")) == ("7", "7")
    assert fields(served, ONE, "Server") == "UploadServer"


def test_headers_that_name_a_profile_start_afresh() -> None:
    """A profile in set-headers replaces the current profile and all changes to it."""
    served = pytorch({"profile": "pypi", "files": {"x-old": "1"}})
    change(served, "set-headers", headers="pytorch")
    assert fields(served, ONE) == "no-cache,no-store,must-revalidate"
    assert fields(served, ONE, "X-Old") is None
    assert ask(served, f"{CPU}/none/").status == 403


def test_headers_change_for_one_project_or_one_release() -> None:
    """New header fields of a project or release do not change those of the rest of the index."""
    served = pytorch()
    change(served, "publish", project="six", version="1")
    change(
        served,
        "set-headers",
        project="torch",
        headers={"pages": {"cache-control": "p"}, "files": {"cache-control": "f"}},
    )
    release = {"project": "torch", "version": "2.0+cpu"}
    change(served, "set-headers", **release, headers={"files": {"cache-control": "r"}})
    assert (fields(served, ONE), fields(served, TWO)) == ("f", "r")
    assert fields(served, f"{CPU}/torch/") == "p"
    assert fields(served, f"{CPU}/six/") == "max-age=600, public"
    assert (fields(served, f"{CPU}/six-1-py3-none-any.whl") or "").startswith("max-age=365")


def test_headers_hold_for_what_is_published_later() -> None:
    """A release that is published after set-headers has the new fields."""
    served = pytorch()
    change(served, "set-headers", headers={"files": {"cache-control": "new"}})
    change(served, "publish", project="torch", version="3")
    assert fields(served, f"{CPU}/torch-3-py3-none-any.whl") == "new"


def test_headers_alone_make_no_other_page() -> None:
    """A change of header fields keeps the validators, because the content is the same."""
    served = pytorch()
    etag = fields(served, f"{CPU}/torch/", "ETag") or ""
    change(served, "set-headers", headers={"pages": {"cache-control": "no-cache"}})
    response = ask(served, f"{CPU}/torch/", {"If-None-Match": etag})
    assert (response.status, response.headers.get("Cache-Control")) == (304, "no-cache")


def test_users_come_and_go() -> None:
    """An index with users requires credentials, and without users it is public again."""
    served = pytorch()
    change(served, "set-users", users={"me": "secret"})
    assert ask(served, ONE).status == 401
    assert ask(served, ONE, {"Authorization": "Basic bWU6c2VjcmV0"}).status == 200
    change(served, "set-users", users={})
    assert ask(served, ONE).status == 200


def test_index_goes_down_and_comes_back() -> None:
    """While an index is down, all its hosts are unreachable."""
    served = one_index(PYPI, packages={"a": {"1": {}}})
    hosts = ("pypi.org", "files.pythonhosted.org")
    assert all(map(served.is_reachable, hosts))
    change(served, "go-down")
    assert not any(map(served.is_reachable, hosts))
    with pytest.raises(FakeIndexError, match="it is already down"):
        change(served, "go-down")
    change(served, "come-back")
    assert all(map(served.is_reachable, hosts))


def test_hosts_are_not_forgotten_when_their_files_go() -> None:
    """A deleted file is a 404, and its host remains reachable."""
    release = {"1": {"url": "https://cdn.example/"}}
    served = one_index(PYPI, packages={"a": release})
    change(served, "delete", project="a")
    assert "cdn.example" in served.hosts
    assert ask(served, "https://cdn.example/a-1-py3-none-any.whl").status == 404
