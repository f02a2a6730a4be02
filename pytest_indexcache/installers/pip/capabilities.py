"""Capabilities that are missing from some releases of pip (20.0.1 and later).

For each capability, the releases just before and after it appeared or disappeared were tested.
"""

from __future__ import annotations

from typing import Final

from pytest_indexcache.installers.commands.capabilities import NEVER, Capabilities, since

PIP: Final[Capabilities] = {
    # Verbs.
    "lock": since("25.1"),
    "cache purge": since("20.1"),
    "install of pylock.toml": since("26.1"),
    "install --config-settings": since("22.1"),
    "install --dry-run --report": since("22.2"),
    "command that adds to a project file": NEVER,
    "command that removes from a project file": NEVER,
    "sync of a requirements file with options, paths or URLs": NEVER,
    "prune of its cache": NEVER,
    "way to clear what it downloaded of one project": NEVER,
    # Options of verbs.
    "--refresh-package": since("26.2"),
    "--uploaded-prior-to": since("26.0"),
    "--uploaded-prior-to by an age": since("26.1"),
    "--uploaded-prior-to by an age that is not a number of days": NEVER,
    "builds by a backend within the project (backend-path)": since("20.0.1"),
    "editable installs by build backends (PEP 660)": since("21.3"),
    "offline mode: --no-index leaves it only find-links": NEVER,
    "offline mode": NEVER,
    "reinstall of one project without what it requires": NEVER,
    "upgrade of projects other than those asked for": NEVER,
    "lockfile of folders outside of its own": NEVER,
    "lock that upgrades less than all": NEVER,
    "check that its lockfile is up to date": NEVER,
    "compile that reinstalls": NEVER,
    "resolution to the lowest releases": NEVER,
    "links into its cache": NEVER,
    "--no-sources": NEVER,
    "platform other than this one for an install into a venv": NEVER,
    "index strategy first-index: all its indexes are equal": NEVER,
    "index strategy unsafe-first-match: all its indexes are equal": NEVER,
    # Settings of the project.
    "environments of a project": NEVER,
    "required-environments of a project": NEVER,
    "overrides": NEVER,
    "index that serves only some projects (explicit)": NEVER,
    "index for one project that other indexes have, too": NEVER,
    "path or URL for a project of a dependency group": NEVER,
    "dependency groups": since("25.1"),
    "override of an index's cache-control": NEVER,
}
"""The capabilities that are missing from some releases of pip."""
