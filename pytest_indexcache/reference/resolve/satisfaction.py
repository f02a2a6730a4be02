"""Whether a venv meets requirements already, so that no index needs to be asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name

from pytest_indexcache.errors import InvalidDistributionError
from pytest_indexcache.reference.resolve.core_metadata import CoreMetadata, parse_metadata
from pytest_indexcache.reference.resolve.needs import Rules
from pytest_indexcache.reference.words.packages import IndexLocation
from pytest_indexcache.system.venvs.installed import InstalledDistribution
from pytest_indexcache.system.venvs.origins import Origin, same_place


class Satisfaction:
    """Looks for requirements, and for what they require, among what is installed.

    ``rules`` has the markers, overrides and constraints, and says whether dependencies count. A
    distribution counts that came from the first of ``indexes``, or that another installer brought
    without saying from where. Where it came from a later one, those before it must say whether they
    have it. Files beside the indexes go before none of them.
    """

    def __init__(
        self,
        installed: Iterable[InstalledDistribution],
        rules: Rules,
        indexes: Iterable[IndexLocation],
    ) -> None:
        self._installed = {it.name: it for it in installed}
        self._rules = rules
        asked = (it for it in indexes if not it.explicit and not it.is_beside)
        self._first = next((Origin("index", it.public_url) for it in asked), None)
        self._metadata: dict[NormalizedName, CoreMetadata | None] = {}

    def of(
        self, requirements: Iterable[Requirement]
    ) -> Mapping[NormalizedName, InstalledDistribution] | None:
        """Return what meets all requirements together, by name; None if something is missing."""
        met: dict[tuple[NormalizedName, str | None], InstalledDistribution] = {}
        waiting = list(self._rules.applying(requirements))
        while waiting:
            requirement = waiting.pop()
            name = canonicalize_name(requirement.name)
            found = self._find(name, requirement)
            metadata = self._read(name) if found else None
            if found is None or metadata is None:
                return None
            for extra in (None, *map(canonicalize_name, requirement.extras)):
                if (name, extra) not in met:
                    met[name, extra] = found
                    if self._rules.dependencies:
                        waiting.extend(self._rules.applying(metadata.dependencies, extra))
        return {name: found for (name, _), found in met.items()}

    def _find(self, name: NormalizedName, requirement: Requirement) -> InstalledDistribution | None:
        found = self._installed.get(name)
        if requirement.url is not None or found is None or not self._is_of_an_index(found):
            return None
        specifier = requirement.specifier & self._rules.constraints.get(name, SpecifierSet())
        return found if specifier.contains(found.version, prereleases=True) else None

    def _is_of_an_index(self, found: InstalledDistribution) -> bool:
        is_of_first = found.origin and self._first and same_place(found.origin, self._first)
        return found.origin is None or bool(is_of_first)

    def _read(self, name: NormalizedName) -> CoreMetadata | None:
        if name not in self._metadata:
            self._metadata[name] = None
            path = self._installed[name].dist_info / "METADATA"
            with suppress(OSError, InvalidDistributionError):
                self._metadata[name] = parse_metadata(path.read_bytes(), str(path))
        return self._metadata[name]
