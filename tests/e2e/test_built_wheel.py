"""The built wheel in a clean venv, as somebody gets it who installs the package."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCENARIOS = sorted(path.stem for path in (ROOT / "scenarios").rglob("*.toml"))


def run(command: Sequence[str | Path], folder: Path) -> str:
    """Run a command in a folder and return what it printed; it must succeed."""
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
    """Install the wheel in a clean venv and return the venv."""
    venv = tmp_path_factory.mktemp("clean") / "venv"
    run((sys.executable, "-m", "venv", venv), venv.parent)
    run((venv / "bin" / "pip", "install", "--quiet", wheel), venv.parent)
    return venv


def test_wheel_carries_the_catalogue_and_its_types(wheel: Path) -> None:
    """Every scenario, every header profile, the schema and ``py.typed`` are inside; tests not."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    found = sorted(Path(name).stem for name in names if "/catalogue/" in name and ".toml" in name)
    assert found == SCENARIOS
    assert "pytest_indexcache/servers/pytorch.toml" in names
    assert "pytest_indexcache/py.typed" in names
    assert not any(name.startswith(("tests/", "scenarios/")) for name in names)


def test_catalogue_plays_in_any_folder(installed: Path, tmp_path: Path) -> None:
    """``pytest --indexcache-scenarios`` in an empty folder plays all of it, and none fails."""
    output = run((installed / "bin" / "pytest", "--indexcache-scenarios", "-v"), tmp_path)
    for path in (ROOT / "scenarios").rglob("*.toml"):
        assert f"scenarios/{path.parent.name}/{path.name}::reference" in output
    assert "failed" not in output
    assert "error" not in output.lower().replace("errors", "")


def test_node_id_of_the_catalogue_is_understood_in_any_folder(
    installed: Path, tmp_path: Path
) -> None:
    """A node id that pytest printed can be given back to it where no such file lies."""
    node = "scenarios/pytorch/uv-15303-cpu-wheel-not-cached.toml::reference"
    output = run((installed / "bin" / "pytest", "--indexcache-scenarios", node), tmp_path)
    assert "1 passed" in output


def test_folder_that_holds_the_venv_is_no_hindrance(installed: Path) -> None:
    """The catalogue is found though it lies in a venv below the folder where pytest runs."""
    folder = installed.parent
    chosen = ("--indexcache-scenarios", "-k", "15303")
    output = run((installed / "bin" / "pytest", *chosen, "-v"), folder)
    assert "scenarios/pytorch/uv-15303-cpu-wheel-not-cached.toml::reference PASSED" in output


def test_command_is_installed(installed: Path, tmp_path: Path) -> None:
    """``indexcache schema`` prints the JSON Schema."""
    assert '"$schema"' in run((installed / "bin" / "indexcache", "schema"), tmp_path)
