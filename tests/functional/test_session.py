"""Plays that say nothing about caching: who asks for nothing, and who has no workspace."""

# ruff: noqa: ARG002 - the protocol says what methods take
from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.installers.contract.installer import (
    InstallerSpec,
    LockedPackage,
    Network,
    Outcome,
    Workspace,
)
from pytest_indexcache.installers.reference.adapter import ReferenceAdapter
from pytest_indexcache.run.plays.results import PlayResult, Verdict
from pytest_indexcache.run.session import PlaySession, transports_of
from pytest_indexcache.scenario.loader import loads
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.steps import InstallerVerb

SCENARIO = """\
title = "x"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
six."1.17.0" = {{}}
[[steps]]
do = "install"
requirements = ["six"]
{step}
"""


class Silent:
    """An installer that ends as it is told to, and asks no index for anything."""

    spec = InstallerSpec("silent")
    version = "1.0"
    is_embedded = False

    def __init__(self, exit_code: int, output: str = "") -> None:
        self._exit_code = exit_code
        self._output = output

    def lacks(self, scenario: Scenario) -> str | None:
        """Lack nothing."""
        return None

    def write_project(self, scenario: Scenario, folder: str, workspace: Workspace) -> None:
        """Need no project."""

    def play(
        self, step: InstallerVerb, scenario: Scenario, workspace: Workspace, network: Network
    ) -> Outcome:
        """Do nothing."""
        command = "silent install six"
        kind = ExitKind.FAILURE if self._exit_code else ExitKind.SUCCESS
        return Outcome(kind, self._exit_code, command, self._output)

    def locked(self, folder: Path) -> Mapping[str, tuple[LockedPackage, ...]]:
        """Lock nothing."""
        return {}


@pytest.fixture
def session() -> Iterator[PlaySession]:
    """Open a session, and close it."""
    with PlaySession() as opened:
        yield opened


def play(session: PlaySession, exit_code: int, step: str, folder: Path) -> PlayResult:
    """Play a step with a silent installer."""
    scenario = loads(SCENARIO.format(step=step))
    return session.play(scenario, "x.toml", Silent(exit_code), "wire", folder / "play")


@pytest.mark.parametrize(
    ("exit_code", "step"),
    [
        (1, "expect = { downloads = 1 }"),
        (0, "expect = { downloads = 1 }"),
        (1, 'expect = { exit = "failure" }'),
        (1, "offline = true\nexpect = { absent = ['six'] }"),
    ],
    ids=["it failed", "it was content", "a failure was expected", "it failed offline"],
)
def test_an_installer_that_reached_no_index_is_an_error(
    session: PlaySession, tmp_path: Path, exit_code: int, step: str
) -> None:
    """Who cannot talk to the indexes says nothing of its caching, be it as expected or not."""
    result = play(session, exit_code, step, tmp_path)
    assert result.verdict is Verdict.ERROR
    assert result.reason.startswith("the installer reached no index: no request came from it")
    assert "proxies and certificates" in result.reason


@pytest.mark.parametrize(
    ("exit_code", "step"),
    [
        (0, "expect = { downloads = {} }"),
        (1, 'offline = true\nexpect = { exit = "failure" }'),
    ],
    ids=["nothing to ask for", "offline"],
)
def test_asking_for_nothing_may_be_right(
    session: PlaySession, tmp_path: Path, exit_code: int, step: str
) -> None:
    """What succeeds without a request, or is offline, and is as expected, has passed."""
    assert play(session, exit_code, step, tmp_path).verdict is Verdict.PASSED


def test_a_workspace_that_cannot_be_made_is_an_error(session: PlaySession, tmp_path: Path) -> None:
    """What the file system refuses is told with the folder, and what to do."""
    (tmp_path / "play").touch()
    result = play(session, 0, "expect = { downloads = 1 }", tmp_path)
    assert result.verdict is Verdict.ERROR
    assert f"the workspace {tmp_path / 'play'} cannot be used" in result.reason
    assert "make room on its disk" in result.reason


@pytest.mark.parametrize("exit_code", [0, 1])
@pytest.mark.parametrize(
    "said",
    [
        "error: failed to write `x`: No space left\n  on device (os error 28)\n",
        "ERROR: Could not install: [Errno 122] Disk quota exceeded: '/x'\n",
    ],
)
def test_a_disk_that_is_full_is_an_error(
    session: PlaySession, tmp_path: Path, exit_code: int, said: str
) -> None:
    """An installer that could not write says nothing of its caching, though it was affected."""
    scenario = loads(SCENARIO.format(step='expect = { exit = "failure" }'))
    scenario = scenario.model_copy(update={"affected": {"silent": ">=0"}})
    result = session.play(scenario, "x.toml", Silent(exit_code, said), "wire", tmp_path / "play")
    assert result.verdict is Verdict.ERROR
    assert f"step 1: the disk of the workspace {tmp_path / 'play'} is full" in result.reason
    assert "make room on its disk" in result.reason


def test_transports_are_those_that_an_installer_has() -> None:
    """Only what runs in this process can be reached within it."""
    reference = ReferenceAdapter(InstallerSpec("reference"))
    assert transports_of(reference, "both") == ("inprocess", "wire")
    assert transports_of(reference, "inprocess") == ("inprocess",)
    assert transports_of(Silent(0), "both") == ("wire",)
    assert transports_of(Silent(0), "inprocess") == ("wire",)
