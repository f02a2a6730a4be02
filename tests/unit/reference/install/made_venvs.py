"""Folders that look like venvs, and small wheels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pytest_indexcache.index.documents.wheels import WheelSpec, build_wheel
from pytest_indexcache.system.venvs.environment import Environment


def make_venv(folder: Path) -> Environment:
    """Make a folder that looks like a venv, without a working Python."""
    site = folder / "lib" / "python3.11" / "site-packages"
    site.mkdir(parents=True)
    (folder / "bin").mkdir()
    (folder / "bin" / "python").write_bytes(b"")
    (folder / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11.7\n")
    environment = Environment.open(folder)
    assert environment is not None
    return environment


def make_wheel(folder: Path, name: str, version: str = "1", **more: Any) -> Path:
    """Write a small generated wheel into a folder."""
    made = build_wheel(WheelSpec(name, version, **more))
    path = folder / made.filename
    path.write_bytes(b"".join(made.content.chunks(0, made.content.length)))
    return path
