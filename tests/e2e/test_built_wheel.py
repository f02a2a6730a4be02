"""The built wheel of the package, installed in a clean venv."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCENARIOS = sorted(path.stem for path in (ROOT / "scenarios").rglob("*.toml"))


def run(command: Sequence[str | Path], folder: Path) -> str:
    """Run a command in a folder and return its output; raise an error if it fails."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel."""
    folder = tmp_path_factory.mktemp("dist")
    build = (sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    run(build, folder)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel in a clean venv, and return the venv."""
    venv = tmp_path_factory.mktemp("clean") / "venv"
    run((sys.executable, "-m", "venv", venv), venv.parent)
    run((venv / "bin" / "pip", "install", "--quiet", wheel), venv.parent)
    return venv


def test_wheel_carries_the_catalogue_and_its_types(wheel: Path) -> None:
    """The built wheel contains all scenarios, profiles, the schema and ``py.typed``; no tests."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    found = sorted(Path(name).stem for name in names if "/catalogue/" in name and ".toml" in name)
    assert found == SCENARIOS
    assert "pytest_indexcache/servers/pytorch.toml" in names
    assert "pytest_indexcache/py.typed" in names
    assert not any(name.startswith(("tests/", "scenarios/")) for name in names)


def test_catalogue_plays_in_any_folder(installed: Path, tmp_path: Path) -> None:
    """In an empty folder ``pytest --indexcache-scenarios`` plays the catalogue without failures."""
    output = run((installed / "bin" / "pytest", "--indexcache-scenarios", "-v"), tmp_path)
    for path in (ROOT / "scenarios").rglob("*.toml"):
        assert f"scenarios/{path.parent.name}/{path.name}::reference" in output
    assert "failed" not in output
    assert "error" not in output.lower().replace("errors", "")


def test_node_id_of_the_catalogue_is_understood_in_any_folder(
    installed: Path, tmp_path: Path
) -> None:
    """A node id of the catalogue can be played in a folder that does not contain the named file."""
    node = "scenarios/pytorch/uv-15303-cpu-wheel-not-cached.toml::reference"
    output = run((installed / "bin" / "pytest", "--indexcache-scenarios", node), tmp_path)
    assert "1 passed" in output


def test_folder_that_holds_the_venv_is_no_hindrance(installed: Path) -> None:
    """The catalogue is found even if the venv is in the folder where pytest runs."""
    folder = installed.parent
    chosen = ("--indexcache-scenarios", "-k", "15303")
    output = run((installed / "bin" / "pytest", *chosen, "-v"), folder)
    assert "scenarios/pytorch/uv-15303-cpu-wheel-not-cached.toml::reference PASSED" in output


def test_command_is_installed(installed: Path, tmp_path: Path) -> None:
    """``indexcache schema`` prints the JSON Schema."""
    assert '"$schema"' in run((installed / "bin" / "indexcache", "schema"), tmp_path)


def test_builds_have_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds of the package from any folder, or from an sdist, have the same bytes."""
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    first, second = _copy(tmp_path / "first"), _copy(tmp_path / "second")
    for path in second.rglob("*"):
        os.utime(path, (1e9, 1e9))
    made = _built(first, tmp_path / "a")
    assert _built(second, tmp_path / "b") == made
    with tarfile.open(
        tmp_path / "a" / next(name for name in made if name.endswith(".gz"))
    ) as sdist:
        sdist.extractall(tmp_path / "unpacked", filter="data")
    [source] = (tmp_path / "unpacked").iterdir()
    assert _built(source, tmp_path / "c") == made


def _copy(folder: Path) -> Path:
    """Copy the sources of the package, without the files that tools leave there."""
    tools = shutil.ignore_patterns(".venv", ".git", "__pycache__", ".*_cache", ".nox", "dist")
    shutil.copytree(ROOT, folder, ignore=tools, symlinks=True)
    return folder


def _built(source: Path, folder: Path) -> dict[str, str]:
    """Build an sdist and a wheel, both from the source, and return their digests by name."""
    command = (sys.executable, "-m", "build", "--no-isolation", "--sdist", "--wheel")
    run((*command, "--outdir", folder, source), source)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@pytest.mark.usefixtures("releases_can_be_had")
def test_uvx_runs_the_command_of_a_checkout(tmp_path: Path) -> None:
    """``uvx --from DIR indexcache`` builds the package and runs it in any folder."""
    uvx = Path(sys.executable).with_name("uvx")
    command = (uvx, "--cache-dir", tmp_path / "cache", "--from", _copy(tmp_path / "checkout"))
    assert "uv-15303" in run((*command, "indexcache", "list", "scenarios", "15303"), tmp_path)
