"""What was observed of a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pytest_indexcache.installers.contract.caches import CachedEntry
from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.installers.contract.installer import LockedPackage
from pytest_indexcache.messages import Exchange
from pytest_indexcache.run.plays.checks.venv_files import VenvFile
from pytest_indexcache.run.plays.venv import Distribution

Venv = Mapping[str, Distribution]


@dataclass(frozen=True)
class Observation:
    """What was observed of a step.

    ``before`` and ``after`` are the venv's contents, ``lockfile_before`` and ``lockfile_after`` the
    lockfile's text, ``locked`` is what it says, ``offered`` holds the hashes of files that the
    indexes have, by name. ``builds`` counts the distributions that build backends made, ``imports``
    holds the values that were asked for.
    ``index_urls`` maps the names of the scenario's indexes to their URLs. ``missing`` says what the
    step asked for and the venv does not hold, None where that cannot be judged. ``venv_files`` are
    the files that match each pattern that the step names. ``cached`` are the entries of the cache,
    by kind, and ``cache_bytes`` its size, where the step asks for them.
    """

    exit: ExitKind = ExitKind.SUCCESS
    exit_code: int = 0
    output: str = ""
    exchanges: Sequence[Exchange] = ()
    before: Venv = field(default_factory=dict)
    after: Venv = field(default_factory=dict)
    lockfile_before: str | None = None
    lockfile_after: str | None = None
    locked: Mapping[str, tuple[LockedPackage, ...]] = field(default_factory=dict)
    offered: Mapping[str, frozenset[str]] = field(default_factory=dict)
    builds: Mapping[str, int] = field(default_factory=dict)
    imports: Mapping[str, Any] = field(default_factory=dict)
    index_urls: Mapping[str, str] = field(default_factory=dict)
    missing: Sequence[str] | None = None
    venv_files: Mapping[str, Sequence[VenvFile]] = field(default_factory=dict)
    cached: Mapping[str, Sequence[CachedEntry]] = field(default_factory=dict)
    cache_bytes: int = 0

    @property
    def succeeded(self) -> bool:
        """Whether its command ended in success."""
        return self.exit is ExitKind.SUCCESS

    @property
    def added(self) -> dict[str, str]:
        """What the step put into the venv, by project, with its version."""
        return _difference(self.after, self.before)

    @property
    def removed(self) -> dict[str, str]:
        """What the step took out of the venv, by project, with its version."""
        return _difference(self.before, self.after)

    @property
    def reinstalled(self) -> dict[str, str]:
        """What the step installed again although the venv held it, by project, with its version."""
        return {
            name: distribution.version
            for name, distribution in sorted(self.after.items())
            if name in self.before
            and self.before[name].fingerprint == distribution.fingerprint
            and self.before[name].identity != distribution.identity
        }


def _difference(these: Venv, those: Venv) -> dict[str, str]:
    return {
        name: distribution.version
        for name, distribution in sorted(these.items())
        if name not in those or those[name].fingerprint != distribution.fingerprint
    }
