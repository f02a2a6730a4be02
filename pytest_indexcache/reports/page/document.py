"""A self-contained HTML report with a stylesheet, JSON data, and a script that shows the data.

Its Content-Security-Policy allows only this stylesheet and this script, and no requests.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from markupsafe import Markup

from pytest_indexcache.printable import printable
from pytest_indexcache.reports.page.details import play_details, traffic_text
from pytest_indexcache.reports.page.directives import marked
from pytest_indexcache.reports.page.folds import CommonCause, Fold, by_common_cause, fold
from pytest_indexcache.reports.page.plays import PagePlay, plays_of_records, plays_of_results
from pytest_indexcache.reports.page.rendering import content_hash, environment, template_text
from pytest_indexcache.reports.words import wording
from pytest_indexcache.run.matrix.results import Circumstances, PlayRecord
from pytest_indexcache.run.plays.results import BEHAVES, PlayResult, Verdict

MOST_WITH_OUTPUT: Final = 500
"""The maximum number of plays on a page that shows the output of every play.

On pages with more plays, output and files are left out for plays that behaved or were skipped.
"""

BLOCK: Final = 50
"""The number of plays in each JSON element.

The script parses an element only when one of its plays is opened.
"""


def html_report(
    results: Sequence[PlayResult], machine: Circumstances | None = None, command: str = ""
) -> str:
    """Return the HTML report of a pytest run.

    ``machine`` and ``command`` describe where and how pytest ran. The page shows them if given.
    """
    return _page(plays_of_results(results, machine), command)


def matrix_html(records: Sequence[PlayRecord], command: str = "") -> str:
    """Return the HTML report of a matrix."""
    return _page(plays_of_records(records), command)


def _page(plays: Sequence[PagePlay], command: str) -> str:
    style, script = template_text("report.css"), template_text("report.js")
    results = [play.result for play in plays]
    folds = fold(sorted(plays, key=lambda play: wording.place_of_interest(play.result)))
    index, details = _data(folds, is_brief=len(plays) > MOST_WITH_OUTPUT)
    verdicts = Counter(result.verdict for result in results)
    return (
        environment()
        .get_template("report.html")
        .render(
            style=style,
            script=script,
            policy=_policy(style, script),
            title=wording.verdict_counts(results) or "nothing played",
            traffic=wording.traffic(results) if results else "",
            facts=_facts(plays, command),
            verdicts=[
                (str(verdict), verdicts[verdict]) for verdict in Verdict if verdicts[verdict]
            ],
            has_plays=bool(plays),
            index=_json(index),
            blocks=[
                _json(details[start : start + BLOCK]) for start in range(0, len(details), BLOCK)
            ],
        )
    )


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src {content_hash(style)}; script-src {content_hash(script)}; "
        "img-src data:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    )


def _json(value: Any) -> Markup:
    """Return JSON for an HTML element, escaped so that it cannot close the element."""
    text = json.dumps(_visible(value), separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704 - no sign of HTML is left in it


def _visible(value: Any) -> Any:
    """Escape invisible and bidirectional control characters in all strings within a value."""
    if isinstance(value, str):
        return value if value.isascii() and value.isprintable() else printable(value)
    if isinstance(value, dict):
        return {name: _visible(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_visible(part) for part in value]
    return value


def _facts(plays: Sequence[PagePlay], command: str) -> list[tuple[str, list[str]]]:
    """Return facts about the whole page, such as ``platform``, each with all of its values."""
    machines = [play.machine for play in plays if play.machine is not None]
    days = sorted({play.day for play in plays if play.day})
    facts = {
        "played on": [" to ".join(dict.fromkeys((days[0], days[-1])))] if days else [],
        "platform": _distinct(machine.platform for machine in machines),
        "Python": _distinct(machine.python for machine in machines),
        "pytest-indexcache": _distinct(machine.harness for machine in machines),
        "containment": _distinct(play.result.containment for play in plays),
        "command": [command] if command else [],
    }
    return [(name, values) for name, values in facts.items() if values]


def _distinct(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, texts)))


def _data(folds: Sequence[Fold], *, is_brief: bool) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the data for the list of plays, and separately the details of each play.

    If ``is_brief`` is true, plays that behaved or were skipped have no output in their details.
    """
    scenarios = sorted({folded.newest.result.scenario for folded in folds})
    places = {name: place for place, name in enumerate(scenarios)}
    families = sorted({folded.newest.family for folded in folds})
    causes = by_common_cause(folds)
    cause_of = {number: place for place, cause in enumerate(causes) for number in cause.folds}
    details: list[dict[str, Any]] = []
    shown = []
    for number, folded in enumerate(folds):
        result = folded.newest.result
        plays = []
        for play in reversed(folded.plays):
            with_output = not (is_brief and play.result.verdict in (*BEHAVES, Verdict.SKIPPED))
            plays.append([play.release, len(details), traffic_text(play.result.traffic)])
            details.append(play_details(play, with_output=with_output))
        shown.append(
            {
                "scenario": places[result.scenario],
                "family": families.index(folded.newest.family),
                "verdict": str(result.verdict),
                "remark": wording.remark(result),
                "short": wording.in_short_with_remark(result),
                "span": folded.span,
                "cause": cause_of.get(number, -1),
                "plays": plays,
            }
        )
    return {
        "scenarios": _scenarios(scenarios, folds),
        "families": families,
        "causes": [_cause(cause, folds) for cause in causes],
        "folds": shown,
        "block": BLOCK,
    }, details


def _scenarios(names: Sequence[str], folds: Sequence[Fold]) -> list[dict[str, Any]]:
    short = wording.short_names(names)
    results = {folded.newest.result.scenario: folded.newest.result for folded in folds}
    return [
        {
            "name": short[name],
            "title": results[name].title,
            "issue": results[name].issue or "",
            "link": wording.web_link(results[name].issue) or "",
            "tags": list(results[name].tags),
        }
        for name in names
    ]


def _cause(cause: CommonCause, folds: Sequence[Fold]) -> dict[str, Any]:
    looks = any(
        wording.needs_a_look(play.result) for number in cause.folds for play in folds[number].plays
    )
    return {
        "text": marked(cause.text),
        "exact": cause.is_exact,
        "count": cause.count,
        "folds": list(cause.folds),
        "open": looks,
    }
