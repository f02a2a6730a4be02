"""Installs into a venv by means of a generated project, for Poetry and PDM."""

from __future__ import annotations

import sys
import tomllib
from typing import Any

import pytest
from packaging.version import Version

from pytest_indexcache.errors import CapabilityError
from pytest_indexcache.installers.commands.command_lines import CommandLine
from pytest_indexcache.installers.commands.dialect import Dialect
from pytest_indexcache.installers.pdm.dialect import PdmDialect
from pytest_indexcache.installers.poetry.dialect import PoetryDialect
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.steps import InstallerStep

INDEXES = {
    "nv": {"url": "https://pypi.nvidia.com", "packages": {"b": {"1.0": {"requires": ["c"]}}}},
    "pypi": {
        "url": "https://pypi.org/simple",
        "packages": {"a": {"1.0": {}}, "c": {"1.0": {}}, "d": {"1.0": {"requires": ["c"]}}},
    },
}
POETRY = PoetryDialect(Version("2.5.1"))
OLD_POETRY = PoetryDialect(Version("1.8.5"))
PDM = PdmDialect(Version("2.29.3"))
GONE = {"do": "remove-venv"}


def install(*requirements: str, **keys: Any) -> dict[str, Any]:
    """Return a step that installs requirements."""
    return {"do": "install", "requirements": list(requirements), **keys}


def uninstall(*projects: str) -> dict[str, Any]:
    """Return a step that uninstalls projects from the venv."""
    return {"do": "uninstall", "projects": list(projects)}


def commands(dialect: Dialect, *steps: dict[str, Any], **tables: Any) -> tuple[CommandLine, ...]:
    """Check that the scenario is playable, and return the commands of the last step."""
    keys = {"title": "t", "indexes": INDEXES, "steps": list(steps), **tables}
    scenario = Scenario.model_validate(keys)
    dialect.check(scenario)
    step = scenario.steps[-1]
    assert isinstance(step, InstallerStep)
    return dialect.command_lines(step, scenario)


def project(lines: tuple[CommandLine, ...]) -> dict[str, Any]:
    """Return the project file that is written before the first command of a step."""
    return tomllib.loads(lines[0].files["pyproject.toml"])


REUSED = ["poetry check --lock || poetry lock", "poetry install"]
ANEW = ["poetry lock --regenerate", "poetry install"]
OTHER = {"index": "nv"}


@pytest.mark.parametrize(
    ("dialect", "steps", "shown"),
    [
        (POETRY, [install("a")], ANEW),
        (POETRY, [install("a", **{"no-sources": True})], ANEW),
        (OLD_POETRY, [install("a")], ["poetry lock", "poetry install"]),
        (PDM, [install("a")], ["pdm lock", "pdm sync --no-self --prod"]),
        (POETRY, [install("a"), install("a")], REUSED),
        (
            PDM,
            [install("a"), install("a", reinstall=True)],
            [
                "pdm lock --check || pdm lock --update-reuse",
                "pdm sync --no-self --prod --reinstall",
            ],
        ),
        (POETRY, [install("a"), install("d")], ["poetry lock", "poetry install"]),
        (POETRY, [install("a"), GONE, install("a")], ANEW),
        (POETRY, [install("a"), install("a", venv="other")], ANEW),
        (POETRY, [install("a"), install("b", venv="other"), install("a")], REUSED),
        (POETRY, [install("a"), install("a", **OTHER)], ANEW),
        (POETRY, [install("a"), install("a", upgrade=True)], ANEW),
        (
            POETRY,
            [install("a"), install("a", upgrade=["a"])],
            ["poetry check --lock || poetry lock", "poetry update --lock a", "poetry install"],
        ),
        (POETRY, [install("a", "b"), uninstall("B", "c")], ["poetry remove b"]),
        (PDM, [install("a", "b"), uninstall("b", "c")], ["pdm remove --no-self b"]),
        (
            POETRY,
            [install("a"), uninstall("a"), install("a")],
            ["poetry lock", "poetry install"],
        ),
    ],
)
def test_install_is_that_of_a_project(
    dialect: Dialect, steps: list[dict[str, Any]], shown: list[str]
) -> None:
    """A repeated install into a venv reuses the lock, and a different install resolves again."""
    assert [line.shown(dialect.name) for line in commands(dialect, *steps)] == shown


def test_project_requires_all_that_its_venv_was_asked_for() -> None:
    """The generated project requires everything that was installed so far and not uninstalled."""
    steps = [
        install("a", "d==1"),
        install("x", venv="other"),
        install("b[e]>=1", "A==1", **{"extra-indexes": ["nv"]}),
        uninstall("d"),
        install("c"),
    ]
    written = project(commands(POETRY, *steps))
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert written["project"]["dependencies"] == ["A==1", "b[e]>=1", "c"]
    assert written["project"]["requires-python"] == f">={running}"
    assert [it["name"] for it in written["tool"]["poetry"]["source"]] == ["nv", "PyPI"]


def test_indexes_of_the_step_stand_in_the_project_file() -> None:
    """The index of a step replaces the scenario's default index in the generated project."""
    [nv] = project(commands(PDM, install("a", index="nv")))["tool"]["pdm"]["source"]
    assert nv == {"name": "pypi", "url": "https://pypi.nvidia.com", "verify_ssl": True}


def test_folders_are_local_projects() -> None:
    """A folder is installed under the name of the local project in it."""
    tables = {"local-projects": {"mine": {"path": "folder"}}}
    step = {"do": "install", "editable": ["folder"]}
    written = project(commands(POETRY, step, **tables))
    place = {"path": "../folder", "develop": True}
    assert written["project"]["dependencies"] == ["mine"]
    assert written["tool"]["poetry"]["dependencies"] == {"mine": place}


PAGE = {"url": "https://files.example.com/links.html", "flat": True, "packages": {"a": {"1": {}}}}


def test_without_an_index_there_are_find_links_alone() -> None:
    """If a step has only a flat index, the generated project does not use PyPI."""
    step = install("a", **{"find-links": ["flat"], "no-index": True})
    [flat] = project(commands(PDM, step, indexes={**INDEXES, "flat": PAGE}))["tool"]["pdm"][
        "source"
    ]
    assert (flat["name"], flat["type"], flat["url"]) == ("pypi", "find_links", PAGE["url"])


def test_settings_of_the_project_hold_for_its_stand_in() -> None:
    """The project's ``exclude-newer`` and ``prereleases`` also apply to a generated project."""
    asked = {"exclude-newer": "7 days ago", "prereleases": True}
    lines = commands(PDM, install("a"), project=asked)
    resolution = project(lines)["tool"]["pdm"]["resolution"]
    assert (resolution["exclude-newer"], resolution["allow-prereleases"]) == ("168h", True)


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ([{"do": "sync"}, install("a")], "install beside a project of the same folder"),
        ([{"do": "sync"}, uninstall("a")], "install beside a project of the same folder"),
        (
            [{"together": [install("a"), install("b")]}],
            "install at once with another of the same folder",
        ),
        ([install("a", **{"find-links": ["wheels"]})], "folder of files for find-links"),
        ([install("a", **{"requirements-files": ["r.txt"]})], "install of a requirements file"),
        ([install("a", **{"constraints-files": ["c.txt"]})], "install of a requirements file"),
        (
            [install("a", **{"config-settings": {"key": "value"}})],
            "config settings of an install",
        ),
        (
            [install("a", **{"require-hashes": True})],
            "install that demands hashes of its requirements",
        ),
        (
            [{"do": "install", "paths": ["a.whl"]}],
            "install of a file, or of a folder that is not a local project",
        ),
        *(
            (
                [install("a", "b", "d"), uninstall(*names)],
                "uninstall of less than a project and what only it requires",
            )
            for names in (["c"], ["b", "c"], ["b", "d"])
        ),
        ([install("a", constraints=["b<1"])], "constraints"),
        ([install("a", offline=True)], "offline mode"),
    ],
)
@pytest.mark.parametrize("dialect", [POETRY, PDM], ids=["poetry", "pdm"])
def test_what_no_project_can_say_is_a_reason(
    dialect: Dialect, steps: list[dict[str, Any]], reason: str
) -> None:
    """An install that cannot be expressed as a project file is skipped with a reason."""
    with pytest.raises(CapabilityError) as caught:
        commands(dialect, *steps)
    assert caught.value.problem == f"{dialect.name} has no {reason}"
