"""Fixtures: a workspace that can be contained, and the files outside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .contained_commands import SECRET, Grounds
from .grounds import Outside, outside, split_unchecked


@pytest.fixture
def grounds(tmp_path: Path) -> Grounds:
    """Return a workspace and a home folder outside it."""
    grounds = Grounds(tmp_path / "workspace", tmp_path / "home")
    for folder in (grounds.workspace, grounds.home):
        folder.mkdir()
    grounds.canary.write_text(SECRET)
    return grounds


@pytest.fixture
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outside]:
    """Disable the checks of the scenario language, and create the files outside a play."""
    monkeypatch.setattr(
        "pytest_indexcache.installers.commands.dialect.split_command", split_unchecked
    )
    monkeypatch.setattr("pytest_indexcache.installers.reference.adapter.why_not_for", lambda *_: "")
    written = "pytest_indexcache.run.plays.workspace.written_files.WrittenFiles.demand_inside"
    monkeypatch.setattr(written, lambda *_: None)
    with outside(tmp_path / "outside") as made:
        yield made
