"""Provide an installer: a release from the machine's index, or the user's own build."""

from __future__ import annotations

import errno
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from pytest_indexcache.errors import (
    InstallerError,
    InstallerStartError,
    InstallerUnavailableError,
    UnsupportedPythonError,
    UsageError,
)
from pytest_indexcache.installers.contract.supply import ProvisionedInstaller, Supply
from pytest_indexcache.installers.processes.network_guard import keep_on_loopback
from pytest_indexcache.installers.processes.process import run_command
from pytest_indexcache.installers.provisioning.home import cache_home, writing_to
from pytest_indexcache.installers.provisioning.machine_index import machine_index
from pytest_indexcache.installers.provisioning.machine_installer import (
    InstallSettings,
    MachineInstaller,
    MachineUv,
    find_pip,
    find_uv,
)
from pytest_indexcache.installers.provisioning.presence import path_of
from pytest_indexcache.installers.provisioning.release_folder import ReleaseFolder
from pytest_indexcache.installers.provisioning.releases import (
    ListedRelease,
    find_release,
    list_releases,
    near_releases,
    refresh_releases,
)
from pytest_indexcache.installers.provisioning.start_check import (
    ask_version,
    demand_start,
    with_tail,
)
from pytest_indexcache.system.atomic_files import remove_tree
from pytest_indexcache.system.pythons.interpreter import (
    Interpreter,
    ask_interpreter,
    running_interpreter,
)

__all__ = [
    "ProvisionedInstaller",
    "Supply",
    "find_on_path",
    "provision",
    "supply_release",
    "use_build",
]

INSTALL_SECONDS: Final = 600.0

NEED_NO_DEPENDENCIES: Final = frozenset({"uv", "pip"})
"""Installers that consist of one wheel; all others are Python programs with dependencies."""

NEED_NO_PYTHON: Final = frozenset({"uv"})
"""Installers that do not need the Python of the venv in which they are installed."""


def provision(
    name: str,
    version: str,
    *,
    extras: tuple[str, ...] = (),
    python: Path | None = None,
    home: Path | None = None,
    clock: Callable[[], float] = time.time,
) -> ProvisionedInstaller:
    """Return a release of an installer; if it is not in the cache folder, uv or pip installs it.

    The release is installed for ``python`` (by default the running one) in ``home`` (by default the
    cache folder). If possible, its dependencies, including those of ``extras``, are as old as the
    release itself. Several threads and processes may call this at the same time. After a failure,
    the next call tries again.

    :raises UnsupportedPythonError: if the release does not support the Python
    :raises InstallerUnavailableError: if the release does not exist, has no file for this machine,
        or cannot be downloaded because there is no network
    :raises InstallerStartError: if the release is installed, but does not start
    :raises InstallerError: if the cache folder or the Python cannot be used
    """
    home = home or cache_home()
    name = canonicalize_name(name)
    with writing_to(home, f"{name}=={version}"):
        interpreter = _interpreter(f"{name}=={version}", python, home)
        place = ReleaseFolder(home, name, str(Version(version)), interpreter, extras)
        found = place.recall()
        if found is None:
            with place.locked():
                found = place.recall() or _install(place, clock)
        if name not in NEED_NO_PYTHON:
            keep_on_loopback(found.executable.parent.parent)
    return found


def find_on_path(name: str) -> ProvisionedInstaller:
    """Return the installer on PATH.

    :raises InstallerUnavailableError: if it is not on PATH
    :raises InstallerStartError: if it does not start
    """
    executable = _behind_shim(path_of(name))
    return ProvisionedInstaller(name, ask_version(name, name, executable), executable, None)


def _behind_shim(executable: Path) -> Path:
    """Return the program that a pyenv shim would start; any other executable is returned unchanged.

    The shim itself is avoided because it writes to pyenv's folder after ``pip install``, and fails
    if that is forbidden.
    """
    pyenv = executable.parent.parent / "bin" / "pyenv"
    if executable.parent.name != "shims" or not pyenv.is_file():
        return executable
    with suppress(OSError, subprocess.SubprocessError):
        asked = [str(pyenv), "which", executable.name]
        done = subprocess.run(asked, capture_output=True, text=True, timeout=20, check=True)
        program = Path(done.stdout.strip())
        if program.is_file():
            return program
    return executable


def use_build(name: str, path: Path) -> ProvisionedInstaller:
    """Return the user's own build of an installer.

    :raises InstallerStartError: if it is not executable, does not start, or prints no version
    """
    executable = path.expanduser().absolute()
    version = ask_version(name, f"{name}@{path}", executable)
    return ProvisionedInstaller(name, version, executable, None)


def supply_release(name: str, version: str, extras: tuple[str, ...] = ()) -> Supply:
    """Return a supply that provisions a release when it is first needed, for any Python."""
    provided = partial(provision, name, version, extras=extras)
    if name in NEED_NO_PYTHON:
        return Supply(provided, version)
    return Supply(provided, version, lambda python: provided(python=python))


def _interpreter(spec: str, python: Path | None, home: Path) -> Interpreter:
    if python is None:
        return running_interpreter()
    try:
        return ask_interpreter(python.absolute(), home / "pythons")
    except UsageError as error:
        raise InstallerError(spec, error.message, error.hint) from error


def _install(place: ReleaseFolder, clock: Callable[[], float]) -> ProvisionedInstaller:
    release = _find(place, clock)
    is_alone = place.name in NEED_NO_DEPENDENCIES
    machine = _machine_installer(place, clock, is_dated=not is_alone)
    *others, last = [InstallSettings(is_alone=True)] if is_alone else _settings_to_try(release)
    for settings in others:
        with suppress(InstallerUnavailableError, InstallerStartError):
            return _attempt(place, machine, release, settings)
        # If the index cannot be reached, no other settings help.
        refresh_releases(place.name, clock=clock, home=place.home)
    return _attempt(place, machine, release, last)


def _settings_to_try(release: ListedRelease) -> list[InstallSettings]:
    """Return the settings to try for a release with dependencies, the best first.

    The dependencies should be as old as the release. If that fails, dependencies up to a year newer
    are tried: within a year, a yanked version (shellingham 1.5.0, for poetry 1.2.0) gets a
    successor, and wheels for newer Pythons appear. Building dependencies that have no wheel is the
    last resort, because a build may take many minutes or need a missing compiler.
    """
    if release.uploaded is None:
        return [InstallSettings(), InstallSettings(is_built=True)]
    day, year = (release.uploaded + timedelta(days=number) for number in (1, 365))
    return [
        InstallSettings(day),
        InstallSettings(year),
        InstallSettings(year, is_built=True),
        InstallSettings(day, is_built=True),
    ]


def _attempt(
    place: ReleaseFolder,
    machine: MachineInstaller,
    release: ListedRelease,
    settings: InstallSettings,
) -> ProvisionedInstaller:
    folder = place.new_folder()
    installer = place.installer_in(folder)
    settings = replace(settings, is_compiled=place.interpreter.version > (3, 6))
    try:
        _run(place, _venv_command(place, folder))
        _run(place, machine.command(place.requirement, place.python_in(folder), settings))
        demand_start(place.spec, installer.executable, _hint(release))
    except BaseException:
        remove_tree(folder)
        raise
    place.remember(folder)
    return installer


def _find(place: ReleaseFolder, clock: Callable[[], float]) -> ListedRelease:
    """Find the release in the index's list, and check that it supports the Python.

    :raises InstallerUnavailableError: if the index does not list the release
    :raises UnsupportedPythonError: if the release does not support the Python
    """
    version = Version(place.version)
    release = find_release(place.name, version, clock=clock, home=place.home)
    if release is None:
        listed = list_releases(place.name, clock=clock, home=place.home)
        problem = f"there is no release {version} of {place.name}"
        raise InstallerUnavailableError(place.spec, problem, near_releases(version, listed))
    running = place.interpreter.target.python_version
    try:
        fits = SpecifierSet(release.requires_python or "").contains(running, prereleases=True)
    except InvalidSpecifier:
        fits = True  # the installer that installs it will decide
    if not fits:
        raise UnsupportedPythonError(
            place.spec,
            f"it needs Python {release.requires_python}, and this is Python {running}",
            "play it with a Python that it supports",
        )
    return release


def _machine_installer(
    place: ReleaseFolder, clock: Callable[[], float], *, is_dated: bool
) -> MachineInstaller:
    """Return the uv or pip to install with.

    If upload times matter (``is_dated``) and there is only pip, a uv is provisioned, because not
    every pip can take upload times into account.
    """
    uv = find_uv(machine_index())
    if uv is not None:
        return uv
    pip = find_pip()
    if pip is None:
        raise InstallerUnavailableError(
            place.spec,
            "there is neither uv nor pip to install it with",
            "put uv on PATH, or install pip beside the Python that runs this",
        )
    if not is_dated:
        return pip
    newest = list_releases("uv", clock=clock, home=place.home)[-1]
    uv_of_ours = provision("uv", str(newest.version), home=place.home, clock=clock)
    return MachineUv(uv_of_ours.executable)


def _venv_command(place: ReleaseFolder, folder: Path) -> list[str]:
    python = str(place.interpreter.executable)
    return [python, "-I", "-m", "venv", "--without-pip", str(folder)]


def _run(place: ReleaseFolder, command: Sequence[str]) -> None:
    environment = machine_index().environment()
    done = run_command(command, folder=place.home, environment=environment, limit=INSTALL_SECONDS)
    if done.succeeded:
        return
    ended = "took too long" if done.timed_out else f"failed (exit code {done.exit_code})"
    what = f"it could not be installed; this {ended}:\n  $ {' '.join(command)}"
    problem = with_tail(what, done.output)
    if os.strerror(errno.ENOSPC) in done.output:
        raise InstallerError(place.spec, problem, f"free disk space for {place.home}")
    raise InstallerUnavailableError(
        place.spec, problem, "check the network, and the index that uv and pip are configured for"
    )


def _hint(release: ListedRelease) -> str:
    if release.uploaded is None:
        return "the index gives no upload times, so its dependencies are the newest releases"
    return "play another release, or with another Python"
