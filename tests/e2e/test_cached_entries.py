"""Entries in the caches of real installers, found by kind and project."""

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

SYNCED = """
title = "Pages, metadata and wheels are stored"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
idna."3.10" = {}
six."1.17.0" = { files = [{ kind = "sdist" }] }
yarl."1.20.1" = { requires = ["idna>=2.0", "six"] }
[project]
dependencies = ["yarl"]
[[steps]]
do = "sync"
[steps.expect]
cached.page = { "*" = 1 }
cached.metadata = { yarl = 1, idna = 1, six = "any" }
cached.wheel = { yarl = 1, "idna-3.10*.whl" = 1, six = ">= 1" }
cache-bytes = ">= 2 KiB"
"""

UNUSED = """
[[steps]]
do = "remove-venv"
[[steps]]
do = "clear-cache"
expect = { cached = 0 }
[[steps]]
do = "sync"
no-cache = true
expect = { cached = 0, downloads = { yarl = 1, idna = 1, six = 1 } }
"""

UNPACKED = """
[[steps]]
do = "sync"
expect.cached.unpacked = { "*" = 1 }
"""


def played(text: str, spec: str, gateway: Gateway, folder: Path) -> PlayResult:
    """Play a scenario that is given as text."""
    connect = on_the_wire(gateway, time.time)
    return play(Play(loads(text), "t", create_installer(spec), connect, "wire"), folder)


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        (SYNCED + UNUSED, "uv==0.13.9"),
        (SYNCED + UNUSED, "uv==0.4.30"),
        (SYNCED + UNUSED, "pip==26.3"),
        (SYNCED + UNUSED, "pdm==2.29.4"),
        (SYNCED + UNUSED, "pdm==2.20.1"),
        (SYNCED, "pdm==2.10.4"),
        (SYNCED, "poetry==2.4.3"),
        (SYNCED + UNPACKED, "uv==0.13.9"),
    ],
)
def test_entries_are_found_until_they_are_cleared(
    text: str, spec: str, playing_gateway: Gateway, tmp_path: Path
) -> None:
    """Cached entries are found by kind and project until the cache is cleared."""
    result = played(text, spec, playing_gateway, tmp_path)
    failed = [(it.key, it.expected, it.seen) for step in result.steps for it in step.checks]
    assert result.verdict is Verdict.PASSED, (result.reason, failed)


def test_poetry_keeps_wheels_when_its_cache_is_cleared(
    playing_gateway: Gateway, tmp_path: Path
) -> None:
    """Poetry keeps wheels on a clear (https://github.com/python-poetry/poetry/issues/10304)."""
    result = played(SYNCED + UNUSED, "poetry==2.4.3", playing_gateway, tmp_path)
    step = result.failed_step
    assert step is not None
    assert (step.number, [it.key for it in step.checks if not it.held]) == (3, ["cached"])
    assert "idna-3.10-py3-none-any.whl" in step.checks[-1].seen


def test_installer_is_skipped_of_which_no_place_is_known(
    playing_gateway: Gateway, tmp_path: Path
) -> None:
    """A play is skipped if the location of the cache entries is unknown for the installer."""
    result = played(SYNCED + UNPACKED, "pip==26.3", playing_gateway, tmp_path)
    assert result.verdict is Verdict.SKIPPED
    assert result.reason == "pip has no known place of unpacked entries in its cache"
