"""Scenarios about files in a venv, each with an expectation that holds and one that fails."""

from __future__ import annotations

from .expectations import Expected
from .small_pypi import PYPI

_REINSTALLED = f"""{PYPI}
[project]
dependencies = ["yarl"]
[[steps]]
do = "sync"
[[steps]]
do = "sync"
reinstall = ["idna"]
"""

VENVS = {
    "reinstalled": Expected(
        _REINSTALLED,
        'reinstalled = { idna = "3.11" }',
        "reinstalled = {}",
        key="reinstalled.idna",
        seen="3.11",
        cause="step 2, with reinstall, installed it again from idna-3.11-py3-none-any.whl, which "
        "step 1 had downloaded; no step in between changed idna",
    ),
    "reinstalled by number": Expected(
        _REINSTALLED,
        "reinstalled = 1",
        "reinstalled = 2",
        key="reinstalled",
        seen="1",
        cause="step 2, with reinstall, reinstalled idna 3.11",
    ),
    "files of the venv": Expected(
        _REINSTALLED,
        'venv-files = { "lib/*/site-packages/idna*" = 1, "**/yarl.py" = true, "bin/y*" = false }',
        'venv-files."lib*/*/site-packages/idna.py" = false',
        key="venv-files.lib*/*/site-packages/idna.py",
        seen="1 file: lib/python3.*/site-packages/idna.py",
        cause="site-packages/idna.py belongs to idna 3.11, which step 2 installed from index pypi",
    ),
    "file that is not in the venv": Expected(
        _REINSTALLED,
        'venv-files."**/six.py" = 0',
        'venv-files."**/six.py" = true',
        key="venv-files.**/six.py",
        seen="no files",
        cause="after step 2 the venv has no such file; it holds idna 3.11 and yarl 1.20.1",
    ),
    "not reinstalled": Expected(
        _REINSTALLED.replace('reinstall = ["idna"]\n', ""),
        "reinstalled = {}",
        'reinstalled = { yarl = "1.20.1" }',
        key="reinstalled.yarl",
        seen="nothing",
        cause="step 2 kept it",
    ),
}
