"""Projects and steps in PDM's dialect."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from packaging.version import Version

from pytest_indexcache.errors import CapabilityError
from pytest_indexcache.installers.pdm.dialect import PdmDialect
from pytest_indexcache.scenario.model import Scenario

CPU = {"url": "https://download.pytorch.org/whl/cpu"}
NV = {"url": "https://pypi.nvidia.com"}
PYPI = {"url": "https://pypi.org/simple"}


def scenario_with(**keys: Any) -> Scenario:
    """Return a scenario with these tables."""
    return Scenario.model_validate({"title": "t", "steps": [{"do": "sync"}], **keys})


def written(scenario: Scenario, release: str = "2.29.3") -> dict[str, Any]:
    """Return the parsed project file for a release."""
    files = PdmDialect(Version(release)).project_files(scenario)
    return tomllib.loads(files["pyproject.toml"])


def shown(release: str, keys: dict[str, Any], **project: Any) -> list[str]:
    """Return the shown form of a step's commands."""
    scenario = scenario_with(steps=[keys], indexes={"nv": NV, "pypi": PYPI}, project=project)
    dialect = PdmDialect(Version(release))
    dialect.check(scenario)
    lines = dialect.command_lines(scenario.steps[0], scenario)  # type: ignore[arg-type]
    return [line.shown("pdm") for line in lines]


def test_project_is_written_with_its_sources() -> None:
    """The index of a source includes its project, and an explicit index excludes all others."""
    scenario = scenario_with(
        indexes={"cpu": CPU, "nv": NV, "pypi": PYPI},
        project={
            "name": "moo",
            "requires-python": ">=3.11",
            "dependencies": ["torch", "triton", "mine[opt]>=1; python_version > '3'"],
            "optional-dependencies": {"extra": ["idna"]},
            "dependency-groups": {"dev": ["attrs"]},
            "overrides": ["six==1.16.0"],
        },
        sources={
            "torch": {"index": "cpu", "explicit": True},
            "triton": {"index": "nv"},
            "mine": {"path": "their"},
        },
    )
    assert written(scenario) == {
        "project": {
            "name": "moo",
            "version": "0.1.0",
            "requires-python": ">=3.11",
            "dependencies": [
                "torch",
                "triton",
                'mine[opt] @ file:///${PROJECT_ROOT}/../their ; python_version > "3"',
            ],
            "optional-dependencies": {"extra": ["idna"]},
        },
        "dependency-groups": {"dev": ["attrs"]},
        "tool": {
            "pdm": {
                "distribution": False,
                "resolution": {"respect-source-order": True, "overrides": {"six": "==1.16.0"}},
                "source": [
                    {
                        "name": "cpu",
                        **CPU,
                        "verify_ssl": True,
                        "include_packages": ["torch"],
                        "exclude_packages": ["*"],
                    },
                    {"name": "nv", **NV, "verify_ssl": True, "include_packages": ["triton"]},
                ],
            }
        },
    }


def test_default_index_takes_the_place_of_pypi() -> None:
    """The default index is written as ``pypi``, and another index of that name is renamed."""
    indexes = {"pypi": CPU, "mine": {**NV, "default": True, "flat": True, "users": {"a": "b"}}}
    scenario = scenario_with(indexes=indexes, project={"name": "a"})
    assert written(scenario)["tool"]["pdm"]["source"] == [
        {"name": "other", **CPU, "verify_ssl": True},
        {
            "name": "pypi",
            "url": "https://a:b@pypi.nvidia.com",
            "verify_ssl": True,
            "type": "find_links",
        },
    ]


def test_old_releases_have_other_tables() -> None:
    """For old PDM releases, development groups and overrides are written to other tables."""
    project = {"dependency-groups": {"dev": ["attrs"]}, "overrides": ["six<2"]}
    document = written(scenario_with(project=project), "2.2.0")
    assert "dependency-groups" not in document
    assert document["tool"]["pdm"]["dev-dependencies"] == {"dev": ["attrs"]}
    assert document["tool"]["pdm"]["overrides"] == {"six": "<2"}


def test_pre_releases_of_a_project_are_a_key_of_its_file() -> None:
    """The key for pre-releases in PDM's project file has another name before 2.12.0."""
    scenario = scenario_with(project={"prereleases": True})
    assert written(scenario)["tool"]["pdm"]["resolution"]["allow-prereleases"] is True
    old = written(scenario, "2.11.2")["tool"]["pdm"]
    assert (old["allow_prereleases"], "allow-prereleases" in old["resolution"]) == (True, False)


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        (
            {"project": {"optional-dependencies": {"a": [], "b": []}, "conflicts": [["a", "b"]]}},
            "conflicting extras",
        ),
        ({"project": {"constraints": ["a<1"]}}, "constraints"),
        ({"cache-control": {"nv": {"files": "a"}}}, "override of an index's cache-control"),
        (
            {"sources": {"a": {"path": "a", "extra": "b"}}},
            "sources for one extra, group or marker",
        ),
        (
            {"sources": {"a": {"path": "a", "editable": True}}},
            "editable dependencies but in development groups",
        ),
        (
            {"sources": {"a": [{"path": "a"}, {"path": "b"}]}},
            "lists of sources for a project",
        ),
    ],
)
def test_what_no_release_can_be_told_is_said(keys: dict[str, Any], reason: str) -> None:
    """A scenario with a setting that no release supports is skipped with a short reason."""
    with pytest.raises(CapabilityError) as caught:
        written(scenario_with(indexes={"nv": NV}, **keys))
    assert caught.value.problem == f"pdm has no {reason}"


def test_old_releases_cannot_bind_a_project_to_an_index() -> None:
    """PDM before 2.10.0 cannot bind a project to an index, as it lacks include_packages."""
    scenario = scenario_with(
        indexes={"cpu": CPU, "pypi": PYPI}, sources={"torch": {"index": "cpu"}}
    )
    with pytest.raises(CapabilityError, match=r"it came with 2\.10\.0"):
        written(scenario, "2.9.3")


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
    """A step becomes commands that lock if needed, sync, and run the step's program."""
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
    """The reason for a skip has the missing capability and the first release that has it."""
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
    """Output about an unknown option or command is a usage error, and other errors are not."""
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
    """Releases that ignore the proxy are skipped: 2.13.3 and, for extra indexes, up to 2.15.2."""
    if back is None:
        PdmDialect(Version(release)).check(scenario_with(**keys))
    else:
        with pytest.raises(CapabilityError, match=rf"has no proxy.*: it came with {back}"):
            PdmDialect(Version(release)).check(scenario_with(**keys))


@pytest.mark.parametrize(
    ("url", "is_verified"),
    [("http://a.example.com:4040/simple", False), ("https://a.example.com/simple", True)],
)
def test_an_index_without_tls_is_trusted(url: str, is_verified: bool) -> None:
    """An ``http://`` index is written to the project file with ``verify_ssl = false``."""
    (source,) = written(scenario_with(indexes={"a": {"url": url}}))["tool"]["pdm"]["source"]
    assert (source["url"], source["verify_ssl"]) == (url, is_verified)
