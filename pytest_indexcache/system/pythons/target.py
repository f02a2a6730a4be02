"""The version, markers and wheel tags of the Python interpreter for which files are chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Final, Self, cast

from packaging.markers import default_environment
from packaging.version import Version

if TYPE_CHECKING:
    from packaging.markers import Environment
    from packaging.tags import Tag

_LOCKED_MARKERS: Final = (
    "implementation_name",
    "python_version",
    "sys_platform",
    "platform_machine",
)


@dataclass(frozen=True)
class Target:
    """A Python interpreter for which files are chosen.

    ``markers`` contains the variables for environment markers (PEP 508). ``tags`` contains wheel
    tags, best first, such as ``cp313-cp313-manylinux_2_28_x86_64``. If ``tags`` is None, the
    running interpreter's tags apply.
    """

    markers: Mapping[str, str]
    tags: tuple[str, ...] | None = None

    @classmethod
    @cache
    def running(cls) -> Self:
        """Return the target for the running interpreter; every call returns the same object."""
        return cls({key: str(value) for key, value in default_environment().items()})

    @cached_property
    def python_version(self) -> Version:
        """The full version, for comparison with ``Requires-Python``."""
        # A development build says "3.14.0+", which is not valid in PEP 440.
        return Version(self.markers["python_full_version"].removesuffix("+"))

    @cached_property
    def environment(self) -> str:
        """A marker that is true for this Python implementation and version on this platform."""
        return " and ".join(f'{name} == "{self.markers[name]}"' for name in _LOCKED_MARKERS)

    @property
    def marker_environment(self) -> Environment:
        """The variables for markers, as the type that ``packaging`` expects."""
        return cast("Environment", dict(self.markers))

    @cached_property
    def parsed_tags(self) -> tuple[Tag, ...]:
        """The tags, as objects of ``packaging``."""
        from packaging.tags import Tag, sys_tags

        if self.tags is None:
            return tuple(sys_tags())
        return tuple(Tag(*tag.split("-")) for tag in self.tags)

    def rank_wheel(self, filename: str) -> int | None:
        """Return a wheel's rank, where 0 is the best, or None if it is incompatible (PEP 425)."""
        tags = "-".join(filename.removesuffix(".whl").rsplit("-", 3)[1:]).lower()
        if tags not in self._known:
            self._known[tags] = min(self._ranks_of(tags), default=None)
        return self._known[tags]

    @cached_property
    def _known(self) -> dict[str, int | None]:
        return {}

    def _ranks_of(self, tags: str) -> Iterable[int]:
        pythons, abis, platforms = tags.split("-")
        for python in pythons.split("."):
            for abi in abis.split("."):
                for platform in platforms.split("."):
                    rank = self._ranks.get(f"{python}-{abi}-{platform}")
                    if rank is not None:
                        yield rank

    @cached_property
    def _ranks(self) -> dict[str, int]:
        ranks: dict[str, int] = {}
        for rank, tag in enumerate(map(str, self.parsed_tags)):
            ranks.setdefault(tag, rank)
        return ranks
