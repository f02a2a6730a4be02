"""The result of a play, as plain data for all reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pytest_indexcache.run.plays.results.step_results import StepResult, Traffic
from pytest_indexcache.run.plays.results.verdicts import JUDGED, Change, Verdict, verdict_in_short


@dataclass(frozen=True)
class PlayResult:
    """The result of one scenario, played once with one installer.

    ``reason`` explains a skip or an error, or describes an unexpected crash or hang of the
    installer. ``seconds`` contains the duration of each kind of work, such as ``commands``, and the
    ``total``. ``by_chance`` is true if the scenario lists the release in ``[sometimes]``, which
    means that another play may have a different result. ``change`` is None if there is no baseline.
    ``known`` is the baseline's entry for the play, in the form of :attr:`in_short`. ``containment``
    describes the kernel containment of the installer, or the reason why there was none. It is empty
    if nothing was played. ``tags`` are the scenario's tags.
    """

    scenario: str
    title: str
    installer: str
    installer_version: str
    transport: str
    verdict: Verdict
    issue: str | None = None
    reason: str = ""
    by_chance: bool = False
    steps: tuple[StepResult, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    change: Change | None = None
    known: str = ""
    containment: str = ""
    tags: tuple[str, ...] = ()

    def __repr__(self) -> str:
        step = self.failed_step
        checks = () if step is None else [check for check in step.checks if not check.held]
        seen = "".join(
            f"; {check.key}: expected {check.expected}, seen {check.seen}" for check in checks
        )
        reason = f": {self.reason}" if self.reason else ""
        who = f"{self.installer} ({self.transport})"
        return f"<PlayResult of {self.scenario!r} by {who}: {self.in_short}{seen}{reason}>"

    def __bool__(self) -> bool:
        """Return :attr:`passed`, so that a test can simply ``assert play(...)``."""
        return self.passed

    @property
    def passed(self) -> bool:
        """Whether all expectations were met, and the release is not listed as affected."""
        return self.verdict is Verdict.PASSED

    @property
    def was_contained(self) -> bool:
        """Whether the kernel limited what the installer could do."""
        return self.containment.startswith("contained")

    @property
    def in_short(self) -> str:
        """The verdict and the number of the failed step, if there is one: ``failed at step 3``."""
        step = self.failed_step
        return verdict_in_short(self.verdict, None if step is None else step.number)

    @property
    def is_unasked_exit(self) -> bool:
        """Whether ``reason`` describes a crash, hang or exceeded limit that no step expects."""
        return bool(self.reason) and self.verdict in JUDGED

    @property
    def failed_step(self) -> StepResult | None:
        """The first step that did not meet its expectations, or None."""
        return next((step for step in self.steps if not step.held), None)

    @property
    def nominal_bytes(self) -> int:
        """The total nominal size of all downloads, in bytes."""
        return self.traffic.nominal

    @property
    def traffic(self) -> Traffic:
        """The counts of requests and responses, added up over all steps."""
        return sum((step.traffic for step in self.steps), Traffic())

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON data."""
        return {
            **vars(self),
            "verdict": str(self.verdict),
            "steps": [step.to_json() for step in self.steps],
            "seconds": dict(self.seconds),
            "change": None if self.change is None else str(self.change),
            "tags": list(self.tags),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PlayResult:
        """Create a result from the JSON data that :meth:`to_json` returns."""
        steps = tuple(StepResult.from_json(step) for step in data["steps"])
        change = None if data.get("change") is None else Change(data["change"])
        verdict = Verdict(data["verdict"])
        made = {"verdict": verdict, "steps": steps, "change": change}
        return cls(**{**data, **made, "tags": tuple(data.get("tags", ()))})
