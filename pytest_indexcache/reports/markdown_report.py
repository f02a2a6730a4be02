"""Format results as Markdown for the step summary of GitHub Actions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Final

from pytest_indexcache.printable import printable
from pytest_indexcache.reports.terminal import failure_lines
from pytest_indexcache.reports.words.wording import (
    Matrix,
    in_short_with_remark,
    many,
    needs_a_look,
    place_of_interest,
    player,
    remark,
    short_names,
    traffic,
    verdict_counts,
    web_link,
)
from pytest_indexcache.run.plays.results import PlayResult, Verdict

LIMIT_BYTES: Final = 900_000
"""The maximum size of a report in bytes: GitHub rejects step summaries larger than 1 MiB."""

_SIGNS: Final = {
    Verdict.PASSED: "✅",
    Verdict.REPRODUCED: "🐛",
    Verdict.FAILED: "❌",
    Verdict.FIXED: "❌",
    Verdict.SKIPPED: "⚪",
    Verdict.ERROR: "💥",
}
_REMARK_SIGNS: Final = {"known": "🐛", "worse": "❌", "better": "🎉"}


def markdown_report(results: Sequence[PlayResult]) -> str:
    """Return a table of all results, followed by the details of plays that need attention.

    Details beyond ``LIMIT_BYTES`` are left out and counted.
    """
    if not results:
        return "## Index caching\n\nNo scenario was played.\n"
    head = (
        f"## Index caching\n\n**{markdown_text(verdict_counts(results))}**: {traffic(results)}\n\n"
    )
    looked_at = sorted(filter(needs_a_look, results), key=place_of_interest)
    skipped = [result for result in results if result.verdict is Verdict.SKIPPED]
    blocks = [head, *_containments(results), _table(results)]
    names = short_names(result.scenario for result in results)
    blocks += [_details(result, names) for result in looked_at]
    blocks += [_skipped(skipped, names)] if skipped else []
    return "".join(_within_limit(blocks))


def _containments(results: Iterable[PlayResult]) -> Iterator[str]:
    """Yield a paragraph for each kind of containment in which the plays ran."""
    for words in dict.fromkeys(result.containment for result in results if result.containment):
        yield f"{markdown_text(words)}\n\n"


def _within_limit(blocks: Iterable[str]) -> Iterator[str]:
    room, left_out = LIMIT_BYTES, 0
    for block in blocks:
        size = len(block.encode())
        if size > room:
            left_out += 1
        else:
            room -= size
            yield block
    if left_out:
        yield f"Details left out to keep the page short: {many(left_out, 'play')}.\n"


def _table(results: Sequence[PlayResult]) -> str:
    matrix = Matrix.of(results)
    rows = [("scenario", *map(markdown_text, matrix.players)), ("---",) * (1 + len(matrix.players))]
    names = short_names(scenario for scenario, _ in matrix.rows)
    for scenario, plays in matrix.rows:
        issue = next((result.issue for result in plays if result is not None), None)
        rows.append((_linked(names[scenario], issue), *map(_cell, plays)))
    return "".join(f"| {' | '.join(row)} |\n" for row in rows) + "\n"


def _cell(play: PlayResult | None) -> str:
    if play is None:
        return ""
    sign = _REMARK_SIGNS.get(remark(play), _SIGNS[play.verdict])
    return f"{sign} {markdown_text(in_short_with_remark(play))}"


def _details(result: PlayResult, names: Mapping[str, str]) -> str:
    title = f"{names[result.scenario]}, played by {player(result)}: "
    title += in_short_with_remark(result)
    if result.is_unasked_exit:
        title += f"; {result.reason}"
    return _folded(title, _fenced(failure_lines(result)))


def _skipped(results: Sequence[PlayResult], names: Mapping[str, str]) -> str:
    lines = [
        f"- {markdown_text(f'{names[result.scenario]}, {player(result)}: {result.reason}')}\n"
        for result in results
    ]
    return _folded(f"{len(results)} skipped", "".join(lines))


def _folded(title: str, body: str) -> str:
    shown = escape(printable(title))
    return f"<details><summary>{shown}</summary>\n\n{body}\n</details>\n\n"


def _fenced(lines: Iterable[str]) -> str:
    """Return lines as a code block, with a fence that does not occur in them (CommonMark 4.5)."""
    text = "\n".join(lines)
    longest = max(map(len, re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}text\n{text}\n{fence}\n"


def _linked(text: str, url: str | None) -> str:
    link = web_link(url)
    return f"[{markdown_text(text)}](<{link}>)" if link else markdown_text(text)


def markdown_text(text: str) -> str:
    """Escape all characters that Markdown would interpret (CommonMark 2.4)."""
    return re.sub(r"[\\`*_{}\[\]<>|~&$!]", r"\\\g<0>", printable(text))
