"""Projects and steps as files and commands of nab."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from packaging.version import Version

from pytest_indexcache.errors import CapabilityError
from pytest_indexcache.installers.nab.dialect import NabDialect
from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.scenario.model import Scenario

INDEXES = {
    "private": {"url": "https://packages.example.com/simple", "users": {"me": "s3cret"}},
    "pypi": {"url": "https://pypi.org/simple"},
}


def scenario_with(**keys: Any) -> Scenario:
    """Return a scenario with these tables."""
    tables = {"title": "t", "indexes": INDEXES, "steps": [{"do": "lock"}], **keys}
    return Scenario.model_validate(tables)


def shown(release: str, step: dict[str, Any], **tables: Any) -> list[str]:
    """Return the commands of a step in the form in which they are shown."""
    scenario = scenario_with(steps=[step], **tables)
    dialect = NabDialect(Version(release))
    dialect.check(scenario)
    lines = dialect.command_lines(scenario.steps[0], scenario)  # type: ignore[arg-type]
    return [line.shown("nab") for line in lines]


def test_project_is_written_with_its_indexes_in_order() -> None:
    """Extra indexes come before the default one, and a source binds its package to its index."""
    scenario = scenario_with(
        project={
            "requires-python": ">=3.11",
            "dependencies": ["foo"],
            "optional-dependencies": {"cli": ["rich"]},
            "dependency-groups": {"dev": ["idna"]},
            "constraints": ["rich<14"],
            "exclude-newer": "7 days ago",
        },
        sources={"foo": {"index": "private"}},
    )
    files = NabDialect(Version("0.0.23")).project_files(scenario)
    assert tomllib.loads(files["pyproject.toml"]) == {
        "project": {
            "name": "project",
            "version": "0.1.0",
            "requires-python": ">=3.11",
            "dependencies": ["foo"],
            "optional-dependencies": {"cli": ["rich"]},
        },
        "dependency-groups": {"dev": ["idna"]},
        "tool": {
            "nab": {
                "constraints": ["rich<14"],
                "uploaded-prior-to": "P7D",
                "indexes": [
                    {"name": "private", "url": "https://me:s3cret@packages.example.com/simple"},
                    {"name": "pypi", "url": "https://pypi.org/simple"},
                ],
                "packages": {"foo": {"index": "private"}},
            }
        },
    }


@pytest.mark.parametrize(
    ("step", "command"),
    [
        ({"do": "lock"}, "nab lock"),
        ({"do": "lock", "locked": True}, "nab lock --locked"),
        ({"do": "lock", "upgrade": True, "no-cache": True}, "nab lock --upgrade --no-cache"),
        ({"do": "lock", "offline": True}, "nab lock --offline"),
        (
            {"do": "lock", "exclude-newer": "2026-08-01T12:00:00+02:00"},
            "nab lock --project-uploaded-prior-to 2026-08-01T10:00:00Z",
        ),
        (
            {"do": "lock", "exclude-newer": "2 weeks ago"},
            "nab lock --project-uploaded-prior-to P14D",
        ),
        ({"do": "lock", "resolution": "lowest"}, "nab lock --project-resolution lowest"),
        ({"do": "clear-cache"}, "nab cache clear"),
        ({"command": {"nab": "nab download --output files"}}, "nab download --output files"),
    ],
)
def test_steps_are_commands(step: dict[str, Any], command: str) -> None:
    """A step becomes one nab command: the command for its verb, or the verbatim command."""
    assert shown("0.0.23", step) == [command]


def test_lock_takes_in_every_extra_and_group() -> None:
    """Locking with nab includes every extra and group."""
    project = {"optional-dependencies": {"a": ["six"]}, "dependency-groups": {"b": ["idna"]}}
    assert shown("0.0.9", {"do": "lock"}, project=project) == ["nab lock --all-extras --all-groups"]


@pytest.mark.parametrize(
    ("release", "step", "tables", "reason"),
    [
        ("0.0.8", {"do": "lock"}, {}, "it came with 0.0.9"),
        ("0.0.11", {"do": "clear-cache"}, {}, "it came with 0.0.12"),
        ("0.0.23", {"do": "clear-cache", "projects": ["six"]}, {}, "stored of one project"),
        ("0.0.23", {"do": "sync"}, {}, "nab has no verb sync"),
        ("0.0.23", {"do": "lock", "upgrade": ["six"]}, {}, "upgrade of single projects"),
        ("0.0.23", {"do": "lock", "no-binary": True}, {}, "choice of wheels or sdists"),
        ("0.0.23", {"do": "lock", "exclude-newer": "36 hours ago"}, {}, "not a number of days"),
        ("0.0.23", {"do": "lock", "prereleases": True}, {}, "nab has no pre-releases"),
        ("0.0.23", {"do": "lock"}, {"project": {"prereleases": True}}, "nab has no pre-releases"),
        ("0.0.23", {"do": "lock"}, {"project": {"overrides": ["a==1"]}}, "has no overrides"),
        (
            *("0.0.23", {"do": "lock"}),
            {"sources": {"foo": {"index": "private", "explicit": True}}},
            "serves only some projects",
        ),
        ("0.0.23", {"do": "lock"}, {"sources": {"foo": {"path": "foo"}}}, "path or URL"),
    ],
)
def test_what_it_lacks_is_told(
    release: str, step: dict[str, Any], tables: dict[str, Any], reason: str
) -> None:
    """A scenario is skipped with a reason if nab does not have a necessary capability."""
    project = {"dependencies": ["foo"]}
    with pytest.raises(CapabilityError, match=reason):
        shown(release, step, **{"project": project, **tables})


def test_entry_point_finds_it() -> None:
    """The registry finds nab through the entry point of this package."""
    assert create_installer("nab==0.0.23").spec.name == "nab"
