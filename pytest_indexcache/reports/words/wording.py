"""Phrases that all reports share, such as names, counts, and the cells of tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from urllib.parse import urlsplit

from pytest_indexcache.messages import Exchange
from pytest_indexcache.printable import printable
from pytest_indexcache.run.plays.results import (
    Change,
    Check,
    PlayResult,
    StepResult,
    Traffic,
    Verdict,
)
from pytest_indexcache.run.plays.results.cause_texts import without_names
from pytest_indexcache.scenario.tables.fields import human_size


def short_name(scenario: str) -> str:
    """Return the folder and name of a scenario's file, such as ``pytorch/uv-15303``."""
    return _last_parts(scenario, 2)


def short_names(scenarios: Iterable[str]) -> dict[str, str]:
    """Map scenarios to short names, which include more folders where they would be ambiguous."""
    names = {scenario: short_name(scenario) for scenario in scenarios}
    counts = Counter(names.values())
    alike = [scenario for scenario, name in names.items() if counts[name] > 1]
    parts = 2
    while len({_last_parts(scenario, parts) for scenario in alike}) < len(alike):
        parts += 1
    return names | {scenario: _last_parts(scenario, parts) for scenario in alike}


def _last_parts(scenario: str, count: int) -> str:
    return printable("/".join(PurePath(scenario).parts[-count:]).removesuffix(".toml"))


def player(result: PlayResult) -> str:
    """Return the installer and the transport of a play, such as ``uv==0.8.11 (wire)``."""
    return printable(f"{result.installer} ({result.transport})")


def other_release(step: StepResult, result: PlayResult) -> str:
    """Return a remark if another release played this step, such as ``, played by 0.8.0``.

    If the step was played by the same release as the rest of the play, the remark is empty.
    """
    if step.release in ("", result.installer_version):
        return ""
    return printable(f", played by {step.release}")


def remark(result: PlayResult) -> str:
    """Return how a play compares with the baseline: ``known``, ``worse``, ``better`` or "".

    ``known`` means that the baseline contains the same unsuccessful result.
    """
    if result.change in (Change.WORSE, Change.BETTER):
        return str(result.change)
    is_bad = result.verdict in (Verdict.FAILED, Verdict.ERROR, Verdict.FIXED)
    return "known" if result.change is Change.SAME and is_bad else ""


def verdict_with_remark(result: PlayResult) -> str:
    """Return a play's verdict, compared with the baseline, such as ``failed (known)``."""
    return _with_remark(str(result.verdict), result)


def in_short_with_remark(result: PlayResult) -> str:
    """Return a play's verdict and step, compared with the baseline.

    Example: ``failed at step 3 (worse)``.
    """
    return _with_remark(result.in_short, result)


def _with_remark(text: str, result: PlayResult) -> str:
    word = remark(result)
    return f"{text} ({word})" if word else text


def needs_a_look(result: PlayResult) -> bool:
    """Return whether a play needs attention.

    This is so if its verdict is failed, fixed or error, or if its result differs from the baseline.
    """
    if result.change in (Change.WORSE, Change.BETTER):
        return True
    return result.verdict in (Verdict.FAILED, Verdict.FIXED, Verdict.ERROR)


def place_of_interest(result: PlayResult) -> int:
    """Return a sort key: 0 if a play needs attention, 1 for a known failure, 2 for all others."""
    if not needs_a_look(result):
        return 2
    return 1 if remark(result) == "known" else 0


def wait_before(step: StepResult) -> str:
    """Return a phrase about the wait before a step, such as ``after a wait of 1.1 s``, or ""."""
    return f"after a wait of {step.waited:g} s" if step.waited else ""


@dataclass(frozen=True)
class CauseGroup:
    """Checks in a step that share a cause, so a report can show the cause once."""

    checks: tuple[Check, ...]

    @property
    def causes(self) -> tuple[str, ...]:
        """The causes of the first check, plus a line that names the subjects of similar checks."""
        first, *others = self.checks
        alike = [check.subject for check in others if check.causes != first.causes]
        return (*first.causes, *([f"the same holds for {', '.join(alike)}"] if alike else []))


def by_cause(checks: Iterable[Check]) -> list[CauseGroup]:
    """Group checks whose causes are equal apart from the names of projects and files."""
    same: dict[object, list[Check]] = {}
    for check in checks:
        same.setdefault(check.causes or check, []).append(check)
    alike: dict[object, list[Check]] = {}
    for group in same.values():
        alike.setdefault(_nameless(group[0]), []).extend(group)
    return [CauseGroup(tuple(group)) for group in alike.values()]


def _nameless(check: Check) -> object:
    """Return the causes of a check without the names of its project and the project's files."""
    if not check.causes:
        return check
    return check.kind, *(without_names(cause, check.subject) for cause in check.causes)


def many(count: int, noun: str) -> str:
    """Return a count with its noun, such as ``1 request`` or ``2 requests``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def verdict_counts(results: Sequence[PlayResult]) -> str:
    """Return the number of plays for each verdict, such as ``2 failed (known), 14 passed``."""
    counts = Counter(verdict_with_remark(result) for result in results)
    return ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))


def traffic(results: Sequence[PlayResult]) -> str:
    """Return the total traffic, such as ``626 requests, 229 downloads, nominally 10.2 GiB``."""
    total = sum((result.traffic for result in results), Traffic())
    return (
        f"{many(total.requests, 'request')}, {many(total.downloads, 'download')}, "
        f"nominally {human_size(total.nominal)}"
    )


def web_link(url: str | None) -> str | None:
    """Return a URL if it is an http or https URL that is safe in Markdown and HTML, else None."""
    if url is None or not url.isprintable() or any(sign in url for sign in " <>()\"'`"):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None


@dataclass(frozen=True)
class Matrix:
    """Results as a table: a row for each scenario, a column for each installer and transport."""

    players: tuple[str, ...]
    rows: tuple[tuple[str, tuple[PlayResult | None, ...]], ...]

    @classmethod
    def of(cls, results: Sequence[PlayResult]) -> Matrix:
        """Arrange results as a table; columns are in the order of the results."""
        players = tuple(dict.fromkeys(player(result) for result in results))
        places = {(result.scenario, player(result)): result for result in results}
        scenarios = sorted({result.scenario for result in results})
        return cls(
            players,
            tuple(
                (scenario, tuple(places.get((scenario, installer)) for installer in players))
                for scenario in scenarios
            ),
        )


def _path(exchange: Exchange) -> str:
    """Return the path of an exchange's URL, or the whole URL if it does not belong to an index."""
    if exchange.subject.index is None:
        return exchange.url
    return re.sub(r"^https?://[^/]+(?=/)", "", exchange.url)


def _by_edge(exchange: Exchange) -> str:
    """Return how the CDN edge answered a request, as text, or "" if the index has no edge."""
    if exchange.subject.from_edge:
        return f"from the edge, age {exchange.response_headers.get('age') or 'not sent'}"
    behind = exchange.behind
    return "" if behind is None else f"the edge asked the index: {behind.status or 'no answer'}"


@dataclass(frozen=True)
class ExchangeRow:
    """The cells for an exchange in a table.

    ``subject`` is the file name, or else the path or URL. ``size`` is the number of bytes sent.
    """

    method: str
    status: str
    kind: str
    index: str
    subject: str
    size: str
    remark: str

    @classmethod
    def of(cls, exchange: Exchange) -> ExchangeRow:
        """Return the cells for an exchange."""
        subject = exchange.subject
        asked = "conditional" if exchange.is_conditional else "range" if exchange.is_range else ""
        answered = subject.refused or subject.fault
        answered = answered or exchange.response_headers.get("cache-control") or ""
        return cls(
            method=exchange.method,
            status=str(exchange.status or "-"),
            kind=str(subject.kind),
            index=subject.index or "-",
            subject=subject.filename or _path(exchange),
            size=f"{exchange.sent} B",
            remark=", ".join(filter(None, (exchange.by, asked, answered, _by_edge(exchange)))),
        )
