"""Steps as commands of PDM, and the reasons to skip them."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from packaging.version import Version

from pytest_indexcache.errors import CapabilityError
from pytest_indexcache.installers.pdm.dialect import PdmDialect
from tests.unit.installers.project_scenarios import NV, PYPI, scenario_with


def shown(release: str, keys: dict[str, Any], **project: Any) -> list[str]:
    """Return the commands of a step in the form in which they are shown."""
    scenario = scenario_with(steps=[keys], indexes={"nv": NV, "pypi": PYPI}, project=project)
    dialect = PdmDialect(Version(release))
    dialect.check(scenario)
    lines = dialect.command_lines(scenario.steps[0], scenario)  # type: ignore[arg-type]
    return [line.shown("pdm") for line in lines]


LOCK_IF_DUE = "pdm lock --check || pdm lock --update-reuse"


@pytest.mark.parametrize(
    ("release", "step", "commands"),
    [
        ("2.29.3", {"do": "lock"}, ["pdm lock --update-reuse"]),
        ("2.10.4", {"do": "lock"}, ["pdm lock"]),
        ("2.29.3", {"do": "lock", "locked": True}, ["pdm lock --check"]),
        (
            "2.29.3",
            {"do": "sync", "frozen": True, "inexact": True},
            ["pdm sync --no-self --prod"],
        ),
        ("2.29.3", {"do": "lock", "upgrade": True}, ["pdm lock"]),
        (
            "2.29.3",
            {"do": "lock", "upgrade": ["a"]},
            ["pdm lock --update-reuse", "pdm update --no-sync --no-self a"],
        ),
        (
            "2.29.3",
            {"do": "sync"},
            [LOCK_IF_DUE, "pdm sync --no-self --clean-unselected --prod"],
        ),
        (
            "2.16.1",
            {"do": "sync", "frozen": True, "reinstall": True},
            ["pdm sync --no-self --only-keep --prod --reinstall"],
        ),
        (
            "2.29.3",
            {"do": "run", "locked": True, "import": ["a"]},
            [
                "pdm lock --check",
                "pdm sync --no-self --clean-unselected --prod",
                "pdm run python -c 'import a'",
            ],
        ),
        ("2.29.3", {"do": "add", "requirements": ["a"]}, ["pdm add --no-self a"]),
        (
            "2.29.3",
            {"do": "add", "requirements": ["a"], "path": "their", "group": "dev"},
            ["pdm add --no-self --dev --group dev ../their"],
        ),
        (
            "2.29.3",
            {"do": "remove", "projects": ["a"], "optional": "b"},
            ["pdm remove --no-self --group b a"],
        ),
        (
            "2.29.3",
            {"do": "lock", "no-cache": True, "no-binary": ["a", "b"], "no-build": True},
            ["PDM_NO_CACHE=1 PDM_NO_BINARY=a,b PDM_ONLY_BINARY=:all: pdm lock --update-reuse"],
        ),
        (
            "2.13.0",
            {"do": "lock", "exclude-newer": "2026-08-01T12:00:00Z"},
            ["pdm lock --exclude-newer 2026-08-01T12:00:00Z --update-reuse"],
        ),
        (
            "2.26.8",
            {"do": "lock", "exclude-newer": "1 week ago"},
            ["pdm lock --exclude-newer 168h --update-reuse"],
        ),
        (
            "2.29.3",
            {"do": "add", "requirements": ["a"], "prereleases": True},
            ["pdm add --no-self --prerelease a"],
        ),
        (
            "2.10.0",
            {"do": "lock", "resolution": "lowest-direct", "upgrade": True},
            ["pdm lock --strategy direct_minimal_versions"],
        ),
        (
            "2.10.0",
            {"do": "lock", "resolution": "highest", "upgrade": True},
            ["pdm lock --strategy no_direct_minimal_versions"],
        ),
        ("2.9.3", {"do": "lock", "resolution": "highest", "upgrade": True}, ["pdm lock"]),
        (
            "2.29.3",
            {"do": "lock", "resolution": "lowest-direct"},
            ["pdm lock --strategy direct_minimal_versions"],
        ),
        ("2.29.3", {"do": "clear-cache"}, ["pdm cache clear"]),
        ("2.29.3", {"command": {"pdm": "pdm list"}}, ["pdm list"]),
    ],
)
def test_step_is_these_commands(release: str, step: dict[str, Any], commands: list[str]) -> None:
    """A step becomes PDM commands that lock if needed, sync, and run the step's program."""
    assert shown(release, step) == commands


def test_every_extra_is_locked_and_the_chosen_ones_are_synced() -> None:
    """PDM locks every extra, and installs development groups only if a step names them."""
    project = {"optional-dependencies": {"a": ["b"]}, "dependency-groups": {"dev": ["c"]}}
    assert shown("2.29.3", {"do": "sync", "extras": ["a"]}, **project) == [
        "pdm lock --check || pdm lock --group :all --update-reuse",
        "pdm sync --no-self --clean-unselected --prod --group a",
    ]
    assert shown("2.29.3", {"do": "sync", "groups": ["dev"], "frozen": True}, **project) == [
        "pdm sync --no-self --clean-unselected --group dev"
    ]
    assert shown("2.29.3", {"do": "add", "requirements": ["d"], "optional": "a"}, **project) == [
        "pdm add --no-self --group a --no-sync d",
        "pdm sync --no-self --prod --group a",
    ]


def test_index_of_what_is_added_is_written_before() -> None:
    """The index of an added requirement is written to the project file before the command."""
    step = {"do": "add", "requirements": ["tensorrt"], "index": "nv"}
    scenario = scenario_with(steps=[step], indexes={"nv": NV, "pypi": PYPI})
    (line,) = PdmDialect(Version("2.29.3")).command_lines(scenario.steps[0], scenario)  # type: ignore[arg-type]
    document = tomllib.loads(line.files["pyproject.toml"])
    assert document["project"]["dependencies"] == []
    assert document["tool"]["pdm"]["source"] == [
        {"name": "nv", **NV, "verify_ssl": True, "include_packages": ["tensorrt"]}
    ]


@pytest.mark.parametrize(
    ("release", "step", "reason"),
    [
        ("1.15.5", {"do": "sync"}, "pdm 1.15.5 has no venv of its project: it came with 2.0.0"),
        ("2.29.3", {"do": "sync", "offline": True}, "pdm has no offline mode"),
        ("2.29.3", {"do": "sync", "refresh": True}, "pdm has no way to revalidate its cache"),
        ("2.29.3", {"do": "sync", "reinstall": ["a"]}, "pdm has no reinstall of single projects"),
        (
            "2.12.4",
            {"do": "lock", "exclude-newer": "2026-08-01T12:00:00Z"},
            "pdm 2.12.4 has no lock --exclude-newer: it came with 2.13.0",
        ),
        (
            "2.26.7",
            {"do": "lock", "exclude-newer": "7 days ago"},
            "pdm 2.26.7 has no lock --exclude-newer by an age: it came with 2.26.8",
        ),
        (
            "2.29.3",
            {"do": "lock", "exclude-newer": "5 minutes ago"},
            "pdm has no exclude-newer by an age that is not a number of hours",
        ),
        (
            "2.29.3",
            {"do": "add", "requirements": ["a"], "exclude-newer": "7 days ago"},
            "pdm has no exclude-newer of one command other than lock",
        ),
        (
            "2.29.3",
            {"do": "lock", "prereleases": True},
            "pdm has no pre-releases of one command other than add",
        ),
        (
            "2.29.3",
            {"do": "lock", "resolution": "lowest"},
            "pdm has no resolution to the lowest releases of what others require",
        ),
        (
            "2.29.3",
            {"do": "add", "requirements": ["a"], "resolution": "lowest-direct"},
            "pdm has no resolution of a command other than lock",
        ),
        (
            "2.9.3",
            {"do": "lock", "resolution": "lowest-direct"},
            "pdm 2.9.3 has no lock --strategy direct_minimal_versions: it came with 2.10.0",
        ),
        (
            "2.12.4",
            {"do": "sync", "no-cache": True},
            "pdm 2.12.4 has no --no-cache: it came with 2.13.0",
        ),
        (
            "2.29.3",
            {"do": "add", "requirements": ["a"], "editable": "a"},
            "pdm has no editable dependencies but in development groups",
        ),
        (
            "2.29.3",
            {"do": "lock", "expect": {"locked": {"a": {"index": "nv"}}}},
            "pdm has no indexes in its lockfile",
        ),
        (
            "2.29.3",
            {"do": "lock", "expect": {"locked": {"a": {"hashes": False}}}},
            "pdm has no files without a hash in its lockfile",
        ),
        (
            "2.29.3",
            {"do": "lock", "expect": {"locked": {"a": {"urls": ["https://*"]}}}},
            "pdm has no URLs of files in its lockfile",
        ),
    ],
)
def test_what_a_release_lacks_is_said(release: str, step: dict[str, Any], reason: str) -> None:
    """The reason to skip a PDM release names the missing capability and its first release."""
    with pytest.raises(CapabilityError) as caught:
        shown(release, step)
    assert caught.value.problem == reason


@pytest.mark.parametrize(
    ("output", "unknown"),
    [
        (
            "pdm lock: error: unrecognized arguments: --zork",
            "unrecognized arguments: --zork",
        ),
        ("pdm: error: Command unknown: zork", "Command unknown: zork"),
        ("[ResolutionImpossible]: Unable to find a resolution", None),
    ],
)
def test_usage_errors_are_told_from_failures(output: str, unknown: str | None) -> None:
    """PDM's output about an unknown option or command is a usage error; other errors are not."""
    assert PdmDialect(Version("2.29.3")).misunderstanding(output) == unknown


OTHER = {
    "extra": {"url": "https://extra.example.com/simple"},
    "pypi": {"url": "https://pypi.org/simple"},
}


@pytest.mark.parametrize(
    ("release", "keys", "back"),
    [
        ("2.13.2", {"indexes": OTHER}, None),
        ("2.13.3", {}, "2.14.0"),
        ("2.14.0", {}, None),
        ("2.14.0", {"indexes": OTHER}, "2.15.3"),
        ("2.15.2", {"indexes": OTHER}, "2.15.3"),
        ("2.15.3", {"indexes": OTHER}, None),
    ],
)
def test_releases_that_pass_the_proxy_by_are_skipped(
    release: str, keys: dict[str, Any], back: str | None
) -> None:
    """PDM is skipped if it ignores the proxy: 2.13.3 always, others with extra indexes only."""
    if back is None:
        PdmDialect(Version(release)).check(scenario_with(**keys))
    else:
        with pytest.raises(CapabilityError, match=rf"has no proxy.*: it came with {back}"):
            PdmDialect(Version(release)).check(scenario_with(**keys))
