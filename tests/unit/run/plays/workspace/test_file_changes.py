"""Files of the workspace that a step touches, removes or changes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from pytest_indexcache.errors import PlayError
from pytest_indexcache.run.plays.workspace.file_changes import change_files
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.changes import Edit

SCENARIO = Scenario.model_validate(
    {
        "title": "x",
        "indexes": {"pypi": {"url": "https://pypi.org/simple"}},
        "steps": [{"do": "lock"}],
    }
)


def change(root: Path, **keys: Any) -> None:
    """Change files as a step does."""
    table = {key.replace("_", "-"): value for key, value in keys.items()}
    change_files(root, Edit.model_validate({"do": "edit", **table}), SCENARIO)


def test_a_file_is_touched_and_stays(tmp_path: Path) -> None:
    """A touched file has the current time and the same text."""
    file = tmp_path / "a.txt"
    file.write_text("six\n")
    os.utime(file, (1, 1))
    change(tmp_path, touch=["a.txt"])
    assert file.read_text() == "six\n"
    assert file.stat().st_mtime > 1


def test_a_file_disappears(tmp_path: Path) -> None:
    """Removing a file keeps its folder."""
    (tmp_path / "project").mkdir()
    (tmp_path / "project/uv.lock").touch()
    change(tmp_path, remove=["project/uv.lock"])
    assert list(tmp_path.iterdir()) == [tmp_path / "project"]
    assert list((tmp_path / "project").iterdir()) == []


def test_a_text_becomes_another_wherever_it_stands(tmp_path: Path) -> None:
    """Every occurrence of a string in a file is replaced, even in a file of an installer."""
    file = tmp_path / "r.txt"
    file.write_text("six==1.0\nfoo==1.0\n")
    change(tmp_path, replace_text={"r.txt": {"old": "==1.0", "new": "==2.0"}})
    assert file.read_text() == "six==2.0\nfoo==2.0\n"


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"touch": ["b.txt"]}, "there is no regular file b.txt in the workspace at this step"),
        ({"remove": ["linked/a.txt"]}, "there is no regular file linked/a.txt"),
        (
            {"replace-text": {"a.txt": {"old": "foo", "new": "bar"}}},
            "a.txt does not have the text 'foo'",
        ),
        (
            {"replace-text": {"a.txt": {"old": "six", "new": "-e /elsewhere"}}},
            "a.txt would have contents that are not allowed",
        ),
        (
            {"replace-text": {"a.txt": {"old": "six", "new": "x @ https://evil.example/x.whl"}}},
            "no index of the scenario is at 'evil.example'",
        ),
    ],
)
def test_a_change_that_cannot_be_or_may_not_be_is_refused(
    tmp_path: Path, keys: dict[str, Any], problem: str
) -> None:
    """Changes through a link, or to contents that lead out of the workspace, are refused."""
    root, elsewhere = tmp_path / "root", tmp_path / "elsewhere"
    for folder in (root, elsewhere):
        folder.mkdir()
        (folder / "a.txt").write_text("six\n")
    (root / "linked").symlink_to(elsewhere)
    with pytest.raises(PlayError, match=problem):
        change(root, **keys)
    assert {path.read_text() for path in tmp_path.rglob("a.txt")} == {"six\n"}


def test_a_changed_text_is_seen_beside_those_of_other_files(tmp_path: Path) -> None:
    """A change that is unsafe together with an option or another file is refused."""
    (tmp_path / "uv.toml").write_text("no-build-isolation = false")
    command = {"uv": "uv pip compile --python-version 3.8 r.in"}
    scenario = Scenario.model_validate({"title": "x", "steps": [{"command": command}]})
    keys = {"replace-text": {"uv.toml": {"old": "false", "new": "true"}}}
    with pytest.raises(
        PlayError, match="no-build-isolation is not allowed beside --python-version"
    ):
        change_files(tmp_path, Edit.model_validate({"do": "edit", **keys}), scenario)
    assert (tmp_path / "uv.toml").read_text() == "no-build-isolation = false"


def test_a_text_stays_as_small_as_a_scenario_could_have_it(tmp_path: Path) -> None:
    """A replacement that would exceed the size limit is refused before it is made."""
    file = tmp_path / "a.md"
    file.write_text("x" * 1000)
    with pytest.raises(
        PlayError, match="would have 2,000,000 characters; at most 1,048,576 are allowed"
    ):
        change(tmp_path, replace_text={"a.md": {"old": "x", "new": "y" * 2000}})
    assert file.read_text() == "x" * 1000


def test_changed_texts_are_limited_together(tmp_path: Path) -> None:
    """All changed files of a play together have one size limit."""
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("six==1.0\n")
    changes = {name: {"old": "1.0", "new": "1.1"} for name in ("a.txt", "b.txt")}
    step = Edit.model_validate({"do": "edit", "replace-text": changes})
    assert list(change_files(tmp_path, step, SCENARIO, 18)) == ["a.txt", "b.txt"]
    step = Edit.model_validate({"do": "edit", "replace-text": {"a.txt": {"old": "s", "new": "S"}}})
    with pytest.raises(PlayError, match=r"with a.txt, the files that replace-text changes have"):
        change_files(tmp_path, step, SCENARIO, 8)


def test_what_is_no_text_is_not_changed(tmp_path: Path) -> None:
    """A file that is not UTF-8 is an error and stays unchanged."""
    (tmp_path / "a.md").write_bytes(b"\xff\xfe")
    with pytest.raises(PlayError, match=r"a\.md is not a text in UTF-8"):
        change(tmp_path, replace_text={"a.md": {"old": "x", "new": "y"}})
