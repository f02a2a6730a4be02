"""Conditions of a play: the Python, the venv, the time, and the access to indexes."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from pytest_indexcache.errors import CapabilityError
from pytest_indexcache.index.wire.gateway import Gateway
from pytest_indexcache.installers.provisioning.pythons import interpreter_for
from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.run.plays.results import PlayResult, Verdict
from pytest_indexcache.run.plays.runner import Play, play
from pytest_indexcache.run.plays.transports import on_the_wire
from pytest_indexcache.scenario.model import Scenario

pytestmark = pytest.mark.usefixtures("releases_can_be_had")

PYPI = {"url": "https://pypi.org/simple", "packages": {"six": {"1.17.0": {}}, "foo": {"1.0": {}}}}
INSTALL = {"do": "install", "requirements": ["six"]}


@pytest.fixture
def playing(playing_gateway: Gateway, tmp_path: Path) -> Any:
    """Return a function that plays a scenario, given by its tables, with an installer."""

    def of(installer: str, steps: list[dict[str, Any]], **more: Any) -> PlayResult:
        tables = {"title": "t", "indexes": {"pypi": PYPI}, "steps": steps, **more}
        scenario = Scenario.model_validate(tables, by_alias=True)
        try:
            interpreter_for(scenario)
        except CapabilityError as error:
            pytest.skip(str(error))
        connect = on_the_wire(playing_gateway, time.time)
        return play(Play(scenario, "s", create_installer(installer), connect, "wire"), tmp_path)

    return of


@pytest.mark.parametrize("installer", ["pip==9.0.3", "pip==10.0.1", "pip==19.0", "pip==24.0"])
def test_an_old_pip_plays_with_the_python_of_its_day(playing: Any, installer: str) -> None:
    """An old pip is installed with the scenario's Python, as it cannot start with a new one."""
    expect = {"downloads": {"six": 1}, "imports": {"sys.version_info.minor": 8}}
    result = playing(installer, [{**INSTALL, "expect": expect}], python="3.8")
    assert result.verdict is Verdict.PASSED, result


def test_a_pip_that_does_not_run_in_the_python_of_the_scenario_is_skipped(playing: Any) -> None:
    """A pip that is too new for the scenario's Python is skipped with that reason."""
    result = playing("pip==26.3", [{**INSTALL, "expect": {"downloads": {"six": 1}}}], python="3.8")
    assert result.verdict is Verdict.SKIPPED
    assert "it needs Python >=3.10, and this is Python 3.8" in result.reason


SDIST = {"url": PYPI["url"], "packages": {"foo": {"1.0": {"files": [{"kind": "sdist"}]}}}}
BUILD = {"do": "install", "requirements": ["foo"], "expect": {"builds": {"foo": 1}}}


@pytest.mark.parametrize(
    ("installer", "python", "verdict"),
    [
        ("reference", "3.6", Verdict.PASSED),
        ("uv==0.13.8", "3.6", Verdict.PASSED),
        ("pip==21.3.1", "3.6", Verdict.PASSED),
        ("uv==0.1.39", "3.7", Verdict.PASSED),
        ("pip==20.0.2", "3.7", Verdict.PASSED),
        ("uv==0.8.11", "3.6", "has no support of Python 3.6: it came with 0.10.12"),
        ("pip==19.3.1", "3.7", "has no builds by a backend within the project"),
        ("pip==19.0.3", "3.7", "has no builds by a backend within the project"),
        ("pip==18.1", "3.7", "has no builds by a backend within the project"),
        ("pip==9.0.3", "3.7", "has no builds by a backend within the project"),
    ],
)
def test_an_sdist_is_built_with_an_old_python(
    playing: Any, installer: str, python: str, verdict: Verdict | str
) -> None:
    """A release that cannot build with an old Python is skipped, and does not fail."""
    result = playing(installer, [BUILD], python=python, indexes={"pypi": SDIST})
    if isinstance(verdict, Verdict):
        assert result.verdict is verdict, result
    else:
        assert (result.verdict, verdict in result.reason) == (Verdict.SKIPPED, True), result


def test_a_refusal_that_is_expected_is_no_reason_to_skip(playing: Any) -> None:
    """An expected failure passes, even if the release lacks a capability for the step."""
    step = {**BUILD, "expect": {"exit": "failure"}}
    result = playing("pip==18.1", [step], python="3.7", indexes={"pypi": SDIST})
    assert result.verdict is Verdict.PASSED, result


@pytest.mark.parametrize("installer", ["uv==0.13.8", "pdm==2.25.5", "poetry==1.8.5"])
@pytest.mark.parametrize("python", ["3.8", "3.12"])
def test_a_project_is_synced_with_the_python_of_the_scenario(
    playing: Any, installer: str, python: str
) -> None:
    """The venv has the scenario's Python, whichever Python the installer runs in."""
    minor = int(python.partition(".")[2])
    expect = {"downloads": {"six": 1}, "imports": {"sys.version_info.minor": minor}}
    steps = [{"do": "sync", "expect": expect}]
    result = playing(installer, steps, python=python, project={"dependencies": ["six"]})
    assert result.verdict is Verdict.PASSED, result


@pytest.mark.parametrize("installer", ["pdm==2.10.0", "pdm==2.25.3", "pdm==2.25.4"])
def test_pdm_can_remove_the_last_project(playing: Any, installer: str) -> None:
    """PDM can remove the last project of a venv, even 2.25.3 with its own virtualenv."""
    steps = [
        {"do": "sync", "expect": {"installed": {"six": "1.17.0"}}},
        {"do": "remove", "projects": ["six"], "expect": {"removed": {"six": "1.17.0"}}},
    ]
    result = playing(installer, steps, project={"dependencies": ["six"]})
    assert result.verdict is Verdict.PASSED, result


@pytest.mark.parametrize("pages", [{"cache-control": "max-age=0"}, {"expires": "0"}])
@pytest.mark.parametrize(("installer", "held"), [("uv==0.11.27", False), ("uv==0.11.28", True)])
def test_no_hidden_wait_keeps_uv_from_taking_a_stale_page_for_fresh(
    playing: Any, pages: dict[str, str], installer: str, held: bool
) -> None:
    """Plays add no hidden wait: uv before 0.11.28 reuses a stale page within the same second."""
    headers = {"profile": "none", "pages": {**pages, "etag": '"$md5"'}}
    compile_ = {"do": "compile", "requirements": ["foo"], "expect": {"requests": {"page": 1}}}
    indexes = {"pypi": {**PYPI, "headers": headers}}
    steps = [compile_, {**compile_, "wait": "1.1 s"}, *[compile_] * 4]
    result = playing(installer, steps, indexes=indexes)
    assert (result.verdict is Verdict.PASSED) is held, result
    assert [step.held for step in result.steps[:2]] == [True, True]
    assert len(result.steps) >= 3


FOO: dict[str, Any] = {"foo": {"1.0": {}}}
USERS = {"users": {"me": "p:w"}}
PRIVATE = {
    "password": {"url": "https://a.example/simple", "packages": FOO, **USERS},
    "password in the URL": {
        "url": "https://me:pw@a.example/simple",
        "packages": FOO,
        "users": {"me": "pw"},
    },
    "no TLS": {"url": "http://a.example:4040/simple", "packages": FOO, **USERS},
    "flat": {"url": "https://a.example/flat/", "packages": FOO, "flat": True},
}


@pytest.mark.parametrize("kind", PRIVATE)
@pytest.mark.parametrize(
    "installer",
    ["reference", "uv==0.13.8", "uv==0.2.23", "pip==26.3", "pip==20.2.3", "pdm==2.25.5"],
)
def test_an_index_is_reached_as_its_user_reaches_it(
    playing: Any, installer: str, kind: str
) -> None:
    """Each installer reaches an index with a password, without TLS, or with a flat page."""
    expect = {"downloads": {"foo": 1}, "installed": {"foo": "1.0"}, "requests": {"refused": 0}}
    step = {"do": "install", "requirements": ["foo"], "expect": expect}
    more: dict[str, Any] = {}
    if installer.startswith("pdm"):
        step = {"do": "sync", "expect": expect}
        more = {"project": {"dependencies": ["foo"]}}
    result = playing(installer, [step], indexes={"private": PRIVATE[kind]}, **more)
    assert result.verdict is Verdict.PASSED, result


@pytest.mark.parametrize("installer", ["uv==0.4.10", "uv==0.5.11", "uv==0.7.20", "reference"])
def test_a_project_with_a_flat_index_alone_asks_no_other(playing: Any, installer: str) -> None:
    """If a project has only a flat index, the installer sends requests to no other index."""
    expect = {"downloads": {"foo": 1}, "requests": {"page": 1, "refused": 0}}
    steps = [{"do": "sync", "expect": expect}]
    project = {"dependencies": ["foo"], "requires-python": ">=3.8"}
    result = playing(installer, steps, indexes={"wheels": PRIVATE["flat"]}, project=project)
    assert result.verdict is Verdict.PASSED, result
