"""Containment of installers, with the parts of the system that they still can use."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from pytest_indexcache.installers.containment.containment import (
    python_folders,
    system_containment,
)


def test_only_the_workspace_can_be_written() -> None:
    """The workspace is the only writable folder, and its programs can run."""
    workspace, certificate = Path("/play"), Path("/gateway/ca.pem")
    containment = system_containment(workspace, readable=(certificate,), tcp_ports=(4711,))
    assert containment.writable == (workspace,)
    assert workspace in containment.executable
    assert certificate in containment.readable
    assert containment.tcp_ports == (4711,)


def test_home_is_closed_but_for_python() -> None:
    """The user's home folder cannot be read, except for the parts of the running Python."""
    containment = system_containment(Path("/play"))
    home = Path("~").expanduser()
    opened = {*containment.readable, *containment.executable} - set(python_folders())
    assert not [folder for folder in opened if home.is_relative_to(folder)]


def test_folders_of_python_hold_its_program() -> None:
    """The readable folders of a Python include the folder of its interpreter, even in a venv."""
    real = Path(os.path.realpath(sys.executable))
    assert any(real.is_relative_to(folder) for folder in python_folders())
