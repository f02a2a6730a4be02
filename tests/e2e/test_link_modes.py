"""Venvs whose files are links into the cache of a real installer."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pytest_indexcache.index.wire.gateway import Gateway
from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.run.plays.results import PlayResult, Verdict
from pytest_indexcache.run.plays.runner import Play, play
from pytest_indexcache.run.plays.transports import on_the_wire
from pytest_indexcache.scenario.loader import loads

pytestmark = pytest.mark.usefixtures("releases_can_be_had")

CLEARED = """
title = "A venv outlives the cache"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
six."1.17.0" = {{}}
[project]
dependencies = ["six"]
link-mode = "{mode}"
[[steps]]
do = "sync"
expect = {{ installed = {{ six = "1.17.0" }}, venv-files."**/six.py" = 1 }}
[[steps]]
do = "clear-cache"
[[steps]]
do = "sync"
frozen = true
expect.venv-files."**/six.py" = 1
"""

EDITED = """
[[steps]]
do = "edit"
project.link-mode = "copy"
[[steps]]
do = "sync"
frozen = true
reinstall = true
[[steps]]
do = "clear-cache"
expect.venv-files."**/six.py" = 1
"""


def played(text: str, spec: str, gateway: Gateway, folder: Path) -> PlayResult:
    """Play a scenario that is given as text."""
    connect = on_the_wire(gateway, time.time)
    return play(Play(loads(text), "t", create_installer(spec), connect, "wire"), folder)


@pytest.mark.parametrize(
    ("spec", "mode"),
    [
        ("uv==0.13.9", "copy"),
        ("uv==0.13.9", "hardlink"),
        ("pdm==2.29.4", "copy"),
        ("pdm==2.29.4", "hardlink"),
        ("pdm==2.29.4", "symlink"),
        ("pdm==2.20.1", "symlink"),
        ("pip==26.3", "copy"),
        ("poetry==2.5.1", "copy"),
    ],
)
def test_venv_outlives_the_cache(
    spec: str, mode: str, playing_gateway: Gateway, tmp_path: Path
) -> None:
    """A venv of copies, of hardlinks, or of a newer pdm's symlinks works after a clear."""
    result = played(CLEARED.format(mode=mode), spec, playing_gateway, tmp_path)
    failed = [(it.key, it.expected, it.seen) for step in result.steps for it in step.checks]
    assert result.verdict is Verdict.PASSED, (result.reason, failed)


@pytest.mark.parametrize("spec", ["uv==0.13.9", "pdm==2.10.4"])
def test_symlinks_lead_nowhere_once_the_cache_is_cleared(
    spec: str, playing_gateway: Gateway, tmp_path: Path
) -> None:
    """Clearing the cache of uv or of an old pdm breaks a venv of symlinks."""
    result = played(CLEARED.format(mode="symlink"), spec, playing_gateway, tmp_path)
    step = result.failed_step
    assert step is not None, result.reason
    assert step.number == 3


@pytest.mark.parametrize("spec", ["uv==0.13.9", "pdm==2.29.4"])
def test_edited_mode_holds_for_what_is_installed_then(
    spec: str, playing_gateway: Gateway, tmp_path: Path
) -> None:
    """After a change from symlinks to copies, the venv works without the cache."""
    first, *_ = CLEARED.format(mode="symlink").split('[[steps]]\ndo = "clear-cache"')
    result = played(first + EDITED, spec, playing_gateway, tmp_path)
    failed = [(it.key, it.expected, it.seen) for step in result.steps for it in step.checks]
    assert result.verdict is Verdict.PASSED, (result.reason, failed)
