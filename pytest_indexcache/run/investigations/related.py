"""Find reports in the catalogue that may describe the same bug.

Plays with the variants of the reference installer show which bugs cause the same misbehaviour. Each
scenario of the catalogue lists the variants that reproduce its report. A scenario that shares such
a variant is played with the variant, and its failure is compared with the investigated failure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self

from pytest_indexcache.installers.contract.installer import InstallerSpec
from pytest_indexcache.installers.reference.variants import variant_descriptions
from pytest_indexcache.run.bisect.signatures import Signature
from pytest_indexcache.run.investigations.results import RelatedReport
from pytest_indexcache.run.matrix.cells import NamedScenario
from pytest_indexcache.run.plays.results import MISBEHAVES, CheckKind, PlayResult
from pytest_indexcache.run.plays.results.cause_texts import cause_outline, deciding_directives
from pytest_indexcache.scenario.model import Scenario

MOST_REPORTS: Final = 6

PlayVariant = Callable[[InstallerSpec], PlayResult | None]
"""A function that returns a variant's play of the investigated scenario, or None."""
PlayScenario = Callable[[NamedScenario, InstallerSpec], PlayResult]


_ALIKE: Final = 0.5
"""The minimum share of words that causes must have in common if they name no header field."""


@dataclass(frozen=True)
class FailureTraits:
    """The features of a misbehaviour that are the same in another scenario with the same bug.

    ``verb`` is the verb of the failed step, and ``kinds`` contains the kinds of its failed checks.
    ``directives`` contains the decisive header fields, directives and options in the causes.
    ``outlines`` contains the causes without names and numbers.
    """

    verb: str
    kinds: frozenset[CheckKind]
    directives: frozenset[str]
    outlines: frozenset[str]

    @classmethod
    def of(cls, result: PlayResult) -> Self | None:
        """Return the traits of a play; None if the play does not misbehave."""
        failed = result.failed_step
        if failed is None or result.verdict not in MISBEHAVES:
            return None
        checks = [check for check in failed.checks if not check.held]
        causes = [(cause, check.subject) for check in checks for cause in check.causes]
        return cls(
            failed.verb,
            frozenset(check.kind for check in checks),
            frozenset().union(*(deciding_directives(cause) for cause, _ in causes)),
            frozenset(cause_outline(cause, subject) for cause, subject in causes),
        )

    def is_like(self, other: FailureTraits) -> bool:
        """Return whether two plays fail the same kind of check, perhaps because of the same bug.

        The bug may be the same if the causes have the same mechanism or name the same header field.
        If the causes name no header field, the steps must have the same verb, and the causes must
        share at least half of their words.
        """
        if not self.kinds & other.kinds:
            return False
        if self.outlines & other.outlines or self.directives & other.directives:
            return True
        is_weak = self.directives == other.directives and self.verb == other.verb
        return is_weak and _likeness(self.outlines, other.outlines) >= _ALIKE


def _likeness(outlines: frozenset[str], others: frozenset[str]) -> float:
    """Return the share of words that two sets of causes have in common, from 0 to 1.

    The share is 1 if there are no words at all.
    """
    one, other = ({word for text in texts for word in text.split()} for texts in (outlines, others))
    return len(one & other) / len(one | other) if one | other else 1.0


def known_variants() -> tuple[InstallerSpec, ...]:
    """Return the specs of all variants of the reference installer."""
    return tuple(InstallerSpec("reference", variant=name) for name in variant_descriptions())


def alike_variants(result: PlayResult, play: PlayVariant) -> tuple[str, ...]:
    """Return the variants of the reference installer that misbehave in the same way as a play.

    ``result`` is that play, and ``play`` returns a variant's play of the same scenario, or None.
    Variants with the same signature are chosen. If there are none, variants that fail the same
    kinds of checks in the same step are chosen, or else variants with the same cause. If some of
    the chosen variants have the same cause as ``result``, only those variants are returned.
    """
    wanted, traits = Signature.of(result), FailureTraits.of(result)
    if wanted is None or traits is None:
        return ()
    played = [
        (spec.variant or "", signature, other)
        for spec in known_variants()
        if (play_of_variant := play(spec)) is not None
        and (signature := Signature.of(play_of_variant)) is not None
        and (other := FailureTraits.of(play_of_variant)) is not None
    ]
    outline = _outline(wanted)
    same = [name for name, signature, _ in played if signature == wanted]
    alike = [name for name, signature, _ in played if _outline(signature) == outline]
    by_cause = [name for name, _, other in played if traits.outlines & other.outlines]
    chosen = same or alike or by_cause
    return tuple([name for name in chosen if name in by_cause] or chosen)


def _outline(signature: Signature) -> tuple[int, frozenset[str]]:
    return signature.step, frozenset(key.partition(".")[0] for key in signature.keys)


@dataclass(frozen=True)
class RelatedScenario:
    """A scenario of the catalogue that may have the same bug, and the variants to play it with."""

    scenario: NamedScenario
    issue: str
    shared: tuple[str, ...]

    @property
    def specs(self) -> tuple[InstallerSpec, ...]:
        """The specs of the reference installer's variants with which the scenario is played."""
        return tuple(InstallerSpec("reference", variant=name) for name in self.shared)


def find_related(
    scenario: Scenario, variants: Sequence[str], catalogue: Iterable[NamedScenario]
) -> tuple[RelatedScenario, ...]:
    """Return the scenarios of a catalogue that one of the variants reproduces.

    Scenarios for the same report as the given scenario are left out.
    """
    found = []
    for named in catalogue:
        other = named.scenario
        shared = tuple(sorted(other.variants.keys() & set(variants)))
        if shared and other.issue is not None and other.issue != scenario.issue:
            found.append(RelatedScenario(named, other.issue, shared))
    return tuple(found)


def related_reports(
    result: PlayResult, candidates: Iterable[RelatedScenario], play: PlayScenario
) -> tuple[RelatedReport, ...]:
    """Return the reports that a variant reproduces with a similar failure, most similar first.

    ``result`` is the misbehaving play, and ``play`` plays a scenario of the catalogue. Reports with
    the same mechanism come first, then reports with the same decisive header fields, the same kind
    of step and the same installer. At most
    ``MOST_REPORTS`` reports are returned.
    """
    wanted = FailureTraits.of(result)
    if wanted is None:
        return ()
    found = sorted(
        (pair for candidate in candidates for pair in _compared(candidate, result, wanted, play)),
        key=lambda pair: pair[0],
    )
    by_issue = {report.issue: report for _, report in reversed(found)}
    return tuple(report for _, report in found if by_issue[report.issue] is report)[:MOST_REPORTS]


def _compared(
    candidate: RelatedScenario, result: PlayResult, wanted: FailureTraits, play: PlayScenario
) -> Iterator[tuple[tuple[bool | int, ...], RelatedReport]]:
    """Yield a candidate's report and its rank, if a variant fails in the same way as ``result``."""
    played = {
        name: FailureTraits.of(play(candidate.scenario, spec))
        for name, spec in zip(candidate.shared, candidate.specs, strict=True)
    }
    alike = {
        name: traits
        for name, traits in played.items()
        if traits is not None and wanted.is_like(traits)
    }
    if not alike:
        return
    scenario, installer = candidate.scenario.scenario, InstallerSpec.parse(result.installer).name
    lists = installer in scenario.affected or installer in scenario.sometimes
    fields = frozenset().union(
        *(wanted.directives & traits.directives for traits in alike.values())
    )
    rank = (
        not any(wanted.outlines & traits.outlines for traits in alike.values()),
        -len(fields),
        not any(wanted.verb == traits.verb for traits in alike.values()),
        not lists,
        -len(alike),
    )
    yield (
        rank,
        RelatedReport(
            candidate.issue,
            scenario.title,
            tuple(alike),
            lists,
            tuple(sorted(fields)),
            tuple((name, variant_descriptions()[name]) for name in alike),
        ),
    )
