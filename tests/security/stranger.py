"""Play the file of a stranger: it is checked as every file is, and played by the reference."""

from __future__ import annotations

import time
from pathlib import Path

from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.run.loading import loads_playable
from pytest_indexcache.run.plays.results import PlayResult
from pytest_indexcache.run.plays.runner import Play, play
from pytest_indexcache.run.plays.transports import in_process

HEAD = """\
title = "A file that a stranger wrote"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages.six."1.0"]
[project]
dependencies = ["six"]
"""


def played(text: str, root: Path) -> PlayResult:
    """Play a scenario in-process with the reference installer, in a folder of its own."""
    scenario = loads_playable(text).scenario
    installer = create_installer("reference")
    return play(Play(scenario, "stranger", installer, in_process(time.time), "inprocess"), root)
