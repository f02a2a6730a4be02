"""Scenarios played by pip and the reference with a real pypiserver."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.run.loading import loads_playable
from pytest_indexcache.run.plays.results import Verdict
from pytest_indexcache.run.session import WIRE, PlaySession

from . import real_servers
from .mirrored import wheels_of

pytestmark = pytest.mark.usefixtures("reachable_index")

SCENARIO = """\
title = "A wheel of a real server comes once"
[indexes.main]
url = "https://pypiserver.example/simple"
upstream = "{url}"
default = true
packages = {{ demo."1.0" = {{}} }}
[[steps]]
do = "install"
requirements = ["demo"]
expect = {{ downloads = {{ demo = 1 }}, installed = {{ demo = "1.0" }} }}
"""


OWN_PIP = f"pip@{Path(sys.executable).with_name('pip')}"


@pytest.mark.parametrize("spec", [OWN_PIP, "reference"])
def test_real_server_answers_for_an_index(spec: str, venvs: Path, tmp_path: Path) -> None:
    """A real server answers at the URL of a scenario's index, and its exchanges are recorded."""
    scripts = real_servers.provisioned("pypiserver", venvs)
    (tmp_path / "server").mkdir()
    files = wheels_of({"demo": {"1.0": {}}})
    with (
        real_servers.pypiserver(scripts, tmp_path / "server", files) as url,
        PlaySession() as session,
    ):
        scenario = loads_playable(SCENARIO.format(url=url)).scenario
        installer = create_installer(spec)
        result = session.play(scenario, "x", installer, WIRE, tmp_path / "play", is_trusted=True)
    assert result.verdict is Verdict.PASSED, [step.output for step in result.steps]
