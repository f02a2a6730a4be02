"""Projects and steps in Poetry's dialect, before and since 2.0."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from packaging.version import Version

from pytest_indexcache.errors import CapabilityError
from pytest_indexcache.installers.poetry.dialect import PoetryDialect
from pytest_indexcache.scenario.model import Scenario

CPU = {"url": "https://download.pytorch.org/whl/cpu"}
NV = {"url": "https://pypi.nvidia.com"}
PYPI = {"url": "https://pypi.org/simple"}


def scenario_with(**keys: Any) -> Scenario:
    """Return a scenario with these tables."""
    return Scenario.model_validate({"title": "t", "steps": [{"do": "sync"}], **keys})


def written(scenario: Scenario, release: str = "2.5.1") -> dict[str, Any]:
    """Return the parsed project file for a release."""
    files = PoetryDialect(Version(release)).project_files(scenario)
    return tomllib.loads(files["pyproject.toml"])


def shown(release: str, keys: dict[str, Any], **more: Any) -> list[str]:
    """Return the shown form of a step's commands."""
    scenario = scenario_with(steps=[keys], indexes={"nv": NV, "pypi": PYPI}, **more)
    dialect = PoetryDialect(Version(release))
    dialect.check(scenario)
    lines = dialect.command_lines(scenario.steps[0], scenario)  # type: ignore[arg-type]
    return [line.shown("poetry") for line in lines]


FULL = {
    "indexes": {"cpu": CPU, "pypi": PYPI},
    "project": {
        "name": "moo",
        "requires-python": ">=3.11",
        "dependencies": ["six>=1; python_version > '3'", "torch[opt]", "mine>=1"],
        "optional-dependencies": {"extra": ["idna<4"]},
        "dependency-groups": {"dev": ["attrs"]},
    },
    "sources": {
        "torch": {"index": "cpu", "explicit": True},
        "mine": {"path": "their", "editable": True},
    },
}
GROUP = {"dev": {"optional": True, "dependencies": {"attrs": "*"}}}
SOURCES = [{"name": "cpu", **CPU, "priority": "explicit"}]


def test_since_2_0_there_is_a_project_table() -> None:
    """Since Poetry 2.0, requirements are in [project], and their sources in [tool.poetry]."""
    assert written(scenario_with(**FULL)) == {
        "project": {
            "name": "moo",
            "version": "0.1.0",
            "requires-python": ">=3.11",
            "dependencies": ["six>=1; python_version > '3'", "torch[opt]", "mine>=1"],
            "optional-dependencies": {"extra": ["idna<4"]},
        },
        "tool": {
            "poetry": {
                "package-mode": False,
                "dependencies": {
                    "torch": {"source": "cpu"},
                    "mine": {"path": "../their", "develop": True},
                },
                "group": GROUP,
                "source": SOURCES,
            }
        },
    }


def test_before_2_0_everything_is_poetrys() -> None:
    """Before Poetry 2.0, requirements are tables, and extras list optional requirements."""
    assert written(scenario_with(**FULL), "1.8.5") == {
        "tool": {
            "poetry": {
                "package-mode": False,
                "name": "moo",
                "version": "0.1.0",
                "description": "",
                "authors": [],
                "dependencies": {
                    "python": ">=3.11",
                    "six": {"version": ">=1", "markers": 'python_version > "3"'},
                    "torch": {"version": "*", "extras": ["opt"], "source": "cpu"},
                    "mine": {"path": "../their", "develop": True},
                    "idna": {"version": "<4", "optional": True},
                },
                "extras": {"extra": ["idna"]},
                "group": GROUP,
                "source": SOURCES,
            }
        }
    }


def test_extras_that_exclude_each_other_have_markers() -> None:
    """The source of an extra has a marker that excludes the conflicting extras."""
    scenario = scenario_with(
        indexes={"cpu": CPU, "pypi": PYPI},
        project={
            "optional-dependencies": {"cpu": ["torch"], "web": ["torch"]},
            "conflicts": [["cpu", "web"]],
        },
        sources={
            "torch": [
                {"index": "cpu", "explicit": True, "extra": "cpu"},
                {"index": "pypi", "extra": "web", "marker": "sys_platform == 'linux'"},
            ]
        },
    )
    assert written(scenario)["tool"]["poetry"]["dependencies"]["torch"] == [
        {"source": "cpu", "markers": "extra == 'cpu' and extra != 'web'"},
        {
            "source": "PyPI",
            "markers": "extra == 'web' and extra != 'cpu' and sys_platform == 'linux'",
        },
    ]


@pytest.mark.parametrize(
    ("sources", "place"), [({}, {}), ({"six": {"index": "cpu"}}, {"source": "cpu"})]
)
def test_extras_that_exclude_each_other_have_their_versions(
    sources: dict[str, Any], place: dict[str, Any]
) -> None:
    """Requirements of conflicting extras are written with markers for their extras (2.5.1)."""
    scenario = scenario_with(
        indexes={"cpu": CPU, "pypi": PYPI},
        project={
            "optional-dependencies": {
                "a": ["six==1.16.0"],
                "b": ["six; sys_platform == 'linux'", "attrs"],
                "c": ["six==1.17.0"],
            },
            "conflicts": [["a", "b"]],
        },
        sources=sources,
    )
    found = written(scenario)["tool"]["poetry"]["dependencies"]
    own = '(sys_platform == "linux")'
    assert found["six"] == [
        {"version": "==1.16.0", **place, "markers": "extra == 'a' and extra != 'b'"},
        {"version": "*", **place, "markers": f"extra == 'b' and extra != 'a' and {own}"},
    ]
    assert found["attrs"] == [{"version": "*", "markers": "extra == 'b' and extra != 'a'"}]


@pytest.mark.parametrize(
    ("conflict", "reason"),
    [
        (["a", "b"], "extras that exclude each other without a project in common"),
        (["a", "group:dev"], "groups that exclude each other"),
    ],
)
def test_conflict_that_poetry_cannot_be_told_of_is_lacking(
    conflict: list[str], reason: str
) -> None:
    """Poetry cannot express a conflict of groups, or of extras without a common project."""
    project = {
        "optional-dependencies": {"a": ["x"], "b": ["y"]},
        "dependency-groups": {"dev": ["six"]},
        "conflicts": [conflict],
    }
    with pytest.raises(CapabilityError, match=f"^poetry 2.5.1: poetry has no {reason}$"):
        written(scenario_with(project=project))


def test_other_primary_indexes_stand_before_pypi() -> None:
    """If another index is primary, PyPI is written without a URL."""
    scenario = scenario_with(indexes={"pypi": PYPI, "mine": NV}, sources={"a": {"index": "mine"}})
    assert written(scenario)["tool"]["poetry"]["source"] == [
        {"name": "mine", **NV, "priority": "primary"},
        {"name": "PyPI", "priority": "primary"},
    ]


def test_name_of_pypi_is_for_that_index_alone() -> None:
    """An index that is named PyPI but has another URL is renamed, as Poetry refuses it."""
    scenario = scenario_with(indexes={"pypi": {**NV, "default": True}})
    assert written(scenario)["tool"]["poetry"]["source"] == [
        {"name": "default", **NV, "priority": "primary"}
    ]


@pytest.mark.parametrize(
    ("release", "keys", "reason"),
    [
        ("2.5.1", {"project": {"overrides": ["a==1"]}}, "overrides of what others require"),
        ("2.5.1", {"project": {"constraints": ["a<1"]}}, "constraints"),
        (
            "2.5.1",
            {"indexes": {"nv": NV}, "cache-control": {"nv": {"files": "a"}}},
            "override of an index's cache-control",
        ),
        (
            "2.5.1",
            {"indexes": {"a": {**NV, "flat": True}}},
            "flat indexes that are not an .html page",
        ),
    ],
)
def test_what_no_release_can_be_told_is_said(
    release: str, keys: dict[str, Any], reason: str
) -> None:
    """A scenario with a setting that no release supports is skipped with a short reason."""
    with pytest.raises(CapabilityError) as caught:
        written(scenario_with(**keys), release)
    assert caught.value.problem == f"poetry has no {reason}"


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        (
            {"project": {"optional-dependencies": {"a": [], "b": []}, "conflicts": [["a", "b"]]}},
            "extras that exclude each other",
        ),
        (
            {
                "indexes": {"nv": NV},
                "project": {"dependencies": ["t"]},
                "sources": {"t": {"index": "nv", "extra": "a"}},
            },
            "sources for one extra",
        ),
        (
            {"project": {"dependencies": ["a"], "optional-dependencies": {"b": ["a<1"]}}},
            "several requirements on one project",
        ),
    ],
)
def test_what_came_with_2_0_is_said(keys: dict[str, Any], reason: str) -> None:
    """Settings that Poetry 2.0 introduced are missing capabilities of earlier releases."""
    with pytest.raises(CapabilityError) as caught:
        written(scenario_with(**keys), "1.8.5")
    assert caught.value.problem == f"poetry 1.8.5 has no {reason}: it came with 2.0.0"


LOCK_IF_DUE = "poetry check --lock || poetry lock"


@pytest.mark.parametrize(
    ("release", "step", "commands"),
    [
        ("2.5.1", {"do": "lock"}, ["poetry lock"]),
        ("1.8.5", {"do": "lock"}, ["poetry lock --no-update"]),
        ("2.5.1", {"do": "lock", "upgrade": True}, ["poetry lock --regenerate"]),
        ("1.8.5", {"do": "lock", "upgrade": True}, ["poetry lock"]),
        ("2.5.1", {"do": "lock", "upgrade": ["a"]}, ["poetry lock", "poetry update --lock a"]),
        (
            "2.5.1",
            {"do": "sync", "extras": ["a"], "groups": ["dev"]},
            [LOCK_IF_DUE, "poetry sync --extras a --with dev"],
        ),
        ("1.8.5", {"do": "sync", "frozen": True}, ["poetry install --sync"]),
        ("2.5.1", {"do": "lock", "locked": True}, ["poetry check --lock"]),
        ("2.5.1", {"do": "sync", "frozen": True, "inexact": True}, ["poetry install"]),
        ("2.5.1", {"do": "sync", "locked": True}, ["poetry check --lock", "poetry sync"]),
        (
            "2.5.1",
            {"do": "run", "import": ["a"], "frozen": True},
            ["poetry sync", "poetry run python -c 'import a'"],
        ),
        (
            "2.5.1",
            {"do": "add", "requirements": ["t"], "index": "nv", "optional": "cu12"},
            [
                "poetry source add --priority=supplemental nv https://pypi.nvidia.com",
                "poetry add --source nv --optional cu12 t",
                "poetry install --extras cu12",
            ],
        ),
        (
            "1.8.5",
            {"do": "add", "requirements": ["t"], "path": "their", "group": "dev"},
            ["poetry add --group dev ../their"],
        ),
        ("2.5.1", {"do": "remove", "projects": ["a"]}, ["poetry remove a"]),
        (
            "2.5.1",
            {"do": "sync", "frozen": True, "no-cache": True, "no-binary": ["a", "b"]},
            ["POETRY_INSTALLER_NO_BINARY=a,b poetry --no-cache sync"],
        ),
        (
            "2.4.0",
            {"do": "lock", "exclude-newer": "1 week ago"},
            ["POETRY_SOLVER_MIN_RELEASE_AGE=7 poetry lock"],
        ),
        ("2.5.1", {"do": "clear-cache"}, ["poetry cache clear --all --no-interaction ."]),
        ("2.5.1", {"command": {"poetry": "poetry show --tree"}}, ["poetry show --tree"]),
    ],
)
def test_step_is_these_commands(release: str, step: dict[str, Any], commands: list[str]) -> None:
    """A step becomes commands that lock if needed, sync, and run the step's program."""
    assert shown(release, step) == commands


def test_credentials_are_variables() -> None:
    """The credentials of an index's first user are passed in environment variables."""
    indexes = {"my.nv": {**NV, "users": {"ann": "p w"}}, "pypi": PYPI}
    scenario = scenario_with(steps=[{"do": "lock"}], indexes=indexes)
    (line,) = PoetryDialect(Version("2.5.1")).command_lines(scenario.steps[0], scenario)  # type: ignore[arg-type]
    assert line.shown("poetry") == (
        "POETRY_HTTP_BASIC_MY_NV_USERNAME=ann POETRY_HTTP_BASIC_MY_NV_PASSWORD='p w' poetry lock"
    )


def test_credentials_of_a_netrc_file_are_no_variables() -> None:
    """Credentials in a netrc file are not passed in variables, because Poetry reads the file."""
    indexes = {"nv": {**NV, "users": {"ann": "pw"}}, "pypi": PYPI}
    access = {"nv": {"netrc": True, "slash": True}}
    scenario = scenario_with(steps=[{"do": "lock"}], indexes=indexes, access=access)
    dialect = PoetryDialect(Version("2.5.1"))
    (line,) = dialect.command_lines(scenario.steps[0], scenario)  # type: ignore[arg-type]
    assert line.shown("poetry") == "poetry lock"
    assert 'url = "https://pypi.nvidia.com/"' in dialect.project_files(scenario)["pyproject.toml"]


@pytest.mark.parametrize(
    ("release", "step", "reason"),
    [
        ("1.7.1", {"do": "sync"}, "poetry 1.7.1 has no package-mode: it came with 1.8.0"),
        ("2.5.1", {"do": "sync", "offline": True}, "poetry has no offline mode"),
        ("2.5.1", {"do": "sync", "refresh": True}, "poetry has no way to revalidate its cache"),
        ("2.5.1", {"do": "sync", "reinstall": True}, "poetry has no reinstall"),
        (
            "2.3.4",
            {"do": "lock", "exclude-newer": "7 days ago"},
            "poetry 2.3.4 has no solver.min-release-age: it came with 2.4.0",
        ),
        (
            "2.5.1",
            {"do": "lock", "exclude-newer": "2026-08-01T12:00:00Z"},
            "poetry has no exclude-newer by a date: it knows only ages",
        ),
        (
            "2.5.1",
            {"do": "lock", "exclude-newer": "36 hours ago"},
            "poetry has no exclude-newer by an age that is not a number of days",
        ),
        (
            "2.5.1",
            {"do": "lock", "prereleases": True},
            "poetry has no pre-releases of every project",
        ),
        (
            "2.5.1",
            {"do": "lock", "resolution": "lowest"},
            "poetry has no resolution to the lowest releases",
        ),
        ("2.5.1", {"do": "prune-cache"}, "poetry has no prune of its cache"),
        (
            "2.5.1",
            {"do": "lock", "expect": {"locked": {"a": {"urls": ["https://*"]}}}},
            "poetry has no URLs of files in its lockfile",
        ),
        (
            "1.8.5",
            {"do": "add", "requirements": ["a"], "optional": "b"},
            "poetry 1.8.5 has no add to an extra that is locked with it: it came with 2.1.3",
        ),
        (
            "1.8.5",
            {"do": "sync", "no-build": True},
            "poetry 1.8.5 has no installer.only-binary: it came with 2.0.0",
        ),
    ],
)
def test_what_a_release_lacks_is_said(release: str, step: dict[str, Any], reason: str) -> None:
    """The reason for a skip has the missing capability and the first release that has it."""
    with pytest.raises(CapabilityError) as caught:
        shown(release, step)
    assert caught.value.problem == reason


def test_before_2_0_a_source_tree_needs_build_from_pypi() -> None:
    """Before Poetry 2.0, local projects and sdists are skipped, as they need pypa/build."""
    keys: dict[str, Any] = {"local-projects": {"mine": {"path": "mine"}}}
    with pytest.raises(CapabilityError, match=r"it came with 2\.0\.0"):
        shown("1.8.5", {"do": "sync"}, **keys)
    assert shown("2.0.0", {"do": "sync", "frozen": True}, **keys) == ["poetry sync"]


@pytest.mark.parametrize(
    ("output", "unknown"),
    [
        ('\nThe option "--zork" does not exist\n', 'The option "--zork" does not exist'),
        (
            "The requested command zork does not exist.",
            "The requested command zork does not exist",
        ),
        (
            "The Poetry configuration is invalid:\n"
            "  - tool.poetry.source[0] must not contain {'nonsense'} properties\n",
            "tool.poetry.source[0] must not contain {'nonsense'} properties",
        ),
        ("The venv does not exist", None),
    ],
)
def test_usage_errors_are_told_from_failures(output: str, unknown: str | None) -> None:
    """Output about an unknown option or command is a usage error, and other errors are not."""
    assert PoetryDialect(Version("2.5.1")).misunderstanding(output) == unknown
