"""Whether a venv meets requirements already, so that no index needs to be asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from pytest_indexcache.errors import InvalidDistributionError
from pytest_indexcache.reference.installing.installed import InstalledDistribution, same_place
from pytest_indexcache.reference.packages import IndexLocation, Origin
from pytest_indexcache.reference.resolving.core_metadata import CoreMetadata, parse_metadata


class Satisfaction:
    """Looks for requirements, and for what they require, among what is installed.

    Only distributions of ``index`` count: where one came from elsewhere, the indexes must say
    whether it is what they would give.
    """

    def __init__(
        self,
        installed: Iterable[InstalledDistribution],
        markers: Mapping[str, str],
        index: IndexLocation,
    ) -> None:
        self._installed = {it.name: it for it in installed}
        self._markers = markers
        self._origin = Origin("index", index.public_url)
        self._metadata: dict[NormalizedName, CoreMetadata | None] = {}

    def of(self, requirements: Iterable[Requirement]) -> frozenset[NormalizedName] | None:
        """Return the projects that meet all requirements together, None if something is missing."""
        met = set[tuple[NormalizedName, str]]()
        waiting = [(requirement, "") for requirement in requirements]
        while waiting:
            requirement, extra = waiting.pop()
            if not self._applies(requirement, extra):
                continue
            name = canonicalize_name(requirement.name)
            if requirement.url is not None or not self._has(name, requirement):
                return None
            metadata = self._read(name)
            if metadata is None:
                return None
            for chosen in ("", *requirement.extras):
                if (name, chosen) not in met:
                    met.add((name, chosen))
                    waiting.extend((it, chosen) for it in metadata.dependencies)
        return frozenset(name for name, _ in met)

    def _applies(self, requirement: Requirement, extra: str) -> bool:
        marker = requirement.marker
        if marker is None:
            return not extra
        return marker.evaluate({**self._markers, "extra": extra})

    def _has(self, name: NormalizedName, requirement: Requirement) -> bool:
        found = self._installed.get(name)
        return (
            found is not None
            and found.origin is not None
            and same_place(found.origin, self._origin)
            and requirement.specifier.contains(found.version, prereleases=True)
        )

    def _read(self, name: NormalizedName) -> CoreMetadata | None:
        if name not in self._metadata:
            self._metadata[name] = None
            path = self._installed[name].dist_info / "METADATA"
            with suppress(OSError, InvalidDistributionError):
                self._metadata[name] = parse_metadata(path.read_bytes(), str(path))
        return self._metadata[name]
