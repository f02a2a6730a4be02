"""The changes in a folder that change its fingerprint."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_indexcache.reference.project.fingerprint import fingerprint
from pytest_indexcache.system.venvs.origins import Origin


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a small project."""
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "__init__.py").write_text("x = 1\n")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    return tmp_path


def prints(folder: Path) -> tuple[str | None, str | None]:
    """Return the fingerprints of the folder, for an editable and for a normal install."""
    return (
        fingerprint(Origin("editable", str(folder))),
        fingerprint(Origin("path", str(folder))),
    )


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        (Path.exists, (False, False)),
        (lambda it: (it / "pyproject.toml").write_text("[other]\n"), (True, True)),
        (lambda it: (it / "setup.py").write_text(""), (True, True)),
        (lambda it: (it / "demo" / "__init__.py").write_text("x = 22\n"), (False, True)),
        (lambda it: os.utime(it / "demo" / "__init__.py", ns=(1, 1)), (False, True)),
        (lambda it: (it / "demo" / "new.py").write_text(""), (False, True)),
        (lambda it: (it / "demo" / "__init__.py").unlink(), (False, True)),
        (lambda it: (it / ".git").mkdir(), (False, False)),
        (lambda it: (it / ".hidden").write_text("x"), (False, False)),
        (lambda it: os.makedirs(it / "build" / "lib"), (False, False)),  # noqa: PTH103
        (lambda it: (it / "demo.egg-info").mkdir(), (False, False)),
    ],
)
def test_only_what_a_build_would_see_counts(
    change: Callable[[Path], object], counts: tuple[bool, bool], folder: Path
) -> None:
    """Any changed source changes the fingerprint; for editable folders, only project files do."""
    before = prints(folder)
    change(folder)
    after = prints(folder)
    assert tuple(a != b for a, b in zip(before, after, strict=True)) == counts


def test_only_folders_have_fingerprints(folder: Path) -> None:
    """Indexes, URLs and missing folders do not have a fingerprint."""
    assert fingerprint(Origin("index", str(folder))) is None
    assert fingerprint(Origin("url", str(folder))) is None
    assert fingerprint(Origin("path", str(folder / "nowhere"))) is None
