"""Results as one HTML page that needs nothing else: no script, no network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import jinja2

from pytest_indexcache.messages import Exchange
from pytest_indexcache.printable import printable
from pytest_indexcache.reports import wording
from pytest_indexcache.run.plays.results import PlayResult, StepResult, Verdict

MOST_EXCHANGES: Final = 100
MOST_CHECKS: Final = 100
MOST_LINES: Final = 300
MOST_CHARACTERS: Final = 30_000
"""Of each step: pages of a whole matrix are opened on phones, too."""


def html_report(results: Sequence[PlayResult]) -> str:
    """Return the page: the matrix, and each play with its steps, checks, causes and exchanges.

    Every text is escaped, for HTML and for what an eye cannot see; of long texts the end is shown.
    """
    counts = Counter(result.verdict for result in results)
    return (
        _environment()
        .get_template("report.html")
        .render(
            results=results,
            plays=sorted(results, key=wording.place_of_interest),
            matrix=wording.Matrix.of(results),
            names=wording.short_names(result.scenario for result in results),
            anchors={id(result): f"play-{number}" for number, result in enumerate(results, 1)},
            counts=[(str(verdict), counts[verdict]) for verdict in Verdict if counts[verdict]],
            day=_day(results),
        )
    )


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("pytest_indexcache.reports", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "wording": wording,
        "most_exchanges": MOST_EXCHANGES,
        "most_checks": MOST_CHECKS,
    }
    environment.filters |= {
        "row": wording.ExchangeRow.of,
        "last_lines": last_lines,
        "downloads": _downloads,
        "lines": str.splitlines,
        "link": wording.web_link,
        "id": id,
    }
    return environment


def _visible(value: object) -> object:
    """Show what would be invisible, or would turn the text around it."""
    return printable(value) if type(value) is str else value


def last_lines(text: str) -> list[str]:
    """Return the last lines of a text, and before them how much was left out."""
    shown = text.rstrip()[-MOST_CHARACTERS:]
    lines = shown.splitlines()[-MOST_LINES:]
    left_out = len(text.rstrip()) - len("\n".join(lines))
    return [f"… {left_out:,} characters are left out here", *lines] if left_out > 0 else lines


def _downloads(step: StepResult) -> int:
    return sum(1 for exchange in step.exchanges if exchange.is_download)


def _day(results: Sequence[PlayResult]) -> str:
    """Return the day of the first exchange, empty if nothing reached an index."""
    exchanges: list[Exchange] = [e for it in results for step in it.steps for e in step.exchanges]
    if not exchanges:
        return ""
    return datetime.fromtimestamp(min(it.at for it in exchanges), UTC).date().isoformat()
