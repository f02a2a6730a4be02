"""``indexcache home`` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Machine


@pytest.fixture
def home(machine: Machine) -> Path:
    """Return a home folder with an entry of each kind, and a file that the project did not make."""
    home = machine.folder / "home"
    for name, size in (
        ("installers/uv/0.8.0/uv", 3 << 20),
        ("plays.sqlite", 2048),
        ("servers/devpi-server/bin/devpi-server", 1 << 20),
        ("releases/uv.json", 100),
        ("pythons/a.json", 1),
        ("mine.txt", 1),
    ):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(bytes(size))
    return home


def test_home_shows_the_size_of_each_kind(machine: Machine, home: Path) -> None:
    """``home`` prints small kinds first, then each installer, then the sum of the installers."""
    ended = machine.run("home")
    assert (ended.code, ended.err) == (0, "")
    first, *rows = ended.out.splitlines()
    assert first == str(home)
    assert [row.split() for row in rows] == [
        ["plays", "2", "KiB"],
        ["servers", "1", "MiB"],
        ["lists", "100", "B"],
        ["pythons", "1", "B"],
        ["uv", "3", "MiB"],
        ["installers", "3", "MiB"],
    ]


def test_links_count_as_nothing_and_are_not_followed(machine: Machine, home: Path) -> None:
    """A link in the home folder adds neither its own size nor its target's, and is not followed."""
    (home / "installers/uv/loop").symlink_to(home, target_is_directory=True)
    (home / "installers/uv/link").symlink_to(home / "plays.sqlite")
    ended = machine.run("home")
    assert ended.code == 0
    assert ended.out.splitlines()[-1].split() == ["installers", "3", "MiB"]


@pytest.mark.parametrize(
    ("kinds", "left"),
    [
        (["plays"], ["installers", "mine.txt", "pythons", "releases", "servers"]),
        (["lists", "pythons"], ["installers", "mine.txt", "plays.sqlite", "servers"]),
        (["all"], ["mine.txt"]),
    ],
)
def test_clean_removes_what_is_named_and_nothing_else(
    machine: Machine, home: Path, kinds: list[str], left: list[str]
) -> None:
    """``home --clean`` never removes files that the project did not make."""
    ended = machine.run("home", *(word for kind in kinds for word in ("--clean", kind)))
    assert (ended.code, ended.err) == (0, "")
    assert sorted(path.name for path in home.iterdir()) == left


def test_clean_removes_a_link_and_not_what_it_leads_to(machine: Machine, home: Path) -> None:
    """``home --clean`` removes a symlink, and leaves the target of the symlink alone."""
    (home / "installers").rename(machine.folder / "elsewhere")
    (home / "installers").symlink_to(machine.folder / "elsewhere")
    assert machine.run("home", "--clean", "installers").code == 0
    assert not (home / "installers").exists()
    assert (machine.folder / "elsewhere/uv/0.8.0/uv").exists()


def test_home_that_is_not_there_is_empty(machine: Machine) -> None:
    """A missing home folder is shown as empty and is not created; cleaning it succeeds."""
    assert machine.run("home", "--clean", "all").code == 0
    assert not (machine.folder / "home").exists()
