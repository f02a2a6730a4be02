"""Capabilities that are missing from some releases of PDM (2.0.0 and later).

For each capability, the releases just before and after it appeared or disappeared were tested.
"""

from __future__ import annotations

from typing import Final

from pytest_indexcache.installers.commands.capabilities import (
    NEVER,
    Capabilities,
    Capability,
    since,
)

PDM: Final[Capabilities] = {
    "venv of its project": since("2.0.0"),
    # 2.13.3 does not use the environment's proxy for any index, and later releases up to 2.15.2
    # do not use it for the indexes that the project file adds.
    "proxy": Capability("2.0.0", gone="2.13.3", back="2.14.0"),
    "proxy for the indexes of a project": Capability("2.0.0", gone="2.14.0", back="2.15.3"),
    # Verbs.
    "install beside a project of the same folder": NEVER,
    "install at once with another of the same folder": NEVER,
    "install of a file, or of a folder that is not a local project": NEVER,
    "install that demands hashes of its requirements": NEVER,
    "install of a requirements file": NEVER,
    "config settings of an install": NEVER,
    "folder of files for find-links": NEVER,
    "uninstall of less than a project and what only it requires": NEVER,
    "compile": NEVER,
    "sync of requirements files": NEVER,
    "prune of its cache": NEVER,
    "way to clear what it stored of one project": NEVER,
    # Options of verbs.
    "offline mode": NEVER,
    "way to revalidate its cache": NEVER,
    "reinstall of single projects": NEVER,
    "lock --check": since("2.2.0"),
    "lock --exclude-newer": since("2.13.0"),
    "lock --exclude-newer by an age": since("2.26.8"),
    "exclude-newer by an age that is not a number of hours": NEVER,
    "exclude-newer of one command other than lock": NEVER,
    "pre-releases of one command other than add": NEVER,
    "lock --strategy direct_minimal_versions": since("2.10.0"),
    "resolution to the lowest releases of what others require": NEVER,
    "resolution of a command other than lock": NEVER,
    "check of its lockfile for newer releases": NEVER,
    "--no-sources": NEVER,
    "--no-deps": NEVER,
    "--no-cache": since("2.13.0"),
    "choice of index strategies": NEVER,
    "sync for another platform": NEVER,
    "editable dependencies but in development groups": NEVER,
    # Settings of the project.
    "environments of a project": NEVER,
    "required-environments of a project": NEVER,
    "exclude-newer of a project": since("2.26.9"),
    "install.cache in pdm.toml": since("2.5.0"),
    "install.cache_method hardlink": since("2.11.0"),
    "sources of single projects": since("2.10.0"),
    "sources for one extra, group or marker": NEVER,
    "lists of sources for a project": NEVER,
    "conflicting extras": NEVER,
    "constraints": NEVER,
    "override of an index's cache-control": NEVER,
}
"""The capabilities that are missing from some releases of PDM."""
