"""The execution of a plan, which installs either all of its wheels or none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from pytest_indexcache.errors import InvalidDistributionError
from pytest_indexcache.reference.install.installation import WheelSupply, apply_plan, obtain_wheels
from pytest_indexcache.reference.install.plan import Plan
from pytest_indexcache.reference.words.behaviour import CORRECT
from pytest_indexcache.reference.words.packages import Pin, RemoteFile
from pytest_indexcache.system.venvs.environment import Environment
from pytest_indexcache.system.venvs.origins import Origin

from .made_venvs import make_venv, make_wheel

NAMES = ("a", "b", "c", "d", "e", "f")


class FakeStore:
    """A wheel store without damaged files."""

    def __init__(self) -> None:
        self.asked: list[Path] = []

    def remove_damaged(self, path: Path) -> bool:
        """Return False: the file is intact."""
        self.asked.append(path)
        return False


class FakeBuilder:
    """A builder that returns the same wheel for everything."""

    def __init__(self, wheel: Path) -> None:
        self.wheel = wheel

    def build_sdist(self, path: Path, name: str) -> Path:  # noqa: ARG002
        """Return the wheel."""
        return self.wheel


class FakeDownloads:
    """Downloads of files that exist locally."""

    def fetch_all(self, files: Sequence[RemoteFile]) -> list[Path]:
        """Return the paths of the files."""
        return [Path(file.filename) for file in files]


class FakeSupply:
    """A supply of wheels that exist locally."""

    def __init__(self) -> None:
        self.behaviour = CORRECT
        self.store = FakeStore()
        self.downloads = FakeDownloads()
        self.builder = FakeBuilder(Path())


def apply(venv: Environment, folder: Path, damaged: str = "") -> FakeStore:
    """Add six small wheels to a venv, one of which may be damaged."""
    wheels = [make_wheel(folder, name, damage="bad-crc" * (name == damaged)) for name in NAMES]
    pins = [
        Pin(
            canonicalize_name(name),
            Version("1"),
            Origin("index", "https://pypi.org/simple"),
            RemoteFile(wheel.name, "https://x/", canonicalize_name(name), Version("1")),
        )
        for name, wheel in zip(NAMES, wheels, strict=True)
    ]
    supply = FakeSupply()
    apply_plan(cast("WheelSupply", supply), venv, Plan(add=tuple(pins)), wheels)
    return supply.store


@pytest.mark.parametrize("built", ["a-2-py3-none-any.whl", "b-1-py3-none-any.whl"])
def test_a_build_of_something_else_is_not_installed(built: str, tmp_path: Path) -> None:
    """A wheel that was built from an sdist must have the sdist's name and version."""
    supply = FakeSupply()
    supply.builder = FakeBuilder(tmp_path / built)
    name, version = canonicalize_name("a"), Version("1")
    file = RemoteFile("a-1.tar.gz", (tmp_path / "a-1.tar.gz").as_uri(), name, version)
    pin = Pin(name, version, Origin("index", "https://pypi.org/simple"), file)
    with pytest.raises(InvalidDistributionError, match=r"gz was built as . ., but a 1 was"):
        obtain_wheels(cast("WheelSupply", supply), [pin])


def test_every_wheel_of_a_plan_is_installed(tmp_path: Path) -> None:
    """Every wheel of a plan is installed in the venv."""
    venv = make_venv(tmp_path / "venv")
    apply(venv, tmp_path)
    assert [it.name for it in venv.installed()] == list(NAMES)


@pytest.mark.parametrize("damaged", NAMES)
def test_a_damaged_wheel_keeps_every_other_out_of_the_venv(tmp_path: Path, damaged: str) -> None:
    """If a wheel of a plan is damaged, the error names it, and no wheel is installed."""
    venv = make_venv(tmp_path / "venv")
    with pytest.raises(InvalidDistributionError, match=f"{damaged}-1-"):
        apply(venv, tmp_path, damaged)
    assert venv.installed() == ()
    assert not list(venv.folder.glob(".indexcache-*"))
