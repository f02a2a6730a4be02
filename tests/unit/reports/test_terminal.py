"""Results, printed as lines for a terminal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_indexcache.messages import Exchange, Headers, Kind, Subject
from pytest_indexcache.reports.terminal import baseline_lines, failure_lines, summary_lines
from pytest_indexcache.run.plays.results import (
    Change,
    Check,
    CheckKind,
    PlayResult,
    StepResult,
    Verdict,
)

EXCHANGE = Exchange(
    at=0.0,
    method="GET",
    url="https://pypi.org/a.whl",
    request_headers=Headers.of({"If-None-Match": "x"}),
    status=200,
    response_headers=Headers.of({"Cache-Control": "no-store"}),
    sent=9,
    length=9,
    subject=Subject(Kind.WHEEL, "pypi", "a", "a-1-py3-none-any.whl", nominal_bytes=3 << 30),
)
FAILED = PlayResult(
    scenario="scenarios/pytorch/uv-1.toml",
    title="A title",
    installer="uv==0.8.11",
    installer_version="0.8.11",
    transport="wire",
    verdict=Verdict.FAILED,
    issue="https://example.org/1",
    steps=(
        StepResult(number=1, verb="sync", title="", exchanges=(EXCHANGE,)),
        StepResult(
            number=2,
            verb="sync",
            title="again",
            command="uv sync",
            output="\n".join(f"line {number}" for number in range(30)),
            exchanges=(EXCHANGE,),
            checks=(
                Check(CheckKind.EXIT, "success", "success", held=True),
                Check(
                    CheckKind.DOWNLOADS,
                    "0",
                    "1",
                    held=False,
                    subject="a",
                    causes=("it said no-store",),
                ),
            ),
        ),
    ),
)


def test_failure_is_told_in_full() -> None:
    """A failure is printed with title, step, counts, cause, exchanges and the output's end."""
    text = "\n".join(failure_lines(FAILED))
    assert text.startswith("A title\nhttps://example.org/1\nplayed by uv==0.8.11 0.8.11 (wire)\n")
    assert "step 2: sync (again) does not behave as expected\n  $ uv sync\n" in text
    assert "  downloads.a  0         1\n      it said no-store\n" in text
    assert "  GET  200  wheel  pypi  a-1-py3-none-any.whl  9 B  conditional, no-store\n" in text
    assert "  1 sync: 1 download, 1 request\n" in text
    assert "the installer said (last 20 of 30 lines)\n  line 10\n" in text
    assert "exit" not in text


def test_cause_of_several_checks_is_told_once() -> None:
    """Checks with the same cause are grouped above it, even if other checks are between them."""
    why = ("it said no-store",)
    checks = (
        Check(CheckKind.DOWNLOADS, "0", "1", held=False, subject="a", causes=why),
        Check(CheckKind.ABSENT, "absent", "b", held=False, subject="b", causes=("c needs it",)),
        Check(CheckKind.REQUESTS, "0", "1", held=False, subject="wheel", causes=why),
        Check(CheckKind.CHECK, "consistent", "a requires x", held=False),
        Check(CheckKind.BUILDS, "0", "1", held=False, subject="a"),
    )
    step = replace(FAILED.steps[1], checks=checks)
    lines = list(failure_lines(replace(FAILED, steps=(step,))))
    first = lines.index("                  expected    seen")
    assert lines[first + 1 : first + 8] == [
        "  downloads.a     0           1",
        "  requests.wheel  0           1",
        "      it said no-store",
        "  absent.b        absent      b",
        "      c needs it",
        "  check           consistent  a requires x",
        "  builds.a        0           1",
    ]


def test_checks_with_alike_causes_share_one() -> None:
    """Causes that differ only in the name of their subject are printed once."""
    checks = tuple(
        Check(
            CheckKind.DOWNLOADS,
            "0",
            "1",
            held=False,
            subject=name,
            causes=(f"{file} was downloaded again: its page is that of {name}",),
        )
        for name, file in (
            ("a", "a-1.0-py3-none-any.whl"),
            ("foo-bar", "foo_bar-2.0+cpu-py3-none-any.whl"),
            ("c", "c-1.0.tar.gz"),
        )
    )
    other = Check(
        CheckKind.DOWNLOADS, "0", "1", held=False, subject="d", causes=("d.whl came twice",)
    )
    step = replace(FAILED.steps[1], checks=(checks[0], other, *checks[1:]))
    lines = list(failure_lines(replace(FAILED, steps=(step,))))
    first = lines.index("                     expected  seen")
    assert lines[first + 1 : first + 8] == [
        "  downloads.a        0         1",
        "  downloads.foo-bar  0         1",
        "  downloads.c        0         1",
        "      a-1.0-py3-none-any.whl was downloaded again: its page is that of a",
        "      the same holds for foo-bar, c",
        "  downloads.d        0         1",
        "      d.whl came twice",
    ]


def test_crash_that_no_step_expects_is_the_first_line() -> None:
    """An unexpected crash is the first line of a failure."""
    reason = "step 2: uv 0.8.11 crashed: thread 'main' panicked at src/lib.rs:1:2:"
    lines = list(failure_lines(replace(FAILED, reason=reason)))
    assert lines[:2] == [reason, "A title"]


def test_release_that_played_a_step_is_shown_where_it_is_another() -> None:
    """A step that another release played is printed with that release."""
    first, second = FAILED.steps
    steps = (replace(first, release="0.4.0"), replace(second, release="0.8.11"))
    text = "\n".join(failure_lines(replace(FAILED, steps=steps)))
    assert "  1 sync, played by 0.4.0: 1 download, 1 request\n" in text
    assert "step 2: sync (again) does not" in text
    steps = (first, replace(second, release="0.4.0"))
    text = "\n".join(failure_lines(replace(FAILED, steps=steps)))
    assert "step 2: sync (again), played by 0.4.0 does not behave as expected" in text


def test_a_step_without_requests_says_so() -> None:
    """For a step without requests, the output says so and has no empty table."""
    step = replace(FAILED.steps[1], exchanges=())
    text = "\n".join(failure_lines(replace(FAILED, steps=(step,))))
    assert "no request reached an index in step 2" in text


def test_fixed_says_what_to_do() -> None:
    """A fixed bug is printed with the advice to remove the release from ``[affected]``."""
    text = "\n".join(failure_lines(replace(FAILED, verdict=Verdict.FIXED, steps=())))
    assert "Remove the release from [affected] in the scenario file." in text


def test_error_gives_the_reason() -> None:
    """A play with an error shows its reason, and says that caching was not judged."""
    broken = replace(FAILED, verdict=Verdict.ERROR, reason="no such host\nhint", steps=())
    lines = list(failure_lines(broken))
    assert lines[-3:] == [
        "error: the play broke, which says nothing about caching",
        "  no such host",
        "  hint",
    ]


@pytest.mark.parametrize(
    "result",
    [replace(FAILED, title="a\x1b[31mb"), replace(FAILED, issue="a\x1b[31mb")],
    ids=["title", "issue"],
)
def test_text_of_strangers_is_escaped(result: PlayResult) -> None:
    """Untrusted text is printed without characters that control a terminal."""
    text = "\n".join(failure_lines(result))
    assert "a\\x1b[31mb" in text
    assert "\x1b" not in text


def test_many_checks_and_exchanges_are_cut() -> None:
    """Long lists of checks and exchanges are cut, and the rest counted."""
    checks = tuple(Check(CheckKind.ADDED, "1", "2", held=False, subject=f"p{n}") for n in range(60))
    step = replace(FAILED.steps[1], checks=checks, exchanges=(EXCHANGE,) * 100)
    text = "\n".join(failure_lines(replace(FAILED, steps=(step,))))
    assert "… and 35 more" in text
    assert "… and 60 more" in text


def test_summary_is_a_table_and_a_count() -> None:
    """The summary shows scenarios by installers, then counts of verdicts, requests and bytes."""
    passed = replace(FAILED, installer="reference", verdict=Verdict.PASSED, steps=())
    assert list(summary_lines([FAILED, passed], 80)) == [
        "scenario      uv==0.8.11 (wire)  reference (wire)",
        "pytorch/uv-1  failed             passed",
        "",
        "1 failed, 1 passed: 2 requests, 2 downloads, nominally 6 GiB",
    ]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_reasons_for_skips_are_lines_that_fit(width: int) -> None:
    """Reasons for skips are wrapped to the terminal's width; too many are counted."""
    reason = "uv==0.8.11 has no way to say a thing whose name is long: it came with 0.9.0"
    skipped = replace(FAILED, verdict=Verdict.SKIPPED, steps=(), reason=reason)
    lines = list(summary_lines([skipped, replace(skipped, scenario="b.toml")], width))
    place = lines.index("skipped")
    whole = f"  2 plays: {reason.replace('==', ' ')}"
    told = lines[place + 1 : lines.index("", place)]
    assert " ".join(line.strip() for line in told) == whole.strip()
    assert all(len(line) <= width for line in told)
    long = replace(skipped, reason=" ".join(["long"] * 200))
    lines = list(summary_lines([long], width))
    told = lines[lines.index("skipped") + 1 : lines.index("", lines.index("skipped"))]
    assert [len(line) <= width for line in told] == [True] * 3
    assert told[-1].endswith(" …")
    many = [replace(skipped, reason=f"it lacks {number}") for number in range(30)]
    assert "  … and 5 reasons more: -rs shows them" in list(summary_lines(many, width))


def test_a_table_that_is_too_wide_is_broken() -> None:
    """A table wider than the terminal continues in a second table."""
    results = [replace(FAILED, installer=f"uv==0.8.{number}") for number in range(5)]
    lines = list(summary_lines(results, 60))
    assert lines[:5] == [
        "scenario      uv==0.8.0 (wire)  uv==0.8.1 (wire)",
        "pytorch/uv-1  failed            failed",
        "",
        "scenario      uv==0.8.2 (wire)  uv==0.8.3 (wire)",
        "pytorch/uv-1  failed            failed",
    ]
    assert len([line for line in lines if line.startswith("scenario")]) == 3
    narrow = list(summary_lines(results, 10))
    assert len([line for line in narrow if line.startswith("scenario")]) == 5


def test_what_is_not_as_the_baseline_says_is_named() -> None:
    """Worse and better plays are named, new ones counted, and the option to accept them shown."""
    worse = replace(FAILED, change=Change.WORSE, known="passed")
    better = replace(FAILED, verdict=Verdict.PASSED, steps=(), change=Change.BETTER)
    better = replace(better, known="failed at step 2")
    new = replace(FAILED, change=Change.NEW)
    same = replace(FAILED, change=Change.SAME, known="failed at step 2")
    expected = [
        "",
        "worse than b.toml",
        "  pytorch/uv-1",
        "    uv==0.8.11 (wire): failed at step 2, was passed",
        "",
        "better than b.toml",
        "  pytorch/uv-1",
        "    uv==0.8.11 (wire): passed, was failed at step 2",
        "",
        "not in b.toml: 1 play",
    ]
    hint = "to accept intended changes, play with --indexcache-write-baseline b.toml"
    results = [worse, better, new, same]
    assert list(baseline_lines(results, "b.toml", is_written=False)) == [*expected, hint]
    assert list(baseline_lines(results, "b.toml", is_written=True)) == expected
    assert list(baseline_lines([same], "b.toml", is_written=False)) == []
    assert list(summary_lines([same], 80))[1] == "pytorch/uv-1  failed (known)"


def test_a_change_is_told_in_a_failure() -> None:
    """A play that is worse than the baseline is shown with the verdict in the baseline."""
    worse = replace(FAILED, change=Change.WORSE, known="passed")
    text = "\n".join(failure_lines(worse))
    assert "failed at step 2, which is worse than the baseline: passed\n\nstep 2: sync" in text
    skipped = replace(worse, verdict=Verdict.SKIPPED, reason="uv is not on PATH", steps=())
    assert list(failure_lines(skipped))[-1] == "skipped: uv is not on PATH"
    better = replace(FAILED, verdict=Verdict.PASSED, steps=(), change=Change.BETTER, known="error")
    assert list(failure_lines(better))[-1] == (
        "Every expectation holds. The baseline is out of date: write it again."
    )


def test_causes_are_broken_at_spaces_only() -> None:
    """Causes are wrapped only at spaces, so that header fields and names stay whole."""
    cause = "it said " + "no-cache,no-store,must-revalidate " * 5
    check = Check(CheckKind.DOWNLOADS, "0", "1", held=False, subject="a", causes=(cause,))
    step = replace(FAILED.steps[1], checks=(check,))
    text = "\n".join(failure_lines(replace(FAILED, steps=(step,))))
    assert text.count("no-cache,no-store,must-revalidate") == 5


def test_what_is_too_long_for_a_line_is_broken_with_sense() -> None:
    """In 80 columns, a remark is below its exchange, and the traffic below the verdicts."""
    long = replace(EXCHANGE, subject=replace(EXCHANGE.subject, filename=f"{'a' * 40}.whl"))
    step = replace(FAILED.steps[1], exchanges=(long, replace(EXCHANGE, status=404)))
    text = "\n".join(failure_lines(replace(FAILED, steps=(step,))))
    assert f"  GET  200  wheel  pypi  {'a' * 40}.whl  9 B\n       conditional, no-store\n" in text
    assert max(map(len, text.splitlines())) <= 80
    lines = list(summary_lines([FAILED], 30))
    assert lines[-2:] == ["1 failed", "2 requests, 2 downloads, nominally 6 GiB"]


def test_an_exchange_is_named_by_file_path_or_url() -> None:
    """A URL of an index is shortened to file or path, but the URL of another host is not."""
    page = replace(EXCHANGE, url="https://pypi.org/simple/a/", subject=Subject(Kind.PAGE, "pypi"))
    stranger = replace(page, subject=Subject(refused="no index of the scenario"), status=None)
    step = replace(FAILED.steps[1], exchanges=(page, stranger))
    text = "\n".join(failure_lines(replace(FAILED, steps=(step,))))
    assert "page   pypi  /simple/a/ " in text
    assert "other  -     https://pypi.org/simple/a/ " in text


def test_a_wait_before_a_step_is_told() -> None:
    """A failure lists the waits before the failed step and before earlier steps."""
    first, second = FAILED.steps
    waited = replace(FAILED, steps=(replace(first, waited=1.1), replace(second, waited=0.05)))
    lines = list(failure_lines(waited))
    assert "  after a wait of 0.05 s" in lines
    assert "  1 sync: 1 download, 1 request, after a wait of 1.1 s" in lines
    assert not any("wait" in line for line in failure_lines(FAILED))
