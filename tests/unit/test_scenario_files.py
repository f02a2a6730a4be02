"""Scenario files: how they are found and named."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache import scenario_files
from pytest_indexcache.run.baselines.baseline import Baseline, Known
from pytest_indexcache.run.plays.results import Verdict
from pytest_indexcache.scenario_files import (
    NOT_SEARCHED,
    catalogue_folder,
    looks_like_scenario,
    scenario_name,
)


def write(path: Path, text: str = 'title = "A title"\n') -> Path:
    """Write a file, and make the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "folder",
    [".venv", ".git", "build", "dist", "node_modules", "venv", "a.egg", "__pycache__", "deep/.x"],
)
def test_folder_that_pytest_passes_over_is_not_searched(tmp_path: Path, folder: str) -> None:
    """A folder that pytest does not search is skipped, unless it is named explicitly."""
    own, hidden = write(tmp_path / "a.toml"), write(tmp_path / folder / "b" / "c.toml")
    assert scenario_files.scenario_files(tmp_path) == [own]
    assert scenario_files.scenario_files(tmp_path / folder) == [hidden]
    assert scenario_files.scenario_files(hidden) == [hidden]


@pytest.mark.parametrize("mark", ["pyvenv.cfg", "conda-meta/history"])
def test_virtual_environment_of_any_name_is_not_searched(tmp_path: Path, mark: str) -> None:
    """Venvs, which have pyvenv.cfg (PEP 405) or conda's history file, are not searched."""
    own = write(tmp_path / "sub" / "a.toml")
    write(tmp_path / "environment" / mark, "")
    write(tmp_path / "environment" / "lib" / "b.toml")
    assert scenario_files.scenario_files(tmp_path) == [own]


def test_folder_that_cannot_be_entered_is_not_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder without permission to enter it is skipped, and the others are searched."""
    own = write(tmp_path / "open" / "a.toml")
    write(tmp_path / "closed" / "b.toml")

    def is_file(path: Path) -> bool:
        if "closed" in path.parts:
            raise PermissionError(13, "Permission denied", str(path))
        return path.exists()

    monkeypatch.setattr(Path, "is_file", is_file)
    assert scenario_files.scenario_files(tmp_path) == [own]


def test_linked_folder_is_searched_unless_it_is_a_loop(tmp_path: Path) -> None:
    """A link to a folder is followed, unless it leads to a folder above the link."""
    write(tmp_path / "shared" / "a.toml")
    top = tmp_path / "top"
    (top / "sub").mkdir(parents=True)
    try:
        (top / "link").symlink_to(tmp_path / "shared", target_is_directory=True)
    except OSError:
        pytest.skip("links cannot be made here")
    (top / "sub" / "loop").symlink_to(top, target_is_directory=True)
    assert scenario_files.scenario_files(top) == [top / "link" / "a.toml"]


def test_the_rule_is_that_of_pytest(pytestconfig: pytest.Config) -> None:
    """The skipped folders are pytest's default ``norecursedirs`` and ``__pycache__``."""
    assert {*pytestconfig.getini("norecursedirs"), "__pycache__"} == set(NOT_SEARCHED)


@pytest.mark.parametrize(
    ("text", "is_scenario"),
    [
        ('["scenarios/a.toml".uv]\nverdict = "passed"\n', False),
        ("# by hand\n[ 'scenarios/a.toml' . uv ]\nverdict = 'passed'\n", False),
        ('"a.toml".uv.verdict = "passed"\n', False),
        ('title = "A title"\n[files]\n"a.toml" = "x = 1"\n', True),
        ('[[steps]]\ndo = "sync"\n', True),
        ("", True),
        ("[[[", True),
        ("[tool.x]\na = 1\n", False),
    ],
)
def test_baseline_is_no_scenario(tmp_path: Path, text: str, is_scenario: bool) -> None:
    """A baseline is not listed as a scenario, but a broken file is, so that it is reported."""
    assert looks_like_scenario(write(tmp_path / "some.toml", text)) is is_scenario


def test_baseline_as_it_is_written_is_no_scenario(tmp_path: Path) -> None:
    """The text that ``--indexcache-write-baseline`` writes is recognised as a baseline."""
    for name in ("a.toml", "../b c/ä.toml", "scenarios/pytorch/uv-1.toml"):
        text = Baseline({name: {"uv": Known(Verdict.FAILED, 3)}}).dumps()
        assert not looks_like_scenario(write(tmp_path / "baseline.toml", text))


def test_name_leads_back_to_its_file(tmp_path: Path) -> None:
    """The name of a file is its path relative to a folder, even for a file outside the folder."""
    root = tmp_path / "root"
    root.mkdir()
    files = [
        root / "a" / "s.toml",
        tmp_path / "x" / "a" / "s.toml",
        tmp_path / "y" / "a" / "s.toml",
    ]
    names = [scenario_name(write(file), root) for file in files]
    assert names == ["a/s.toml", "../x/a/s.toml", "../y/a/s.toml"]
    assert [(root / name).resolve() for name in names] == [file.resolve() for file in files]


def test_file_of_the_catalogue_keeps_its_name_unless_it_is_taken(tmp_path: Path) -> None:
    """The path ``scenarios/…`` is a catalogue file, unless the folder has a file at that path."""
    file = scenario_files.scenario_files(catalogue_folder())[0]
    name = f"scenarios/{file.relative_to(catalogue_folder()).as_posix()}"
    assert scenario_name(file, tmp_path) == name
    own = write(tmp_path / name)
    assert scenario_name(own, tmp_path) == name
    assert (tmp_path / scenario_name(file, tmp_path)).resolve() == file.resolve()
