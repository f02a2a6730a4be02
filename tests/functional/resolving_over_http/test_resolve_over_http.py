"""Resolution over HTTP: pages in both formats, with and without core metadata, and offline."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from pytest_indexcache.errors import ConnectionFailedError, UnsatisfiableError
from pytest_indexcache.reference.words.packages import IndexLocation
from pytest_indexcache.scenario.tables.changes import Publish, Yank

from .installation import Installation, downloads, installing

PYPI = IndexLocation("pypi", "https://pypi.org/simple", default=True)
CPU = IndexLocation("cpu", "https://download.pytorch.org/whl/cpu")
NO_STORE = "no-cache,no-store,must-revalidate"

Install = Callable[..., Installation]


@pytest.fixture(params=["inprocess", "wire"])
def install(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Install]:
    """Return a function that sets up indexes behind one of the two transports."""
    with ExitStack() as stack:

        def setup(**indexes: dict[str, Any]) -> Installation:
            return stack.enter_context(installing(tmp_path, request.param, indexes))

        yield setup


def pypi(**options: Any) -> dict[str, Any]:
    """Return the tables of an index with an application, its library and an older library."""
    return {
        "url": PYPI.url,
        "packages": {
            "app": {"1.0": {"requires": ["library>=1"]}},
            "library": {"1.0": {}, "1.1": {"requires": ["base"]}},
            "base": {"0.1": {}},
        },
        **options,
    }


FOUND = {"app": "1.0", "library": "1.1", "base": "0.1"}


@pytest.mark.parametrize("formats", [["html"], ["json"], ["html", "json"]])
@pytest.mark.parametrize("metadata", [True, False])
@pytest.mark.parametrize("hashes", ["sha256", "md5", "none"])
def test_finds_the_same_in_every_kind_of_page(
    install: Install, formats: list[str], metadata: bool, hashes: str
) -> None:
    """The result is the same for HTML and JSON pages, with or without hashes and metadata."""
    index = pypi(formats=formats, metadata=metadata, hashes=hashes)
    installation = install(pypi=index)
    assert installation.install("app", indexes=(PYPI,)) == FOUND
    assert installation.counts["page"] == 3
    assert len(downloads(installation.exchanges)) == (0 if metadata else 3)


def test_asks_for_nothing_while_pages_are_fresh(install: Install) -> None:
    """While pages are fresh and metadata is known, a second run makes no request."""
    installation = install(pypi=pypi(headers="pypi"))
    installation.install("app", indexes=(PYPI,))
    assert installation.counts == {"page": 3, "metadata": 3}
    assert installation.install("app", indexes=(PYPI,)) == FOUND
    assert installation.exchanges == []


def test_revalidates_stale_pages_and_nothing_else(install: Install) -> None:
    """A stale page is revalidated by a conditional request, and metadata is not requested again."""
    installation = install(pypi=pypi(headers="pypi"))
    installation.install("app", indexes=(PYPI,))
    installation.seconds = 1_000
    installation.install("app", indexes=(PYPI,))
    assert [exchange.status for exchange in installation.exchanges] == [304, 304, 304]


def test_sees_new_releases_and_yanks(install: Install) -> None:
    """New and yanked releases are seen when the pages are requested again."""
    installation = install(
        pypi=pypi(headers={"profile": "none", "pages": {"cache-control": NO_STORE}})
    )
    installation.install("app", indexes=(PYPI,))
    index = installation.fakes["pypi"]
    index.apply(
        Publish.model_validate(
            {"index": "pypi", "do": "publish", "project": "library", "version": "2.0"}
        )
    )
    assert installation.install("app", indexes=(PYPI,))["library"] == "2.0"
    index.apply(
        Yank.model_validate({"index": "pypi", "do": "yank", "project": "library", "version": "2.0"})
    )
    assert installation.install("app", indexes=(PYPI,)) == FOUND


def test_offline_finds_what_responses_forbade_to_store(install: Install) -> None:
    """Offline works after no-store responses, and after 403s for missing projects (report 003)."""
    cpu = {
        "url": CPU.url,
        "headers": "pytorch",
        "unknown_status": 403,
        "packages": {"torch": {"2.0.0+cpu": {"requires": ["base"]}, "2.0.1+cpu": {}}},
    }
    installation = install(cpu=cpu, pypi=pypi())
    found = {"torch": "2.0.0+cpu", "base": "0.1"}
    assert installation.install("torch==2.0.0", indexes=(CPU, PYPI)) == found
    installation.offline = True
    assert installation.install("torch==2.0.0", indexes=(CPU, PYPI)) == found
    assert installation.exchanges == []
    with pytest.raises(UnsatisfiableError, match="app was not found in the cache for"):
        installation.install("app", indexes=(CPU, PYPI))


def test_fetches_a_wheel_for_its_metadata_once(install: Install) -> None:
    """A wheel that was downloaded for its metadata is kept in the store."""
    headers = {"profile": "none", "files": {"cache-control": NO_STORE}}
    installation = install(pypi=pypi(metadata=False, headers=headers))
    assert installation.install("app", indexes=(PYPI,)) == FOUND
    assert downloads(installation.exchanges) == [
        "app-1.0-py3-none-any.whl",
        "base-0.1-py3-none-any.whl",
        "library-1.1-py3-none-any.whl",
    ]
    assert installation.install("app", indexes=(PYPI,)) == FOUND
    assert downloads(installation.exchanges) == []


def test_reads_a_flat_index(install: Install) -> None:
    """All projects on a find-links page are found with one request."""
    flat = IndexLocation("flat", "https://files.example/links.html", flat=True)
    installation = install(flat=pypi(url=flat.url, flat=True))
    assert installation.install("app", indexes=(flat,)) == FOUND
    assert installation.counts["page"] == 1


def test_locks_a_project_the_same_both_ways(install: Install) -> None:
    """Both transports lead to the same lockfile."""
    installation = install(pypi=pypi())
    lock = installation.lock('[project]\nname = "demo"\nversion = "1"\ndependencies = ["app"]\n')
    names = {it.name: [wheel.name for wheel in it.wheels or ()] for it in lock.pylock.packages}
    assert names == {
        "app": ["app-1.0-py3-none-any.whl"],
        "base": ["base-0.1-py3-none-any.whl"],
        "library": ["library-1.1-py3-none-any.whl"],
    }


def test_explains_an_index_that_is_down(install: Install) -> None:
    """If an index is down, the error names its URL, and not unsatisfiable requirements."""
    installation = install(pypi=pypi())
    nowhere = IndexLocation("nowhere", "https://nowhere.example/simple")
    with pytest.raises(ConnectionFailedError, match=r"https://nowhere\.example/simple/app/"):
        installation.install("app", indexes=(nowhere,))
