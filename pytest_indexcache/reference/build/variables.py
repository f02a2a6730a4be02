"""The environment variables of processes that the installer starts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

# With these a process would see modules of whoever runs the installer.
_UNWANTED: Final = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")


def process_variables(
    scripts: Path | None, environment: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Make the variables of a process that uses a venv, by the venv's folder of scripts.

    Without a venv it sees what its Python has, and nothing of the user's own. ``environment`` is
    what the variables are made from.
    """
    variables = {name: value for name, value in environment.items() if name not in _UNWANTED}
    variables["PYTHONNOUSERSITE"] = "1"
    if scripts is not None:
        variables["PATH"] = f"{scripts}{os.pathsep}{variables.get('PATH', '')}"
        variables["VIRTUAL_ENV"] = str(scripts.parent)
    return variables
