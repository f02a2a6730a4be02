"""The fixed scenarios of ``indexcache interop``, and the names of servers."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.errors import CommandError
from pytest_indexcache.run.interop.rounds import (
    InteropPlay,
    create_server,
    standing_scenarios,
)
from pytest_indexcache.run.interop.server_indexes import INDEX
from pytest_indexcache.run.plays.results import Check, CheckKind, PlayResult, StepResult, Verdict


@pytest.mark.parametrize("spec", ["", "nexus", "devpi==../../x", "devpi==1;x", "DEVPI"])
def test_server_without_an_adapter_is_refused(spec: str, tmp_path: Path) -> None:
    """An unknown server, or an invalid release, is refused before any installation."""
    with pytest.raises(CommandError, match="there is no server"):
        create_server(spec, tmp_path)
    assert not list(tmp_path.iterdir())


def test_standing_scenarios_have_the_one_index() -> None:
    """Each of the fixed scenarios contains only the index that the server replaces."""
    names = {"cold", "warm", "publish", "yank", "replace", "offline", "ranges", "credentials"}
    assert names <= standing_scenarios().keys()
    assert {tuple(each.indexes) for each in standing_scenarios().values()} == {(INDEX,)}


def played(verdict: Verdict, *checks: Check, reason: str = "") -> InteropPlay:
    """Return a play with these checks."""
    step = StepResult(number=1, verb="install", title="", checks=checks)
    result = PlayResult(
        scenario="warm",
        title="t",
        issue=None,
        tags=(),
        installer="uv==1",
        installer_version="1",
        transport="wire",
        verdict=verdict,
        reason=reason,
        steps=(step,),
    )
    return InteropPlay("devpi==6", "uv==1", "warm", result)


def test_causes_of_a_play() -> None:
    """A failed play gives its causes or the observed values, and any other play its reason."""
    plain = Check(CheckKind.DOWNLOADS, "0", "1", held=False, subject="demo")
    told = Check(CheckKind.DOWNLOADS, "0", "1", held=False, subject="demo", causes=("no-store",))
    assert played(Verdict.FAILED, plain).causes == ("downloads.demo: expected 0, seen 1",)
    assert played(Verdict.FAILED, told, plain).causes == ("no-store",)
    assert played(Verdict.SKIPPED, reason="it cannot").causes == ("it cannot",)
