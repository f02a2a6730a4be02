"""Reports of the catalogue that are related to a misbehaviour."""

from __future__ import annotations

import pytest

from pytest_indexcache.installers.contract.installer import InstallerSpec
from pytest_indexcache.run.investigations.related import alike_variants, related_reports
from pytest_indexcache.run.plays.results import Check, CheckKind, PlayResult, StepResult, Verdict
from pytest_indexcache.scenario.loader import loads
from pytest_indexcache.scenario.model import Scenario


def result(step: int, kind: CheckKind, subject: str) -> PlayResult:
    """Return a play that misbehaves at a step."""
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
    """Variants match by signature or, if there is none, by step and failed checks."""
    passed = PlayResult("s", "t", "reference", "1", "inprocess", Verdict.PASSED)

    def play(spec: InstallerSpec) -> PlayResult:
        return plays.get(spec.variant or "", passed)

    assert alike_variants(WANTED, play) == expected


def scenario(number: int, variant: str, affected: str = "") -> Scenario:
    """Return a scenario of a catalogue."""
    return loads(
        f'title = "t{number}"\nissue = "https://a.example/{number}"\n'
        f"variants = {{ {variant} = 1 }}\naffected = {{ {affected} }}\n"
        '[indexes.pypi]\nurl = "https://pypi.org/simple"\n[[steps]]\ndo = "lock"\n'
        "expect = { downloads = {} }\n"
    )


def test_reports_of_the_installer_come_first_and_the_own_is_left_out() -> None:
    """Related reports begin with the installer's, and do not include the report itself."""
    own = scenario(1, "obey-no-store")
    catalogue = [
        own,
        scenario(2, "keep-no-wheel"),
        scenario(3, "obey-no-store"),
        scenario(4, "obey-no-store", 'uv = "<1"'),
    ]
    found = related_reports(own, ["obey-no-store"], "uv", catalogue)
    assert [report.issue[-1] for report in found] == ["4", "3"]
