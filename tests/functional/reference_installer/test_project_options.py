"""Options of the commands for a project."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from pytest_indexcache.errors import (
    LockfileError,
    UnsatisfiableError,
    UsageError,
)
from pytest_indexcache.reference.words.selection import EVERYTHING, Selection

from .cpu_sources import SOURCES
from .workplace import PYPI, Workplace, make_workplace


def test_locked_demands_an_up_to_date_lockfile(place: Workplace) -> None:
    """With --locked, a missing or outdated lockfile is an error and is not changed."""
    place.write_project("app==1.0")
    with pytest.raises(LockfileError, match="is missing"):
        place.do("sync", locked=True)
    lock = place.do("lock")
    assert [package.name for package in lock.pylock.packages] == ["app", "lib"]
    place.do("lock", locked=True)
    place.write_project("app==2.0")
    with pytest.raises(LockfileError, match="is out of date"):
        place.do("lock", locked=True)


def test_frozen_takes_the_lockfile_as_it_is(place: Workplace) -> None:
    """--frozen ignores changes to the project file, and fails without a lockfile."""
    place.write_project("app==1.0")
    with pytest.raises(LockfileError, match="there is no"):
        place.do("sync", frozen=True)
    place.do("lock")
    place.write_project("app==2.0")
    place.do("sync", frozen=True)
    assert place.installed()["app"] == "1.0"


def test_reinstall_installs_again_without_a_download(place: Workplace) -> None:
    """--reinstall installs all or some distributions again from the store, without a download."""
    place.write_project("app")
    place.do("sync")
    place.downloads()
    changes = place.do("sync", reinstall=Selection.of(["lib"]))
    assert [str(it) for it in (*changes.removed, *changes.added)] == ["lib==1.5", "lib==1.5"]
    assert place.downloads() == {}


def test_without_dependencies_only_what_the_project_names_comes(place: Workplace) -> None:
    """With no_deps, only the project's direct requirements are installed."""
    place.write_project("app")
    place.do("sync", no_deps=True)
    assert place.installed() == {"app": "2.0"}


def test_no_cache_reads_and_writes_no_store(place: Workplace) -> None:
    """With no_cache each run downloads again, and the cache folder remains empty."""
    place.write_project("app")
    for _ in range(2):
        shutil.rmtree(place.venv, ignore_errors=True)
        place.do("sync", no_cache=True)
        assert place.downloads() == {"app": 1, "lib": 1}
    assert not (place.cache / "wheels").exists()
    assert not (place.cache / "http").exists()


def test_no_sources_leaves_the_choice_to_the_indexes(place: Workplace) -> None:
    """With no_sources, torch comes from the default index instead of its source."""
    place.write_project("torch", rest=SOURCES)
    place.do("sync", no_sources=True)
    assert place.installed() == {"torch": "2.9.0"}


def test_an_unknown_extra_is_an_error(place: Workplace) -> None:
    """The error for an unknown extra names it, and nothing is installed."""
    place.write_project("app")
    with pytest.raises(UsageError, match="has no extra 'gpu'"):
        place.do("sync", extras=["gpu"])
    assert not place.venv.exists()


def test_a_lock_is_out_of_date_where_another_moment_excludes_what_is_newer(
    place: Workplace,
) -> None:
    """A lockfile is out of date, and is locked again, if the exclude-newer date changes."""
    place.write_project("app")
    place.do("sync")
    assert place.installed()["app"] == "2.0"
    with pytest.raises(UnsatisfiableError, match="was uploaded too late for exclude-newer"):
        place.do("lock", exclude_newer="2023-01-01T00:00:00Z")
    place.write_project("app", rest='[tool.indexcache]\nexclude-newer = "1 day ago"\n')
    with pytest.raises(LockfileError, match="is out of date"):
        place.do("sync", locked=True)
    place.do("lock")
    place.do("sync", locked=True)
    assert place.installed()["app"] == "2.0"


def test_pre_releases_are_taken_where_command_or_project_asks_for_them(tmp_path: Path) -> None:
    """Pre-releases need a setting of the command or project, which the lockfile records."""
    packages: dict[str, Any] = {"lib": {"1.0": {}, "2.0rc1": {}}}
    place = make_workplace(tmp_path, {"pypi": {"url": PYPI, "packages": packages}})
    place.write_project("lib")
    place.do("sync")
    assert place.installed() == {"lib": "1.0"}
    place.do("sync", prereleases=True, upgrade=EVERYTHING)
    assert place.installed() == {"lib": "2.0rc1"}
    with pytest.raises(LockfileError, match="is out of date"):
        place.do("sync", locked=True)
    place.write_project("lib", rest="[tool.indexcache]\nprereleases = true\n")
    place.do("sync", locked=True)
    assert place.installed() == {"lib": "2.0rc1"}


@pytest.mark.parametrize(
    ("resolution", "versions"),
    [
        ("highest", {"app": "2.0", "lib": "2.0", "tool": "2.0"}),
        ("lowest", {"app": "1.1", "lib": "1.0", "tool": "1.0"}),
        ("lowest-direct", {"app": "1.1", "lib": "2.0", "tool": "1.0"}),
    ],
)
def test_a_resolution_takes_the_highest_or_the_lowest_releases(
    tmp_path: Path, resolution: str, versions: dict[str, str]
) -> None:
    """A resolution mode also applies to groups; versions that another mode locked are not kept."""
    needs = {"requires": ["lib"]}
    packages: dict[str, Any] = {
        "app": {"1.0": needs, "1.1": needs, "2.0": needs},
        "lib": {"1.0": {}, "2.0": {}},
        "tool": {"1.0": {}, "2.0": {}},
    }
    place = make_workplace(tmp_path, {"pypi": {"url": PYPI, "packages": packages}})
    group = '[dependency-groups]\ndev = ["tool"]\n'
    place.write_project("app>1", rest=group)
    for before in ("lowest", "highest"):
        place.do("lock", resolution=before)
        place.do("sync", resolution=resolution, groups=("dev",))
        assert place.installed() == versions
    place.write_project("app>1", rest=f'{group}[tool.indexcache]\nresolution = "{resolution}"\n')
    place.do("sync", groups=("dev",), locked=True)


def test_a_resolution_that_is_none_is_told(place: Workplace) -> None:
    """The error for an unknown resolution mode names the key and all modes."""
    place.write_project("app", rest='[tool.indexcache]\nresolution = "least"\n')
    with pytest.raises(UsageError, match="resolution: must be one of highest, low"):
        place.do("lock")


def test_a_moment_that_cannot_be_read_is_told(place: Workplace) -> None:
    """The error for an invalid date shows the valid format."""
    place.write_project("app")
    with pytest.raises(UsageError, match=r"exclude-newer: 'soon' is not a moment such as 2026"):
        place.do("lock", exclude_newer="soon")
