"""Format the result of a bisect as Markdown for an issue."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from pytest_indexcache.reports.bisect_lines import (
    again_lines,
    side_names,
    summary_line,
    unjudged_lines,
)
from pytest_indexcache.reports.markdown_report import markdown_text
from pytest_indexcache.reports.trackers.blocks import code, fenced
from pytest_indexcache.reports.words.wording import web_link
from pytest_indexcache.run.bisect.results import BisectResult, Boundary, ReleaseVerdict


def bisect_markdown(
    result: BisectResult, scenario_text: str, command: str, private: Sequence[str] = ()
) -> str:
    """Return the text of an issue with the changes, their causes, and the scenario.

    The text ends with the same data as JSON in an HTML comment. ``command`` is the command line
    that repeats the bisect. Paths in the ``private`` folders are reduced to their last part.
    """
    lines = [
        f"### {markdown_text(result.title)}",
        "",
        *([f"<{result.issue}>", ""] if web_link(result.issue) else []),
        *_changes(result, private),
        *_unjudged(result, private),
        "<details><summary>the scenario's file</summary>",
        "",
        *fenced(scenario_text, "toml"),
        "",
        "</details>",
        "",
        f"To reproduce it: {code(command)}",
        "",
        f"{markdown_text(summary_line(result))}; {markdown_text(result.platform)}, "
        f"{markdown_text(result.python)}, pytest-indexcache {markdown_text(result.harness)}.",
        "",
        _for_programs(result),
    ]
    return "\n".join(lines) + "\n"


def _changes(result: BisectResult, private: Sequence[str]) -> Iterator[str]:
    if not result.boundaries:
        yield "No change was found."
        yield ""
    for boundary in result.boundaries:
        yield from _change(result.installer, boundary, private)
        yield ""


def _change(installer: str, boundary: Boundary, private: Sequence[str]) -> Iterator[str]:
    yield f"**{installer} {boundary.after.release} {boundary.kind} it**"
    yield ""
    for name, answer in zip(side_names(boundary), (boundary.before, boundary.after), strict=True):
        yield f"- {name}: {code(f'{installer} {answer.release}')}{_day(answer)}, {_seen(answer)}"
    for line in again_lines(boundary, limit=None):
        yield f"- {markdown_text(line)}"
    if boundary.between or boundary.unasked:
        count = len(boundary.between) + boundary.unasked
        yield f"- not judged between them: {count}"
    if boundary.compare_url:
        yield f"- <{boundary.compare_url}>"
    if boundary.bad.causes:
        yield ""
        yield f"Why {boundary.bad.release} misbehaves:"
        yield ""
        causes = "\n".join(_without_folders(cause, private) for cause in boundary.bad.causes)
        yield from fenced(causes, "text")


def _unjudged(result: BisectResult, private: Sequence[str]) -> Iterator[str]:
    """Yield lines about the releases without a verdict, with the reasons."""
    lines = [_without_folders(line, private) for line in unjudged_lines(result)]
    yield from (f"- {markdown_text(line)}" for line in lines)
    yield from ("",) if lines else ()


def _day(answer: ReleaseVerdict) -> str:
    return "" if answer.uploaded is None else f" ({answer.uploaded})"


def _seen(answer: ReleaseVerdict) -> str:
    failed = ", ".join(code(text) for text in answer.failed)
    return f"{answer.in_short}: {failed}" if failed else answer.in_short


def _without_folders(text: str, private: Sequence[str]) -> str:
    for folder in private:
        text = re.sub(rf"{re.escape(folder)}(?:/[^\s/'\"`]+)*/", "…/", text)
    return text


def _for_programs(result: BisectResult) -> str:
    """Return the changes as JSON in an HTML comment, escaped so that it cannot end the comment."""
    data = {
        "format": 1,
        "installer": result.installer,
        "releases": len(result.releases),
        "plays": result.plays,
        "changes": [
            {
                "kind": boundary.kind,
                "before": boundary.before.release,
                "after": boundary.after.release,
                "signature": boundary.bad.signature,
                "flaky": boundary.is_flaky,
            }
            for boundary in result.boundaries
        ],
    }
    text = json.dumps(data).replace("-", "\\u002d").replace(">", "\\u003e").replace("<", "\\u003c")
    return f"<!-- pytest-indexcache bisect {text} -->"
