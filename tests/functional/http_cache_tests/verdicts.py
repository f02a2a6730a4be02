"""Verdicts of the suite, computed from its results and the dependencies between tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .engine import Played

KINDS = ("required", "optimal", "check")
_GOOD = ("pass", "yes")


@dataclass(frozen=True, slots=True)
class Report:
    """The verdict on each test; ``kinds`` says which tests are required."""

    verdicts: Mapping[str, str]
    kinds: Mapping[str, str]
    reasons: Mapping[str, str]

    def count(self, kind: str) -> Counter[str]:
        """Return how many tests of a kind have each verdict."""
        return Counter(self.verdicts[test] for test, its in self.kinds.items() if its == kind)

    def passed(self, kind: str) -> int:
        """Return how many tests of a kind passed."""
        return sum(self.count(kind)[verdict] for verdict in _GOOD)

    def failures(self, kind: str) -> list[str]:
        """Return a line for each test of a kind that did not pass."""
        return [
            f"{test}: {self.verdicts[test]}: {self.reasons[test]}"
            for test, its in self.kinds.items()
            if its == kind and self.verdicts[test] not in _GOOD
        ]

    def table(self) -> str:
        """Return the numbers as a table in Markdown."""
        lines = ["| tests | all | passed | not passed |", "|---|---|---|---|"]
        for kind in KINDS:
            counts = self.count(kind)
            rest = [f"{number} {verdict}" for verdict, number in counts.items()]
            bad = ", ".join(text for text in rest if text.split()[1] not in _GOOD) or "-"
            lines.append(f"| {kind} | {counts.total()} | {self.passed(kind)} | {bad} |")
        return "\n".join(lines)


def judge(groups: list[dict[str, Any]], played: Mapping[str, Played]) -> Report:
    """Return the verdict of each played test, computed as on the suite's results page."""
    tests = {test["id"]: test for group in groups for test in group["tests"]}
    verdicts = {identity: _verdict(identity, tests, played) for identity in played}
    kinds = {identity: tests[identity].get("kind", "required") for identity in played}
    return Report(verdicts, kinds, {identity: result.reason for identity, result in played.items()})


def _verdict(
    identity: str, tests: Mapping[str, dict[str, Any]], played: Mapping[str, Played]
) -> str:
    result = played.get(identity)
    if result is None:
        return "untested"
    for dependency in tests[identity].get("depends_on", ()):
        if _verdict(dependency, tests, played) not in _GOOD:
            return "dependency-fail"
    if result.is_setup:
        return "retry" if result.reason == "retry" else "setup-fail"
    if tests[identity].get("kind") == "check":
        return "yes" if result.held else "no"
    return "pass" if result.held else "fail"


def is_for_private_caches(test: dict[str, Any]) -> bool:
    """Return whether the suite runs a test in browsers, whose caches are private."""
    return not (test.get("browser_skip") or test.get("cdn_only"))
