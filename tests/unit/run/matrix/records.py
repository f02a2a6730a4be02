"""Records of plays for tests."""

from __future__ import annotations

from pytest_indexcache.run.matrix.results import Circumstances, PlayRecord
from pytest_indexcache.run.plays.results import Check, CheckKind, PlayResult, StepResult, Verdict

HERE = Circumstances("linux-x86_64", "CPython 3.13.0", "0.1.0+abc")


def record(
    scenario: str = "scenarios/pytorch/uv-1.toml",
    installer: str = "uv==0.8.11",
    verdict: Verdict = Verdict.PASSED,
    *,
    transport: str = "wire",
    digest: str = "d1",
    where: Circumstances = HERE,
    reason: str = "",
    step: int = 3,
) -> PlayRecord:
    """Return a record; if the verdict needs a step, the record has one."""
    is_bad = verdict in (Verdict.FAILED, Verdict.REPRODUCED)
    check = Check(
        CheckKind.DOWNLOADS, "0", "1", held=False, subject="torch", causes=("it said no-store",)
    )
    result = PlayResult(
        scenario=scenario,
        title="A title",
        installer=installer,
        installer_version=installer.rpartition("==")[2],
        transport=transport,
        verdict=verdict,
        reason=reason,
        steps=(StepResult(step, "sync", "", checks=(check,)),) if is_bad else (),
    )
    return PlayRecord(result, digest, where, "2026-11-21T05:00:00+00:00")
