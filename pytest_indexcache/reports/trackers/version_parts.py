"""The part of a report that says between which releases the behaviour changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pytest_indexcache.reports.bisect_lines import no_change_text, side_names
from pytest_indexcache.reports.trackers.blocks import code, shown
from pytest_indexcache.reports.trackers.facts import IssueFacts, release_of
from pytest_indexcache.reports.words.wording import many
from pytest_indexcache.run.bisect.results import BisectResult, Boundary

MOST_FLAKY: Final = 2
"""The maximum number of flaky changes that are listed separately."""


def versions(facts: IssueFacts) -> Iterator[str]:
    """Yield lines about the releases between which the behaviour changed, with links to diffs."""
    found = facts.investigation.bisect
    yield "**Versions**"
    yield ""
    if found is None:
        why = shown(facts.reason(facts.investigation.not_bisected))
        only = f"Only {code(release_of(facts.play))} was played"
        yield f"{only}{f': {why}' if why else '; other releases were not looked at'}."
        yield ""
        return
    flaky = [boundary for boundary in found.boundaries if boundary.is_flaky]
    is_folded = len(flaky) > MOST_FLAKY
    unclear = [boundary for boundary in found.boundaries if _is_unclear(boundary)]
    for boundary in found.boundaries:
        if not (is_folded and boundary.is_flaky) and boundary not in unclear:
            yield from _change_lines(found.installer, boundary)
    if unclear:
        yield (
            "- the releases that misbehave differ in the step or in the expectations that fail; "
            "where this changed was not looked for"
        )
    if is_folded:
        yield (
            f"- from {flaky[0].before.release} to {flaky[-1].after.release}, repeated plays of the "
            f"same release gave different results, so {len(flaky)} more changes are not certain"
        )
    if not found.boundaries:
        yield f"- {shown(no_change_text(found))}"
    elif facts.other_ends:
        yield "- plays of the same release end in different ways, so a change may be due to chance"
    yield from _judged_lines(facts, found)
    yield ""


def _is_unclear(boundary: Boundary) -> bool:
    """Return whether two releases misbehave differently and some between them were not played."""
    return boundary.kind == "changes" and boundary.unasked > 0


def _change_lines(installer: str, boundary: Boundary) -> Iterator[str]:
    sides = zip(side_names(boundary), (boundary.before, boundary.after), strict=True)
    named = ", ".join(
        f"{side}: {code(f'{installer} {verdict.release}')}"
        + (f" ({verdict.uploaded})" if verdict.uploaded else "")
        for side, verdict in sides
    )
    link = f", <{boundary.compare_url}>" if boundary.compare_url else ""
    flaky = "; repeated plays gave other results" if boundary.is_flaky else ""
    unknown = boundary.unasked + len(boundary.between)
    between = f"; {many(unknown, 'release')} between them not judged" if unknown else ""
    earlier = " or one before" if unknown else ""
    yield f"- {boundary.after.release}{earlier} {boundary.kind} it ({named}{flaky}{between}){link}"


def _judged_lines(facts: IssueFacts, found: BisectResult) -> Iterator[str]:
    if found.boundaries and found.judged:
        last = found.judged[-1]
        state = "behaves" if last.behaves else f"goes wrong in step {last.step}"
        yield f"- the newest release played, {code(last.release)}, {state}"
    played = sum(1 for answer in found.answers if answer.was_played)
    releases = many(len(found.releases), "release")
    yield f"- played: {played} of {releases}{_why_not_more(facts, found)}"


def _why_not_more(facts: IssueFacts, found: BisectResult) -> str:
    """Return a clause that says why the other releases were not played, or an empty string."""
    lacking, unlooked = len(found.lacking), sum(map(len, found.unlooked))
    parts = []
    if lacking:
        why = shown(facts.reason(found.lacking[-1].reason))
        parts.append(f"{lacking} cannot play the scenario ({why})")
    if unlooked:
        command = code(f"indexcache bisect {facts.file} {found.installer}")
        parts.append(f"{command} plays more of the other {unlooked}")
    return "".join(f"; {part}" for part in parts)
