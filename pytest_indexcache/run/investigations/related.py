"""Find reports in the catalogue that may have the same bug.

Plays with the variants of the reference installer show which bugs cause the same misbehaviour. Each
scenario of the catalogue lists the variants that have the bug in its report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from pytest_indexcache.errors import InstallerSpecError
from pytest_indexcache.installers.contract.installer import InstallerSpec
from pytest_indexcache.installers.reference.variants import variant_descriptions
from pytest_indexcache.run.bisect.signatures import Signature
from pytest_indexcache.run.investigations.results import RelatedReport
from pytest_indexcache.run.plays.results import PlayResult
from pytest_indexcache.scenario.model import Scenario

MOST_REPORTS: Final = 6

PlayVariant = Callable[[InstallerSpec], PlayResult]


def alike_variants(result: PlayResult, play: PlayVariant) -> tuple[str, ...]:
    """Return the variants that misbehave in a scenario in the same way as the given play."""
    wanted = Signature.of(result)
    if wanted is None:
        return ()
    played = [
        (name, signature)
        for name in variant_descriptions()
        if (signature := _signature(play, name)) is not None
    ]
    same = tuple(name for name, signature in played if signature == wanted)
    alike = (name for name, signature in played if _outline(signature) == _outline(wanted))
    return same or tuple(alike)


def _signature(play: PlayVariant, name: str) -> Signature | None:
    try:
        return Signature.of(play(InstallerSpec("reference", variant=name)))
    except InstallerSpecError:
        return None


def _outline(signature: Signature) -> tuple[int, frozenset[str]]:
    return signature.step, frozenset(key.partition(".")[0] for key in signature.keys)


def related_reports(
    scenario: Scenario, variants: Sequence[str], installer: str, catalogue: Iterable[Scenario]
) -> tuple[RelatedReport, ...]:
    """Return the reports of a catalogue that one of the variants reproduces.

    Reports that list the installer come first. The scenario's own report is left out.
    """
    found = sorted(
        _related(scenario, frozenset(variants), installer, catalogue),
        key=lambda it: (not it.lists_installer, -len(it.variants)),
    )
    by_issue = {report.issue: report for report in reversed(found)}
    return tuple(report for report in found if by_issue[report.issue] is report)[:MOST_REPORTS]


def _related(
    scenario: Scenario, variants: frozenset[str], installer: str, catalogue: Iterable[Scenario]
) -> Iterator[RelatedReport]:
    for other in catalogue:
        shared = tuple(sorted(variants & other.variants.keys()))
        if not shared or other.issue is None or other.issue == scenario.issue:
            continue
        lists = installer in other.affected or installer in other.sometimes
        yield RelatedReport(other.issue, other.title, shared, lists)
