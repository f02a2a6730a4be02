"""Capabilities that are missing from some releases of Poetry (1.8.0 and later).

For each capability, the releases just before and after it appeared or disappeared were tested.
"""

from __future__ import annotations

from typing import Final

from pytest_indexcache.installers.commands.capabilities import NEVER, Capabilities, since

POETRY: Final[Capabilities] = {
    "package-mode": since("1.8.0"),
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
    "way to clear what it stored of one project in every version": NEVER,
    # Options of verbs.
    "offline mode": NEVER,
    "way to revalidate its cache": NEVER,
    "reinstall": NEVER,
    "--no-sources": NEVER,
    "--no-deps": NEVER,
    "index strategies": NEVER,
    "platform other than this one": NEVER,
    "check of its lockfile for newer releases": NEVER,
    "installer.only-binary": since("2.0.0"),
    "solver.min-release-age": since("2.4.0"),
    "exclude-newer by an age that is not a number of days": NEVER,
    "pre-releases of every project": NEVER,
    "resolution to the lowest releases": NEVER,
    "links into its cache": NEVER,
    "add to an extra that is locked with it": since("2.1.3"),
    "remove from an extra": NEVER,
    # Settings of the project.
    "environments of a project": NEVER,
    "required-environments of a project": NEVER,
    "way to learn a source tree's metadata without pypa/build": since("2.0.0"),
    "extras that exclude each other": since("2.0.0"),
    "extras that exclude each other without a project in common": NEVER,
    "groups that exclude each other": NEVER,
    "several requirements on one project": since("2.0.0"),
    "sources for one extra": since("2.0.0"),
    "overrides of what others require": NEVER,
    "constraints": NEVER,
    "override of an index's cache-control": NEVER,
    "flat indexes that are not an .html page": NEVER,
}
"""The capabilities that are missing from some releases of Poetry."""
