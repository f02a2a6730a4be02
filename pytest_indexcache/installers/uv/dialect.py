"""The adapter for uv."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from packaging.version import Version

from pytest_indexcache.installers.commands.adapter import CommandAdapter
from pytest_indexcache.installers.commands.command_lines import CommandLine
from pytest_indexcache.installers.commands.dialect import Dialect
from pytest_indexcache.installers.commands.lockfiles import read_uv_lock
from pytest_indexcache.installers.contract.installer import LockedPackage
from pytest_indexcache.installers.uv.commands import UvCommands
from pytest_indexcache.installers.uv.project import uv_project
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.steps import (
    Command,
    Compile,
    Install,
    InstallerStep,
    SyncRequirements,
    Uninstall,
)

_PROJECTS = "0.3.0"
_NOT_BUILT = "0.4.0"
_PROJECT_VERBS = frozenset(("add", "export", "init", "lock", "remove", "run", "sync", "tree"))
"""Verbs that were no more than tried out before."""

_PIP_VERBS = (Install, Uninstall, Compile, SyncRequirements)


class UvDialect(Dialect):
    """What a release of uv understands."""

    name = "uv"
    not_known = re.compile(
        r"unrecognized subcommand '.*'|unexpected argument '.*' found|invalid value '.*' for '.*'|"
        r"unknown field `.*?`|data did not match any variant|Failed to parse:? `[^`]*uv\.toml`|"
        r"Found argument '.*' which wasn't expected|"
        r"^error: the following required arguments were not provided:\n.*|"
        r"^error: a value is required for '.*' but none was supplied|"
        r"^error: the argument '.*' cannot be used with '.*'",
        re.MULTILINE,
    )
    # 0.2.12 to 0.2.34 refuse such a file; earlier releases ignore it without a word.
    ignores = re.compile(
        r"(Failed to parse `[^`]*` during settings discovery).*((?:\n[ \t]+\S.*)*)"
    )
    crashed = re.compile(
        r"^thread '.*'(?: \(\d+\))? (?:panicked at|has overflowed its stack)", re.MULTILINE
    )
    crash_codes = frozenset((101,))

    def check(self, scenario: Scenario) -> None:
        """Go through a scenario; releases that do not trust the gateway can play none.

        :raises CapabilityError: for the first thing that is lacking
        """
        # 0.1.18 would want --native-tls, and 0.1.19 took that back.
        if not self.has("0.1.3") or self.release == Version("0.1.18"):
            raise self.lacking("SSL_CERT_FILE", "0.1.19" if self.has("0.1.3") else "0.1.3")
        super().check(scenario)

    def project_files(self, scenario: Scenario) -> Mapping[str, str]:
        """Return ``pyproject.toml``."""
        return {"pyproject.toml": uv_project(scenario, self)}

    def command_lines(self, step: InstallerStep, scenario: Scenario) -> tuple[CommandLine, ...]:
        """Return the one command of a step."""
        if isinstance(step, Command):
            line = self.verbatim(step, scenario)
            if line.arguments[0] in _PROJECT_VERBS and not self.has(_PROJECTS):
                raise self.lacking(line.arguments[0], _PROJECTS)
            if line.arguments[0] == "init" and not self.has(_NOT_BUILT):
                raise self.lacking("init of projects that are not built", _NOT_BUILT)
            return (line,)
        if step.venv and not self.needs_venv(step) and not self.has("0.4.4"):
            raise self.lacking("UV_PROJECT_ENVIRONMENT", "0.4.4")
        return UvCommands(self).translate(step, scenario)

    def needs_venv(self, step: InstallerStep) -> bool:
        """Whether it is a verb of ``uv pip``: the others make the venv themselves."""
        if isinstance(step, Command):
            command = step.command.get(self.name, "")
            words = command.split() if isinstance(command, str) else command
            return "pip" in words[:2]
        return isinstance(step, _PIP_VERBS)

    def environment(
        self, step: InstallerStep, venv: Path, python: Path, cache: Path
    ) -> Mapping[str, str]:
        """Name the cache; for ``uv pip`` the venv, and for the other verbs the Python."""
        common = {"UV_CACHE_DIR": str(cache / "uv")}
        if self.needs_venv(step):
            return common | ({"VIRTUAL_ENV": str(venv)} if step.venv else {})
        # For uv pip this would be the Python to install into.
        common |= {"UV_PYTHON": str(python), "UV_PYTHON_PREFERENCE": "only-system"}
        return common | ({"UV_PROJECT_ENVIRONMENT": str(venv)} if step.venv else {})

    def locked(self, folder: Path) -> Mapping[str, tuple[LockedPackage, ...]]:
        """Read ``uv.lock``."""
        return read_uv_lock(folder / "uv.lock")


class UvAdapter(CommandAdapter):
    """uv, from 0.1 on; project verbs from 0.3 on."""

    dialect_class = UvDialect
