"""The reference installer with PyPI, or with the mirror that this machine uses."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("reachable_index")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make a project that needs requests and rich."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "demo"\nversion = "1"\ndependencies = ["requests", "rich"]\n'
    )
    return folder


def installer(project: Path, *arguments: str) -> str:
    """Run a command in the project's folder, and return its output."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest_indexcache.reference", *arguments],
        cwd=project,
        env={**os.environ, "INDEXCACHE_CACHE_DIR": str(project.parent / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_sync_again_offline_and_from_nothing(project: Path) -> None:
    """A second sync changes nothing, and an offline sync can recreate a removed venv."""
    assert " + requests==" in installer(project, "sync")
    assert installer(project, "sync").startswith("Audited ")
    shutil.rmtree(project / ".venv")
    assert " + rich==" in installer(project, "sync", "--offline")
    program = "import requests, rich.console; print(requests.__version__)"
    assert installer(project, "run", "-q", "--", "-c", program).strip()


def test_add_and_remove(project: Path) -> None:
    """``add`` installs a project with its dependencies, and ``remove`` uninstalls them."""
    installer(project, "sync")
    assert " + jinja2==" in installer(project, "add", "jinja2")
    assert " - markupsafe==" in installer(project, "remove", "jinja2")


def test_pip_finds_the_venv_in_order(project: Path) -> None:
    """``pip check`` succeeds in a venv of the reference installer."""
    installer(project, "sync")
    python = project / ".venv" / "bin" / "python"
    if not python.exists():
        python = project / ".venv" / "Scripts" / "python.exe"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    checked = subprocess.run([*pip, "check"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
    removed = subprocess.run(
        [*pip, "uninstall", "-y", "rich"], capture_output=True, text=True, check=False
    )
    assert "Successfully uninstalled rich" in removed.stdout
    assert "Installed 1 package\n + rich==" in installer(project, "sync")


@pytest.mark.parametrize(
    ("backend", "requires"),
    [("hatchling.build", "hatchling"), ("setuptools.build_meta", "setuptools>=64")],
)
def test_an_editable_project_is_built_by_its_own_backend(
    backend: str, requires: str, project: Path
) -> None:
    """An editable project is built by a backend from PyPI, and is imported from its folder."""
    folder = project.parent / "local"
    (folder / "local").mkdir(parents=True)
    (folder / "local" / "__init__.py").write_text("value = 1\n")
    (folder / "pyproject.toml").write_text(
        f'[build-system]\nrequires = ["{requires}"]\nbuild-backend = "{backend}"\n'
        '[project]\nname = "local"\nversion = "1.2"\ndependencies = ["idna"]\n'
    )
    output = installer(project, "add", "local", "--editable", str(folder))
    assert f" + local==1.2 (from {folder.as_uri()})" in output
    (folder / "local" / "__init__.py").write_text("value = 22\n")
    program = "import local; print(local.value)"
    assert installer(project, "run", "-q", "--", "-B", "-c", program) == "22\n"
