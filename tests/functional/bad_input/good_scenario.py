"""A valid scenario, and the errors that the loader reports for altered copies of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.errors import ScenarioError
from pytest_indexcache.scenario import load_scenario

GOOD = """\
title = "A wheel is downloaded again"

[indexes.pytorch]
url = "https://download.pytorch.org/whl/cpu"
headers = "pytorch"
[indexes.pytorch.packages.torch."2.8.0+cpu"]
requires = ["filelock"]
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages.filelock."3.19.1"]

[project]
dependencies = ["torch"]
[sources]
torch = { index = "pytorch", explicit = true }

[[steps]]
do = "sync"
expect = { downloads = { torch = 1, filelock = 1 } }
[[steps]]
do = "sync"
expect = { downloads = {} }
"""


def error_of(folder: Path, content: str | bytes) -> str:
    """Return the error of loading a file with this content, without the path of its folder."""
    file = folder / "s.toml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ScenarioError) as caught:
        load_scenario(file)
    assert caught.value.file == file
    return str(caught.value).replace(str(file), "s.toml")


def changed(old: str, new: str) -> str:
    """Return the good scenario with a piece of its text replaced."""
    assert GOOD.count(old) == 1
    return GOOD.replace(old, new)


def with_more(steps: str) -> str:
    """Return the good scenario with steps inserted before its last step; they begin at line 20."""
    head, _, last = GOOD.rpartition("[[steps]]")
    return f"{head}{steps.strip()}\n[[steps]]{last}"
