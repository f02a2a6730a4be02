"""Values that an exported script imports with the Python of a venv."""

from __future__ import annotations

import sys
import venv
from pathlib import Path

from pytest_indexcache.standalone.program.imports import import_problems, imported


def test_values_are_imported_with_the_python_of_the_venv(tmp_path: Path) -> None:
    """A script imports values as a play does, and no output or error of a module disturbs it."""
    venv.create(tmp_path, symlinks=sys.platform != "win32")
    [packages] = tmp_path.glob("[Ll]ib/**/site-packages")
    (packages / "noisy.py").write_text("print('noise')\nname = 'x'\nnumber = 1\n")
    (packages / "leaving.py").write_text("raise SystemExit('gone')\n")
    names = ["noisy.name", "noisy.number", "noisy", "noisy.no", "nothing"]
    assert imported({"place": tmp_path}, names) == {
        "noisy.name": "x",
        "noisy.number": 1,
        "noisy": "module noisy",
        "noisy.no": "AttributeError: module 'noisy' has no attribute 'no'",
        "nothing": "ModuleNotFoundError: No module named 'nothing'",
    }
    assert imported({"place": tmp_path}, ["leaving"]) == {"leaving": "SystemExit: gone"}
    step = {"expect": {"imports": {"noisy.name": "x", "noisy.number": True}}}
    assert list(import_problems(step, {}, {"place": tmp_path})) == [
        "imports.noisy.number: expected True, seen 1"
    ]


def test_nothing_is_imported_without_a_venv(tmp_path: Path) -> None:
    """Without a venv, the value of each name is a text that says so."""
    assert imported({"place": tmp_path}, ["six"]) == {"six": "there is no venv"}
