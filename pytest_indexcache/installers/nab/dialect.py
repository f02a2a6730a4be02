"""The adapter for nab, which locks and downloads but does not install.

It is loaded through an entry point and uses only the interface that adapters from other packages
can use. It cannot play scenarios that need a venv.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Final

import tomli_w

from pytest_indexcache.installers.commands.adapter import CommandAdapter
from pytest_indexcache.installers.commands.command_lines import CommandLine
from pytest_indexcache.installers.commands.dialect import Dialect
from pytest_indexcache.installers.commands.exits import crash_of_python
from pytest_indexcache.installers.commands.indexes.project_indexes import (
    is_explicit,
    project_indexes,
    written_url,
)
from pytest_indexcache.installers.commands.locks.lockfiles import read_pylock
from pytest_indexcache.installers.contract.installer import LockedPackage
from pytest_indexcache.installers.nab.capabilities import NAB
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.fields import age_of, written_moment
from pytest_indexcache.scenario.tables.steps import ClearCache, InstallerStep, Lock

_UPLOADED: Final = "--project-uploaded-prior-to"


class NabDialect(Dialect):
    """The commands and settings of one release of nab, 0.0.9 or later."""

    name = "nab"
    lockfile_name = "pylock.toml"
    capabilities = NAB
    always_needed = ("lockfile without a path of this machine",)
    locks_universally = False
    not_known = re.compile(r"[Uu]nrecogni[sz]ed options?:? .*|is not a valid nab setting.*")
    crashed = crash_of_python("nab")

    def project_files(self, scenario: Scenario) -> Mapping[str, str]:
        """Return ``pyproject.toml`` as the only project file."""
        self._refuse_project(scenario)
        project = scenario.project
        table: dict[str, Any] = {
            "name": project.name,
            "version": project.version,
            "requires-python": project.requires_python,
            "dependencies": list(project.dependencies),
            "optional-dependencies": {
                name: list(many) for name, many in project.optional_dependencies.items()
            },
        }
        groups = {name: list(many) for name, many in project.dependency_groups.items()}
        cutoff = project.exclude_newer
        # nab searches the indexes in order, and uses the first one that has a project.
        own = {
            "constraints": list(project.constraints),
            "uploaded-prior-to": self._cutoff(cutoff) if cutoff else None,
            "resolution": project.resolution,
            "indexes": [
                {"name": name, "url": written_url(scenario, name)}
                for name in project_indexes(scenario)
            ],
            "packages": {
                name: {"index": source.index}
                for name, many in scenario.sources.items()
                for source in many
            },
        }
        document = {
            "project": {key: value for key, value in table.items() if value not in (None, {})},
            "dependency-groups": groups,
            "tool": {"nab": {key: value for key, value in own.items() if value}},
        }
        return {
            "pyproject.toml": tomli_w.dumps(
                {key: value for key, value in document.items() if value}
            )
        }

    def _refuse_project(self, scenario: Scenario) -> None:
        sources = [source for many in scenario.sources.values() for source in many]
        indexes = project_indexes(scenario)
        project = scenario.project
        for what, value in (
            ("environments as markers", project.environments or project.required_environments),
            ("overrides", project.overrides),
            ("pre-releases", project.prereleases),
            ("conflicting extras", project.conflicts),
            ("override of an index's cache-control", scenario.cache_control),
            (
                "sources for one extra, group or marker",
                any(source.extra or source.group or source.marker for source in sources)
                or any(len(many) > 1 for many in scenario.sources.values()),
            ),
            (
                "path or URL as the source of a project",
                any(source.index is None for source in sources),
            ),
            (
                "index that serves only some projects (explicit)",
                any(is_explicit(scenario, name) for name in indexes),
            ),
            (
                "folder of files for find-links",
                any(scenario.indexes[index].flat for index in indexes),
            ),
        ):
            if value:
                self.demand(what)

    def verb_lines(self, step: InstallerStep, scenario: Scenario) -> tuple[CommandLine, ...]:
        """Return the command of a step: ``nab lock`` or ``nab cache clear``."""
        if isinstance(step, ClearCache):
            if step.projects:
                self.demand("way to clear what it stored of one project")
            self.demand("command that clears its cache")
            return (CommandLine(("cache", "clear")),)
        if not isinstance(step, Lock):
            raise self.lacking_verb(step)
        return (self._lock(step, scenario),)

    def _lock(self, step: Lock, scenario: Scenario) -> CommandLine:
        for what, value in (
            ("way to revalidate its cache", step.refresh),
            ("upgrade of single projects", isinstance(step.upgrade, tuple) and step.upgrade),
            ("choice of wheels or sdists for single projects", step.no_binary or step.no_build),
            ("--no-sources", step.no_sources),
            ("--no-deps", step.no_deps),
            ("pre-releases", step.prereleases),
            ("choice of index strategies", step.index_strategy not in (None, "first-index")),
            ("lock for another platform by an option", step.python_platform),
        ):
            if value:
                self.demand(what)
        chosen = {
            "--locked": step.locked,
            "--upgrade": step.upgrade,
            "--offline": step.offline,
            "--no-cache": step.no_cache,
            "--all-extras": scenario.project.optional_dependencies,
            "--all-groups": scenario.project.dependency_groups,
        }
        cutoff = (_UPLOADED, self._cutoff(step.exclude_newer)) if step.exclude_newer else ()
        options = [option for option, is_set in chosen.items() if is_set]
        resolution = ("--project-resolution", step.resolution) if step.resolution else ()
        return CommandLine(("lock", *options, *cutoff, *resolution))

    def _cutoff(self, moment: datetime | str) -> str:
        """Return a time in nab's format: ``2026-08-01T12:00:00Z``, or an age such as ``P7D``."""
        age = age_of(moment)
        if age is None:
            return written_moment(moment)
        if age % timedelta(days=1):
            self.demand("exclude-newer by an age that is not a number of days")
        return f"P{age.days}D"

    def needs_venv(self, step: InstallerStep) -> bool:  # noqa: ARG002
        """Return False: nab locks for the Python that it runs on, not for that of a venv."""
        return False

    def environment(
        self,
        step: InstallerStep,  # noqa: ARG002
        venv: Path,  # noqa: ARG002
        python: Path,  # noqa: ARG002
        cache: Path,
    ) -> Mapping[str, str]:
        """Return the variables that set the cache, and select a transport that supports the proxy.

        nab's default transport, urllib3, does not support the proxy. ``NAB_NO_PROGRESS`` is not
        set: releases before 0.0.12 reject it, and nab shows progress only in a terminal.
        """
        return {"NAB_CACHE_DIR": str(cache / "nab"), "NAB_HTTP_BACKEND": "httpx"}

    def locked(self, folder: Path) -> Mapping[str, tuple[LockedPackage, ...]]:
        """Return the packages in ``pylock.toml``, keyed by project."""
        return read_pylock(folder / self.lockfile_name)


class NabAdapter(CommandAdapter):
    """The adapter for nab 0.0.9 and later (https://pypi.org/project/nab/)."""

    dialect_class = NabDialect
    extras: ClassVar = ("httpx",)
