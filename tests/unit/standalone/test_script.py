"""The text of exported scripts."""

from __future__ import annotations

import ast

from pytest_indexcache.installers.contract.installer import InstallerSpec
from pytest_indexcache.installers.contract.supply import ProvisionedInstaller, Supply
from pytest_indexcache.installers.uv.dialect import UvAdapter
from pytest_indexcache.scenario.loader import loads
from pytest_indexcache.standalone import exported_script

TEXT = '''\
title = 'ends """ here \\ @owner'
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
six."1.17.0" = {}
[[steps]]
do = "lock"
expect = { downloads = {} }
'''


def _never() -> ProvisionedInstaller:
    raise AssertionError("nothing is started")


def test_head_says_what_the_script_does_and_no_title_ends_it() -> None:
    """The docstring of a script states title, steps and command, and no title can end it."""
    uv = UvAdapter(InstallerSpec("uv", releases="==0.9.4"), Supply(_never, "0.9.4"))
    text = exported_script(loads(TEXT), uv, {1: 'lock """ it'})
    said = ast.get_docstring(ast.parse(text, feature_version=(3, 8))) or ""
    assert said.splitlines()[0] == "ends ''' here \\ @owner"
    assert "  1 lock ''' it" in said
    assert "its commands are those of uv 0.9.4" in said
    assert "python3 -I SCRIPT --installer /path/to/uv" in said
    assert "nothing contains them" in said
    assert max(map(len, text.splitlines())) < 130
