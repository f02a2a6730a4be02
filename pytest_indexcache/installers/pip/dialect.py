"""The adapter for pip."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pytest_indexcache.installers.commands.adapter import CommandAdapter
from pytest_indexcache.installers.commands.command_lines import CommandLine, lines, named
from pytest_indexcache.installers.commands.dialect import (
    Dialect,
    is_explicit,
    project_indexes,
)
from pytest_indexcache.installers.commands.exits import crash_of_python
from pytest_indexcache.installers.commands.index_options import (
    find_links_options,
    index_options,
    unencrypted_hosts,
)
from pytest_indexcache.installers.commands.lockfiles import read_pylock
from pytest_indexcache.installers.contract.installer import LockedPackage
from pytest_indexcache.installers.contract.supply import ProvisionedInstaller
from pytest_indexcache.installers.pip.capabilities import PIP
from pytest_indexcache.scenario.commands import command_parts
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.steps import (
    Add,
    ClearCache,
    Command,
    Compile,
    Install,
    InstallerStep,
    Lock,
    NetworkStep,
    PruneCache,
    Remove,
    Run,
    Sync,
    SyncRequirements,
    Uninstall,
)

_PYPI_ORG: Final = "10.0.0b1"
_PYTHON: Final = "22.3"
_PURGE_OF_NOTHING: Final = "21.3"
_BUILDS: Final = "builds by a backend within the project (backend-path)"

_ABSENT: Final[Mapping[type, str]] = {
    Sync: "verb that makes a venv exactly what is wanted",
    Run: "run",
    Add: "project file to add to",
    Remove: "project file to remove from",
    Compile: "compile",
    SyncRequirements: "sync of requirements files",
    PruneCache: "prune of its cache",
}
"""The verbs that no release of pip has."""


class PipDialect(Dialect):
    """What a release of pip understands."""

    name = "pip"
    lockfile_name = "pylock.toml"
    lists_all_files = False
    runs_in_venv = True
    capabilities = PIP
    records_index = False
    locks_universally = False
    not_known = re.compile(
        r"no such option: .*|unknown command .*|option .*: invalid .*|"
        r".* option requires \d+ argument|You must give at least one requirement to \w+"
    )
    # Tried: 19.3.1 and 19.0.3; 18.1 and 10.0.1; 10.0.1 of a folder; 9.0.3 of an sdist.
    shows_lack = {  # noqa: RUF012
        _BUILDS: re.compile(
            r"\bBackendUnavailable\b|No module named pip\s[\s\S]*pip-build-env|"
            r"File 'setup\.py' not found|Could not import setuptools which is required"
        )
    }
    crashed = crash_of_python("pip", r"^ERROR: Exception:\s*\nTraceback")

    def check(self, scenario: Scenario) -> None:
        """Go through a scenario.

        :raises CapabilityError: for the first thing that is lacking
        """
        if scenario.cache_control:
            self.demand("override of an index's cache-control")
        super().check(scenario)

    def project_files(self, scenario: Scenario) -> Mapping[str, str]:  # noqa: ARG002
        """Return nothing: pip is told on the command line."""
        return {}

    def command_lines(self, step: InstallerStep, scenario: Scenario) -> tuple[CommandLine, ...]:
        """Return the one command of a step."""
        if type(step) in _ABSENT:
            self.demand(_ABSENT[type(step)])
        if isinstance(step, Command):
            return (self.verbatim(step, scenario),)
        if isinstance(step, Install):
            return (self._install(step, scenario),)
        if isinstance(step, Lock):
            return (self._lock(step, scenario),)
        if isinstance(step, Uninstall):
            return (CommandLine(("uninstall", "--yes", *step.projects)),)
        if isinstance(step, ClearCache):
            return (self._clear_cache(step),)
        raise self.lacking(f"verb {getattr(step, 'do', '?')}")

    def _install(self, step: Install, scenario: Scenario) -> CommandLine:
        if step.overrides:
            self.demand("overrides")
        if step.editable:
            self.demand("editable installs by build backends (PEP 660)")
        if step.paths:
            self.demand(_BUILDS)
        parts = ["install", *step.requirements]
        parts += named("--editable", tuple(f"../{path}" for path in step.editable))
        parts += [f"../{path}" for path in step.paths]
        parts += ["--constraint", "constraints.txt"] if step.constraints else []
        parts += self._index_options(scenario, step.index, step.extra_indexes, *step.find_links)
        # pip never installs from its cache alone; it can do without indexes, from find-links.
        if step.offline and not step.find_links:
            self.demand("offline mode: --no-index leaves it find-links alone")
        if (step.no_index or step.offline) and "--no-index" not in parts:
            parts.append("--no-index")
        parts += ["--require-hashes"] if step.require_hashes else []
        parts += self._reinstall_options(step)
        files = {"constraints.txt": lines(step.constraints)} if step.constraints else {}
        return CommandLine((*parts, *self._network_options(step)), files)

    def _reinstall_options(self, step: Install) -> list[str]:
        named_projects = {canonicalize_name(Requirement(it).name) for it in step.requirements}
        if isinstance(step.reinstall, tuple) and step.reinstall:
            self.demand("reinstall of one project without what it requires")
        parts = ["--force-reinstall"] if step.reinstall else []
        if step.upgrade is True:
            parts += ["--upgrade", "--upgrade-strategy", "eager"]
        elif step.upgrade:
            if set(step.upgrade) != named_projects:
                self.demand("upgrade of projects other than those asked for")
            parts += ["--upgrade"]
        return parts

    def _lock(self, step: Lock, scenario: Scenario) -> CommandLine:
        self.demand("lock")
        project = scenario.project
        for what, value in (
            ("sources of single projects", scenario.sources),
            ("extras in its lockfile", project.optional_dependencies),
            ("dependency groups in its lockfile", project.dependency_groups),
            ("overrides", project.overrides),
            ("offline mode", step.offline),
            ("lock that upgrades less than all", step.upgrade not in (False, True)),
        ):
            if value:
                self.demand(what)
        indexes = [name for name in project_indexes(scenario) if not is_explicit(scenario, name)]
        extra = tuple(name for name in indexes if name != scenario.default_index)
        parts = ["lock", *project.dependencies, "--output", "pylock.toml"]
        parts += self._index_options(scenario, scenario.default_index, extra)
        files = {}
        if project.constraints:
            parts += ["--constraint", "constraints.txt"]
            files["constraints.txt"] = lines(project.constraints)
        return CommandLine((*parts, *self._network_options(step)), files)

    def _index_options(
        self, scenario: Scenario, default: str | None, extra: tuple[str, ...], *places: str
    ) -> list[str]:
        """Return the options that name indexes, and find-links, and trust those without TLS."""
        # pip before 10 asks pypi.python.org where it is told of no index.
        parts = index_options(scenario, default, extra, knows_pypi=self.has(_PYPI_ORG))
        parts += find_links_options(scenario, places)
        return [*parts, *named("--trusted-host", tuple(unencrypted_hosts(parts)))]

    def _network_options(self, step: NetworkStep) -> list[str]:
        for what, value in (
            ("--no-sources", step.no_sources),
            ("platform other than this one for an install into a venv", step.python_platform),
            (
                f"index strategy {step.index_strategy}: all its indexes are equal",
                step.index_strategy not in (None, "unsafe-best-match"),
            ),
        ):
            if value:
                self.demand(what)
        parts = ["--no-cache-dir"] if step.no_cache else []
        parts += ["--no-deps"] if step.no_deps else []
        parts += _formats("--no-binary", step.no_binary)
        parts += _formats("--only-binary", step.no_build)
        if step.refresh:
            self.demand("--refresh-package")
        return [*parts, *_formats("--refresh-package", step.refresh)]

    def _clear_cache(self, step: ClearCache) -> CommandLine:
        if step.projects:
            self.demand("way to clear what it downloaded of one project")
        self.demand("cache purge")
        # Earlier releases call it an error that there is nothing to remove.
        return CommandLine(("cache", "purge"), may_fail=not self.has(_PURGE_OF_NOTHING))

    def environment(
        self,
        step: InstallerStep,  # noqa: ARG002
        venv: Path,  # noqa: ARG002
        python: Path,  # noqa: ARG002
        cache: Path,
    ) -> Mapping[str, str]:
        """Name the cache."""
        return {"PIP_CACHE_DIR": str(cache / "pip")}

    def invocation(
        self, supplied: ProvisionedInstaller, python: Path, arguments: tuple[str, ...]
    ) -> list[str]:
        """Let pip change the venv, in which it is not installed itself."""
        parts = command_parts(self.name, (self.name, *arguments))
        if parts is not None and parts.subcommand.name.startswith("cache "):
            return [str(supplied.executable), *arguments]
        if self.has(_PYTHON):
            return [str(supplied.executable), "--python", str(python), *arguments]
        found = sorted(supplied.executable.parent.parent.glob("[Ll]ib/**/site-packages/pip"))
        if not found:
            raise self.lacking("--python, and its modules were not found", _PYTHON)
        return [str(python), str(found[0]), *arguments]

    def locked(self, folder: Path) -> Mapping[str, tuple[LockedPackage, ...]]:
        """Read ``pylock.toml``."""
        return read_pylock(folder / self.lockfile_name)


def _formats(option: str, choice: bool | tuple[str, ...]) -> list[str]:
    if isinstance(choice, tuple):
        return [option, ",".join(choice)] if choice else []
    return [option, ":all:"] if choice else []


class PipAdapter(CommandAdapter):
    """pip, which is not installed in the venv that it changes."""

    dialect_class = PipDialect
