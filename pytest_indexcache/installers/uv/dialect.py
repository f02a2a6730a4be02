"""The adapter for uv."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from pytest_indexcache.installers.commands.adapter import CommandAdapter
from pytest_indexcache.installers.commands.caches.layouts import uv_cache
from pytest_indexcache.installers.commands.command_lines import CommandLine
from pytest_indexcache.installers.commands.dialect import Dialect
from pytest_indexcache.installers.commands.locks.lockfiles import read_uv_lock
from pytest_indexcache.installers.contract.caches import CachedEntry, CacheQuery
from pytest_indexcache.installers.contract.installer import LockedPackage
from pytest_indexcache.installers.uv.capabilities import UV
from pytest_indexcache.installers.uv.commands import UvCommands
from pytest_indexcache.installers.uv.project import uv_project
from pytest_indexcache.scenario.commands import command_parts
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.steps import (
    Command,
    Compile,
    Install,
    InstallerStep,
    SyncRequirements,
    Uninstall,
)

_PIP_VERBS = (Install, Uninstall, Compile, SyncRequirements)
_LOOKS_FOR_VENVS = ("pip ", "python find")
"""Subcommands that search all parent folders for a venv."""

_STARTS_NO_PYTHON = ("venv", "init", "python list", "python find", "python pin")
_PYTHON_REQUEST = re.compile(r"(?:c?python|cp)?[-@]?([<>=!~]{0,3})(\d[\w.,<>=!~* ]*)(?:-[\w-]+)?")


class UvDialect(Dialect):
    """The commands and settings of one release of uv."""

    name = "uv"
    keeps = frozenset(("page", "metadata", "wheel", "unpacked"))
    lockfile_name = "uv.lock"
    hashes_every_file = False
    capabilities = UV
    always_needed = ("SSL_CERT_FILE",)
    not_known = re.compile(
        r"unrecognized subcommand '.*'|unexpected argument '.*' found|invalid value '.*' for '.*'|"
        r"unknown field `.*?`|data did not match any variant(?! of untagged enum CacheInfoWire)|"
        r"Failed to parse:? `[^`]*uv\.toml`|"
        r"Found argument '.*' which wasn't expected|"
        r"^error: the following required arguments were not provided:\n.*|"
        r"^error: a value is required for '.*' but none was supplied|"
        r"^error: the argument '.*' cannot be used with '.*'",
        re.MULTILINE,
    )
    # 0.2.12 to 0.2.34 refuse such a file; earlier releases ignore it silently.
    ignores = re.compile(
        r"(Failed to parse `[^`]*` during settings discovery).*((?:\n[ \t]+\S.*)*)"
    )
    crashed = re.compile(
        r"^thread '.*'(?: \(\d+\))? (?:panicked at|has overflowed its stack)", re.MULTILINE
    )
    crash_codes = frozenset((101,))
    starts_python = True
    # A project may belong to a workspace above, and have its settings in a file there.
    ends_at_any_project = False

    def project_files(self, scenario: Scenario) -> Mapping[str, str]:
        """Return ``pyproject.toml`` as the only project file."""
        return {"pyproject.toml": uv_project(scenario, self)}

    def verbatim(self, step: Command, scenario: Scenario) -> CommandLine:
        """Return the command line that the scenario contains verbatim for uv.

        :raises CapabilityError: if the scenario contains none, the command is not allowed, or the
            release does not have its subcommand
        """
        line, name = super().verbatim(step, scenario), self._subcommand(step)
        capability = "init of projects that are not built" if name == "init" else name
        if capability in self.capabilities:
            self.demand(capability)
        return line

    def verb_lines(self, step: InstallerStep, scenario: Scenario) -> tuple[CommandLine, ...]:
        """Return the command for a step; uv never needs more than one."""
        if step.venv and not self.needs_venv(step):
            self.demand("UV_PROJECT_ENVIRONMENT")
        return UvCommands(self).translate(step, scenario)

    def root_files(self) -> Mapping[str, str]:
        """Return the files of a project that ends uv's search for a workspace and for settings.

        The project is not "managed", so a command in a folder without a project does not use it.
        The empty ``.python-version`` does not request a Python, but ends the search for such files.
        """
        # An empty file is a project for uv 0.13.8; 0.3.5 to 0.8.11 refuse one without [project].
        project = '[project]\nname = "workspace"\nversion = "0"\n[tool.uv]\nmanaged = false\n'
        # Tried: 0.1.39 and 0.2.12 go on to a uv.toml above, 0.2.23 does not; from 0.2.35 on, a
        # uv.toml beside [tool.uv] causes a warning.
        settings = {} if self.has("0.2.23") else {"uv.toml": ""}
        return {"pyproject.toml": project, ".python-version": "", **settings}

    def needs_venv(self, step: InstallerStep) -> bool:
        """Return whether the step is a ``uv pip`` verb; other verbs create the venv themselves."""
        if isinstance(step, Command):
            return self._subcommand(step).startswith("pip ")
        return isinstance(step, _PIP_VERBS)

    def foreign_python(self, step: InstallerStep, python: Version) -> str | None:
        """Return a command's ``--python`` option if it requests a Python other than the step's.

        The result is None otherwise. With such an option and without a project, ``uv run`` would
        use the packages that are installed in that Python. So would a build without isolation, even
        if the Python is only requested by ``--python-version``.
        """
        if not isinstance(step, Command) or self._subcommand(step) in _STARTS_NO_PYTHON:
            return None
        parts = command_parts(self.name, step.command.get(self.name, ""))
        options = parts.options if parts is not None else []
        asks = ["-p", "--python"]
        if any(given.option.startswith("--no-build-isolation") for given in options):
            asks.append("--python-version")
        for given in options:
            is_path = given.value.startswith(".") or "/" in given.value
            is_request = given.option in asks and not is_path
            if is_request and not _is_asked_for(given.value, python):
                return f"{given.option} {given.value}"
        return None

    def _subcommand(self, step: Command) -> str:
        """Return the subcommand, such as ``pip install``, wherever its words are in the command."""
        parts = command_parts(self.name, step.command.get(self.name, ""))
        return "" if parts is None else parts.subcommand.name

    def environment(
        self, step: InstallerStep, venv: Path, python: Path, cache: Path
    ) -> Mapping[str, str]:
        """Return the environment variables for uv.

        They set the cache and, if the step names a venv, the venv. For all verbs except those of
        ``uv pip``, they also set the Python.
        """
        common = {"UV_CACHE_DIR": str(cache / "uv")}
        if isinstance(step, Command) and self._subcommand(step).startswith(_LOOKS_FOR_VENVS):
            common |= self._found_venv(step, cache.parent, python)
        if self.needs_venv(step):
            return common | ({"VIRTUAL_ENV": str(venv)} if step.venv else {})
        # For uv pip, this variable would name the Python to install into.
        common |= {"UV_PYTHON": str(python), "UV_PYTHON_PREFERENCE": "only-system"}
        return common | ({"UV_PROJECT_ENVIRONMENT": str(venv)} if step.venv else {})

    def _found_venv(self, step: Command, root: Path, python: Path) -> Mapping[str, str]:
        """Return the variable that sets the venv for a command in a folder without a venv.

        Without this variable, uv would also search the folders above the workspace, where the user
        may have venvs. If the workspace has no venv, uv uses the first Python on ``PATH``, which is
        that of an empty venv.
        """
        parts = command_parts(self.name, step.command.get(self.name, ""))
        options = parts.options if parts is not None else ()
        # Tried: --project does not change where the search starts.
        entered = [given.value for given in options if given.option == "--directory"]
        start = Path(os.path.normpath(root.joinpath(step.folder, *entered)))
        # Another step may remove the folder's own venv at the same time.
        is_none_above = not any(_is_venv(folder / ".venv") for folder in root.resolve().parents)
        if _is_venv(start / ".venv") and is_none_above:
            return {}
        above = [path for path in (start, *start.parents) if path.is_relative_to(root)]
        places = (place for folder in above for place in (folder / ".venv", folder))
        found = next(filter(_is_venv, places), python.parent.parent)
        return {"VIRTUAL_ENV": str(found)}

    def cached_entries(self, cache: Path, query: CacheQuery) -> Iterable[CachedEntry]:
        """Return the entries in the cache that match a query."""
        return uv_cache(cache, query)

    def locked(self, folder: Path) -> Mapping[str, tuple[LockedPackage, ...]]:
        """Return the packages in ``uv.lock``, keyed by project."""
        return read_uv_lock(folder / self.lockfile_name)


def _is_venv(folder: Path) -> bool:
    return (folder / "pyvenv.cfg").is_file()


def _is_asked_for(request: str, python: Version) -> bool:
    """Return whether a Python satisfies a ``--python`` request, such as ``3.12`` or ``>=3.8``."""
    found = _PYTHON_REQUEST.fullmatch(request)
    if found is None:
        return False
    operator, text = found.groups()
    if operator:
        try:
            return SpecifierSet(operator + text).contains(python, prereleases=True)
        except InvalidSpecifier:
            return False
    major, *rest = text.removesuffix(".*").split(".")
    numbers = [major[:1], major[1:], *rest] if len(major) > 1 else [major, *rest]
    release = [str(number) for number in python.release]
    return numbers == release[: len(numbers)]


class UvAdapter(CommandAdapter):
    """The adapter for uv 0.1 and later; project verbs need uv 0.3 or later."""

    dialect_class = UvDialect
