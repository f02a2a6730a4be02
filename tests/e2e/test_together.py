"""Concurrent steps, played by real installers."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pytest_indexcache.index.wire.gateway import Gateway
from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.run.plays.results import Verdict
from pytest_indexcache.run.plays.runner import Play, play
from pytest_indexcache.run.plays.transports import on_the_wire
from pytest_indexcache.scenario.loader import loads

pytestmark = pytest.mark.usefixtures("releases_can_be_had")

AT_ONCE = """
title = "Three installs on one cache"
[indexes.pypi]
url = "https://pypi.org/simple"
server = "pypi"
[indexes.pypi.packages]
six."1.17.0" = { padding = "2 MB" }
[[steps]]
together = [
    { do = "install", requirements = ["six"], venv = "venv-{n}", times = 2 },
    { do = "install", requirements = ["six"], venv = "other" },
]
expect = { downloads = { six = "<= 3" }, exit = "success" }
[[steps]]
do = "install"
requirements = ["six"]
venv = "fourth"
expect = { downloads = {}, installed = { six = "1.17.0" } }
"""


@pytest.mark.parametrize("spec", ["uv==0.13.9", "uv==0.4.30", "pip==26.3"])
def test_installs_at_once_end_well_and_leave_a_cache_that_works(
    spec: str, playing_gateway: Gateway, tmp_path: Path
) -> None:
    """Concurrent installs succeed, each request is assigned to its step, and the cache is valid."""
    connect = on_the_wire(playing_gateway, time.time)
    installer = create_installer(spec)
    result = play(Play(loads(AT_ONCE), "at-once", installer, connect, "wire"), tmp_path / "play")
    assert result.verdict is Verdict.PASSED, (result.reason, result.steps)
    askers = {exchange.by for exchange in result.steps[0].exchanges}
    assert askers
    assert askers <= {"together[1] (1 of 2)", "together[1] (2 of 2)", "together[2]"}
