"""The adapter for pip."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from pytest_indexcache.installers.commands.adapter import CommandAdapter
from pytest_indexcache.installers.commands.caches.layouts import pip_cache
from pytest_indexcache.installers.commands.command_lines import CommandLine
from pytest_indexcache.installers.commands.dialect import Dialect, compiled_file
from pytest_indexcache.installers.commands.exits import crash_of_python
from pytest_indexcache.installers.commands.locks.lockfiles import read_pylock
from pytest_indexcache.installers.contract.caches import CachedEntry, CacheQuery
from pytest_indexcache.installers.contract.installer import LockedPackage
from pytest_indexcache.installers.contract.supply import ProvisionedInstaller
from pytest_indexcache.installers.pip.capabilities import PIP
from pytest_indexcache.installers.pip.commands import PipCommands, compiled_lockfile
from pytest_indexcache.installers.pip.project import BUILDS, Choice, requirement_files
from pytest_indexcache.scenario.commands import command_parts
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.model.edits import links_into_cache
from pytest_indexcache.scenario.tables.steps import (
    Add,
    AnyStep,
    InstallerStep,
    PruneCache,
    Remove,
    Sync,
)

_PYTHON: Final = "22.3"


class PipDialect(Dialect):
    """The commands and options of one release of pip."""

    name = "pip"
    keeps = frozenset(("page", "metadata", "wheel"))
    lockfile_name = "pylock.toml"
    lists_all_files = False
    runs_in_venv = True
    absent_verbs = {  # noqa: RUF012
        Add: "command that adds to a project file",
        Remove: "command that removes from a project file",
        PruneCache: "prune of its cache",
    }
    capabilities = PIP
    records_index = False
    locks_universally = False
    not_known = re.compile(
        r"no such option: .*|unknown command .*|option .*: invalid .*|"
        r".* option requires \d+ argument|You must give at least one requirement to \w+"
    )
    refuses_python = re.compile(r"This version of pip does not support python \S+ \(requires \S+\)")
    # Tried: 19.3.1 and 19.0.3; 18.1 and 10.0.1; 10.0.1 of a folder; 9.0.3 of an sdist.
    shows_lack = {  # noqa: RUF012
        BUILDS: re.compile(
            r"\bBackendUnavailable\b|No module named pip\s[\s\S]*pip-build-env|"
            r"File 'setup\.py' not found|Could not import setuptools which is required"
        )
    }
    crashed = crash_of_python("pip", r"^ERROR: Exception:\s*\nTraceback")

    file_patterns = ("pyproject.toml", "requirements*.txt", "constraints.txt")

    def check(self, scenario: Scenario) -> None:
        """Check that a whole scenario can be translated.

        :raises CapabilityError: for the first missing capability
        """
        if scenario.cache_control:
            self.demand("override of an index's cache-control")
        super().check(scenario)

    def project_files(self, scenario: Scenario) -> Mapping[str, str]:
        """Return the project's requirements files, from which pip can install without a build."""
        return requirement_files(scenario, self)

    def verb_lines(self, step: InstallerStep, scenario: Scenario) -> tuple[CommandLine, ...]:
        """Return the commands for a step; if necessary, they update the lockfile first."""
        if links_into_cache(scenario):
            self.demand("links into its cache")
        return PipCommands(self).translate(step, scenario)

    def environment(
        self,
        step: InstallerStep,  # noqa: ARG002
        venv: Path,  # noqa: ARG002
        python: Path,  # noqa: ARG002
        cache: Path,
    ) -> Mapping[str, str]:
        """Return the variable that sets the cache folder."""
        return {"PIP_CACHE_DIR": str(cache / "pip")}

    def invocation(
        self, supplied: ProvisionedInstaller, python: Path, arguments: tuple[str, ...]
    ) -> list[str]:
        """Return the command that runs pip on a venv in which pip itself is not installed."""
        parts = command_parts(self.name, (self.name, *arguments))
        if parts is not None and parts.subcommand.name.startswith("cache "):
            return [str(supplied.executable), *arguments]
        if self.has(_PYTHON):
            return [str(supplied.executable), "--python", str(python), *arguments]
        found = sorted(supplied.executable.parent.parent.glob("[Ll]ib/**/site-packages/pip"))
        if not found:
            raise self.lacking("--python, and its modules were not found", _PYTHON)
        return [str(python), str(found[0]), *arguments]

    def lockfile_of(self, step: AnyStep) -> str:
        """Return the name of the lockfile that a step writes or reads in a project's folder."""
        compiled = compiled_file(step)
        if compiled is not None:
            return compiled_lockfile(compiled)
        return (
            Choice(step.extras, step.groups).lockfile if isinstance(step, Sync) else "pylock.toml"
        )

    def cached_entries(self, cache: Path, query: CacheQuery) -> Iterable[CachedEntry]:
        """Return the entries in the cache that match a query."""
        return pip_cache(cache, query)

    def locked(self, folder: Path) -> Mapping[str, tuple[LockedPackage, ...]]:
        """Return the packages in all lockfiles: ``pylock.toml`` and those for extras and groups."""
        found: dict[str, tuple[LockedPackage, ...]] = {}
        for file in sorted(folder.glob("pylock*.toml")):
            for name, packages in read_pylock(file).items():
                found[name] = tuple(dict.fromkeys((*found.get(name, ()), *packages)))
        return found


class PipAdapter(CommandAdapter):
    """The adapter for pip; pip is run from outside the venv that it changes."""

    dialect_class = PipDialect
