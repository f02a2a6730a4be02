"""Steps as commands of Poetry, and the reasons to skip them."""

from __future__ import annotations

from typing import Any

import pytest
from packaging.version import Version

from pytest_indexcache.errors import CapabilityError
from pytest_indexcache.installers.poetry.dialect import PoetryDialect
from tests.unit.installers.project_scenarios import NV, PYPI, scenario_with


def shown(release: str, keys: dict[str, Any], **more: Any) -> list[str]:
    """Return the commands of a step in the form in which they are shown."""
    scenario = scenario_with(steps=[keys], indexes={"nv": NV, "pypi": PYPI}, **more)
    dialect = PoetryDialect(Version(release))
    dialect.check(scenario)
    lines = dialect.command_lines(scenario.steps[0], scenario)  # type: ignore[arg-type]
    return [line.shown("poetry") for line in lines]


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
    """A step becomes Poetry commands that lock if needed, sync, and run the step's program."""
    assert shown(release, step) == commands


def test_credentials_are_variables() -> None:
    """The credentials of the first user of an index are passed in environment variables."""
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
    """The reason to skip a Poetry release names the missing capability and its first release."""
    with pytest.raises(CapabilityError) as caught:
        shown(release, step)
    assert caught.value.problem == reason


def test_before_2_0_a_source_tree_needs_build_from_pypi() -> None:
    """Before Poetry 2.0, local projects and sdists are skipped, because they need pypa/build."""
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
    """Poetry's output about an unknown option or command is a usage error; others are not."""
    assert PoetryDialect(Version("2.5.1")).misunderstanding(output) == unknown
