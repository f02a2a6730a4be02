"""Map a play's verdict, and its comparison with the baseline, to a pytest outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from pytest_indexcache.errors import BaselineError
from pytest_indexcache.run.baselines.baseline import Baseline
from pytest_indexcache.run.plays.results import BEHAVES, Change, PlayResult, Verdict
from pytest_indexcache.system.atomic_files import write_atomically


class GateOutcome(StrEnum):
    """The outcome that pytest reports for a play."""

    PASSED = "passed"
    XFAILED = "xfailed"
    SKIPPED = "skipped"
    FAILED = "failed"
    ERROR = "error"


@dataclass(frozen=True)
class Ruling:
    """An outcome and its reason; ``warning`` is shown for a play that does not fail."""

    outcome: GateOutcome
    reason: str = ""
    warning: str = ""


def ruled(result: PlayResult, *, strict: bool, accepts: bool = False) -> Ruling:
    """Return the pytest outcome of a play.

    With ``strict``, a play also fails if it is *fixed*, or if its result is better than in the
    baseline. ``accepts`` is true if the results are written to a baseline; then, only errors fail.
    """
    ruling = _ruled(result, strict)
    if accepts and ruling.outcome is GateOutcome.FAILED:
        return _tolerated(result, f"accepted: {result.in_short}")
    return ruling


def _ruled(result: PlayResult, strict: bool) -> Ruling:
    versus = f"{result.in_short}, the baseline says {result.known}"
    if result.change is Change.SAME:
        return _tolerated(result, f"as in the baseline: {result.in_short}")
    if result.change is Change.WORSE:
        is_error = result.verdict is Verdict.ERROR
        return Ruling(GateOutcome.ERROR if is_error else GateOutcome.FAILED, f"worse: {versus}")
    if result.change is Change.BETTER:
        reason = f"better: {versus}"
        lenient = replace(_tolerated(result, reason), warning=reason)
        return Ruling(GateOutcome.FAILED, reason) if strict else lenient
    if result.verdict is Verdict.FIXED:
        reason = "fixed: every expectation holds, although [affected] lists this release"
        return (
            Ruling(GateOutcome.FAILED, reason) if strict else Ruling(GateOutcome.PASSED, "", reason)
        )
    if result.verdict in (Verdict.FAILED, Verdict.ERROR):
        return Ruling(GateOutcome(result.verdict), result.in_short)
    return _tolerated(result, result.in_short)


def _tolerated(result: PlayResult, reason: str) -> Ruling:
    """Return the ruling for a play that does not fail: passed, skipped, or an expected failure."""
    if result.verdict in BEHAVES:
        return Ruling(GateOutcome.PASSED)
    if result.verdict is Verdict.SKIPPED:
        return Ruling(GateOutcome.SKIPPED, result.reason)
    return Ruling(GateOutcome.XFAILED, reason)


@dataclass(frozen=True)
class Gate:
    """The settings that turn play results into pytest outcomes.

    ``names`` maps an installer spec and a transport to an entry name. ``exists`` returns whether a
    scenario with a given name exists. ``known`` contains the results from the file ``compare``, or
    from the file ``write`` if ``compare`` is None. With ``strict``, a play also fails if its result
    is better than the known result.
    """

    names: Mapping[tuple[str, str], str]
    exists: Callable[[str], bool]
    strict: bool = True
    compare: Path | None = None
    write: Path | None = None
    known: Baseline | None = None

    def opened(self) -> Gate:
        """Return this gate after reading its files; invalid files are thus reported early.

        :raises BaselineError: if a file is invalid, or if two installers have the same entry name
        """
        file = self.compare or self.write
        if file is None:
            return self
        self._demand_names(file)
        written = Baseline()
        if self.write is not None:
            written = Baseline.read_if_there(self.write, self.exists)
        if self.compare is None or self.compare == self.write:
            return replace(self, known=written)
        return replace(self, known=Baseline.read(self.compare, self.exists))

    def _demand_names(self, file: Path) -> None:
        specs: dict[str, str] = {}
        for (spec, _), name in self.names.items():
            if specs.setdefault(name, spec) != spec:
                problem = f"{specs[name]} and {spec} are both {name!r} in a baseline"
                raise BaselineError(file, problem, hint="play them in runs of their own")

    def judged(self, result: PlayResult) -> PlayResult:
        """Return a result, compared with the baseline if there is one."""
        if self.known is None:
            return result
        return self.known.judged(self._name(result), result)

    def ruling(self, result: PlayResult) -> Ruling:
        """Return the pytest outcome of a judged result."""
        return ruled(result, strict=self.strict, accepts=self.write is not None)

    def write_down(self, results: Iterable[PlayResult]) -> None:
        """Merge results into the file ``write``; leave it unchanged if there are no results.

        The file is read again before the merge, because a parallel run may have changed it.

        :raises BaselineError: if the file cannot be read or written
        """
        named = [(self._name(result), result) for result in results]
        if self.write is None or not named:
            return
        file = self.write.resolve()
        text = Baseline.read_if_there(file, self.exists).updated(named).dumps()
        try:
            write_atomically(file, text.encode())
        except OSError as error:
            problem = f"it cannot be written: {error.strerror}"
            raise BaselineError(self.write, problem, hint="nothing in it was changed") from error

    def _name(self, result: PlayResult) -> str:
        return self.names[result.installer, result.transport]
