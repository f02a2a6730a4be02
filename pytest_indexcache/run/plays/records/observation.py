"""The facts that were observed about a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pytest_indexcache.installers.contract.caches import CachedEntry
from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.installers.contract.installer import LockedPackage
from pytest_indexcache.messages import Exchange
from pytest_indexcache.run.plays.venvs.distributions import Distribution
from pytest_indexcache.run.plays.venvs.venv_files import VenvFile

Venv = Mapping[str, Distribution]


@dataclass(frozen=True)
class Observation:
    """The facts that were observed about a step.

    ``before`` and ``after`` are the contents of the venv before and after the step.
    ``lockfile_before`` and ``lockfile_after`` are the texts of the lockfile. ``locked`` contains
    the lockfile's entries after the step. ``offered`` maps filenames to the hashes of the files on
    the indexes. ``builds`` maps projects to the number of distributions that build backends built.
    ``imports`` maps dotted names to their values. ``index_urls`` maps the names of the scenario's
    indexes to their URLs. ``missing`` lists the step's requirements that the venv does not meet, or
    is None if the requirements are unknown. ``venv_files`` maps each expected pattern to the
    matching files. ``cached`` contains the cache entries by kind, and ``cache_bytes`` is the size
    of the cache. The cache is examined only if the step has expectations about it.
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
        """Whether the command succeeded."""
        return self.exit is ExitKind.SUCCESS

    @property
    def added(self) -> dict[str, str]:
        """The projects that the step added or replaced in the venv, with their new versions."""
        return _difference(self.after, self.before)

    @property
    def removed(self) -> dict[str, str]:
        """The projects that the step removed or replaced in the venv, with their old versions."""
        return _difference(self.before, self.after)

    @property
    def reinstalled(self) -> dict[str, str]:
        """The projects that the step reinstalled at the same version."""
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
