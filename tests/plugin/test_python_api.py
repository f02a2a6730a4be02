"""The public names of the package, used in a typed test."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

import pytest_indexcache
from pytest_indexcache import (
    Exchanges,
    FakeIndexError,
    FilterError,
    IndexFactory,
    Ledger,
    Player,
    PlayResult,
    ScenarioError,
    ServedIndex,
    WheelFactory,
    explain,
)

PYPI = "https://pypi.org/simple"
SIX: dict[str, dict[str, dict[str, str]]] = {"six": {"1.17.0": {}}}


@pytest.fixture
def pypi(index_factory: IndexFactory) -> ServedIndex:
    """Return an index at pypi.org that has six 1.17.0."""
    return index_factory(PYPI, name="pypi", packages=SIX)


def page() -> str:
    """Return the simple page of six."""
    return httpx.get(f"{PYPI}/six/").text


def download(release: str = "1.17.0") -> int:
    """Return the status of a download of the wheel of six."""
    found = re.search(rf'href="([^"#]*six-{re.escape(release)}-[^"#]*)', page())
    assert found
    return httpx.get(found[1]).status_code


def test_changes_have_the_words_of_scenario_files(pypi: ServedIndex) -> None:
    """Each method of an index changes it as the step of the same name does."""
    pypi.publish("six", "1.18.0", requires=["filelock"])
    assert "six-1.18.0-py3-none-any.whl" in page()
    pypi.yank("six", "1.17.0", reason="broken")
    assert 'data-yanked="broken"' in page()
    before = page()
    pypi.replace("six", "1.18.0")
    assert page() != before
    pypi.delete("six", "1.18.0")
    assert "1.18.0" not in page()
    pypi.set_headers("pytorch")
    answer = httpx.get(f"{PYPI}/six/")
    assert answer.headers["cache-control"] == "no-cache,no-store,must-revalidate"
    pypi.set_users({"me": "secret"})
    assert httpx.get(f"{PYPI}/six/").status_code == 401


def test_index_fails_as_often_as_it_is_told(pypi: ServedIndex) -> None:
    """A fault may be given as a status, and ends after its count or by ``mend``."""
    pypi.fail(500, times=2)
    pypi.fail(how="502")
    codes = [httpx.get(f"{PYPI}/six/").status_code for _ in range(4)]
    assert codes == [500, 500, 502, 200]
    pypi.fail("status", times="all", kind="wheel", project="six")
    assert [download(), download()] == [503, 503]
    pypi.mend()
    assert download() == 200


def test_index_goes_down_and_comes_back(pypi: ServedIndex) -> None:
    """An index that is down accepts no connection until it comes back."""
    pypi.go_down()
    assert repr(pypi) == f"<ServedIndex 'pypi' at {PYPI}, down>"
    with pytest.raises(httpx.ConnectError):
        page()
    pypi.come_back()
    assert pypi.is_up
    assert page()


def test_edge_is_warmed_and_purged(index_factory: IndexFactory, ledger: Ledger) -> None:
    """A warmed edge answers from its store until it is purged."""
    index = index_factory(PYPI, packages=SIX, edge={})
    index.warm("six", kind="page", format="html", gzip=False)
    plain = {"accept": "text/html", "accept-encoding": "identity"}
    httpx.get(f"{PYPI}/six/", headers=plain)
    index.purge(project="six")
    httpx.get(f"{PYPI}/six/", headers=plain)
    assert [exchange.subject.from_edge for exchange in ledger] == [True, False]


def test_ledger_is_filtered(pypi: ServedIndex, ledger: Ledger) -> None:
    """A filter of the ledger returns exchanges that can be filtered further."""
    assert download() == 200
    pypi.go_down()
    with pytest.raises(httpx.ConnectError):
        page()
    assert ledger.downloads.filenames == ["six-1.17.0-py3-none-any.whl"]
    assert ledger.by_kind("page") == ledger.of("SIX").by_kind("page") == ledger[:1]
    assert ledger.by_kind("wheel", "sdist") == ledger.downloads
    assert ledger.to("pypi").traffic.downloads == 1
    assert [exchange.method for exchange in ledger.failed] == ["CONNECT"]
    assert not ledger.revalidated
    ledger.clear()
    assert ledger == []


def test_ledger_is_readable(pypi: ServedIndex, ledger: Ledger) -> None:
    """The ledger's ``repr`` is one line, and its ``str`` a table."""
    assert (repr(ledger), str(ledger)) == (
        "<Ledger of 0 exchanges>",
        "no request reached an index",
    )
    page()
    assert repr(ledger) == "<Ledger of 1 exchange: GET 200 page six>"
    assert str(ledger).split() == (
        ["GET", "200", "page", "pypi", "/simple/six/", "375", "B", "max-age=600,", "public"]
    )
    assert repr(Exchanges(list(ledger) * 8)).endswith("page six, 2 more>")


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda seen: seen.by_kind("pages"), "no kind of request 'pages'\n  hint: did you mean"),
        (lambda seen: seen.by_kind("xyz"), "known: page, metadata, wheel, sdist, json, other"),
        (lambda seen: seen.of("six==1.17.0"), "without a version"),
    ],
)
def test_filter_for_what_cannot_be_is_refused(
    ledger: Ledger, ask: Callable[[Ledger], Exchanges], message: str
) -> None:
    """A filter of the ledger by an unknown kind, or by a version, raises an error."""
    with pytest.raises(FilterError, match=re.escape(message)):
        ask(ledger)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"packges": {}}, "indexes.pypi.packges: unknown key (did you mean 'packages'?)"),
        ({"packages": {"six": {"1.0": {"sze": 3}}}}, 'six."1.0".sze: unknown key'),
        ({"packages": {"six": {1.17: {}}}}, "the key 1.17 is not a string"),
        ({"packages": {"six": {"1.0": None}}}, 'six."1.0": None is not a value of TOML'),
        ({"packages": {"six": {"1.0": {"requires": {"a"}}}}}, "requires: a set has no order"),
        ({"packages": {"six": {"1.0": {"requires": object()}}}}, "a value of type object"),
        ({"server": "pypy"}, "indexes.pypi.server: unknown server 'pypy' (did you mean 'pypi'?)"),
        ({"unknown_status": 600}, "indexes.pypi.unknown_status: expected 401, 403, 404, 410"),
    ],
)
def test_wrong_table_is_explained_as_in_a_file(
    index_factory: Callable[..., ServedIndex], table: dict[str, object], message: str
) -> None:
    """The error for an invalid table gives the key path, the fault and the remedy."""
    with pytest.raises(ScenarioError, match=re.escape(message)):
        index_factory(PYPI, name="pypi", **table)
    assert index_factory(PYPI, name="pypi").name == "pypi"


def test_table_that_contains_itself_is_refused(
    index_factory: Callable[..., ServedIndex],
) -> None:
    """A table that contains itself is an error instead of a crash."""
    endless: dict[str, object] = {}
    endless["six"] = endless
    with pytest.raises(ScenarioError, match="must not contain itself"):
        index_factory(PYPI, packages=endless)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda it: it.yank("sixx", "1.0"), FakeIndexError, "no project sixx\n  hint: it has six"),
        (lambda it: it.publish("six", "1 8"), ScenarioError, "publish.version: '1 8' is not a"),
        (lambda it: it.publish("six", "1.8", sze=3), ScenarioError, "publish.sze: unknown key"),
        (lambda it: it.fail("rest"), ScenarioError, "did you mean 'reset'?"),
        (lambda it: it.fail(200), ScenarioError, "fail.status: expected at least 300"),
        (lambda it: it.fail(kind="pages"), ScenarioError, "fail.kind: 'pages' is not one of"),
        (lambda it: it.come_back(), FakeIndexError, "it is already up"),
        (lambda it: it.warm("six"), FakeIndexError, "it has no edge"),
    ],
)
def test_change_that_cannot_be_changes_nothing(
    pypi: ServedIndex,
    change: Callable[[ServedIndex], None],
    error: type[Exception],
    message: str,
) -> None:
    """An invalid argument or impossible change raises an error, and does not change the index."""
    before = page()
    with pytest.raises(error, match=re.escape(message)):
        change(pypi)
    assert page() == before


def test_wheel_is_checked_as_a_release_is(wheel_factory: WheelFactory) -> None:
    """A wheel made in Python is validated like a file in a scenario."""
    with pytest.raises(ScenarioError, match=r"^requires\[1\]: 'a b' is not a requirement"):
        wheel_factory("six", "1.0", requires=["a b"])
    with pytest.raises(ScenarioError, match="'s ix' is not a project's name"):
        wheel_factory("s ix", "1.0")


def scenario(downloads: int) -> dict[str, object]:
    """Return a scenario that expects this number of downloads, with keys as in Python."""
    return {
        "title": "six comes once",
        "indexes": {"pypi": {"url": PYPI, "packages": SIX}},
        "project": {"dependencies": ("six",), "requires_python": ">=3.8"},
        "steps": [{"do": "sync", "expect": {"downloads": {"six": downloads}}}],
    }


def test_result_explains_itself(play: Player) -> None:
    """The ``repr`` of a result shows its failed checks, and ``explain`` their causes."""
    assert play(scenario(1)).passed
    result: PlayResult = play(scenario(0))
    assert not result
    assert "downloads.six: expected 0, seen 1" in repr(result)
    assert "was downloaded in step 1 for the first time" in explain(result)
    assert Exchanges(result.steps[0].exchanges).downloads.of("six").traffic.downloads == 1


def test_play_of_a_wrong_table_is_explained(play: Player) -> None:
    """An error in a table that was given in Python has no line number."""
    wrong = {**scenario(0), "stesp": []}
    with pytest.raises(ScenarioError, match=r"^stesp: unknown key \(did you mean 'steps'\?\)$"):
        play(wrong)


def test_failing_comparison_shows_exchanges_as_a_table(pytester: pytest.Pytester) -> None:
    """A failing test prints the ledger as a table."""
    pytester.makepyfile(
        f"""
        import httpx

        def ask(index_factory):
            index_factory("{PYPI}", packages={SIX})
            httpx.get("{PYPI}/six/")

        def test_compared(index_factory, ledger):
            ask(index_factory)
            assert ledger.by_kind("page") == []

        def test_other(index_factory, ledger):
            ask(index_factory)
            raise KeyError
        """
    )
    result = pytester.runpytest()
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            "E  *<Exchanges of 1 exchange: GET 200 page six> == []",
            "E  *GET  200  page  index-1  /simple/six/  375 B*",
            "*Captured ledger call*",
            "*GET  200  page  index-1  /simple/six/  375 B*",
        ]
    )


def test_exported_names_can_be_imported() -> None:
    """The names in the type stubs are exactly the names that can be imported."""
    names = set(dir(pytest_indexcache))
    assert all(getattr(pytest_indexcache, name) for name in names)
    stub = Path(pytest_indexcache.__file__).with_suffix(".pyi").read_text(encoding="utf-8")
    assert set(re.findall(r" as (\w+)$", stub, re.MULTILINE)) == names - {"__version__"}
    with pytest.raises(AttributeError, match="no attribute 'Leger'"):
        pytest_indexcache.Leger  # type: ignore[attr-defined]  # noqa: B018
