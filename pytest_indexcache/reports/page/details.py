"""The details of a play that a page shows on request, as JSON-compatible values.

Text with several lines is represented as a list of lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from shlex import quote
from typing import Any, Final

from pytest_indexcache.reports.page.directives import marked
from pytest_indexcache.reports.page.plays import PagePlay
from pytest_indexcache.reports.page.waterfall import WaterfallRow, waterfall
from pytest_indexcache.reports.words import wording
from pytest_indexcache.run.plays.results import Change, PlayResult, StepResult, Traffic, Verdict
from pytest_indexcache.scenario.tables.fields import human_size

MOST_EXCHANGES: Final = 100
MOST_CHECKS: Final = 100
MOST_LINES: Final = 300
MOST_CHARACTERS: Final = 30_000
"""The maximum number of output characters per step, so phones can open pages with many plays."""


def play_details(play: PagePlay, *, with_output: bool = True) -> dict[str, Any]:
    """Return the facts and steps of a play, with or without the output of its commands."""
    result = play.result
    rows = waterfall(result.steps)
    steps = [
        _step(result, step, shown, with_output=with_output)
        for step, shown in zip(result.steps, rows, strict=True)
    ]
    return {"facts": _facts(play), "reason": result.reason.splitlines(), "steps": steps}


def traffic_text(traffic: Traffic) -> str:
    """Return a summary of the requests, downloads and bytes sent during a step or a play.

    Example: ``1 download, 3 requests (1 revalidated), 2.1 KiB sent``.
    """
    requests = wording.many(traffic.requests, "request")
    if traffic.revalidated:
        requests += f" ({traffic.revalidated} revalidated)"
    parts = [wording.many(traffic.downloads, "download"), requests]
    parts.append(f"{human_size(traffic.sent)} sent")
    if traffic.nominal:
        parts.append(f"nominally {human_size(traffic.nominal)}")
    return ", ".join(parts)


def last_lines(text: str) -> list[str]:
    """Return the end of a string as lines.

    If the text is cut off, the first line says how many characters were left out.
    """
    shown = text.rstrip()[-MOST_CHARACTERS:]
    lines = shown.splitlines()[-MOST_LINES:]
    left_out = len(text.rstrip()) - len("\n".join(lines))
    return [f"… {left_out:,} characters are left out here", *lines] if left_out > 0 else lines


def _facts(play: PagePlay) -> list[list[str]]:
    result, machine = play.result, play.machine
    facts = {
        "scenario": result.scenario,
        "installer": result.installer,
        "release": result.installer_version,
        "transport": result.transport,
        "containment": result.containment,
        "platform": machine.platform if machine else "",
        "Python": machine.python if machine else "",
        "version": machine.harness if machine else "",
        "day": play.day,
        "baseline": _baseline(result),
        "time": f"{result.seconds['total']:.2f} s" if "total" in result.seconds else "",
        "play it again": f"pytest --indexcache-scenarios {quote(result.scenario)} "
        f"--indexcache-installer {quote(result.installer)}",
    }
    return [[name, text] for name, text in facts.items() if text]


def _baseline(result: PlayResult) -> str:
    if result.change in (None, Change.NEW):
        return ""
    return f"{result.change}: it says {result.known}"


def _step(
    result: PlayResult, step: StepResult, rows: list[WaterfallRow], *, with_output: bool
) -> dict[str, Any]:
    is_last = step is result.steps[-1]
    checks = sorted(step.checks, key=lambda check: check.held)
    return {
        "number": step.number,
        "verb": step.verb,
        "title": step.title,
        "held": step.held,
        "open": not step.held or (is_last and result.verdict is Verdict.ERROR),
        "remark": wording.other_release(step, result),
        "counts": ", ".join(filter(None, (traffic_text(step.traffic), wording.wait_before(step)))),
        "command": step.command.splitlines(),
        "checks": [
            {
                "rows": [
                    [check.key, check.expected, check.seen, check.held] for check in group.checks
                ],
                "causes": [marked(cause) for cause in group.causes],
            }
            for group in wording.by_cause(checks[:MOST_CHECKS])
        ],
        "moreChecks": max(len(checks) - MOST_CHECKS, 0),
        "venv": _difference(step.removed, step.added),
        "lock": step.lock_diff.splitlines(),
        "rows": _rows(rows),
        "moreRows": max(len(rows) - MOST_EXCHANGES, 0),
        "files": [[name, last_lines(text)] for name, text in sorted(step.files.items())]
        if with_output
        else [],
        "output": last_lines(step.output) if with_output else [],
    }


def _difference(removed: Mapping[str, str], added: Mapping[str, str]) -> list[list[str]]:
    """Return name, old version and new version of each distribution that was added or removed."""
    names = sorted({*removed, *added})
    return [[name, removed.get(name, ""), added.get(name, "")] for name in names]


def _rows(rows: list[WaterfallRow]) -> list[list[Any]]:
    """Return waterfall rows as JSON-compatible lists; times become fractions of the step's time."""
    span = max((row.after for row in rows), default=0.0)
    return [
        [
            str(row.kind),
            round(row.after / span, 4) if span else 0,
            "" if str(row.kind) == "reused" else f"{row.after:.3f} s",
            row.words.method,
            row.words.status,
            row.words.kind,
            row.words.index,
            row.words.subject,
            row.words.size,
            human_size(row.nominal) if row.nominal else "",
            marked(row.words.remark),
            ", ".join(row.decides),
        ]
        for row in rows[:MOST_EXCHANGES]
    ]
