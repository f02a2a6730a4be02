"""Plays of untrusted files, which are checked like every file and played by the reference."""

from __future__ import annotations

import time
from pathlib import Path

from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.run.loading import loads_playable
from pytest_indexcache.run.plays.results import PlayResult
from pytest_indexcache.run.plays.runner import Play, play
from pytest_indexcache.run.plays.transports import in_process
from pytest_indexcache.scenario.model import Scenario

HEAD = """\
title = "A file that a stranger wrote"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages.six."1.0"]
[project]
dependencies = ["six"]
"""


def played(text: str, root: Path) -> PlayResult:
    """Play a scenario in-process with the reference installer, in its own folder."""
    return played_unchecked(loads_playable(text).scenario, root)


def played_unchecked(scenario: Scenario, root: Path) -> PlayResult:
    """Play a scenario that was not checked."""
    installer = create_installer("reference")
    return play(Play(scenario, "stranger", installer, in_process(time.time), "inprocess"), root)
