"""Describe why plays were skipped, with scenarios and releases grouped by reason."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pytest_indexcache.printable import printable
from pytest_indexcache.reports.words.releases import in_order, range_of
from pytest_indexcache.reports.words.wording import many
from pytest_indexcache.run.plays.results import PlayResult, Verdict


def by_installer(results: Sequence[PlayResult]) -> dict[str, list[PlayResult]]:
    """Group results by the installer's spec without its release."""
    grouped: dict[str, list[PlayResult]] = {}
    for result in results:
        grouped.setdefault(printable(result.installer.partition("==")[0]), []).append(result)
    return grouped


def skip_texts(installer: str, results: Sequence[PlayResult]) -> Iterator[str]:
    """Yield a line for each reason why an installer skipped plays.

    Example: ``12 plays: uv 0.3.3 - 0.4.22 has no lock: it came with 0.4.23``.
    """
    grouped: dict[str, list[PlayResult]] = {}
    for result in results:
        if result.verdict is Verdict.SKIPPED:
            grouped.setdefault(_reason_of_any_release(result), []).append(result)
    for skipped in grouped.values():
        releases = in_order(_release(result) for result in skipped)
        newest = next(result for result in skipped if _release(result) == releases[-1])
        who = range_of(installer, releases)
        yield f"{many(len(skipped), 'play')}: {printable(_reason_of(newest, who))}"


def _reason(result: PlayResult) -> str:
    """Return the first line of the reason why a play was skipped, without the step number."""
    first = next(iter(result.reason.splitlines()), "no reason is given")
    return re.sub(r"\bstep \d+\b", "a step", re.sub(r"^step \d+: ", "", first))


def _reason_of(result: PlayResult, who: str) -> str:
    """Return the reason why a play was skipped, with the range ``who`` in place of the release."""
    reason, name = _reason(result), re.split("[=@:]", result.installer, maxsplit=1)[0]
    for release in (result.installer, f"{name} {result.installer_version}"):
        if reason.startswith((f"{release} ", f"{release}:")) and release != name:
            return who + reason.removeprefix(release)
    return reason if reason.startswith(f"{name} ") else f"{who}: {reason}"


def _reason_of_any_release(result: PlayResult) -> str:
    """Return the reason why a play was skipped without release numbers, as a key for grouping."""
    return _reason(result).replace(_release(result), "").partition(": it came with")[0]


def _release(result: PlayResult) -> str:
    """Return the installer's release, or its spec if the release is unknown."""
    return result.installer_version or result.installer
