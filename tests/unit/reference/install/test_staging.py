"""Where files wait before they are put into a venv."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pytest_indexcache.reference.install.staging import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Return a stage on which nothing is."""
    return Stage(tmp_path / "staging")


def put(stage: Stage, place: Path, path: str, owner: int = 0, text: str = "") -> None:
    """Write a file that waits."""
    descriptor = stage.open(str(place), path, owner, executable=False)
    os.write(descriptor, text.encode())
    os.close(descriptor)


def test_each_place_gets_its_files(stage: Stage, tmp_path: Path) -> None:
    """A folder that is there is merged with."""
    site, scripts = tmp_path / "site", tmp_path / "bin"
    (site / "pkg").mkdir(parents=True)
    (site / "pkg" / "old.py").touch()
    for place, path in ((site, "pkg/new.py"), (site, "a-1.dist-info/RECORD"), (scripts, "run")):
        put(stage, place, path, text=path)
    stage.put_in_place()
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")}
    assert {"site/pkg/old.py", "site/pkg/new.py", "site/a-1.dist-info"} <= found
    assert (scripts / "run").read_text() == "run"


@pytest.mark.parametrize("owners", [(1, 2), (2, 1), (1, 2, 2), (2, 2, 1)])
def test_a_file_of_several_wheels_is_that_of_the_last(
    owners: tuple[int, ...], stage: Stage, tmp_path: Path
) -> None:
    """Whichever of them comes first, and whoever has it twice."""
    for count, owner in enumerate(owners):
        put(stage, tmp_path / "site", "pkg/__init__.py", owner, f"{count} of wheel {owner}")
    stage.put_in_place()
    [file] = [path for path in (tmp_path / "site").rglob("*") if path.is_file()]
    last = max(count for count, owner in enumerate(owners) if owner == 2)
    assert file.read_text() == f"{last} of wheel 2"


def test_what_an_earlier_wheel_still_writes_is_lost(stage: Stage, tmp_path: Path) -> None:
    """A file that was opened for it may be another's by the time that it writes."""
    early = stage.open(str(tmp_path / "site"), "x.py", 1, executable=False)
    put(stage, tmp_path / "site", "x.py", 2, "late")
    os.write(early, b"early")
    os.close(early)
    stage.put_in_place()
    assert (tmp_path / "site" / "x.py").read_text() == "late"


def test_a_file_and_a_folder_of_one_name_are_refused(stage: Stage, tmp_path: Path) -> None:
    """In either order, and with the place where they meet."""
    put(stage, tmp_path, "pkg/sub/x.py")
    with pytest.raises(FileExistsError) as error:
        put(stage, tmp_path, "pkg/sub", 1)
    assert error.value.filename.endswith("/pkg/sub")
    with pytest.raises((FileExistsError, NotADirectoryError)):
        put(stage, tmp_path, "pkg/sub/x.py/y.py", 1)


def test_threads_share_files_and_folders(stage: Stage, tmp_path: Path) -> None:
    """Wheels that have the same folders and files at the same time end as one after the other."""
    barrier = threading.Barrier(4, timeout=30)

    def unpack(owner: int) -> None:
        for number in range(200):
            barrier.wait()
            put(stage, tmp_path / f"place-{number % 7}", f"p{number}/x.py", owner, f"{owner}")
            put(stage, tmp_path / f"place-{number % 7}", f"p{number}/own-{owner}.py", owner)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(unpack, range(4)))
    stage.put_in_place()
    written = sorted(tmp_path.glob("place-*/*/*.py"))
    assert len(written) == 200 * 5
    assert {path.read_text() for path in written if path.name == "x.py"} == {"3"}
