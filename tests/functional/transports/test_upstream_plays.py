"""Plays of scenarios in which a running server replaces some of the indexes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from pytest_indexcache.cli import main
from pytest_indexcache.errors import FakeIndexError, ScenarioError, UpstreamError
from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.index.served_indexes import ServedIndexes
from pytest_indexcache.index.upstreams.named_upstreams import (
    read_upstreams,
    upstreams_of,
    with_upstreams,
)
from pytest_indexcache.index.wire.gateway import serve
from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.messages import Exchange
from pytest_indexcache.run.loading import loads_playable
from pytest_indexcache.run.matrix.cells import NamedScenario, plan_cells
from pytest_indexcache.run.plays.results import PlayResult, Verdict
from pytest_indexcache.run.session import IN_PROCESS, WIRE, PlaySession
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.indexes import Index

from .loopback_server import loopback_server

SCENARIO = """\
title = "A wheel comes once"
[project]
dependencies = ["demo"]
[indexes.main]
url = "https://index.example/own/simple"
default = true
{upstream}
[indexes.main.packages]
demo."1.0" = {{}}
[[steps]]
do = "sync"
[steps.expect]
downloads = {{ demo = 1 }}
requests-to = {{ main = {{ page = 1, metadata = 1, wheel = 1 }} }}
[[steps]]
do = "remove-venv"
{between}
[[steps]]
do = "sync"
expect = {{ downloads = {{}}, installed = {{ demo = "1.0" }} }}
"""
PUBLISH = """
[[steps]]
do = "publish"
index = "main"
project = "demo"
version = "2.0"
"""


@contextmanager
def real_index(**keys: object) -> Iterator[tuple[str, list[Exchange]]]:
    """Run a server with the project demo on loopback; yield its URL and its recorded exchanges."""
    asked: list[Exchange] = []

    def make(origin: str) -> FakeIndexes:
        table = {"url": f"{origin}/simple", "packages": {"demo": {"1.0": {}}}}
        return FakeIndexes({"real": Index.model_validate({**table, **keys})})

    with loopback_server(make, asked.append) as origin:
        yield f"{origin}/simple", asked


def scenario(upstream: str = "", between: str = "") -> Scenario:
    """Return a scenario with an index that a running server replaces."""
    line = f'upstream = "{upstream}"' if upstream else ""
    return loads_playable(SCENARIO.format(upstream=line, between=between)).scenario


def played(
    what: Scenario, folder: Path, transport: str = IN_PROCESS, *, is_trusted: bool = True
) -> PlayResult:
    """Play with the reference installer."""
    reference = create_installer("reference")
    with PlaySession() as session:
        return session.play(what, "x", reference, transport, folder, is_trusted=is_trusted)


@contextmanager
def passed_on(what: Scenario, recorded: list[Exchange] | None = None) -> Iterator[httpx.Client]:
    """Yield a client of the gateway that serves a scenario."""
    ledger = [] if recorded is None else recorded
    with (
        ServedIndexes(FakeIndexes(what.indexes), upstreams_of(what, is_trusted=True)) as served,
        serve(served, record=ledger.append, clock=time.time) as gateway,
        httpx.Client(proxy=gateway.proxy_url, verify=gateway.ssl_context(), trust_env=False) as own,
    ):
        yield own


def test_running_server_is_asked_and_recorded(tmp_path: Path) -> None:
    """A play over the wire records the exchanges of the running server and passes."""
    with real_index() as (url, asked):
        result = played(scenario(url), tmp_path)
    assert result.verdict is Verdict.PASSED, result.reason
    assert result.transport == WIRE
    recorded = [one for step in result.steps for one in step.exchanges]
    assert [one.subject.index for one in recorded] == ["main"] * len(recorded)
    assert len(recorded) == len(asked)
    assert recorded[0].url.startswith("https://index.example/own/simple/")
    assert asked[0].url == f"{url}/demo/"


def test_misbehaviour_has_its_cause(tmp_path: Path) -> None:
    """The no-store of a running server is named as the cause of a repeated download."""
    with real_index(headers={"files": {"cache-control": "no-store"}}) as (url, _):
        what = with_upstreams(scenario(), read_upstreams([f"main={url}"]))
        variant = create_installer("reference:obey-no-store")
        with PlaySession() as session:
            result = session.play(what, "x", variant, WIRE, tmp_path)
    assert result.verdict is Verdict.FAILED
    causes = [str(check.causes) for step in result.steps for check in step.checks]
    assert any("no-store" in cause for cause in causes), causes


def test_change_of_a_running_server_is_skipped(tmp_path: Path) -> None:
    """A scenario is skipped if it changes an index of a running server."""
    what = with_upstreams(scenario(between=PUBLISH), {"main": "http://127.0.0.1:9/simple"})
    result = played(what, tmp_path)
    assert result.verdict is Verdict.SKIPPED
    assert "step 3 changes an index that is a running server" in result.reason


def test_server_that_is_down_gives_no_answer() -> None:
    """If the running server is down, the connection is closed, and the ledger gives the reason."""
    with real_index() as (url, _):
        what = scenario(url)
    recorded: list[Exchange] = []
    with (
        passed_on(what, recorded) as client,
        pytest.raises(httpx.RemoteProtocolError),
    ):
        client.get("https://index.example/own/simple/demo/")
    assert "did not answer" in (recorded[0].subject.refused or "")


def test_store_keeps_nothing_of_a_running_server() -> None:
    """A matrix does not store plays with a running server; it plays them again."""
    one = NamedScenario("x", scenario("http://127.0.0.1:9/simple"), Path("x.toml"))
    (cell,) = plan_cells([one], [create_installer("reference")], WIRE)
    assert cell.key is None


def test_server_that_a_file_names_is_asked_only_if_the_file_is_trusted(tmp_path: Path) -> None:
    """A running server is contacted only if the user names it, or a trusted file names it."""
    with real_index() as (url, asked):
        result = played(scenario(url), tmp_path / "file", is_trusted=False)
        assert result.verdict is Verdict.ERROR
        assert f"the file sends requests to a server of this machine ({url})" in result.reason
        assert "name the server on the command line (main=URL), or trust" in result.reason
        assert not asked
        named = with_upstreams(scenario("http://127.0.0.1:9/simple"), {"main": url})
        assert played(named, tmp_path / "named", is_trusted=False).verdict is Verdict.PASSED
        assert asked


@pytest.mark.parametrize(
    ("lines", "between", "problem"),
    [
        ('upstream = "http://127.0.0.1:9/simple"', PUBLISH, "which no step changes"),
        ('upstream = "http://127.0.0.1:9/simple"\nserver = "pypi"', "", "has no effect"),
        ('upstream = "http://127.0.0.1:9/simple"\nranges = false', "", "has no effect"),
        ('upstream = "http://127.0.0.1:9/simple"\nedge = {}', "", "has no effect"),
        ('upstream = "http://index.example/simple"', "", "not a server on the loopback"),
        ('upstream = "http://127.0.0.1.example/simple"', "", "not a server on the loopback"),
        ('upstream = "http://me:secret@127.0.0.1/simple"', "", "not a server on the loopback"),
        ('upstream = "http://10.0.0.1/simple"', "", "not a server on the loopback"),
        ('upstream = "https://127.0.0.1/simple"', "", "not a server on the loopback"),
        ('upstream = "file:///etc"', "", "upstream"),
    ],
)
def test_file_cannot_name_more(lines: str, between: str, problem: str) -> None:
    """A file can name only http servers on loopback as upstreams, without settings or changes."""
    text = SCENARIO.format(upstream=lines, between=between)
    with pytest.raises(ScenarioError, match=problem):
        loads_playable(text)


def test_fixture_serves_no_running_server() -> None:
    """The fixture for Python tests refuses an index with an upstream."""
    index = Index.model_validate({"url": "https://a.example/", "upstream": "http://127.0.0.1:9/"})
    with pytest.raises(FakeIndexError, match="no running server"):
        FakeIndexes({}).add("main", index)


@pytest.mark.parametrize("text", ["main", "=http://127.0.0.1/", "main=ftp://x/", "main=http://"])
def test_option_that_is_no_name_and_url_is_refused(text: str) -> None:
    """The value of ``--upstream`` must be NAME=URL with an http URL."""
    with pytest.raises(UpstreamError):
        read_upstreams([text])


def test_nothing_but_reading_is_passed_on() -> None:
    """POST and DELETE requests are not forwarded to a running server."""
    with real_index() as (url, asked), passed_on(scenario(url)) as client:
        for method in ("POST", "PUT", "DELETE"):
            for path in ("own/simple/demo/", "shutdown"):
                answer = client.request(method, f"https://index.example/{path}")
                assert answer.status_code == 405
        assert client.get("https://index.example/own/simple/demo/").status_code == 200
    assert [one.method for one in asked] == ["GET"]


def test_server_on_the_loopback_leads_nowhere() -> None:
    """Links of an upstream that a scenario file names give no access to other hosts."""
    elsewhere = "https://files.example/packages"
    with real_index(files_url=elsewhere) as (url, _), passed_on(scenario(url)) as client:
        assert elsewhere in client.get("https://index.example/own/simple/demo/").text
        with pytest.raises(httpx.ProxyError, match="403"):
            client.get(f"{elsewhere}/demo-1.0-py3-none-any.whl")


def test_play_command_names_a_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``play --upstream`` forwards requests, and refuses an index that the scenario lacks."""
    file = tmp_path / "mine.toml"
    file.write_text(SCENARIO.format(upstream="", between=""), "utf-8")
    with real_index() as (url, asked):
        assert main(["play", str(file), "--upstream", f"main={url}"]) == 0
    assert asked
    assert main(["play", str(file), "--upstream", f"other={url}"]) == 129
    assert "no scenario has an index of this name" in capsys.readouterr().err
    assert main(["matrix", str(file), "--upstream", "main=secret"]) == 2
    assert "secret" not in capsys.readouterr().out
