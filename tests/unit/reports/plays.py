"""Records of plays for tests of reports."""

from __future__ import annotations

from pytest_indexcache.run.matrix.results import Circumstances, PlayRecord
from pytest_indexcache.run.plays.results import Check, CheckKind, PlayResult, StepResult, Verdict

HERE = Circumstances("linux-x86_64", "CPython 3.13.0", "0.1.0+abc")
PASSED, FAILED, SKIPPED = Verdict.PASSED, Verdict.FAILED, Verdict.SKIPPED


def play(
    scenario: str,
    installer: str,
    verdict: Verdict,
    *,
    reason: str = "",
    transport: str = "wire",
    where: Circumstances = HERE,
) -> PlayRecord:
    """Return a record of a play; a failed play failed at step 3."""
    checks = (
        Check(
            CheckKind.DOWNLOADS,
            "0",
            "1",
            held=False,
            subject="torch",
            causes=("it said no-store", "and more"),
        ),
        Check(CheckKind.INSTALLED, "2.0", "nothing", held=False, subject="torch"),
    )
    result = PlayResult(
        scenario=f"scenarios/pytorch/{scenario}.toml",
        title="A title",
        installer=installer,
        installer_version=installer.rpartition("==")[2],
        transport=transport,
        verdict=verdict,
        reason=reason,
        steps=(StepResult(3, "sync", "", checks=checks),) if verdict is FAILED else (),
    )
    return PlayRecord(result, "digest", where, "2026-11-21T05:00:00+00:00")
