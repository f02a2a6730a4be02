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
from pytest_indexcache.installers.commands.lockfiles import read_uv_lock
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
"""Subcommands that take a venv of any folder above."""

_STARTS_NO_PYTHON = ("venv", "init", "python list", "python find", "python pin")
_PYTHON_REQUEST = re.compile(r"(?:c?python|cp)?[-@]?([<>=!~]{0,3})(\d[\w.,<>=!~* ]*)(?:-[\w-]+)?")


class UvDialect(Dialect):
    """What a release of uv understands."""

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
    # 0.2.12 to 0.2.34 refuse such a file; earlier releases ignore it without a word.
    ignores = re.compile(
        r"(Failed to parse `[^`]*` during settings discovery).*((?:\n[ \t]+\S.*)*)"
    )
    crashed = re.compile(
        r"^thread '.*'(?: \(\d+\))? (?:panicked at|has overflowed its stack)", re.MULTILINE
    )
    crash_codes = frozenset((101,))
    starts_python = True
    # A project may be of a workspace above, and leave settings to a file there.
    ends_at_any_project = False

    def project_files(self, scenario: Scenario) -> Mapping[str, str]:
        """Return ``pyproject.toml``."""
        return {"pyproject.toml": uv_project(scenario, self)}

    def command_lines(self, step: InstallerStep, scenario: Scenario) -> tuple[CommandLine, ...]:
        """Return the one command of a step."""
        if isinstance(step, Command):
            line = self.verbatim(step, scenario)
            name = self._subcommand(step)
            capability = "init of projects that are not built" if name == "init" else name
            if capability in self.capabilities:
                self.demand(capability)
            return (line,)
        if step.venv and not self.needs_venv(step):
            self.demand("UV_PROJECT_ENVIRONMENT")
        return UvCommands(self).translate(step, scenario)

    def root_files(self) -> Mapping[str, str]:
        """Return a project that ends searches for a workspace and for settings.

        It is not managed, so that a command in a folder without a project does not take this one.
        An empty ``.python-version`` asks for none, and ends the search for another.
        """
        # An empty file is a project for uv 0.13.8; 0.3.5 to 0.8.11 refuse one without [project].
        project = '[project]\nname = "workspace"\nversion = "0"\n[tool.uv]\nmanaged = false\n'
        # Tried: 0.1.39 and 0.2.12 go on to a uv.toml above, 0.2.23 does not; from 0.2.35 on a
        # uv.toml beside [tool.uv] is worth a warning.
        settings = {} if self.has("0.2.23") else {"uv.toml": ""}
        return {"pyproject.toml": project, ".python-version": "", **settings}

    def needs_venv(self, step: InstallerStep) -> bool:
        """Whether it is a verb of ``uv pip``: the others make the venv themselves."""
        if isinstance(step, Command):
            return self._subcommand(step).startswith("pip ")
        return isinstance(step, _PIP_VERBS)

    def foreign_python(self, step: InstallerStep, python: Version) -> str | None:
        """Return ``--python`` of a command where it asks for another one than the step's.

        ``uv run`` starts it with its packages where no project is, and so do builds that are not
        isolated, for which ``--python-version`` asks, too.
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
        """Return the words that name a subcommand, wherever they stand: ``pip install``."""
        parts = command_parts(self.name, step.command.get(self.name, ""))
        return "" if parts is None else parts.subcommand.name

    def environment(
        self, step: InstallerStep, venv: Path, python: Path, cache: Path
    ) -> Mapping[str, str]:
        """Name the cache; for ``uv pip`` the venv, and for the other verbs the Python."""
        common = {"UV_CACHE_DIR": str(cache / "uv")}
        if isinstance(step, Command) and self._subcommand(step).startswith(_LOOKS_FOR_VENVS):
            common |= self._found_venv(step, cache.parent, python)
        if self.needs_venv(step):
            return common | ({"VIRTUAL_ENV": str(venv)} if step.venv else {})
        # For uv pip this would be the Python to install into.
        common |= {"UV_PYTHON": str(python), "UV_PYTHON_PREFERENCE": "only-system"}
        return common | ({"UV_PROJECT_ENVIRONMENT": str(venv)} if step.venv else {})

    def _found_venv(self, step: Command, root: Path, python: Path) -> Mapping[str, str]:
        """Name the venv that uv finds from the folder of a command, where it is not that folder's.

        uv goes on to the folders above the workspace, which may have venvs of the user. Without one
        in the workspace it takes the first Python on ``PATH``, which has a venv of its own.
        """
        parts = command_parts(self.name, step.command.get(self.name, ""))
        options = parts.options if parts is not None else ()
        # Tried: --project leaves the search where it is.
        entered = [given.value for given in options if given.option == "--directory"]
        start = Path(os.path.normpath(root.joinpath(step.folder, *entered)))
        # Another step may remove the folder's own at the same time.
        is_none_above = not any(_is_venv(folder / ".venv") for folder in root.resolve().parents)
        if _is_venv(start / ".venv") and is_none_above:
            return {}
        above = [it for it in (start, *start.parents) if it.is_relative_to(root)]
        places = (place for folder in above for place in (folder / ".venv", folder))
        found = next(filter(_is_venv, places), python.parent.parent)
        return {"VIRTUAL_ENV": str(found)}

    def cached_entries(self, cache: Path, query: CacheQuery) -> Iterable[CachedEntry]:
        """Return what a query finds in the cache."""
        return uv_cache(cache, query)

    def locked(self, folder: Path) -> Mapping[str, tuple[LockedPackage, ...]]:
        """Read ``uv.lock``."""
        return read_uv_lock(folder / self.lockfile_name)


def _is_venv(folder: Path) -> bool:
    return (folder / "pyvenv.cfg").is_file()


def _is_asked_for(request: str, python: Version) -> bool:
    """Return whether a Python is what ``--python`` asks for: ``3.12``, ``cp312`` or ``>=3.8``."""
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
    """uv, from 0.1 on; project verbs from 0.3 on."""

    dialect_class = UvDialect
