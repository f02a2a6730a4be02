"""Several indexes: on one host, with files on other hosts, and in many threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pytest_indexcache.errors import FakeIndexError
from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.messages import Kind
from pytest_indexcache.scenario.tables.indexes import Index

from .asking import CPU, JSON, PYPI, ask, body, indexes, page
from .test_fake_index_changes import CHANGE

WHL = "https://download.pytorch.org/whl"
TRITON = {"url": f"{WHL}/", "build": "amd"}


def test_indexes_on_one_host_are_told_by_their_paths() -> None:
    """Of several indexes on a host, the index with the longest matching path answers."""
    served = indexes(
        whl={"url": WHL, "server": "none", "packages": {"torch": {"2.0": {}}}},
        cpu={"url": CPU, "server": "none", "packages": {"torch": {"2.0+cpu": {}}}},
        cu128={
            "url": f"{WHL}/cu128/",
            "server": "none",
            "packages": {"torch": {"2.0+cu128": {}}},
        },
    )
    assert served.hosts == {"download.pytorch.org"}
    for path, name, version in (
        (WHL, "whl", "2.0"),
        (CPU, "cpu", "2.0+cpu"),
        (f"{WHL}/cu128", "cu128", "2.0+cu128"),
    ):
        assert page(served, f"{path}/torch/")["versions"] == [version]
        wheel = ask(served, f"{path}/torch-{version.replace('+', '%2B')}-py3-none-any.whl")
        assert (wheel.status, wheel.subject.index) == (200, name)
    assert ask(served, f"{WHL}/cpux/").subject.index == "whl"


def test_file_of_one_index_may_lie_under_the_path_of_another() -> None:
    """A file can be below the path of another index, like pytorch-triton-rocm in /whl/."""
    served = indexes(
        whl={"url": WHL},
        rocm={
            "url": f"{WHL}/rocm6.3",
            "server": "none",
            "packages": {"pytorch-triton-rocm": {"3.4.0": TRITON}},
        },
    )
    [file] = page(served, f"{WHL}/rocm6.3/pytorch-triton-rocm/")["files"]
    assert file["url"] == "../../pytorch_triton_rocm-3.4.0-py3-none-any.whl"
    wheel = ask(served, f"{WHL}/pytorch_triton_rocm-3.4.0-py3-none-any.whl")
    assert (wheel.status, wheel.subject.index) == (200, "rocm")
    assert wheel.subject.project == "pytorch-triton-rocm"


def test_two_indexes_may_list_the_same_file() -> None:
    """Two indexes can link to the same file at one URL."""
    packages = {"pytorch-triton-rocm": {"3.4.0": TRITON}}
    served = indexes(
        rocm63={"url": f"{WHL}/rocm6.3", "server": "none", "packages": packages},
        rocm64={"url": f"{WHL}/rocm6.4", "server": "none", "packages": packages},
    )
    pages = [page(served, f"{WHL}/{name}/pytorch-triton-rocm/") for name in ("rocm6.3", "rocm6.4")]
    assert pages[0]["files"] == pages[1]["files"]


def test_two_indexes_with_different_files_at_one_place_are_refused() -> None:
    """Two indexes with different builds of a file at one URL are refused."""
    packages = {"pytorch-triton-rocm": {"3.4.0": {"url": f"{WHL}/"}}}
    with pytest.raises(FakeIndexError, match="is another file in index 'rocm63'") as caught:
        indexes(
            rocm63={"url": f"{WHL}/rocm6.3", "packages": packages},
            rocm64={"url": f"{WHL}/rocm6.4", "packages": packages},
        )
    assert "the same build" in caught.value.hint


@pytest.mark.parametrize("url", [PYPI, f"{PYPI}/", "https://PyPI.org/simple"])
def test_two_indexes_at_one_url_are_refused(url: str) -> None:
    """Two indexes with the same URL are refused."""
    with pytest.raises(FakeIndexError, match="index 'one' is at the same host and path"):
        indexes(one={"url": PYPI}, two={"url": url})


def test_the_same_file_on_two_indexes_is_two_builds() -> None:
    """Files with the same name on two indexes are different builds with different hashes."""
    packages: dict[str, Any] = {"torch": {"2.0": {}}}
    served = indexes(
        pypi={"url": PYPI, "packages": packages},
        mirror={"url": "https://mirror.example/simple", "packages": packages},
    )
    one = page(served, f"{PYPI}/torch/")["files"][0]
    other = page(served, "https://mirror.example/simple/torch/")["files"][0]
    assert one["filename"] == other["filename"]
    assert one["hashes"] != other["hashes"]
    assert b"__build__ = 'mirror'" in body(
        ask(served, "https://mirror.example/simple/torch/torch-2.0-py3-none-any.whl")
    )


def test_unknown_host_is_refused_in_the_subject() -> None:
    """The subject of a request to an unknown host says that no index has that host."""
    response = ask(indexes(main={"url": PYPI}), "https://evil.example/simple/six/")
    assert response.status == 404
    assert response.subject.refused == "no index of the scenario is at 'evil.example'"


def test_ports_are_those_of_the_urls() -> None:
    """Only hosts and ports in the URLs of the scenario are served."""
    served = indexes(
        main={
            "url": "https://one.example:8443/simple",
            "packages": {"a": {"1": {"url": "http://cdn.example/"}}},
        }
    )
    urls = ("https://one.example:8443/x", "http://cdn.example/y", "https://cdn.example:80")
    assert all(map(served.serves, urls))
    others = ("https://one.example/simple", "https://cdn.example/", "https://one.example:x", "")
    assert not any(map(served.serves, others))


def test_host_falls_with_the_index_that_has_its_pages_there() -> None:
    """A host is down if an index with pages on it is down, but not if it only has files there."""
    shared = {"a": {"1": {"url": "https://cdn.example/"}}, "b": {"1": {}}}
    served = indexes(
        one={"url": "https://one.example", "packages": shared},
        two={"url": "https://cdn.example/simple"},
        three={"url": "https://one.example/three"},
    )
    served.apply(CHANGE.validate_python({"do": "go-down", "index": "one"}))
    assert not served.is_reachable("one.example")
    assert served.is_reachable("cdn.example")
    served.apply(CHANGE.validate_python({"do": "go-down", "index": "two"}))
    assert not served.is_reachable("cdn.example")
    assert not served.is_reachable("evil.example")


def test_sixteen_threads_get_whole_responses_while_the_index_changes() -> None:
    """While the index changes, each page lists files that exist with the listed hash."""
    releases: dict[str, Any] = {f"1.{number}": {} for number in range(3)}
    served = indexes(main={"url": CPU, "server": "none", "packages": {"a": releases}})

    def look(_: int) -> tuple[int, ...]:
        seen = []
        for _ in range(20):
            names = [file["filename"] for file in page(served, f"{CPU}/a/")["files"]]
            wheel = ask(served, f"{CPU}/{names[-1]}")
            assert (wheel.status, len(body(wheel))) == (200, wheel.content.length)
            seen.append(len(names))
        return tuple(seen)

    with ThreadPoolExecutor(16) as pool:
        looks = pool.map(look, range(16))
        for number in range(30):
            step = {"do": "publish", "index": "main", "project": "a", "version": f"2.{number}"}
            served.apply(CHANGE.validate_python(step))
        seen = list(looks)
    assert all(list(lengths) == sorted(lengths) for lengths in seen)
    assert len(page(served, f"{CPU}/a/")["files"]) == 33


def test_threads_share_the_faults_that_are_left() -> None:
    """Of many concurrent requests, exactly as many fail as the fault's ``times`` says."""
    served = indexes(main={"url": PYPI, "packages": {"a": {}}})
    step = {"do": "fail", "index": "main", "how": "status", "times": 40}
    served.apply(CHANGE.validate_python(step))
    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda _: ask(served, f"{PYPI}/a/").status, range(200)))
    assert statuses.count(503) == 40


def test_threads_get_signatures_that_differ() -> None:
    """No signature is issued twice in concurrent threads."""
    signed = {"url": CPU, "signed-urls": "https://s.example", "packages": {"a": {"1": {}}}}
    served = indexes(main=signed)
    url = f"{CPU}/a-1-py3-none-any.whl"
    with ThreadPoolExecutor(16) as pool:
        places = list(pool.map(lambda _: ask(served, url).headers.get("Location"), range(200)))
    assert len(set(places)) == 200


def test_indexes_of_a_scenario_are_found_by_name() -> None:
    """An index is found by its name in the scenario."""
    served: FakeIndexes = indexes(main={"url": PYPI, "packages": {"a": {"1": {}}}})
    [file] = served["main"].files.values()
    assert (file.filename, file.version) == ("a-1-py3-none-any.whl", "1")
    assert ask(served, file.url, {"Accept": JSON}).subject.kind is Kind.WHEEL
    with pytest.raises(FakeIndexError, match="there is no such index"):
        served["nix"]


def test_index_is_added_beside_those_that_changed() -> None:
    """A new index does not change the others, and is refused if it conflicts with one."""
    served = indexes(pypi={"url": PYPI, "packages": {"six": {"1.0": {}}}})
    step = {"do": "publish", "index": "pypi", "project": "six", "version": "2.0"}
    served.apply(CHANGE.validate_python(step))
    added = served.add("whl", Index.model_validate({"url": WHL}))
    assert served["whl"] is added
    assert page(served, f"{PYPI}/six/")["versions"] == ["1.0", "2.0"]
    assert "download.pytorch.org" in served.hosts
    for name, url in (("again", WHL), ("whl", CPU)):
        with pytest.raises(FakeIndexError):
            served.add(name, Index.model_validate({"url": url}))
    assert served["whl"] is added
    with pytest.raises(FakeIndexError, match="there is no such index"):
        _ = served["again"]
