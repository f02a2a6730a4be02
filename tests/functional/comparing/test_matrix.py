"""The command ``indexcache matrix``: its table, and the plays that it takes from the store."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Machine


def played(err: str) -> list[str]:
    """Return the output lines that report a play."""
    return [line for line in err.splitlines() if "/" in line.partition("  ")[0]]


def test_scenarios_are_compared_over_releases(machine: Machine) -> None:
    """Releases with equal verdicts share a column, and a failed play gives exit code 1."""
    machine.rule("bad=0-2 lacks=0")
    machine.scenario("a-one")
    machine.scenario("two", affected='ruled = "<= 1.2"')
    ended = machine.run("matrix", ".", "--installer", "ruled<1.5", "--installer", "reference")
    assert ended.code == 1
    assert len(played(ended.err)) == 12
    table = [line.split() for line in ended.out.splitlines()[1:6]]
    assert table == [
        ["reference", "ruled"],
        ["0.1.0", "1.0", "1.1", "1.3"],
        ["scenario", "-", "1.2", "-", "1.4"],
        ["a-one", "passed", "skipped", "failed", "passed"],
        ["two", "passed", "skipped", "reproduced", "passed"],
    ]
    assert "failed at step 3: a-one with ruled 1.1 - 1.2\n" in ended.out
    assert "  downloads.six: expected 0, seen 1\n    six-1.17.0-py3-none-any.whl was" in ended.out
    assert "--indexcache-scenarios a-one.toml --indexcache-installer ruled==1.2\n" in ended.out
    assert "2 failed, 6 passed, 2 reproduced, 2 skipped\n" in ended.out


def test_a_matrix_in_which_all_is_fine_ends_with_0(machine: Machine) -> None:
    """A matrix exits with 0 unless a play failed, or is fixed without ``--no-strict``."""
    machine.rule("bad=0 lacks=1")
    report = machine.scenario(affected='ruled = "== 1.0"')
    assert machine.run("matrix", report, "--installer", "ruled<1.3").code == 0
    report = machine.scenario(affected='ruled = "== 1.2"')
    ended = machine.run("matrix", report, "--installer", "ruled<1.3,>1.1")
    assert (ended.code, "fixed" in ended.out) == (1, True)
    assert machine.run("matrix", report, "--installer", "ruled==1.2", "--no-strict").code == 0


def test_only_what_changed_is_played_again(machine: Machine) -> None:
    """Stored plays are not repeated; only new releases and changed scenarios are played."""
    machine.scenario("one")
    machine.scenario("two")
    assert len(played(machine.run("matrix", ".", "--installer", "ruled<1.3").err)) == 6
    ended = machine.run("matrix", ".", "--installer", "ruled<1.3")
    assert played(ended.err) == []
    assert "6 passed (6 played before)\n" in ended.out
    wider = machine.run("matrix", ".", "--installer", "ruled<1.4")
    assert [line.split()[2] for line in played(wider.err)] == ["ruled==1.3"] * 2
    machine.scenario("two", version="1.18.0")
    changed = machine.run("matrix", ".", "--installer", "ruled<1.4")
    assert [
        line.split()[1].partition("/")[2] or line.split()[1] for line in played(changed.err)
    ] == ["two"] * 4
    assert len(played(machine.run("matrix", ".", "--installer", "ruled<1.4", "--again").err)) == 8


def test_a_record_that_changes_is_judged_without_a_play(machine: Machine) -> None:
    """A changed title or [affected] table changes the stored verdict without a new play."""
    machine.rule("bad=0-1")
    report = machine.scenario()
    assert machine.run("matrix", report, "--installer", "ruled<1.3").code == 1
    machine.scenario(affected='ruled = "<= 1.1"', title="Another title")
    ended = machine.run("matrix", report, "--installer", "ruled<1.3", "--json", "found.json")
    assert played(ended.err) == []
    assert "1 passed, 2 reproduced (3 played before)\n" in ended.out
    plays = json.loads(Path("found.json").read_text())["plays"]
    assert {play["result"]["title"] for play in plays} == {"Another title"}


def test_a_release_that_is_named_must_be_there(machine: Machine) -> None:
    """A missing release is skipped if it is part of a range, and an error if it is named."""
    machine.rule("gone=0")
    report = machine.scenario()
    ranged = machine.run("matrix", report, "--installer", "ruled<1.2")
    assert ranged.code == 0
    assert "skipped, 1 play: ruled 1.0: there is no wheel for this platform\n" in ranged.out
    for specs in (["ruled==1.0"], ["ruled==1.0", "ruled<1.2"], ["ruled<1.2", "ruled==1.0"]):
        options = [option for spec in specs for option in ("--installer", spec)]
        named = machine.run("matrix", report, *options)
        assert named.code == 1
        assert "error: report with ruled 1.0\n  ruled==1.0: there is no wheel" in named.out


def test_a_matrix_in_which_nothing_was_played_is_not_fine(machine: Machine) -> None:
    """A matrix with only skipped plays exits with 1, except as one shard of several."""
    machine.rule("lacks=0-1")
    report = machine.scenario()
    ended = machine.run("matrix", report, "--installer", "ruled<1.2")
    assert ended.code == 1
    assert "nothing was played: every play was skipped\n" in ended.err
    options = ("--installer", "ruled<1.3", "--shard", "1/2")
    part = machine.run("matrix", report, *options, "--json", "part.json")
    assert (part.code, "2 skipped" in part.out) == (0, False)
    rest = machine.run("matrix", report, "--installer", "ruled<1.2", "--shard", "2/2")
    assert (rest.code, "1 skipped\n" in rest.out) == (0, True)


def test_skips_and_errors_are_tried_again(machine: Machine) -> None:
    """Skips and errors are not taken from the store; they are tried again."""
    machine.rule("gone=0 breaks=1")
    report = machine.scenario()
    assert machine.run("matrix", report, "--installer", "ruled<1.3").code == 1
    machine.rule("")
    ended = machine.run("matrix", report, "--installer", "ruled<1.3")
    assert (ended.code, len(played(ended.err))) == (0, 2)


def test_a_build_of_ones_own_is_always_played(machine: Machine) -> None:
    """A local build is played each time, because its content can change under the same name."""
    report, build = machine.scenario(), machine.folder / "pip"
    build.write_text("#!/bin/sh\nexit 3\n")
    for _ in range(2):
        ended = machine.run("matrix", report, "--installer", f"pip@{build}")
        assert (ended.code, len(played(ended.err))) == (1, 1)
        assert "it is not executable" in " ".join(ended.out.split())


def test_both_transports_are_columns(machine: Machine) -> None:
    """A matrix can play the reference installer over both transports."""
    ended = machine.run("matrix", machine.scenario(), "--transport", "both")
    assert "reference (inprocess)  reference (wire)" in ended.out
    assert "2 passed" in ended.out


def test_json_goes_to_stdout_alone(machine: Machine) -> None:
    """With ``--json -`` stdout contains only JSON."""
    data = json.loads(machine.run("matrix", machine.scenario(), "--json", "-").out)
    assert (data["kind"], data["shards"]) == ("pytest-indexcache matrix", ["1/1"])
    (play,) = data["plays"]
    assert play["result"]["verdict"] == "passed"
    assert (play["platform"], play["python"].split()[0]) != ("", "")


def test_a_scenario_that_is_wrong_does_not_keep_others_from_playing(machine: Machine) -> None:
    """An invalid scenario changes the exit code of a matrix, and the other scenarios are played."""
    machine.scenario("good")
    (machine.folder / "bad.toml").write_text("title = 3\n[[steps]]\n", encoding="utf-8")
    ended = machine.run("matrix", ".")
    assert ended.code == 1
    assert "bad.toml:1: title" in ended.err
    assert "1 passed" in ended.out


def test_shards_are_the_whole_when_merged(machine: Machine) -> None:
    """Three merged shards are equal to the matrix of one machine; no cell is played twice."""
    machine.rule("bad=0-2")
    machine.scenario("one")
    machine.scenario("two")
    matrix = ("matrix", ".", "--installer", "ruled<1.7", "--again")
    plays = [
        len(played(machine.run(*matrix, "--shard", f"{n}/3", "--json", f"{n}.json").err))
        for n in (1, 2, 3)
    ]
    assert sorted(plays) == [4, 4, 6]
    ended = machine.run("merge", "1.json", "2.json", "3.json", "--json", "merged.json")
    whole = machine.run(*matrix, "--json", "whole.json")
    assert (ended.code, ended.err) == (1, "")
    assert ended.out == whole.out
    merged, alone = (json.loads(Path(name).read_text()) for name in ("merged.json", "whole.json"))
    for play in (*merged["plays"], *alone["plays"]):
        del play["played_at"], play["result"]["seconds"]
        for step in play["result"]["steps"]:
            del step["seconds"]
    assert merged["plan"] == alone["plan"]
    assert merged["shards"] == ["1/1"]
    assert [it["result"]["installer"] for it in merged["plays"]] == [
        it["result"]["installer"] for it in alone["plays"]
    ]


def test_few_installers_are_split_by_scenario(machine: Machine) -> None:
    """With fewer installers than shards, each shard plays some of the scenarios."""
    for number, name in enumerate("abcd"):
        machine.scenario(name, version=f"1.{number}")
    told = [machine.run("matrix", ".", "--shard", f"{n}/2").err for n in (1, 2)]
    names = [{line.split()[-3] for line in played(err)} for err in told]
    assert [len(found) for found in names] == [2, 2]
    assert not names[0] & names[1]


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_any_number_of_jobs_gives_the_same(machine: Machine, jobs: str) -> None:
    """A matrix has the same results with one worker and with three."""
    machine.rule("bad=1")
    report = machine.scenario()
    ended = machine.run("matrix", report, "--installer", "ruled<1.4", "--jobs", jobs)
    assert "1 failed, 3 passed\n" in ended.out


def test_plays_are_not_shown_without_progress(machine: Machine) -> None:
    """With ``--no-progress`` matrix and bisect print their results, but not each play."""
    machine.rule("bad=1")
    report = machine.scenario()
    options = ("--again", "--no-progress")
    ended = machine.run("matrix", report, "--installer", "ruled<1.3", *options)
    assert ("1 failed, 2 passed\n" in ended.out, ended.err) == (True, "")
    ended = machine.run("bisect", report, "ruled<1.3", *options)
    assert (ended.code, "ruled 1.1" in ended.out, ended.err) == (0, True, "")
