"""Reports in the catalogue that are related to a misbehaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.installers.contract.installer import InstallerSpec
from pytest_indexcache.run.investigations.related import (
    FailureTraits,
    alike_variants,
    find_related,
    related_reports,
)
from pytest_indexcache.run.matrix.cells import NamedScenario
from pytest_indexcache.run.plays.results import Check, CheckKind, PlayResult, StepResult, Verdict
from pytest_indexcache.scenario.loader import loads
from pytest_indexcache.scenario.model import Scenario


def result(step: int, kind: CheckKind, subject: str) -> PlayResult:
    """Return a play that misbehaves at this step."""
    checks = (Check(kind, "0", "1", held=False, subject=subject),)
    steps = (StepResult(step, "sync", "", checks=checks),)
    return PlayResult("s", "t", "uv==1", "1", "wire", Verdict.FAILED, steps=steps)


WANTED = result(3, CheckKind.DOWNLOADS, "a")
OTHER_PROJECT = result(3, CheckKind.DOWNLOADS, "b")
OTHER_STEP = result(1, CheckKind.DOWNLOADS, "a")


@pytest.mark.parametrize(
    ("plays", "expected"),
    [
        ({"obey-no-store": WANTED, "keep-no-wheel": OTHER_PROJECT}, ("obey-no-store",)),
        ({"obey-no-store": OTHER_STEP, "keep-no-wheel": OTHER_PROJECT}, ("keep-no-wheel",)),
        ({"obey-no-store": OTHER_STEP}, ()),
    ],
)
def test_variants_are_alike_by_their_signature(
    plays: dict[str, PlayResult], expected: tuple[str, ...]
) -> None:
    """Variants are related by signature or, without one, by step and failed checks."""
    passed = PlayResult("s", "t", "reference", "1", "inprocess", Verdict.PASSED)

    def play(spec: InstallerSpec) -> PlayResult:
        return plays.get(spec.variant or "", passed)

    assert alike_variants(WANTED, play) == expected


def caused(cause: str, *, kind: CheckKind = CheckKind.DOWNLOADS, verb: str = "sync") -> PlayResult:
    """Return a play that misbehaves for a cause."""
    checks = (Check(kind, "0", "1", held=False, subject="a", causes=(cause,)),)
    steps = (StepResult(3, verb, "", checks=checks),)
    return PlayResult("s", "t", "uv==1", "1", "wire", Verdict.FAILED, steps=steps)


def test_of_variants_with_the_same_signature_those_with_the_same_cause_are_alike() -> None:
    """A variant that fails in the same checks for another reason is left out."""
    plays = {
        "obey-no-store": caused("b came again: the response of step 2 said no-store"),
        "keep-no-wheel": caused("a came again: no wheel is kept"),
    }
    passed = PlayResult("s", "t", "reference", "1", "inprocess", Verdict.PASSED)

    def play(spec: InstallerSpec) -> PlayResult:
        return plays.get(spec.variant or "", passed)

    wanted = caused("b came again: the response of step 1 said no-store")
    assert alike_variants(wanted, play) == ("obey-no-store",)


def scenario(number: int, variant: str, affected: str = "") -> Scenario:
    """Return a scenario of a catalogue."""
    return loads(
        f'title = "t{number}"\nissue = "https://a.example/{number}"\n'
        f"variants = {{ {variant} = 1 }}\naffected = {{ {affected} }}\n"
        '[indexes.pypi]\nurl = "https://pypi.org/simple"\n[[steps]]\ndo = "lock"\n'
        "expect = { downloads = {} }\n"
    )


OWN = scenario(1, "obey-no-store")
NO_STORE = "a came again: its response said no-store"


def ranked(*catalogue: tuple[Scenario, PlayResult]) -> list[str]:
    """Return the last character of the issue of each related report."""

    def play(named: NamedScenario, spec: InstallerSpec) -> PlayResult:
        assert spec.variant in named.scenario.variants
        return next(result for other, result in catalogue if other is named.scenario)

    scenarios = [NamedScenario("s", other, Path("s.toml")) for other, _ in catalogue]
    candidates = find_related(OWN, ["obey-no-store"], scenarios)
    found = related_reports(caused(NO_STORE), candidates, play)
    return [report.issue[-1] for report in found]


def test_reports_are_ranked_by_mechanism_field_verb_and_installer() -> None:
    """The same mechanism comes first, then the deciding field, the verb, and the installer."""
    one, installer = "obey-no-store", 'uv = "<1"'
    other = "a was requested, although no-store forbids nothing"
    found = ranked(
        (scenario(2, one), caused(other, verb="lock")),
        (scenario(3, one, installer), caused(other, verb="lock")),
        (scenario(4, one), caused(other)),
        (scenario(5, one), caused(NO_STORE)),
        (scenario(6, one, installer), caused(NO_STORE)),
    )
    assert found == ["6", "5", "4", "3", "2"]


@pytest.mark.parametrize(
    "play",
    [
        PlayResult("s", "t", "reference", "1", "inprocess", Verdict.PASSED),
        caused(NO_STORE, kind=CheckKind.INSTALLED),
        caused("a came again: its expires is past"),
        caused("a came again: no wheel is kept"),
    ],
)
def test_reports_with_another_cause_are_left_out(play: PlayResult) -> None:
    """A scenario with the same variant is unrelated if it passes, or fails for another reason."""
    assert ranked((scenario(2, "obey-no-store"), play)) == []


@pytest.mark.parametrize(
    ("cause", "is_related"),
    [("a was answered with a 304 by index x", True), ("index b is down, so a is not there", False)],
)
def test_without_a_deciding_field_most_words_of_the_causes_are_the_same(
    cause: str, is_related: bool
) -> None:
    """Failures that no header field decides are related only if their causes read alike."""
    wanted = FailureTraits.of(caused("a was answered with a 304 by index y, again"))
    other = FailureTraits.of(caused(cause))
    assert wanted is not None
    assert other is not None
    assert wanted.is_like(other) is is_related


def test_the_own_report_and_reports_of_other_variants_are_left_out() -> None:
    """Only scenarios of other reports that share a variant are played."""
    play = caused(NO_STORE)
    others = (scenario(2, "keep-no-wheel"), scenario(3, "obey-no-store"))
    assert ranked(*((it, play) for it in (OWN, *others))) == ["3"]
