"""The parts of a report to the issue tracker of an installer, as lines of Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pytest_indexcache.reports.bisect_lines import no_change_text, side_names
from pytest_indexcache.reports.trackers.blocks import code, fenced, folded, shown, table
from pytest_indexcache.reports.trackers.facts import IssueFacts, release_of
from pytest_indexcache.reports.words.wording import by_cause, many, web_link
from pytest_indexcache.run.bisect.results import BisectResult, Boundary
from pytest_indexcache.run.investigations.results import OVERRIDE, TriedWorkaround
from pytest_indexcache.run.plays.results import BEHAVES, JUDGED, Check, PlayResult, StepResult
from pytest_indexcache.scenario.tables.fields import human_size

MOST_CHECKS: Final = 25
MOST_FLAKY: Final = 2
"""The maximum number of flaky changes that are listed separately."""

MOST_LOG_CHARACTERS: Final = 20_000
MOST_SCENARIO_CHARACTERS: Final = 20_000
"""The maximum length of a scenario in a report. GitHub limits an issue to 65,536 characters."""

_PROJECT: Final = "project/"
"""The folder of the project in a workspace. Reports leave it out of file names."""

_REMOVAL: Final = re.compile(rf"^rm -rf {_PROJECT}")
"""A pattern for the beginning of the command that removes the project's venv."""

_LINE_BREAK: Final = "<br>"
"""A line break in a table cell, for which Markdown has no syntax."""

_NOISE: Final = re.compile(r"^\[filelock:filelock\] .*\n?", re.MULTILINE)
"""A pattern for log lines of ``poetry -vvv`` about file locks, which contain memory addresses."""


def summary(facts: IssueFacts) -> Iterator[str]:
    """Yield a summary of the misbehaviour: the release, the step and the causes."""
    step = facts.failed
    yield f"{shown(facts.play.title)}."
    yield ""
    does = facts.sentences.get(step.number, step.verb)
    yield f"With {code(release_of(facts.play))}, step {step.number} ({shown(does)}) goes wrong:"
    yield ""
    causes = _causes(facts.checks)
    yield from (f"- {shown(facts.plain(cause))}" for cause in causes)
    if not causes:
        yield from (f"- {_check_text(check)}" for check in facts.checks[:MOST_CHECKS])
    if web_link(facts.play.issue):
        yield ""
        yield f"The scenario comes from <{facts.play.issue}>."
    yield ""


def _causes(checks: list[Check]) -> list[str]:
    """Return the different causes of checks.

    Causes that differ only in names count as equal. A cause is left out if another one begins with
    it.
    """
    groups = (group.causes for group in by_cause(checks))
    causes = dict.fromkeys("; ".join(causes) for causes in groups if causes)
    return [it for it in causes if not any(other[: len(it)] == it != other for other in causes)]


def project(facts: IssueFacts) -> Iterator[str]:
    """Yield the names and contents of the project's files in the step that misbehaves."""
    files: dict[str, str] = {}
    for step in facts.play.steps:
        files |= step.files
    folder = _PROJECT if all(name.startswith(_PROJECT) for name in files) else ""
    for name, text in files.items():
        yield f"{code(name.removeprefix(folder))}:"
        yield ""
        yield from fenced(text, "toml" if name.endswith(".toml") else "text")
        yield ""


def commands(facts: IssueFacts) -> Iterator[str]:
    """Yield the steps in order, with their command lines."""
    lines = [line for step in facts.play.steps for line in _step_lines(facts, step)]
    yield from fenced("\n".join(lines), "console")
    yield ""


def _step_lines(facts: IssueFacts, step: StepResult) -> Iterator[str]:
    sentence = facts.sentences.get(step.number, step.verb)
    end = "  <- goes wrong" if step.number == facts.failed.number else ""
    other = f", with {step.release}" if _is_of_other_release(facts, step) else ""
    yield f"# step {step.number}: {sentence}{other}{end}"
    for line in facts.plain(step.command).splitlines():
        yield f"$ {_REMOVAL.sub('rm -rf ', line)}"


def _is_of_other_release(facts: IssueFacts, step: StepResult) -> bool:
    return step.release not in ("", facts.play.installer_version)


def expected(facts: IssueFacts) -> Iterator[str]:
    """Yield a table of the failed checks with expected and seen values, and the step's traffic."""
    rows = [(code(it.key), code(it.expected), code(facts.plain(it.seen))) for it in facts.checks]
    yield f"In step {facts.failed.number}:"
    yield ""
    yield from table(("", "expected", "seen"), rows[:MOST_CHECKS])
    if len(rows) > MOST_CHECKS:
        yield f"\nand {len(rows) - MOST_CHECKS} more."
    yield ""
    yield f"Traffic in this step: {_traffic(facts.failed)}."
    yield ""


def _traffic(step: StepResult) -> str:
    """Return the numbers of requests, downloads and 304 responses of a step, as text."""
    traffic = step.traffic
    if not traffic.requests:
        return "no request"
    return (
        f"{many(traffic.requests, 'request')}, {many(traffic.downloads, 'download')}"
        f"{_real_size(step)}, {many(traffic.revalidated, 'response')} with status 304"
    )


def _real_size(step: StepResult) -> str:
    """Return the total size of the real files that a step would have downloaded, as text.

    Only files for which the scenario gives a size are counted. Without any, the text is empty.
    """
    downloads = [exchange for exchange in step.exchanges if exchange.is_download]
    known = [it for it in downloads if it.subject.nominal_bytes > it.length]
    if not known:
        return ""
    size = human_size(sum(exchange.subject.nominal_bytes for exchange in known))
    which = "the real files" if len(known) == len(downloads) else f"{len(known)} of the real files"
    return f" ({size} for {which})"


def deciding(facts: IssueFacts) -> Iterator[str]:
    """Yield sentences about the deciding header fields and the responses that contained them."""
    carried: dict[tuple[int, str, str, int | None], list[str]] = {}
    for one in facts.deciding:
        exchange = one.exchange
        key = (one.step, exchange.method, exchange.url, exchange.status)
        carried.setdefault(key, []).append(code(f"{one.name}: {one.value}"))
    for (step, method, url, status), fields in carried.items():
        fields_are = "field is" if len(fields) == 1 else "fields are"
        yield (
            f"The deciding header {fields_are} {' and '.join(fields)}, in the response "
            f"{status or '-'} to {code(f'{method} {url}')} of step {step}."
        )
        yield ""


def versions(facts: IssueFacts) -> Iterator[str]:
    """Yield the releases between which the behaviour changed, with links to compare their code."""
    found = facts.investigation.bisect
    yield "**Versions**"
    yield ""
    if found is None:
        why = shown(facts.reason(facts.investigation.not_bisected))
        yield f"{code(release_of(facts.play))} was not bisected{f': {why}' if why else ''}."
        yield ""
        return
    flaky = [boundary for boundary in found.boundaries if boundary.is_flaky]
    is_folded = len(flaky) > MOST_FLAKY
    for boundary in found.boundaries:
        if not (is_folded and boundary.is_flaky):
            yield from _change_lines(found.installer, boundary)
    if is_folded:
        yield (
            f"- from {flaky[0].before.release} to {flaky[-1].after.release}, repeated plays of the "
            f"same release gave different results, so {len(flaky)} more changes are not certain"
        )
    if not found.boundaries:
        yield f"- {shown(no_change_text(found))}"
    yield from _judged_line(found)
    yield ""


def _change_lines(installer: str, boundary: Boundary) -> Iterator[str]:
    sides = zip(side_names(boundary), (boundary.before, boundary.after), strict=True)
    named = ", ".join(
        f"{side}: {code(f'{installer} {it.release}')}{f' ({it.uploaded})' if it.uploaded else ''}"
        for side, it in sides
    )
    link = f", <{boundary.compare_url}>" if boundary.compare_url else ""
    flaky = "; repeated plays gave other results" if boundary.is_flaky else ""
    yield f"- {boundary.after.release} {boundary.kind} it ({named}{flaky}){link}"


def _judged_line(found: BisectResult) -> Iterator[str]:
    judged = found.judged
    if judged:
        last = judged[-1]
        state = "behaves" if last.behaves else f"goes wrong in step {last.step}"
        yield f"- the newest release played, {code(last.release)}, {state}"
    played = sum(1 for answer in found.answers if answer.was_played)
    yield f"- played: {played} of {many(len(found.releases), 'release')}"


def others(facts: IssueFacts) -> Iterator[str]:
    """Yield a table of the other installers and their results in the same scenario."""
    plays = facts.investigation.others
    if not plays:
        return
    yield "**Other installers**"
    yield ""
    yield from players(facts, plays)
    yield ""


def players(facts: IssueFacts, plays: tuple[PlayResult, ...]) -> list[str]:
    """Return a table of plays with their results, one row for each."""
    rows = [(code(release_of(it)), *_ended(facts, it)) for it in plays]
    return table(("installer", "", "seen"), rows)


def _ended(facts: IssueFacts, play: PlayResult) -> tuple[str, str]:
    """Return the outcome of a play in words, and its failed checks or the reason for a skip."""
    step = play.failed_step
    if play.verdict in BEHAVES:
        return "behaves", ""
    if play.verdict not in JUDGED or step is None:
        return "was not judged", shown(facts.reason(play.reason))
    failed = [check for check in step.checks if not check.held]
    seen = "; ".join(_check_text(check) for check in failed[:3])
    more = f"; and {len(failed) - 3} more" if len(failed) > 3 else ""
    return f"goes wrong in step {step.number}", f"{seen}{more}"


def _check_text(check: Check) -> str:
    return f"{code(check.key)}: expected {code(check.expected)}, seen {code(check.seen)}"


def workarounds(facts: IssueFacts) -> Iterator[str]:
    """Yield a table of the tried workarounds and whether each helps."""
    tried = facts.investigation.workarounds
    if not tried:
        return
    yield "**Workarounds that were tried**"
    yield ""
    yield from table(("change", "command of the step", "does it help?"), _tried(facts, tried))
    yield ""
    if any(it.is_override and it.result is not None for it in tried):
        fields = ", ".join(f"{code(value)} for {what}" for what, value in OVERRIDE.items())
        yield f"The override of cache-control was {fields}."
        yield ""


def _tried(facts: IssueFacts, tried: tuple[TriedWorkaround, ...]) -> Iterator[tuple[str, ...]]:
    for one in tried:
        lines = _LINE_BREAK.join(map(code, facts.plain(one.command).splitlines()))
        if one.result is None:
            yield shown(one.name), "", f"not tried: {shown(facts.reason(one.reason))}"
        else:
            yield shown(one.name), lines, _help(facts, one, one.result)


def _help(facts: IssueFacts, tried: TriedWorkaround, result: PlayResult) -> str:
    """Return, as text, whether a workaround helps, and any other step that then goes wrong."""
    if tried.helps:
        return "yes"
    ended, seen = _ended(facts, result)
    step, failed = result.failed_step, facts.failed
    if tried.helps is None or step is None:
        return f"{ended}: {seen}"
    if step.number > failed.number:
        without = "" if tried.is_override else ", which is played without the change,"
        return f"yes in step {failed.number}; step {step.number}{without} goes wrong: {seen}"
    if step.number == failed.number and _outcomes(step) == _outcomes(failed):
        return "no"
    return f"no: it {ended}, {seen}"


def _outcomes(step: StepResult) -> list[tuple[str, str]]:
    return [(check.key, check.seen) for check in step.checks if not check.held]


def log(facts: IssueFacts) -> Iterator[str]:
    """Yield the installer's log of the step that misbehaves, without private details and times."""
    text = facts.plain(_NOISE.sub("", facts.investigation.log)).rstrip()
    if not text:
        yield "The installer printed nothing."
        yield ""
        return
    title = f"Log of step {facts.failed.number}, without paths and times"
    yield from folded(title, fenced(_shortened(text, MOST_LOG_CHARACTERS), "text"))
    yield ""


def _shortened(text: str, limit: int) -> str:
    """Return the first and last lines of a text that is longer than ``limit`` characters."""
    if len(text) <= limit:
        return text
    lines, half = text.splitlines(), limit // 2
    head, tail = _within(lines, half), _within(lines[::-1], half)[::-1]
    left_out = many(len(lines) - len(head) - len(tail), "line")
    return "\n".join([*head, f"[left out: {left_out}]", *tail])


def _within(lines: list[str], room: int) -> list[str]:
    kept: list[str] = []
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    return kept


def platform(facts: IssueFacts) -> Iterator[str]:
    """Yield the platform of the plays."""
    yield code(facts.investigation.platform)
    yield ""


def version(facts: IssueFacts) -> Iterator[str]:
    """Yield the installer and its release."""
    yield code(release_of(facts.play))
    yield ""


def python(facts: IssueFacts) -> Iterator[str]:
    """Yield the Python version of the plays."""
    yield shown(facts.investigation.python)
    yield ""


def repeat(facts: IssueFacts) -> Iterator[str]:
    """Yield the scenario, and the command line that plays it without a network."""
    yield (
        f"To reproduce it without a network: save the file below as {code(facts.file)}, and with "
        f"pytest-indexcache {shown(facts.investigation.harness.partition('+')[0])} run"
    )
    yield ""
    yield from fenced(facts.command, "console")
    yield ""
    text = facts.scenario_text
    if len(text) > MOST_SCENARIO_CHARACTERS:
        yield f"The file is too long for this text: attach {code(facts.file)}."
    else:
        yield from folded("The scenario", fenced(text, "toml"))
    yield ""


def related(facts: IssueFacts) -> Iterator[str]:
    """Yield links to reports that may be about the same problem."""
    linked = [it for it in facts.investigation.related if web_link(it.issue)]
    if not linked:
        return
    yield "**Related reports that may have the same cause**"
    yield ""
    for one in linked:
        variants = ", ".join(code(f"reference:{name}") for name in one.variants)
        decided = f"; both name {', '.join(map(code, one.fields))}" if one.fields else ""
        yield f"- <{one.issue}>: {shown(one.title)} (both are reproduced by {variants}{decided})"
    yield ""
