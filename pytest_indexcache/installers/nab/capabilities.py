"""Capabilities that are missing from some releases of nab (0.0.9 and later).

nab does not install anything; the verbs that need an installation are not listed. For each
capability, the releases just before and after it appeared or disappeared were tested.
"""

from __future__ import annotations

from typing import Final

from pytest_indexcache.installers.commands.capabilities import NEVER, Capabilities, since

NAB: Final[Capabilities] = {
    # Earlier releases write their own location into the lockfile, which no scenario may use.
    "lockfile without a path of this machine": since("0.0.9"),
    "command that clears its cache": since("0.0.12"),
    "way to clear what it stored of one project": NEVER,
    "way to revalidate its cache": NEVER,
    "upgrade of single projects": NEVER,
    "exclude-newer by an age that is not a number of days": NEVER,
    "pre-releases": NEVER,
    "choice of wheels or sdists for single projects": NEVER,
    "--no-sources": NEVER,
    "--no-deps": NEVER,
    "choice of index strategies": NEVER,
    "lock for another platform by an option": NEVER,
    "environments as markers": NEVER,
    "overrides": NEVER,
    "conflicting extras": NEVER,
    "override of an index's cache-control": NEVER,
    "sources for one extra, group or marker": NEVER,
    "path or URL as the source of a project": NEVER,
    "index that serves only some projects (explicit)": NEVER,
    "folder of files for find-links": NEVER,
}
"""The capabilities that are missing from some releases of nab."""
