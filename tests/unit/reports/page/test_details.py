"""The details of one play on the report page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pytest_indexcache.reports.page.details import (
    MOST_CHARACTERS,
    MOST_EXCHANGES,
    last_lines,
    play_details,
    traffic_text,
)
from pytest_indexcache.reports.page.plays import plays_of_results
from pytest_indexcache.run.plays.results import Change, CheckKind, PlayResult, Traffic, Verdict


def details(result: PlayResult) -> dict[str, Any]:
    """Return the details of a result."""
    return play_details(plays_of_results([result])[0])


def steps(result: PlayResult) -> list[dict[str, Any]]:
    """Return the steps of the details of a result."""
    found = details(result)["steps"]
    assert isinstance(found, list)
    return found


def test_facts_say_how_to_play_it_again(failed: PlayResult) -> None:
    """The details contain the command that repeats the play, and leave out unknown facts."""
    assert details(failed)["facts"] == [
        ["scenario", "scenarios/pytorch/uv-1.toml"],
        ["installer", "uv==0.8.11"],
        ["release", "0.8.11"],
        ["transport", "wire"],
        ["day", "2023-11-14"],
        ["time", "1.25 s"],
        [
            "play it again",
            "pytest --indexcache-scenarios scenarios/pytorch/uv-1.toml "
            "--indexcache-installer uv==0.8.11",
        ],
    ]


def test_baseline_is_a_fact_where_there_is_one(failed: PlayResult) -> None:
    """If a play is worse than the baseline, its details show the baseline's verdict."""
    worse = replace(failed, change=Change.WORSE, known="passed")
    assert ["baseline", "worse: it says passed"] in details(worse)["facts"]


def test_step_has_command_checks_exchanges_and_output(failed: PlayResult) -> None:
    """In a step, failed checks come first, and the directives in their causes are marked."""
    _, step = steps(failed)
    assert step["command"] == ["uv sync --reinstall"]
    assert step["counts"] == "1 download, 1 request, 9 B sent, nominally 3 GiB"
    groups = step["checks"]
    assert groups == [
        {
            "rows": [["downloads.a", "0", "1", False]],
            "causes": [["a-1-py3-none-any.whl was downloaded again: it said ", "no-store", ""]],
        },
        {"rows": [["exit", "success", "success", True]], "causes": []},
    ]
    assert step["output"] == ["Resolved 1 package", "Installed 1 package"]
    assert step["open"] is True


def test_only_what_broke_is_unfolded(failed: PlayResult, passed: PlayResult) -> None:
    """Only a failed step, or the last step before an error, is unfolded."""
    assert [step["open"] for step in steps(failed)] == [False, True]
    assert [step["open"] for step in steps(passed)] == [False]
    assert [step["open"] for step in steps(replace(passed, verdict=Verdict.ERROR))] == [True]


def test_venv_and_lockfile_are_shown_as_differences(failed: PlayResult) -> None:
    """A changed distribution is shown with both versions, and the lockfile as a list of lines."""
    step = replace(
        failed.steps[0],
        removed={"a": "1", "b": "1"},
        added={"a": "2", "c": "1"},
        lock_diff="@@ -1 +1 @@\n-a\n+b",
    )
    (shown,) = steps(replace(failed, steps=(step,)))
    assert shown["venv"] == [["a", "1", "2"], ["b", "1", ""], ["c", "", "1"]]
    assert shown["lock"] == ["@@ -1 +1 @@", "-a", "+b"]


def test_cause_of_several_checks_is_told_once(failed: PlayResult) -> None:
    """Checks with the same cause are rows of the same group."""
    step = failed.steps[1]
    (check,) = [check for check in step.checks if not check.held]
    twice = replace(step, checks=(check, replace(check, kind=CheckKind.REQUESTS, subject="wheel")))
    (shown,) = steps(replace(failed, steps=(twice,)))
    (group,) = shown["checks"]
    assert [row[0] for row in group["rows"]] == ["downloads.a", "requests.wheel"]
    assert len(group["causes"]) == 1


def test_other_release_of_a_step_and_a_wait_are_named(failed: PlayResult) -> None:
    """A step shows its wait, and the release that played it if this is not the play's release."""
    first = replace(failed.steps[0], release="0.4.0", waited=1.1)
    (shown,) = steps(replace(failed, steps=(first,)))
    assert shown["remark"] == ", played by 0.4.0"
    assert str(shown["counts"]).endswith("after a wait of 1.1 s")


def test_long_plays_are_cut(failed: PlayResult) -> None:
    """Long lists of exchanges and long outputs are cut, and the number of cut lines is shown."""
    step = replace(
        failed.steps[1], exchanges=failed.steps[1].exchanges * 5000, output="0123456789\n" * 100_000
    )
    (shown,) = steps(replace(failed, steps=(step,)))
    assert len(shown["rows"]) == MOST_EXCHANGES
    assert shown["moreRows"] == 5000 - MOST_EXCHANGES
    assert "characters are left out here" in shown["output"][0]


def test_the_end_of_an_output_is_shown() -> None:
    """A long output is cut at its start, because the error is at its end."""
    assert last_lines("a\nb\n") == ["a", "b"]
    shown = last_lines("x" * MOST_CHARACTERS + "end")
    assert shown[0] == "… 3 characters are left out here"
    assert shown[1].endswith("end")
    assert len(last_lines("\n".join(str(number) for number in range(1000)))) == 301


def test_traffic_names_what_was_revalidated() -> None:
    """The traffic counts revalidations, and leaves out counts of zero."""
    assert traffic_text(Traffic()) == "0 downloads, 0 requests, 0 B sent"
    counted = Traffic(requests=3, downloads=1, revalidated=2, sent=2048, nominal=1 << 30)
    assert traffic_text(counted) == (
        "1 download, 3 requests (2 revalidated), 2 KiB sent, nominally 1 GiB"
    )
