"""Sources for dependencies that do not come from the usual indexes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker
from packaging.utils import NormalizedName

from pytest_indexcache.errors import UsageError


@dataclass(frozen=True, slots=True)
class PackageSource:
    """The source for a dependency: either ``index`` (a name), ``path`` or ``url``.

    ``extra``, ``group`` and ``marker``, if set, restrict the source. It applies only if the extra
    and the group are selected, and the marker is true.
    """

    index: str | None = None
    path: Path | None = None
    url: str | None = None
    editable: bool = False
    extra: NormalizedName | None = None
    group: NormalizedName | None = None
    marker: Marker | None = None

    def applies(
        self,
        extras: Iterable[str],
        groups: Iterable[str],
        environment: Mapping[str, str],
    ) -> bool:
        """Return whether the source applies to these extras and groups in this environment."""
        return (
            (self.extra is None or self.extra in extras)
            and (self.group is None or self.group in groups)
            and (self.marker is None or self.marker.evaluate(dict(environment)))
        )

    @property
    def specificity(self) -> int:
        """How specific the source is: a restriction to an extra or group outranks a marker."""
        return 2 * (self.extra is not None or self.group is not None) + (self.marker is not None)

    @property
    def place(self) -> tuple[str | None, Path | None, str | None, bool]:
        """The source's index, path or URL, and whether a path is installed as editable."""
        return (self.index, self.path, self.url, self.editable)


def select_sources(
    sources: Mapping[NormalizedName, tuple[PackageSource, ...]],
    *,
    extras: Iterable[str],
    groups: Iterable[str],
    environment: Mapping[str, str],
) -> dict[NormalizedName, PackageSource]:
    """Choose the most specific source that applies to each project.

    :raises UsageError: if two equally specific sources name different places
    """
    chosen = {}
    for project, entries in sources.items():
        fitting = [source for source in entries if source.applies(extras, groups, environment)]
        most = max((source.specificity for source in fitting), default=0)
        narrow = [source for source in fitting if source.specificity == most]
        if len({source.place for source in narrow}) > 1:
            raise UsageError(
                f"{project} has several sources at once: {' and '.join(map(_describe, narrow))}",
                hint="list their extras in conflicts of [tool.indexcache], or give them markers",
            )
        if narrow:
            chosen[project] = narrow[0]
    return chosen


def _describe(source: PackageSource) -> str:
    place = next(
        str(given) for given in (source.index, source.path, source.url) if given is not None
    )
    owner = source.extra or (f"group:{source.group}" if source.group else None)
    return f"{place} ({owner})" if owner else place
