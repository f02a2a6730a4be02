"""The command ``indexcache bisect``, with releases that behave by rules."""

from __future__ import annotations

import json

import pytest

from .conftest import Machine, day


def test_the_release_that_mended_it_is_found(machine: Machine) -> None:
    """Last bad and first good are told with their days, after few plays."""
    machine.rule("bad=0-22")
    ended = machine.run("bisect", machine.scenario(), "ruled")
    assert ended.code == 0, ended.err
    lines = ended.out.splitlines()
    assert lines[1:3] == ["A wheel comes once", "https://example.org/issues/1"]
    assert f"last bad    ruled 1.22      {day(22)}  misbehaves at step 3" in lines
    assert f"first good  ruled 1.23      {day(23)}  behaves" in lines
    plays = len(ended.err.splitlines())
    assert plays <= 2 + 6
    assert f"{plays} plays, of 40 releases" in lines
    assert ended.err.splitlines()[:2] == [
        f"ruled 1.39      {day(39)}  behaves",
        f"ruled 1.0       {day(0)}  misbehaves at step 3",
    ]


def test_the_release_that_broke_it_is_found(machine: Machine) -> None:
    """Where the newest misbehaves and the oldest does not, it is the other way round."""
    machine.rule("bad=31-39")
    ended = machine.run("bisect", machine.scenario(), "ruled")
    assert f"last good   ruled 1.30      {day(30)}  behaves" in ended.out
    assert f"first bad   ruled 1.31      {day(31)}  misbehaves at step 3" in ended.out


@pytest.mark.parametrize(("rule", "what"), [("bad=0-39", "misbehaves"), ("", "behaves")])
def test_that_there_is_no_boundary_is_said(machine: Machine, rule: str, what: str) -> None:
    """Two plays suffice where both ends are alike."""
    machine.rule(rule)
    ended = machine.run("bisect", machine.scenario(), "ruled")
    assert ended.code == 0
    told = " ".join(ended.out.split())
    assert f"no boundary: 1.0, the oldest that could be judged, {what}, and so does" in told
    assert "2 plays, of 40 releases" in told


def test_what_affected_says_has_no_say(machine: Machine) -> None:
    """A release behaves if the expectations hold, listed or not."""
    machine.rule("bad=0-22")
    ended = machine.run("bisect", machine.scenario(affected='ruled = "== 1.30"'), "ruled")
    assert "last bad    ruled 1.22" in ended.out


def test_a_listed_release_is_tried_where_both_ends_behave(machine: Machine) -> None:
    """A bug that came and went is found by the release that the report names."""
    machine.rule("bad=12-20")
    ended = machine.run("bisect", machine.scenario(affected='ruled = "== 1.15"'), "ruled")
    assert "last good   ruled 1.11" in ended.out
    assert "first bad   ruled 1.12" in ended.out
    assert "last bad    ruled 1.20" in ended.out
    assert "first good  ruled 1.21" in ended.out


def test_releases_that_cannot_be_judged_are_passed_over(machine: Machine) -> None:
    """Skips and errors are no verdicts: neighbours are tried, and what is left open is told."""
    machine.rule("lacks=0-4 gone=5,38-39 bad=6-19 breaks=20-21 crashes=23 dies=24")
    ended = machine.run("bisect", machine.scenario(), "ruled")
    assert "last bad    ruled 1.19" in ended.out
    assert "first good  ruled 1.22" in ended.out
    assert "between them 2 releases could not be judged: 1.20 - 1.21" in ended.out
    assert "not played: 1.0 - 1.4 (ruled 1.4 has no verbs: they came later)" in ended.out
    assert f"ruled 1.39      {day(39)}  skipped: ruled==1.39: there is no wheel" in ended.err
    assert f"ruled 1.20      {day(20)}  error: ruled==1.20: it does not start" in ended.err


def test_an_installer_that_reached_no_index_is_no_verdict(machine: Machine) -> None:
    """Releases that cannot talk to the gateway must not make a boundary."""
    machine.rule("silent=0-20")
    ended = machine.run("bisect", machine.scenario(), "ruled", "--between", "1.19", "1.22")
    assert "error: the installer reached no index" in ended.err
    assert "no boundary: 1.21, the oldest that could be judged, behaves" in ended.out


def test_nothing_that_can_be_judged_is_a_failure(machine: Machine) -> None:
    """Where every release is skipped or broken, the exit code says that nothing is known."""
    machine.rule("gone=0-2")
    ended = machine.run("bisect", machine.scenario(), "ruled<1.3")
    assert ended.code == 1
    assert "no release could be judged" in ended.out


def test_exhaustive_finds_every_boundary(machine: Machine) -> None:
    """With every release played, each change of behaviour is told, and each range."""
    machine.rule("bad=3-4,7-8 gone=5")
    ended = machine.run("bisect", machine.scenario(), "ruled<1.11", "--exhaustive")
    assert ended.out.count("first bad") == 2
    assert ended.out.count("first good") == 2
    assert "  1.3 - 1.4             misbehaves at step 3\n" in ended.out
    assert "11 plays, of 11 releases" in ended.out


def test_between_narrows_the_search(machine: Machine) -> None:
    """Only the releases between two that are given are looked at, with both of them."""
    machine.rule("bad=0-22")
    ended = machine.run("bisect", machine.scenario(), "ruled", "--between", "1.25", "1.20")
    assert "last bad    ruled 1.22" in ended.out
    assert "of 6 releases" in ended.out


def test_what_was_played_before_is_not_played_again(machine: Machine) -> None:
    """A second bisect needs no play; with --again it does."""
    machine.rule("bad=0-22")
    scenario = machine.scenario()
    machine.run("bisect", scenario, "ruled<1.30")
    again = machine.run("bisect", scenario, "ruled<1.30")
    assert (
        "last bad    ruled 1.22      2024-01-23  misbehaves at step 3 (played before)" in again.out
    )
    assert "0 plays, 7 played before, of 30 releases" in again.out
    assert "\n7 plays, of 30" in machine.run("bisect", scenario, "ruled<1.30", "--again").out


def test_json_tells_all_answers(machine: Machine) -> None:
    """The JSON on stdout holds the boundary and every answer, and nothing else is there."""
    machine.rule("bad=0-2 lacks=0")
    found = json.loads(machine.run("bisect", machine.scenario(), "ruled<1.6", "--json").out)
    (boundary,) = found["boundaries"]
    assert boundary["is_repair"] is True
    assert boundary["before"]["release"] == "1.2"
    assert boundary["after"] == {
        "release": "1.3",
        "uploaded": day(3),
        "verdict": "passed",
        "behaves": True,
        "step": None,
        "reason": "",
        "remembered": False,
    }
    assert [answer["release"] for answer in found["lacking"]] == ["1.0"]
    assert found["plays"] == len(found["answers"])


@pytest.mark.parametrize(
    ("arguments", "problem", "hint"),
    [
        (["reference"], "reference has no releases to bisect among", "releases of uv"),
        (["ruled@/bin/true"], "has no releases to bisect among", "releases of uv"),
        (["ruled==1.3"], "ruled==1.3 leaves 1 release", "ruled alone for all"),
        (["ruled>>1"], "is not a version specifier", "uv==0.8.11"),
        (["ruled>=2"], "no final release of ruled is in this range", "the newest is 1.39"),
        (["rueld"], "there is no installer 'rueld'", "did you mean 'ruled'?"),
        (["ruled", "--between", "1.2", "x"], "'x' is not a version (PEP 440)", "0.8.0"),
        (["ruled", "--between", "1.2", "1.40"], "no final release 1.40 of ruled", "1.38, 1.39"),
        (["ruled", "--jobs", "0"], "--jobs 0: nobody would play", "1 or more"),
    ],
)
def test_what_cannot_be_bisected_is_said(
    machine: Machine, arguments: list[str], problem: str, hint: str
) -> None:
    """A wrong installer or range ends at once with exit code 2: what, and what to do."""
    ended = machine.run("bisect", machine.scenario(), *arguments)
    assert ended.code == 2
    assert ended.out == ""
    assert problem in ended.err
    assert hint in ended.err
