"""The containment of the commands of a play."""

from __future__ import annotations

import time
from pathlib import Path

from pytest_indexcache.installers.contract.installer import Network, Workspace
from pytest_indexcache.installers.processes.play_processes import (
    program_paths,
    python_prefix,
    workspace_containment,
)


def test_a_workspace_that_is_not_contained_has_no_containment(tmp_path: Path) -> None:
    """Commands in a workspace without containment run without restrictions."""
    assert workspace_containment(Workspace(tmp_path), tmp_path / "uv") is None


def test_containment_leaves_workspace_program_and_gateway(tmp_path: Path) -> None:
    """Containment gives access to the workspace, the program, the certificate and the proxy."""
    network = Network(time.time, proxy_url="http://127.0.0.1:4711", ca_file=tmp_path / "ca.pem")
    workspace = Workspace(tmp_path / "play", is_contained=True)
    containment = workspace_containment(workspace, tmp_path / "bin" / "uv", network=network)
    assert containment is not None
    assert containment.writable == (workspace.root.resolve(),)
    assert tmp_path / "bin" / "uv" in containment.executable
    assert tmp_path / "bin" not in containment.executable
    assert tmp_path / "ca.pem" in containment.readable
    assert containment.tcp_ports == (4711,)


def test_program_of_a_venv_brings_the_venv_and_its_python(tmp_path: Path) -> None:
    """A console script can use its venv, and the installation of the venv's Python."""
    base, venv = tmp_path / "base", tmp_path / "venv"
    for folder in (base, venv):
        (folder / "bin").mkdir(parents=True)
    (base / "bin" / "python3.12").touch()
    (venv / "pyvenv.cfg").touch()
    (venv / "bin" / "poetry").touch()
    (venv / "bin" / "python").symlink_to(base / "bin" / "python3.12")
    assert list(program_paths(venv / "bin" / "poetry")) == [venv, base.resolve()]


def test_a_script_brings_what_its_first_line_names(tmp_path: Path) -> None:
    """A script outside any venv can use the Python in its first line, and its installation."""
    (tmp_path / "base" / "bin").mkdir(parents=True)
    python, script = tmp_path / "base" / "bin" / "python3", tmp_path / "scripts" / "pip"
    python.touch()
    script.parent.mkdir()
    script.write_text(f"#!{python} -I\nimport pip\n")
    assert list(program_paths(script)) == [script, python.parent.parent]


def test_a_shim_brings_the_programs_that_it_chooses_from(tmp_path: Path) -> None:
    """A pyenv shim can start the programs in the folder above its own."""
    shim = tmp_path / ".pyenv" / "shims" / "pip"
    shim.parent.mkdir(parents=True)
    shim.write_text("#!/usr/bin/env bash\n")
    assert list(program_paths(shim)) == [shim.parent.parent]


def test_a_program_of_the_workspace_brings_nothing_from_outside(tmp_path: Path) -> None:
    """A link out of the workspace, in place of a venv's Python, gives no access outside."""
    workspace = Workspace(tmp_path / "play", is_contained=True)
    venv = workspace.venv("project", None)
    (venv / "bin").mkdir(parents=True)
    (venv / "pyvenv.cfg").touch()
    (tmp_path / "home" / "bin").mkdir(parents=True)
    (tmp_path / "home" / "bin" / "secret").touch()
    (venv / "bin" / "python").symlink_to(tmp_path / "home" / "bin" / "secret")
    containment = workspace_containment(workspace, venv / "bin" / "python")
    assert containment is not None
    inside = tmp_path.resolve()
    opened = [
        it for it in (*containment.executable, *containment.readable) if it.is_relative_to(inside)
    ]
    assert set(opened) == {workspace.root.resolve()}


def test_a_python_in_the_home_folder_opens_no_more_than_itself() -> None:
    """A Python in the user's home folder gives access only to its own folder."""
    python = Path("~").expanduser() / "bin" / "python-that-is-not-there"
    assert python_prefix(python) == python.resolve()
