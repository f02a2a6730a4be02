"""The parts of a report for an installer's issue tracker, as lines of Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pytest_indexcache.reports.trackers.blocks import code, fenced, folded, shown, table
from pytest_indexcache.reports.trackers.check_words import check_text, check_words
from pytest_indexcache.reports.trackers.facts import IssueFacts, name_of, release_of
from pytest_indexcache.reports.words.wording import by_cause, many, web_link
from pytest_indexcache.run.investigations.results import OVERRIDE, TriedWorkaround
from pytest_indexcache.run.plays.results import BEHAVES, JUDGED, Check, PlayResult, StepResult
from pytest_indexcache.scenario.tables.fields import human_size

MOST_CHECKS: Final = 25

MOST_LOG_CHARACTERS: Final = 20_000
MOST_SCENARIO_CHARACTERS: Final = 20_000
"""The maximum length of a scenario in a report. GitHub limits an issue to 65,536 characters."""

MOST_REQUEST_CHARACTERS: Final = 8_000

_CONDITIONS: Final = ("if-none-match", "if-modified-since", "range", "if-range", "cache-control")
"""The request fields that are shown, because they reveal what the installer's cache contains."""

_PROJECT: Final = "project/"
"""The project's folder in a workspace, which reports leave out of file names."""

_REMOVAL: Final = re.compile(rf"^rm -rf {_PROJECT}")
"""A pattern for the beginning of the command that removes the project's venv."""

_LINE_BREAK: Final = "<br>"
"""A line break in a table cell, for which Markdown itself has no syntax."""

_NOISE: Final = re.compile(r"^\[filelock:filelock\] .*\n?", re.MULTILINE)
"""A pattern for log lines of ``poetry -vvv`` about file locks, which contain memory addresses."""


def summary(facts: IssueFacts) -> Iterator[str]:
    """Yield a summary of the misbehaviour: the release, the step and the causes."""
    step = facts.failed
    yield f"{shown(facts.play.title)}."
    yield ""
    does = facts.sentences.get(step.number, step.verb)
    with_release = f"With {code(release_of(facts.play))}"
    yield f"{with_release}, step {step.number} goes wrong: {shown(facts.private(does))}."
    yield ""
    causes = _causes(facts.checks)
    yield from (f"- {shown(facts.plain(cause))}" for cause in causes)
    if not causes:
        yield from (f"- {facts.plain(check_text(check))}" for check in facts.checks[:MOST_CHECKS])
    if facts.other_ends:
        yield ""
        yield (
            f"The result varies by chance: in other plays, {code(release_of(facts.play))} "
            f"{' or '.join(facts.other_ends)}."
        )
    if web_link(facts.play.issue):
        yield ""
        yield f"The steps below repeat what <{facts.play.issue}> describes."
    yield ""


def _causes(checks: list[Check]) -> list[str]:
    """Return the distinct causes of checks.

    Causes that differ only in names count as equal. A cause is left out if it is the beginning of
    another cause.
    """
    groups = (group.causes for group in by_cause(checks))
    causes = dict.fromkeys("; ".join(causes) for causes in groups if causes)
    return [
        cause
        for cause in causes
        if not any(other[: len(cause)] == cause != other for other in causes)
    ]


def project(facts: IssueFacts) -> Iterator[str]:
    """Yield the names and contents of the project's files in the step with the misbehaviour."""
    files: dict[str, str] = {}
    for step in facts.play.steps:
        files |= step.files
    folder = _PROJECT if all(name.startswith(_PROJECT) for name in files) else ""
    for name, text in files.items():
        yield f"{code(name.removeprefix(folder))}:"
        yield ""
        yield from fenced(facts.private(text), _language(name))
        yield ""


def pyproject(facts: IssueFacts) -> Iterator[str]:
    """Yield the project's files; if a ``pyproject.toml`` is the only one, its name is left out."""
    lines = list(project(facts))
    yield from (
        lines[2:] if lines.count("```toml") == 1 and lines[0] == "`pyproject.toml`:" else lines
    )


def _language(name: str) -> str:
    return "toml" if name.endswith(".toml") else "text"


def commands(facts: IssueFacts) -> Iterator[str]:
    """Yield the steps with their command lines, in order."""
    lines = [line for step in facts.play.steps for line in _step_lines(facts, step)]
    yield from fenced("\n".join(lines), "console")
    yield ""


def _step_lines(facts: IssueFacts, step: StepResult) -> Iterator[str]:
    sentence = facts.sentences.get(step.number, step.verb)
    end = "  <- goes wrong" if step.number == facts.failed.number else ""
    other = f", with {step.release}" if _is_of_other_release(facts, step) else ""
    yield f"# step {step.number}: {facts.private(sentence)}{other}{end}"
    for line in facts.private(step.command).splitlines():
        yield f"$ {_REMOVAL.sub('rm -rf ', line)}"


def _is_of_other_release(facts: IssueFacts, step: StepResult) -> bool:
    return step.release not in ("", facts.play.installer_version)


def expected(facts: IssueFacts) -> Iterator[str]:
    """Yield a table of the failed checks, with expected and actual values and the traffic."""
    rows = [tuple(map(facts.plain, check_words(check))) for check in facts.checks]
    yield f"In step {facts.failed.number}:"
    yield ""
    yield from table(("", "expected", "seen"), rows[:MOST_CHECKS])
    if len(rows) > MOST_CHECKS:
        yield f"\nand {len(rows) - MOST_CHECKS} more."
    yield ""
    yield f"Traffic in this step: {_traffic(facts.failed)}."
    yield ""


def _traffic(step: StepResult) -> str:
    """Return a phrase with a step's numbers of requests, downloads and 304 responses."""
    traffic = step.traffic
    if not traffic.requests:
        return "no request"
    return (
        f"{many(traffic.requests, 'request')}, {many(traffic.downloads, 'download')}"
        f"{_real_size(step)}, {many(traffic.revalidated, 'response')} with status 304"
    )


def _real_size(step: StepResult) -> str:
    """Return the total size of the real files that a step would have downloaded, as text.

    Only files for which the scenario gives a size are counted. If there are none, the text is
    empty.
    """
    downloads = [exchange for exchange in step.exchanges if exchange.is_download]
    known = [download for download in downloads if download.subject.nominal_bytes > download.length]
    if not known:
        return ""
    size = human_size(sum(exchange.subject.nominal_bytes for exchange in known))
    which = "the real files" if len(known) == len(downloads) else f"{len(known)} of the real files"
    return f" ({size} for {which})"


def deciding(facts: IssueFacts) -> Iterator[str]:
    """Yield sentences about the header fields that explain failed checks, one for each response."""
    carried: dict[tuple[int, str, str, int | None], list[str]] = {}
    for field in facts.deciding:
        exchange = field.exchange
        key = (field.step, exchange.method, exchange.url, exchange.status)
        carried.setdefault(key, []).append(code(f"{field.name}: {field.value}"))
    for (step, method, url, status), fields in carried.items():
        fields_are = "field is" if len(fields) == 1 else "fields are"
        yield (
            f"The deciding header {fields_are} {' and '.join(fields)}, "
            f"in the {status or 'missing'} response to {code(f'{method} {url}')} in step {step}."
        )
        yield ""


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
    """Return a table of plays and their results, with one row for each play."""
    rows = [(_player(result), *_ended(facts, result)) for result in plays]
    return table(("installer", "result", "seen"), rows)


def _player(play: PlayResult) -> str:
    own = " (of pytest-indexcache)" if name_of(play) == "reference" else ""
    return f"{code(release_of(play))}{own}"


def _ended(facts: IssueFacts, play: PlayResult) -> tuple[str, str]:
    """Return the outcome of a play as text, and its failed checks or the reason for a skip."""
    step = play.failed_step
    if play.verdict in BEHAVES:
        return "behaves", ""
    if play.verdict not in JUDGED or step is None:
        return "was not judged", shown(facts.reason(play.reason))
    failed = [check for check in step.checks if not check.held]
    seen = "; ".join(facts.plain(check_text(check)) for check in failed[:3])
    more = f"; and {len(failed) - 3} more" if len(failed) > 3 else ""
    return f"goes wrong in step {step.number}", f"{seen}{more}"


def workarounds(facts: IssueFacts) -> Iterator[str]:
    """Yield a table of workarounds: those tried, with their effects, and those not tried."""
    tried = facts.investigation.workarounds
    played = [
        (workaround, workaround.result) for workaround in tried if workaround.result is not None
    ]
    if played:
        rows = (
            (
                shown(workaround.name),
                _command_cell(facts, workaround),
                _help(facts, workaround, result),
            )
            for workaround, result in played
        )
        yield from table(("change", "command of the step", "does it help?"), rows)
        yield ""
    if any(workaround.is_override for workaround, _ in played):
        yield f"The override of cache-control was {_override(facts)}."
        yield ""
    if played and facts.other_ends:
        yield "Each change was played once, so the result may be due to chance."
        yield ""
    others = [workaround for workaround in tried if workaround.result is None]
    yield from (f"- not tried: {_not_tried(facts, other)}" for other in others)
    yield from [""] if others else []


def _override(facts: IssueFacts) -> str:
    """Return the Cache-Control values that were tried as an override, as text.

    For uv, the text is the key to add to the index's settings.
    """
    if facts.installer != "uv":
        return ", ".join(f"{code(value)} for {what}" for what, value in OVERRIDE.items())
    fields = f'api = "{OVERRIDE["pages"]}", files = "{OVERRIDE["files"]}"'
    return f"{code(f'cache-control = {{ {fields} }}')}, beside the index's URL in the settings"


def _command_cell(facts: IssueFacts, tried: TriedWorkaround) -> str:
    return _LINE_BREAK.join(map(code, facts.private(tried.command).splitlines()))


def _not_tried(facts: IssueFacts, tried: TriedWorkaround) -> str:
    return f"{shown(tried.name)}: {shown(facts.reason(tried.reason))}"


def _help(facts: IssueFacts, tried: TriedWorkaround, result: PlayResult) -> str:
    """Return a phrase that says whether a workaround helps, and which later step then fails."""
    if tried.helps:
        return "yes"
    ended, seen = _ended(facts, result)
    step, failed = result.failed_step, facts.failed
    if tried.helps is None or step is None:
        return f"{ended}: {seen}"
    if step.number < failed.number:
        return f"not known: with it, step {step.number} goes wrong before ({seen})"
    if step.number > failed.number:
        without = "" if tried.is_override else ", which is played without the change,"
        return f"yes in step {failed.number}; step {step.number}{without} goes wrong: {seen}"
    if step.number == failed.number and _outcomes(step) == _outcomes(failed):
        return "no"
    return f"no: it {ended}, {seen}"


def _outcomes(step: StepResult) -> list[tuple[str, str]]:
    return [(check.key, check.seen) for check in step.checks if not check.held]


def requests(facts: IssueFacts) -> Iterator[str]:
    """Yield the requests in each step and their responses, in a collapsed section."""
    lines = [line for step in facts.play.steps for line in _request_lines(step)]
    if lines:
        text = _shortened(facts.private("\n".join(lines)), MOST_REQUEST_CHARACTERS)
        yield from folded("Requests of each step", fenced(text, "text"))
        yield ""


def _request_lines(step: StepResult) -> Iterator[str]:
    if step.exchanges:
        yield f"# step {step.number}"
    for exchange in step.exchanges:
        sent = exchange.request_headers
        conditions = [f"{name}: {sent.get(name)}" for name in _CONDITIONS if sent.get(name)]
        condition = f" ({', '.join(conditions)})" if conditions else ""
        yield f"{exchange.status or 'no answer'} {exchange.method} {exchange.url}{condition}"


def log(facts: IssueFacts) -> Iterator[str]:
    """Yield the installer's log of the misbehaving step, without private details or times."""
    text = facts.plain(_NOISE.sub("", facts.investigation.log)).rstrip()
    if not text:
        yield "The installer printed nothing."
        yield ""
        return
    kind = "Log" if facts.has_verbose_log else "Output"
    title = f"{kind} of step {facts.failed.number}, without paths and times"
    yield from folded(title, fenced(_shortened(text, MOST_LOG_CHARACTERS), "text"))
    yield ""


def _shortened(text: str, limit: int) -> str:
    """Return the text, or its first and last lines if it has more than ``limit`` characters."""
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
    """Yield a line that names the platform on which the scenario was played."""
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
    harness = shown(facts.investigation.harness.partition("+")[0])
    if "upstream" not in facts.scenario_text:  # else a running server sent the answers
        yield (
            "In the play, fake indexes of pytest-indexcache answered at the URLs of the real ones: "
            "no real server was asked."
        )
    yield (
        f"To repeat this without a network, save the file below as {code(facts.file)}, and with "
        f"pytest-indexcache {harness} run"
    )
    yield ""
    yield from fenced(facts.command, "console")
    yield ""
    text = facts.nameless(facts.scenario_text)
    if len(text) > MOST_SCENARIO_CHARACTERS:
        yield f"The file is too long for this text: attach {code(facts.file)}."
    else:
        yield from folded("The scenario", fenced(text, "toml"))
    if text != facts.scenario_text:
        yield ""
        yield "Names and folders of a private machine were replaced in this file."
    yield ""


def related(facts: IssueFacts) -> Iterator[str]:
    """Yield links to reports that may be about the same problem."""
    linked = [report for report in facts.investigation.related if web_link(report.issue)]
    if not linked:
        return
    yield "**Related reports that may have the same cause**"
    yield ""
    for report in linked:
        variants = ", ".join(code(f"reference:{name}") for name in report.variants)
        decided = f"; both name {', '.join(map(code, report.fields))}" if report.fields else ""
        why = f"both are reproduced by {variants}{decided}"
        yield f"- <{report.issue}>: {shown(report.title)} ({why})"
    yield ""
    bugs = {name: bug for report in linked for name, bug in report.bugs}
    for name, bug in bugs.items():
        yield f"{code(f'reference:{name}')} is an installer of pytest-indexcache that {shown(bug)}."
    yield from [""] if bugs else []
