"""Why plays were skipped, in words: a text for each reason, whatever scenarios and releases."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pytest_indexcache.printable import printable
from pytest_indexcache.reports.releases import in_order, range_of
from pytest_indexcache.reports.wording import many
from pytest_indexcache.run.plays.results import PlayResult, Verdict


def by_installer(results: Sequence[PlayResult]) -> dict[str, list[PlayResult]]:
    """Group results by the installer, whose spec may name a variant or a path."""
    grouped: dict[str, list[PlayResult]] = {}
    for result in results:
        grouped.setdefault(printable(result.installer.partition("==")[0]), []).append(result)
    return grouped


def skip_texts(installer: str, results: Sequence[PlayResult]) -> Iterator[str]:
    """Yield the reasons for the skips of one installer, each with its plays and releases.

    ``12 plays: uv 0.3.3 - 0.4.22 has no lock: it came with 0.4.23``
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
    """Return the first line of the reason for a skip, of whatever step."""
    first = next(iter(result.reason.splitlines()), "no reason is given")
    return re.sub(r"\bstep \d+\b", "a step", re.sub(r"^step \d+: ", "", first))


def _reason_of(result: PlayResult, who: str) -> str:
    """Return the reason, of all the releases that have it where it names one of them."""
    reason, name = _reason(result), re.split("[=@:]", result.installer, maxsplit=1)[0]
    for release in (result.installer, f"{name} {result.installer_version}"):
        if reason.startswith((f"{release} ", f"{release}:")) and release != name:
            return who + reason.removeprefix(release)
    return reason if reason.startswith(f"{name} ") else f"{who}: {reason}"


def _reason_of_any_release(result: PlayResult) -> str:
    """Return the reason for a skip without what names the release, and when it came."""
    return _reason(result).replace(_release(result), "").partition(": it came with")[0]


def _release(result: PlayResult) -> str:
    """Return the release, or the spec where a release was never seen."""
    return result.installer_version or result.installer
