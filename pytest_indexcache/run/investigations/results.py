"""The findings of an investigation, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pytest_indexcache.run.bisect.results import BisectResult
from pytest_indexcache.run.plays.results import BEHAVES, JUDGED, PlayResult

OVERRIDE: Final[Mapping[str, str]] = {
    "pages": "max-age=600",
    "files": "max-age=365000000, immutable, public",
}
"""The values of Cache-Control to try as an override; they are recommended in issue trackers."""


@dataclass(frozen=True)
class TriedWorkaround:
    """A change that a user can make until a fix is released, and the result of its play.

    ``name`` describes the change: ``refresh of torch``. ``command`` is the changed command line of
    the misbehaving step. If the change cannot be made, ``result`` is None and ``reason`` explains
    why.
    """

    name: str
    result: PlayResult | None = None
    command: str = ""
    reason: str = ""
    is_override: bool = False

    @property
    def helps(self) -> bool | None:
        """Whether all expectations hold with the change; None if no play with it was judged."""
        if self.result is None or self.result.verdict not in JUDGED:
            return None
        return self.result.verdict in BEHAVES


@dataclass(frozen=True)
class RelatedReport:
    """A report in the catalogue whose bug may also explain the investigated play.

    ``fields`` lists the header fields and directives that the causes of both plays name. ``bugs``
    contains pairs of a variant and the description of its bug.
    """

    issue: str
    title: str
    variants: tuple[str, ...]
    lists_installer: bool
    fields: tuple[str, ...] = ()
    bugs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Investigation:
    """A play that misbehaves, and the findings about it.

    ``repeated`` is a second play, in which the installer prints its log (``-v``). ``log`` is the
    output of the misbehaving step in the second play, if that play fails in the same step, and
    otherwise in the first play. ``others`` contains the plays by other installers. If there was
    no bisect, ``bisect`` is None and ``not_bisected`` explains why. The plays ran on ``platform``
    with ``python`` and ``harness``.
    """

    play: PlayResult
    platform: str
    python: str
    harness: str
    log: str = ""
    repeated: PlayResult | None = None
    others: tuple[PlayResult, ...] = ()
    workarounds: tuple[TriedWorkaround, ...] = ()
    related: tuple[RelatedReport, ...] = ()
    bisect: BisectResult | None = None
    not_bisected: str = ""
