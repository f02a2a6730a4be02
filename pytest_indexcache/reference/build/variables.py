"""The environment variables for processes that the installer starts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

# With these, a process would import modules of the user who runs the installer.
_UNWANTED: Final = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")


def process_variables(
    scripts: Path | None, environment: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Return the environment variables for a process that uses the venv with this scripts folder.

    They are based on ``environment``, but keep the process from importing modules from
    ``PYTHONPATH`` or the user site.
    """
    variables = {name: value for name, value in environment.items() if name not in _UNWANTED}
    variables["PYTHONNOUSERSITE"] = "1"
    if scripts is not None:
        variables["PATH"] = f"{scripts}{os.pathsep}{variables.get('PATH', '')}"
        variables["VIRTUAL_ENV"] = str(scripts.parent)
    return variables
