"""The pip options that several verbs share, for a given release of pip."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from pytest_indexcache.installers.commands.command_lines import named
from pytest_indexcache.installers.commands.dialect import Dialect
from pytest_indexcache.installers.commands.indexes.index_options import (
    find_links_options,
    index_options,
    unencrypted_hosts,
)
from pytest_indexcache.installers.commands.indexes.project_indexes import project_indexes
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.model.edits import admits_prereleases, cutoff_of, resolution_of
from pytest_indexcache.scenario.tables.fields import age_of, written_moment
from pytest_indexcache.scenario.tables.steps import Install, NetworkStep

PYPI_ORG = "10.0.0b1"
"""The first release whose default index is pypi.org instead of pypi.python.org."""


def named_indexes(
    dialect: Dialect,
    scenario: Scenario,
    default: str | None,
    extra: Iterable[str],
    places: Iterable[str] = (),
) -> list[str]:
    """Return index and find-links options, and ``--trusted-host`` for hosts without TLS.

    ``default`` and ``extra`` are names of indexes. ``places`` are names of flat indexes, or folders
    in the workspace.
    """
    parts = index_options(scenario, default, extra, knows_pypi=dialect.has(PYPI_ORG))
    parts += find_links_options(scenario, places)
    return [*parts, *named("--trusted-host", tuple(unencrypted_hosts(parts)))]


def indexes_of_project(dialect: Dialect, scenario: Scenario) -> list[str]:
    """Return the options that name the project's indexes."""
    names = [name for name in project_indexes(scenario) if name != scenario.default_index]
    return named_indexes(dialect, scenario, scenario.default_index, names)


def network_options(dialect: Dialect, step: NetworkStep) -> list[str]:
    """Return the options shared by all verbs that use an index.

    :raises CapabilityError: for a setting that the release does not support
    """
    for what, value in (
        ("--no-sources", step.no_sources and not isinstance(step, Install)),
        ("platform other than this one for an install into a venv", step.python_platform),
        (
            f"index strategy {step.index_strategy}: all its indexes are equal",
            step.index_strategy not in (None, "unsafe-best-match"),
        ),
        ("--refresh-package", step.refresh),
    ):
        if value:
            dialect.demand(what)
    parts = ["--no-cache-dir"] if step.no_cache else []
    parts += ["--no-deps"] if step.no_deps else []
    parts += _formats("--no-binary", step.no_binary)
    parts += _formats("--only-binary", step.no_build)
    return [*parts, *_formats("--refresh-package", step.refresh)]


def resolving_options(dialect: Dialect, step: NetworkStep, scenario: Scenario) -> list[str]:
    """Return the options for a command that resolves: network options and limits on releases.

    They are not used for an install from a lockfile, because that needs no resolution. Some
    releases, such as pip 26.3, refuse a limit on upload times in this case.

    :raises CapabilityError: for a setting that the release does not support
    """
    if resolution_of(step, scenario) not in (None, "highest"):
        dialect.demand("resolution to the lowest releases")
    early = ["--pre"] if admits_prereleases(step, scenario) else []
    return [*_cutoff(dialect, step, scenario), *early, *network_options(dialect, step)]


def _cutoff(dialect: Dialect, step: NetworkStep, scenario: Scenario) -> list[str]:
    """Return the option that excludes files uploaded after a given time."""
    moment = cutoff_of(step, scenario)
    if moment is None:
        return []
    dialect.demand("--uploaded-prior-to")
    age = age_of(moment)
    if age is None:
        return ["--uploaded-prior-to", written_moment(moment)]
    dialect.demand("--uploaded-prior-to by an age")
    if age % timedelta(days=1):
        dialect.demand("--uploaded-prior-to by an age that is not a number of days")
    return ["--uploaded-prior-to", f"P{age.days}D"]


def _formats(option: str, choice: bool | tuple[str, ...]) -> list[str]:
    if isinstance(choice, tuple):
        return [option, ",".join(choice)] if choice else []
    return [option, ":all:"] if choice else []
