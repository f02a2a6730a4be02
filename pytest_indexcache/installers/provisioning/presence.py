"""Check that the user's own builds, and the installers on PATH, exist on this machine."""

from __future__ import annotations

import shutil
from pathlib import Path

from pytest_indexcache.errors import InstallerSpecError, InstallerUnavailableError
from pytest_indexcache.installers.contract.installer import Installer, InstallerSpec
from pytest_indexcache.installers.processes.process import program_problem


def demand_present(*installers: Installer) -> None:
    """Check that the user's own builds, and the installers on PATH, exist before they are used.

    Nothing is started. Releases are not checked, because they are installed when first needed.

    :raises InstallerSpecError: if a build is not a file, or an installer is not on PATH
    """
    for installer in installers:
        spec = installer.spec
        if spec.path is not None:
            _demand_build(spec, spec.path)
        elif spec.releases is None and not installer.is_embedded:
            _demand_on_path(spec)


def demand_builds(installers: list[Installer]) -> list[Installer]:
    """Return the installers unchanged, after checking that each build is a file.

    :raises InstallerSpecError: if a build is not a file
    """
    for installer in installers:
        if installer.spec.path is not None:
            _demand_build(installer.spec, installer.spec.path)
    return installers


def path_of(name: str) -> Path:
    """Return the path of an installer on PATH.

    :raises InstallerUnavailableError: if it is not on PATH
    """
    found = shutil.which(name)
    if found is None:
        raise InstallerUnavailableError(
            name,
            "it is not on PATH",
            f"install it, or name a release ({name}==VERSION) or a build ({name}@PATH)",
        )
    return Path(found).absolute()


def _demand_build(spec: InstallerSpec, path: Path) -> None:
    executable = path.expanduser().absolute()
    found = program_problem(executable)
    if found is not None:
        problem, hint = found
        where = "" if executable == path else f": {executable}"
        raise InstallerSpecError(str(spec), f"{problem}{where}", hint)


def _demand_on_path(spec: InstallerSpec) -> None:
    try:
        path_of(spec.name)
    except InstallerUnavailableError as error:
        raise InstallerSpecError(error.spec, error.problem, error.hint) from error
