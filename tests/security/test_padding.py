"""Padded files that would fill a disk, or take a long time to hash."""

from __future__ import annotations

import time

import pytest

from pytest_indexcache.errors import ScenarioError
from pytest_indexcache.run.loading import loads_playable

from .stranger import HEAD

SYNC = "[[steps]]\ndo = 'sync'\nexpect.installed = { six = '2.499' }\n"
RELEASES = "\n".join(f"six.\"2.{number}\" = {{ {{}} = '3.9 GiB' }}" for number in range(500))


def test_padding_of_many_releases_is_refused() -> None:
    """Padding of 3.9 GiB in 500 releases is one problem, found before a file is generated."""
    text = f"{HEAD}[indexes.pypi.packages]\n{RELEASES.replace('{}', 'padding')}\n{SYNC}"
    started = time.monotonic()
    with pytest.raises(ScenarioError) as caught:
        loads_playable(text.replace('[indexes.pypi.packages.six."1.0"]\n', ""))
    assert [problem.key_path for problem in caught.value.problems if not problem.is_warning] == [
        'indexes.pypi.packages.six."2.0"'
    ]
    assert "more than 1 GiB" in str(caught.value)
    assert time.monotonic() - started < 20


def test_size_of_many_releases_is_free() -> None:
    """Nominal sizes of 3.9 GiB in 500 releases are allowed."""
    text = f"{HEAD}[indexes.pypi.packages]\n{RELEASES.replace('{}', 'size')}\n{SYNC}"
    loaded = loads_playable(text.replace('[indexes.pypi.packages.six."1.0"]\n', ""))
    assert len(loaded.scenario.indexes["pypi"].packages["six"]) == 500
