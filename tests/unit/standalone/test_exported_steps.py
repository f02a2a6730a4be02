"""The steps of a scenario in an exported script."""

from __future__ import annotations

import pytest

from pytest_indexcache.errors import CommandError
from pytest_indexcache.installers.contract.installer import InstallerSpec
from pytest_indexcache.installers.contract.supply import ProvisionedInstaller, Supply
from pytest_indexcache.installers.pip.dialect import PipAdapter
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
expect = { downloads = { six = 1 }, nominal = "< 1 MiB", imports = {} }
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
    """Each change to an index begins a stage of the script, and markers replace the run's paths."""
    told = exporter()
    install, publish, remove, lock = told.told()
    assert install["commands"][0]["words"] == ["/@INSTALLER@", "pip", "install", "six"]
    assert install["environment"]["UV_CACHE_DIR"] == "/@ROOT@/.cache/uv"
    assert (install["wait"], install["needs_venv"]) == (1.0, True)
    assert (install["venv"], install["not_judged"]) == ("project/.venv", [])
    assert install["expect"] == {
        "downloads": {"six": 1},
        "nominal": "< 1048576",
        "imports": {},
        "exit": "success",
    }
    assert (install["wanted"], install["release"], install["python"]) == (["six"], "", "")
    assert install["lockfiles"] == ["project/uv.lock"]
    assert [it["stage"] for it in (install, publish, remove, lock)] == [0, 1, 1, 1]
    assert remove["removes_venv"]
    assert lock["expect"] == {"exit": "failure"}
    pages = [stage["urls"]["https://pypi.org/simple/six/"]["json"] for stage in told.stages]
    assert pages[0]["body"] != pages[1]["body"]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            'do = "remove-venv"',
            'do = "damage"\nwhat = "wheel"\nhow = "zero"',
            r"steps\[3\]\.do = 'damage'",
        ),
        ('do = "lock"', 'command = { pip = "pip list" }', "step 4 .*verbatim commands of pip"),
    ],
)
def test_step_that_a_script_cannot_have_is_named(old: str, new: str, problem: str) -> None:
    """The error for a step that cannot be exported names the step's number and verb."""
    with pytest.raises(CommandError, match=problem):
        exporter(TEXT.replace(old, new)).told()


def test_scenario_with_a_feature_that_the_installer_lacks_is_refused() -> None:
    """A scenario with an override is not exported if the installer does not support overrides."""
    scenario = loads(f"{TEXT}[cache-control.pypi]\nfiles = 'max-age=60'\n")
    pip = PipAdapter(InstallerSpec("pip", releases="==26.3"), Supply(_never, "26.3"))
    with pytest.raises(CommandError, match="pip has no override of an index's cache-control"):
        StepExporter(scenario, pip, Recorder(scenario, "pip/26.3")).told()


def test_faults_users_and_outages_are_told() -> None:
    """Exported steps have spoiled answers for faults, stages for users and outages, and venvs."""
    text = TEXT.replace(
        'do = "remove-venv"',
        """do = "fail"
index = "pypi"
how = "cut"
times = 2
[[steps]]
do = "mend"
index = "pypi"
[[steps]]
do = "set-users"
index = "pypi"
users = { ada = "x" }
[[steps]]
do = "go-down"
index = "pypi"
[[steps]]
do = "remove-venv"
venv = "b" """,
    )
    told = exporter(text)
    _, _, fail, mend, users, down, remove, _ = told.told()
    assert [(it["how"], it["left"]) for it in fail["faults"]] == [("cut", 2)]
    assert mend["mends"] == "pypi"
    assert told.stages[users["stage"]]["users"] == {"pypi": {"ada": "x"}}
    assert "pypi.org" in told.stages[down["stage"]]["unreachable"]
    assert remove["venv"] == "b"


def test_edge_is_refused_with_the_reason() -> None:
    """An edge is refused with its key path, because its answers depend on earlier requests."""
    text = TEXT.replace(
        'url = "https://pypi.org/simple"', 'url = "https://pypi.org/simple"\nedge = {}'
    )
    problem = r"indexes\.pypi\.edge cannot be in a script: .* depends on the requests before"
    with pytest.raises(CommandError, match=problem):
        demand_exportable(loads(text))
