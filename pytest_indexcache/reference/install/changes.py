"""The changes that a command made to a venv, as data and as lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from packaging.utils import NormalizedName
from packaging.version import Version

from pytest_indexcache.system.venvs.installed import InstalledDistribution, describe
from pytest_indexcache.system.venvs.origins import Origin


@dataclass(frozen=True, slots=True)
class Package:
    """A distribution that was installed, removed or kept."""

    name: NormalizedName
    version: Version
    origin: Origin | None

    @classmethod
    def of(cls, distribution: InstalledDistribution) -> Self:
        """Create a package that describes a distribution in a venv."""
        return cls(distribution.name, distribution.version, distribution.origin)

    def __str__(self) -> str:
        return describe(self.name, self.version, self.origin)


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes that a command made to a venv; each list is sorted by name."""

    removed: tuple[Package, ...] = ()
    added: tuple[Package, ...] = ()
    kept: tuple[Package, ...] = ()

    @classmethod
    def keeping(cls, distributions: Iterable[InstalledDistribution]) -> Self:
        """Return the result for a command that changed nothing and kept these distributions."""
        return cls(kept=sort_packages(map(Package.of, distributions)))

    def lines(self) -> list[str]:
        """Return the lines to print, in the style of uv and pip."""
        if not self.removed and not self.added:
            return [f"Audited {count_packages(len(self.kept))}"]
        heads = [
            f"{verb} {count_packages(len(packages))}"
            for verb, packages in (("Uninstalled", self.removed), ("Installed", self.added))
            if packages
        ]
        signed = [
            *(("-", package) for package in self.removed),
            *(("+", package) for package in self.added),
        ]
        signed.sort(key=lambda pair: (pair[1].name, pair[0] == "+"))
        return [*heads, *(f" {sign} {package}" for sign, package in signed)]


def count_packages(number: int) -> str:
    """Return the number with its noun, as in ``1 package`` or ``27 packages``."""
    return f"{number} package" + ("" if number == 1 else "s")


def sort_packages(packages: Iterable[Package]) -> tuple[Package, ...]:
    """Sort packages by name."""
    return tuple(sorted(packages, key=lambda package: package.name))
