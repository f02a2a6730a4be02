"""The fixtures of the plugin in tests written in Python."""

from __future__ import annotations

import hashlib
import textwrap

import pytest

TEST = '''\
import httpx
import pytest

from pytest_indexcache.errors import FakeIndexError, ScenarioError
from pytest_indexcache.scenario.loader import loads
from pytest_indexcache.scenario.tables.changes import Publish

PYTORCH = "https://download.pytorch.org/whl/cpu"
TABLE = {
    "title": "twice the same",
    "indexes": {"pypi": {
        "url": "https://pypi.org/simple",
        "headers": "pytorch",
        "packages": {"six": {"1.17.0": {}}},
    }},
    "project": {"dependencies": ["six"]},
    "steps": [
        {"do": "sync", "expect": {"downloads": {"six": 1}}},
        {"do": "remove-venv"},
        {"do": "sync", "expect": {"downloads": {}}},
    ],
}
TOML = """
title = "once"
[indexes.pypi]
url = "https://pypi.org/simple"
packages.six."1.17.0" = {}
[[steps]]
do = "install"
requirements = ["six"]
expect = { downloads = { six = 1 } }
"""


def test_index(index_factory, ledger):
    index_factory(PYTORCH, headers="pytorch", packages={"torch": {"2.8.0+cpu": {}}})
    page = httpx.get(PYTORCH + "/torch/")
    assert page.headers["cache-control"] == "no-cache,no-store,must-revalidate"
    assert "torch-2.8.0%2Bcpu-py3-none-any.whl" in page.text
    with pytest.raises(httpx.ConnectError):
        httpx.get("https://elsewhere.example/")
    assert [exchange.status for exchange in ledger] == [200, None]
    assert [exchange.subject.refused is None for exchange in ledger] == [True, False]


def test_two_indexes(index_factory, ledger):
    index_factory(PYTORCH, packages={"torch": {"2.8.0+cpu": {}}})
    index_factory("https://pypi.org/simple", name="pypi", packages={"six": {"1.17.0": {}}})
    assert httpx.get("https://pypi.org/simple/six/").status_code == 200
    assert httpx.get(PYTORCH + "/torch/").status_code == 200
    assert [exchange.subject.index for exchange in ledger] == ["pypi", "index-1"]


def test_a_change_outlives_other_indexes(index_factory):
    pypi = index_factory("https://pypi.org/simple", name="pypi", packages={"six": {"1.17.0": {}}})
    pypi.apply(Publish(do="publish", index="pypi", project="six", version="1.18.0"))
    index_factory(PYTORCH, packages={"torch": {"2.8.0+cpu": {}}})
    assert "six-1.18.0-py3-none-any.whl" in httpx.get("https://pypi.org/simple/six/").text
    with pytest.raises(FakeIndexError, match="at the same host and path"):
        index_factory(PYTORCH)
    with pytest.raises(FakeIndexError, match="an index of this name"):
        index_factory("https://example.org/simple", name="pypi")
    assert httpx.get(PYTORCH + "/torch/").status_code == 200


def test_wheel(wheel_factory, tmp_path):
    arguments = {"requires": ["filelock"], "build": "cpu"}
    one = wheel_factory("torch", "2.8.0+cpu", **arguments)
    assert one.filename == "torch-2.8.0+cpu-py3-none-any.whl"
    assert one.sha256 == wheel_factory("torch", "2.8.0+cpu", **arguments).sha256
    assert one.sha256 != wheel_factory("torch", "2.8.0+cpu", build="cpu").sha256
    (tmp_path / "sum").write_text(one.sha256)
    assert one.write(tmp_path).read_bytes()[:2] == b"PK"


@pytest.mark.parametrize("transport", ["inprocess", "wire"])
def test_play(play, transport):
    assert play(TABLE, transport=transport).verdict == "passed"
    result = play(TABLE, installer="reference:obey-no-store", transport=transport)
    assert result.verdict == "failed"
    assert result.failed_step.number == 3


def test_value(play):
    scenario = loads(TOML)
    (step,) = scenario.steps
    assert play(scenario)
    with pytest.raises(ScenarioError, match="indexes.other.*'pypi' already has this URL"):
        twice = {**scenario.indexes, "other": scenario.indexes["pypi"]}
        play(scenario.model_copy(update={"indexes": twice}))
    with pytest.raises(ScenarioError, match="steps.1.*nowhere"):
        play(scenario.model_copy(update={"steps": (step.model_copy(update={"index": "nowhere"}),)}))


def test_installer(installer, play):
    result = play(TABLE, installer=installer("reference:obey-no-store"))
    assert (result.installer, result.passed) == ("reference:obey-no-store", False)
    assert repr(result) == (
        "<PlayResult of 'table' by reference:obey-no-store (inprocess): failed at step 3; "
        "downloads.six: expected 0, seen 1>"
    )
'''


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two workers"])
def test_fixtures_serve_a_test_in_python(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    """Every fixture does what its docstring says, in one process and with workers."""
    pytester.makepyfile(TEST)
    pytester.runpytest(*workers).assert_outcomes(passed=8)


def test_plugins_of_libraries_are_not_needed(pytester: pytest.Pytester) -> None:
    """Fixtures and scenarios work without the pytest plugins of libraries (README)."""
    pytester.makepyfile(TEST)
    off = [
        word for name in ("anyio", "respx", "pytest_httpserver") for word in ("-p", f"no:{name}")
    ]
    pytester.runpytest_subprocess(*off).assert_outcomes(passed=8)
    play = ("--indexcache-scenarios", "--indexcache-transport", "both", "-k", "new-release-is-seen")
    pytester.runpytest_subprocess(*off, *play).assert_outcomes(passed=2)


def test_fixtures_are_described(pytester: pytest.Pytester) -> None:
    """``pytest --fixtures`` prints a description of each fixture."""
    result = pytester.runpytest("--fixtures")
    names = ("play", "index_factory", "wire_index", "wheel_factory", "installer", "ledger")
    for name in names:
        result.stdout.fnmatch_lines([f"{name} -- *plugin.py:*", "    ?*"])
    for client in ("*for httpx clients in this process.", "*urllib, requests or pip."):
        result.stdout.fnmatch_lines([client])


LIGHT = textwrap.dedent("""\
    import sys

    HEAVY = {"httpx", "respx", "pydantic", "pytest_httpserver", "virtualenv", "resolvelib",
             "trustme", "installer", "packaging", "werkzeug"}

    def test_nothing_heavy_was_imported():
        loaded = {name.split(".")[0] for name in sys.modules}
        own = {name for name in sys.modules if name.startswith("pytest_indexcache.")}
        assert own == {"pytest_indexcache.plugin", "pytest_indexcache.exports"}
        assert not (HEAVY - {"packaging"}) & loaded
""")


def test_a_run_without_the_flag_imports_nothing_heavy(pytester: pytest.Pytester) -> None:
    """A run without the option imports the plugin, but not the libraries for playing."""
    pytester.makepyfile(LIGHT)
    others = (
        "respx",
        "pytest_httpserver",
        "hypothesispytest",
        "anyio",
        "xdist",
        "xdist.looponfail",
    )
    off = [argument for name in others for argument in ("-p", f"no:{name}")]
    pytester.runpytest_subprocess(*off).assert_outcomes(passed=1)


def test_wheel_bytes_do_not_depend_on_the_process(pytester: pytest.Pytester) -> None:
    """The same wheel made in another process has the same digest."""
    pytester.makepyfile(
        "def test_sum(wheel_factory, capsys):\n"
        "    with capsys.disabled():\n"
        "        print('sum', wheel_factory('torch', '2.8.0+cpu').sha256)\n"
    )
    sums = {
        line
        for _ in range(2)
        for line in pytester.runpytest_subprocess("-q").outlines
        if line.startswith("sum")
    }
    assert len(sums) == 1
    assert len(sums.pop().split()[1]) == hashlib.sha256().digest_size * 2
