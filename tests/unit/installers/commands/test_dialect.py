"""The code that all dialects share: checks of scenarios, verbatim commands and files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any, cast

import pytest
from packaging.version import Version

from pytest_indexcache.errors import CapabilityError
from pytest_indexcache.installers.commands.dialect import Dialect, exact_release, has_project
from pytest_indexcache.installers.commands.indexes.project_indexes import (
    is_explicit,
    project_indexes,
)
from pytest_indexcache.installers.pdm.dialect import PdmDialect
from pytest_indexcache.installers.pip.dialect import PipDialect
from pytest_indexcache.installers.poetry.dialect import PoetryDialect
from pytest_indexcache.installers.uv.dialect import UvDialect
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.steps import Command, InstallerStep

INDEXES = {
    "pypi": {"url": "https://pypi.org/simple", "packages": {"six": {"1.0": {}}}},
    "cpu": {"url": "https://download.pytorch.org/whl/cpu", "packages": {"My.Pkg": {"1.0": {}}}},
    "nv": {"url": "https://pypi.nvidia.com"},
}


def scenario_with(*steps: Mapping[str, Any], **keys: Any) -> Scenario:
    """Return a scenario with these steps."""
    tables = {"title": "t", "indexes": INDEXES, "steps": [*steps] or [{"do": "sync"}], **keys}
    return Scenario.model_validate(tables)


def test_edits_are_part_of_what_must_be_playable() -> None:
    """A scenario is skipped before the play if a later edit makes the project unplayable."""
    edit = {"do": "edit", "project": {"constraints": ["six<2"]}}
    scenario = scenario_with(
        {"do": "sync"}, edit, {"do": "sync"}, project={"dependencies": ["six"]}
    )
    UvDialect(Version("0.13.8")).check(scenario)
    with pytest.raises(CapabilityError, match="no constraints"):
        PoetryDialect(Version("2.5.1")).check(scenario)


def test_variables_of_a_step_are_added_to_each_of_its_commands() -> None:
    """Each command of a step gets the variables that the step sets for this installer."""
    env = {"UV_DEFAULT_INDEX": "https://pypi.nvidia.com", "PIP_PRE": "1"}
    scenario = scenario_with({"do": "install", "requirements": ["six"], "env": env})
    step = cast("InstallerStep", scenario.steps[0])
    dialect = UvDialect(Version("0.13.8"))
    lines = dialect.with_variables(step, dialect.command_lines(step, scenario))
    assert [line.environment["UV_DEFAULT_INDEX"] for line in lines] == ["https://pypi.nvidia.com"]
    assert lines[0].shown("uv").startswith("UV_DEFAULT_INDEX=https://pypi.nvidia.com uv pip instal")
    assert "PIP_PRE" not in lines[0].environment


def test_variable_that_a_release_does_not_read_is_lacking() -> None:
    """A scenario is skipped if the release does not read a variable of a step."""
    env = {"UV_DEFAULT_INDEX": "https://pypi.nvidia.com"}
    scenario = scenario_with({"do": "install", "requirements": ["six"], "env": env})
    UvDialect(Version("0.4.23")).check(scenario)
    with pytest.raises(CapabilityError, match=r"uv 0\.4\.22 has no UV_DEFAULT_INDEX"):
        UvDialect(Version("0.4.22")).check(scenario)


def test_another_release_is_judged_by_what_it_can() -> None:
    """A step with another release is checked against the capabilities of that release."""
    old = {"do": "sync", "release": "==0.4.22"}
    source = {"six": {"index": "nv", "explicit": True}}
    scenario = scenario_with({"do": "sync"}, old, sources=source)
    with pytest.raises(CapabilityError, match=r"uv 0\.4\.22 has no explicit indexes"):
        UvDialect(Version("0.13.8")).check(scenario)


def test_project_file_of_others_is_not_played_as_an_empty_project() -> None:
    """A scenario with a project file only for uv is skipped by Poetry, with a reason."""
    scenario = scenario_with(**{"project-files": {"uv": "mine"}})
    UvDialect(Version("0.13.8")).check(scenario)
    with pytest.raises(CapabilityError, match=r"its project file is only for uv"):
        PoetryDialect(Version("2.5.1")).check(scenario)


@pytest.mark.parametrize(
    ("release", "since"), [("==0.1.2", "0.1.3"), ("==0.1.18", "0.1.19"), ("==0.2.37", "0.3.0")]
)
def test_another_release_that_cannot_play_is_found_before_the_play(
    release: str, since: str
) -> None:
    """If a step's own release cannot play the step, the scenario is skipped before the play."""
    scenario = scenario_with({"do": "sync"}, {"do": "lock", "release": release})
    with pytest.raises(CapabilityError, match=rf"it came with {re.escape(since)}$"):
        UvDialect(Version("0.13.8")).check(scenario)


@pytest.mark.parametrize("text", [">=1", "==1.*", "==1,!=2", ""])
def test_release_of_a_step_is_exact(text: str) -> None:
    """A range of releases in a step is refused, because a step is played by one release."""
    with pytest.raises(CapabilityError, match="name it exactly"):
        exact_release(text)
    assert exact_release("==0.8.0") == Version("0.8.0")


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        (scenario_with({"do": "install", "requirements": ["six"]}), False),
        (scenario_with({"command": {"uv": "uv init"}}), False),
        (scenario_with({"command": {"uv": "uv sync"}}, project={"name": "a"}), True),
        (
            scenario_with(
                {"do": "install", "requirements": ["six"]}, sources={"six": {"index": "nv"}}
            ),
            True,
        ),
        (scenario_with({"do": "run"}), True),
    ],
)
def test_project_file_is_there_if_it_is_told_of_or_needed(
    scenario: Scenario, expected: bool
) -> None:
    """A project file is written if the scenario has a project, or if a verb needs one."""
    assert has_project(scenario) is expected


def test_project_file_word_for_word_goes_before_the_neutral_one() -> None:
    """A verbatim project file is used unchanged, and only by the installer that it is for."""
    scenario = scenario_with(project={"dependencies": []}, **{"project-files": {"uv": "mine"}})
    assert UvDialect(Version("0.13.8")).written_files(scenario) == {"pyproject.toml": "mine"}
    assert (
        "[tool.poetry]" in PoetryDialect(Version("2.5.1")).written_files(scenario)["pyproject.toml"]
    )


def test_indexes_of_a_step_become_the_projects_once_a_source_names_them() -> None:
    """An index named by ``--index`` is written to the project file once a source uses it."""
    add = {"do": "add", "requirements": ["tensorrt"], "index": "nv"}
    assert project_indexes(scenario_with(add)) == ("cpu", "pypi")
    assert project_indexes(scenario_with(add, sources={"tensorrt": {"index": "nv"}})) == (
        "cpu",
        "nv",
        "pypi",
    )
    assert (
        project_indexes(scenario_with(add, **{"cache-control": {"nv": {"files": "a"}}}))[1] == "nv"
    )


def test_default_index_is_explicit_for_nobody() -> None:
    """The default index serves every project, even if a source marks it as explicit."""
    sources = {"six": {"index": "pypi", "explicit": True}, "a": {"index": "nv", "explicit": True}}
    scenario = scenario_with(sources=sources)
    assert [is_explicit(scenario, name) for name in INDEXES] == [False, False, True]


def test_name_that_is_no_module_is_not_imported() -> None:
    """The verb ``run`` imports only valid dotted module names."""
    step = Scenario.model_validate({"title": "t", "steps": [{"do": "run"}]}).steps[0]
    run: Any = step.model_copy(update={"imports": ("os; print(1)",)})
    with pytest.raises(CapabilityError, match="not the dotted name of a module"):
        UvDialect(Version("0.13.8")).command_lines(run, scenario_with())


def test_lockfile_is_read_in_the_projects_folder(tmp_path: Path) -> None:
    """The lockfile is read from the project's folder; a missing lockfile is an empty lock."""
    assert UvDialect(Version("0.13.8")).locked(tmp_path) == {}


@pytest.mark.parametrize(
    ("dialect", "command", "needs"),
    [
        (UvDialect(Version("0.13.8")), "uv pip install six", True),
        (UvDialect(Version("0.13.8")), "uv -v pip install six", True),
        (UvDialect(Version("0.13.8")), "uv --color never -n pip sync r.txt", True),
        (UvDialect(Version("0.13.8")), ["uv", "--offline", "pip", "list"], True),
        (UvDialect(Version("0.13.8")), "uv sync", False),
        (UvDialect(Version("0.13.8")), "uv --offline sync --extra pip", False),
        (UvDialect(Version("0.13.8")), "uv run pip", False),
        (UvDialect(Version("0.13.8")), "uv tool install pip", False),
        (UvDialect(Version("0.13.8")), "uvx pip", False),
        (UvDialect(Version("0.13.8")), "uv -q venv pip", False),
        (PipDialect(Version("26.3")), "pip -v install six", True),
        (PoetryDialect(Version("2.5.1")), "poetry -n install", True),
        (PdmDialect(Version("2.29.4")), "pdm -v sync", True),
    ],
)
def test_venv_is_made_for_commands_that_do_not_make_it(
    dialect: Dialect, command: str | list[str], needs: bool
) -> None:
    """A venv is created before subcommands that need an existing one, such as ``uv pip``."""
    step = Command.model_validate({"command": {dialect.name: command}})
    assert dialect.needs_venv(step) is needs


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("uv -v sync", r"uv 0\.1\.20 has no sync"),
        ("uv -v cache prune", r"uv 0\.1\.20 has no cache prune"),
        ("uv --offline init --lib", r"uv 0\.1\.20 has no init of projects"),
        ("uv -v cache clean", None),
        ("uv -v pip install sync", None),
    ],
)
def test_release_is_asked_for_the_subcommand_of_a_command(command: str, reason: str | None) -> None:
    """A subcommand that the release does not have is found anywhere in the command line."""
    scenario = scenario_with({"command": {"uv": command}})
    dialect = UvDialect(Version("0.1.20"))
    with pytest.raises(CapabilityError, match=reason) if reason else nullcontext():
        dialect.command_lines(scenario.steps[0], scenario)  # type: ignore[arg-type]
