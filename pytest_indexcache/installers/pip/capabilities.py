"""What releases of pip have, of what scenarios can ask for; each row was tried at its boundary.

What every release from 20.0.1 on has does not stand here.
"""

from __future__ import annotations

from typing import Final

from pytest_indexcache.installers.commands.capabilities import NEVER, Capabilities, since

PIP: Final[Capabilities] = {
    # Verbs.
    "lock": since("25.1"),
    "cache purge": since("20.1"),
    "verb that makes a venv exactly what is wanted": NEVER,
    "run": NEVER,
    "project file to add to": NEVER,
    "project file to remove from": NEVER,
    "compile": NEVER,
    "sync of requirements files": NEVER,
    "prune of its cache": NEVER,
    "way to clear what it downloaded of one project": NEVER,
    # Options of verbs.
    "--refresh-package": since("26.2"),
    "builds by a backend within the project (backend-path)": since("20.0.1"),
    "editable installs by build backends (PEP 660)": since("21.3"),
    "offline mode: --no-index leaves it find-links alone": NEVER,
    "offline mode": NEVER,
    "reinstall of one project without what it requires": NEVER,
    "upgrade of projects other than those asked for": NEVER,
    "lock that upgrades less than all": NEVER,
    "--no-sources": NEVER,
    "platform other than this one for an install into a venv": NEVER,
    "index strategy first-index: all its indexes are equal": NEVER,
    "index strategy unsafe-first-match: all its indexes are equal": NEVER,
    # Settings of the project.
    "overrides": NEVER,
    "sources of single projects": NEVER,
    "extras in its lockfile": NEVER,
    "dependency groups in its lockfile": NEVER,
    "override of an index's cache-control": NEVER,
}
"""The capabilities of pip."""
