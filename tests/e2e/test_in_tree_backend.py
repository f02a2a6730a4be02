"""The in-tree build backend of fake sdists, called by common build frontends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
import virtualenv
from installer.sources import WheelFile

from pytest_indexcache.index.documents.contents import read
from pytest_indexcache.index.documents.sdists import SdistSpec, build_sdist, write_local_project
from pytest_indexcache.scenario.tables.project import LocalProject

PROJECT = LocalProject(
    path="libs/lib", version="1.2+x", requires=("six",), attributes={"version.number": 7}
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a local project."""
    folder = tmp_path / "libs" / "lib"
    write_local_project(folder, "my-lib", PROJECT)
    return folder


def run(tmp_path: Path, *command: str) -> str:
    """Run a Python program without settings of the machine, and return its output."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INDEX": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "INDEXCACHE_BUILD_LOG": str(tmp_path / "builds"),
    }
    done = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def builds(tmp_path: Path) -> list[str]:
    """Return the lines of the build log."""
    return (tmp_path / "builds").read_text().splitlines()


def test_build_makes_sdist_and_wheel(folder: Path, tmp_path: Path) -> None:
    """pypa/build makes an sdist and a wheel of a local project, and logs each build once."""
    out = tmp_path / "out"
    run(tmp_path, "-m", "build", "--outdir", str(out), str(folder))
    assert builds(tmp_path) == ["my-lib sdist 1.2+x", "my-lib wheel 1.2+x"]
    with tarfile.open(out / "my_lib-1.2+x.tar.gz") as archive:
        assert "my_lib-1.2+x/my_lib/version.py" in archive.getnames()
    with zipfile.ZipFile(out / "my_lib-1.2+x-py3-none-any.whl") as archive:
        WheelFile(archive).validate_record()
        assert archive.read("my_lib/version.py") == b"number = 7\n"


def test_wheel_that_is_built_twice_is_the_same(folder: Path, tmp_path: Path) -> None:
    """Two builds of a wheel have the same bytes."""
    wheels = []
    for out in ("one", "two"):
        run(tmp_path, "-m", "build", "--wheel", "--outdir", str(tmp_path / out), str(folder))
        wheels.append((tmp_path / out / "my_lib-1.2+x-py3-none-any.whl").read_bytes())
    assert wheels[0] == wheels[1]


@pytest.mark.parametrize("editable", [False, True])
def test_pip_installs_a_local_project(folder: Path, tmp_path: Path, editable: bool) -> None:
    """Pip installs a local project; an editable one is imported from its folder (PEP 660)."""
    venv = tmp_path / "venv"
    options = ["--no-seed", "--no-periodic-update", "--quiet", "--app-data", str(tmp_path / "app")]
    virtualenv.cli_run([*options, str(venv)], setup_logging=False)
    pip = ("-m", "pip", "--python", str(venv))
    choice = ("--editable", str(folder)) if editable else (str(folder),)
    run(tmp_path, *pip, "install", "--no-deps", *choice)
    assert builds(tmp_path) == [f"my-lib {'editable' if editable else 'wheel'} 1.2+x"]
    [listed] = json.loads(run(tmp_path, *pip, "list", "--format=json"))
    assert (listed["name"], listed["version"]) == ("my-lib", "1.2+x")
    assert ("editable_project_location" in listed) is editable
    write_local_project(folder, "my-lib", PROJECT.model_copy(update={"build": "edited"}))
    program = "import my_lib; print(my_lib.version.number, my_lib.__build__)"
    python = str(venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
    done = subprocess.run(
        [python, "-B", "-I", "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["7", "edited" if editable else "libs/lib"]


def test_build_without_a_log_counts_nowhere(folder: Path, tmp_path: Path) -> None:
    """A build without INDEXCACHE_BUILD_LOG writes no log."""
    program = (
        "import os; del os.environ['INDEXCACHE_BUILD_LOG']; import runpy, sys; "
        f"sys.argv = ['build', '--wheel', '--outdir', {str(tmp_path / 'out')!r}, {str(folder)!r}]; "
        "runpy.run_module('build', run_name='__main__')"
    )
    run(tmp_path, "-c", program)
    assert not (tmp_path / "builds").exists()
    assert len(list((tmp_path / "out").iterdir())) == 1


def test_pip_builds_an_sdist(tmp_path: Path) -> None:
    """Pip builds a generated sdist with its in-tree backend, and gets the declared wheel."""
    spec = SdistSpec("My.Lib", "2.0", extras=(("fast", ("six",)),), build="pypi", padding=70_000)
    sdist = build_sdist(spec)
    (tmp_path / sdist.filename).write_bytes(read(sdist.content))
    run(
        tmp_path,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--wheel-dir",
        str(tmp_path / "out"),
        str(tmp_path / sdist.filename),
    )
    assert builds(tmp_path) == ["my-lib wheel 2.0"]
    with zipfile.ZipFile(tmp_path / "out" / "my_lib-2.0-py3-none-any.whl") as archive:
        WheelFile(archive).validate_record()
        assert archive.read("my_lib.py") == b"__version__ = '2.0'\n__build__ = 'pypi'\n"
        assert archive.read("my_lib-2.0.dist-info/METADATA") == sdist.metadata
