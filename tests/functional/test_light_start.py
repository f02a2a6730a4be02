"""What the start of a command imports."""

from __future__ import annotations

import subprocess
import sys

import pytest

SHOW_HEAVY = """\
import sys
import {module}
heavy = {{"httpx", "pydantic", "virtualenv", "trustme", "pytest_indexcache.scenario.model"}}
print(*sorted(heavy & set(sys.modules)))
"""


@pytest.mark.parametrize(
    "module", ["pytest_indexcache.cli.command_line", "pytest_indexcache.plugin"]
)
def test_start_imports_nothing_heavy(module: str) -> None:
    """Help, ``--version`` and the plugin of pytest start without the models of scenarios."""
    code = SHOW_HEAVY.format(module=module)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "\n"
