"""The steps of a scenario in an exported script."""

from __future__ import annotations

import pytest

from pytest_indexcache.errors import CommandError
from pytest_indexcache.installers.contract.installer import InstallerSpec
from pytest_indexcache.installers.contract.supply import ProvisionedInstaller, Supply
from pytest_indexcache.installers.uv.dialect import UvAdapter
from pytest_indexcache.scenario.loader import loads
from pytest_indexcache.standalone.exported_steps import StepExporter, demand_exportable
from pytest_indexcache.standalone.recordings import Recorder

TEXT = """\
title = "x"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
six."1.17.0" = {}
[[steps]]
do = "install"
requirements = ["six"]
wait = "1 s"
expect = { downloads = { six = 1 }, nominal = "< 1 MiB" }
[[steps]]
do = "publish"
index = "pypi"
project = "six"
version = "1.18.0"
[[steps]]
do = "remove-venv"
[[steps]]
do = "lock"
expect = { exit = "failure" }
"""


def _never() -> ProvisionedInstaller:
    raise AssertionError("nothing is started")


def exporter(text: str = TEXT) -> StepExporter:
    """Return the converter of a scenario's steps for uv."""
    scenario = loads(text)
    uv = UvAdapter(InstallerSpec("uv", releases="==0.9.4"), Supply(_never, "0.9.4"))
    return StepExporter(scenario, uv, Recorder(scenario, "uv/0.9.4"))


def test_steps_are_told_with_commands_stages_and_what_is_judged() -> None:
    """Each change of an index begins a stage, and markers replace the paths of the run."""
    told = exporter()
    install, publish, remove, lock = told.told()
    assert install["commands"][0]["words"] == ["/@INSTALLER@", "pip", "install", "six"]
    assert install["environment"]["UV_CACHE_DIR"] == "/@ROOT@/.cache/uv"
    assert (install["wait"], install["venv"], install["not_judged"]) == (1.0, True, ["nominal"])
    assert install["expect"] == {"downloads": {"six": 1}, "exit": "success"}
    assert [it["stage"] for it in (install, publish, remove, lock)] == [0, 1, 1, 1]
    assert remove["removes_venv"]
    assert lock["expect"] == {"exit": "failure"}
    pages = [stage["urls"]["https://pypi.org/simple/six/"]["json"] for stage in told.stages]
    assert pages[0]["body"] != pages[1]["body"]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('do = "remove-venv"', 'do = "damage"\nwhat = "wheel"\nhow = "zero"', r"step 3 \(damage\)"),
        ('do = "lock"', 'do = "lock"\nfolder = "b"', "step 4 .*folder"),
        ('do = "lock"', 'do = "lock"\npython = "3.12"', "step 4 .*python"),
        ('do = "lock"', 'do = "lock"\nrelease = "==0.8.0"', "step 4 .*release"),
        ('do = "lock"', 'command = { pip = "pip list" }', "step 4 .*verbatim commands of pip"),
    ],
)
def test_step_that_a_script_cannot_have_is_named(old: str, new: str, problem: str) -> None:
    """A step that cannot be exported is an error with its number and verb."""
    with pytest.raises(CommandError, match=problem):
        exporter(TEXT.replace(old, new)).told()


def test_local_projects_are_refused() -> None:
    """A table that cannot be exported is an error with its key."""
    text = TEXT.replace(
        '[[steps]]\ndo = "install"',
        '[local-projects]\nlib = { path = "lib" }\n[[steps]]\ndo = "install"',
    )
    with pytest.raises(CommandError, match="local-projects"):
        demand_exportable(loads(text))
