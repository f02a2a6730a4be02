"""``indexcache home`` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Machine


@pytest.fixture
def home(machine: Machine) -> Path:
    """Return a home with something of each kind, and something that is not of the project."""
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
    """The folder comes first; installers are listed one by one."""
    ended = machine.run("home")
    assert (ended.code, ended.err) == (0, "")
    first, *rows = ended.out.splitlines()
    assert first == str(home)
    assert [row.split() for row in rows] == [
        ["installers", "3", "MiB"],
        ["uv", "3", "MiB"],
        ["plays", "2", "KiB"],
        ["servers", "1", "MiB"],
        ["lists", "100", "B"],
        ["pythons", "1", "B"],
    ]


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
    """Files that are not of the project stay, whatever is cleaned."""
    ended = machine.run("home", *(word for kind in kinds for word in ("--clean", kind)))
    assert (ended.code, ended.err) == (0, "")
    assert sorted(path.name for path in home.iterdir()) == left


def test_clean_removes_a_link_and_not_what_it_leads_to(machine: Machine, home: Path) -> None:
    """A home on another disk is not emptied through a link."""
    (home / "installers").rename(machine.folder / "elsewhere")
    (home / "installers").symlink_to(machine.folder / "elsewhere")
    assert machine.run("home", "--clean", "installers").code == 0
    assert not (home / "installers").exists()
    assert (machine.folder / "elsewhere/uv/0.8.0/uv").exists()


def test_home_that_is_not_there_is_empty(machine: Machine) -> None:
    """Nothing is made by looking, and cleaning it is no error."""
    assert machine.run("home", "--clean", "all").code == 0
    assert not (machine.folder / "home").exists()
