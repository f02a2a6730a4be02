"""The command ``indexcache bisect``, with releases that follow given rules."""

from __future__ import annotations

import json

import pytest

from .conftest import Machine, day


def test_the_release_that_mended_it_is_found(machine: Machine) -> None:
    """A bisect prints both releases of a change, their dates, the cause and the next command."""
    machine.rule("bad=0-22")
    ended = machine.run("bisect", machine.scenario(), "patched")
    assert ended.code == 0, ended.err
    lines = ended.out.splitlines()
    assert lines[1:3] == ["A wheel comes once", "https://example.org/issues/1"]
    place = lines.index("mends 1.2.3")
    bad, failed, good, again, why = lines[place + 1 : place + 6]
    assert bad == f"  last bad    patched 1.2.2     {day(22)}  misbehaves at step 3"
    assert failed == f"              {FAILED}"
    assert good == f"  first good  patched 1.2.3     {day(23)}  behaves"
    assert again == "  both were played twice, with the same result"
    assert why == "  why 1.2.2 misbehaves:"
    assert "six-1.17.0-py3-none-any.whl was downloaded again" in lines[place + 6]
    effort = next(line for line in lines if line.endswith("of 40 releases"))
    plays = int(effort.split()[0])
    assert plays <= 24
    assert effort == f"{plays} plays (2 again), of 40 releases"
    assert len(ended.err.splitlines()) == plays
    assert ended.err.count(" (again)\n") == 2


FAILED = "downloads.six 1, expected 0"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("bad=31-39", ["breaks 1.3.1"]),
        ("bad=13-31", ["breaks 1.1.3", "mends 1.3.2"]),
        ("bad=4-6", ["breaks 1.0.4", "mends 1.0.7"]),  # within one minor release
        ("bad=0-14,30-39", ["mends 1.1.5", "breaks 1.3.0"]),
        ("bad=13-39 panics=25-39", ["breaks 1.1.3", "changes 1.2.5"]),
        ("bad=20-39 early=0-19", []),
    ],
)
def test_every_change_is_found(machine: Machine, rule: str, expected: list[str]) -> None:
    """A bisect finds each release at which a bug appears, disappears or changes."""
    machine.rule(rule)
    ended = machine.run("bisect", machine.scenario(), "patched")
    assert ended.code == 0, ended.err
    headlines = ("breaks ", "mends ", "changes ")
    assert [line for line in ended.out.splitlines() if line.startswith(headlines)] == expected


def test_both_ways_to_misbehave_are_told(machine: Machine) -> None:
    """For a change from one misbehaviour to another, a bisect names the failed checks of both."""
    machine.rule("bad=0-39 panics=15-39")
    out = machine.run("bisect", machine.scenario(), "patched").out
    before = f"  before      patched 1.1.4     {day(14)}  misbehaves at step 3\n"
    assert f"{before}              {FAILED}\n" in out
    after = f"  after       patched 1.1.5     {day(15)}  misbehaves at step 3\n"
    assert f"{after}              exit crash, expected success; {FAILED}\n" in out


def test_a_release_that_fails_in_the_scene_is_passed_over(machine: Machine) -> None:
    """A release that fails before the bisected step is judged neither good nor bad."""
    machine.rule("early=0-19 bad=20-34")
    out = machine.run("bisect", machine.scenario(), "patched").out
    assert "mends 1.3.5\n" in out
    assert out.count("misbehaves at step 1") == 0
    assert "it fails at step 1, before step 3, which this is about" in out


@pytest.mark.parametrize(
    ("rule", "behaves"), [("bad=0-39", "misbehaves at step 3"), ("", "behaves")]
)
def test_that_there_is_no_change_is_said(machine: Machine, rule: str, behaves: str) -> None:
    """Without a change, a bisect reports how many releases were judged and how many not played."""
    machine.rule(rule)
    ended = machine.run("bisect", machine.scenario(), "patched")
    assert ended.code == 0
    judged = len(ended.err.splitlines())
    told = " ".join(ended.out.split())
    assert f"no change: each of the {judged} releases that could be judged {behaves}" in told
    assert "from 1.0.0 to 1.3.9" in told
    assert f"not played: {40 - judged} releases: " in told


def test_what_affected_says_does_not_matter(machine: Machine) -> None:
    """In a bisect, a release is good if its expectations hold, even if [affected] lists it."""
    machine.rule("bad=0-22")
    ended = machine.run("bisect", machine.scenario(affected='patched = "== 1.3.0"'), "patched")
    assert "mends 1.2.3\n" in ended.out


def test_a_listed_release_is_tried(machine: Machine) -> None:
    """A bug in a single release is found because [affected] names that release."""
    machine.rule("bad=17")
    scenario = machine.scenario(affected='patched = "== 1.1.7"')
    ended = machine.run("bisect", scenario, "patched")
    assert "breaks 1.1.7\n" in ended.out
    assert "mends 1.1.8\n" in ended.out


def test_releases_that_cannot_be_judged_are_passed_over(machine: Machine) -> None:
    """A bisect replaces skipped and broken releases by others, and prints the remaining gap."""
    machine.rule("lacks=0-4 gone=5,38-39 bad=6-19 breaks=20-21 crashes=23 dies=24")
    ended = machine.run("bisect", machine.scenario(), "ruled")
    assert "mends 1.22\n" in ended.out
    assert "last bad    ruled 1.19" in ended.out
    assert "between them 2 releases could not be judged: 1.20 - 1.21" in ended.out
    assert max(map(len, ended.out.splitlines())) <= 100
    told = " ".join(ended.out.split())
    assert "not judged: 12 releases: 1.0 - 1.4 (has no verbs), 1.5, 1.38" in told
    assert "--json writes every check and reason in full" in told
    assert f"ruled 1.39      {day(39)}  skipped: ruled==1.39: there is no wheel" in ended.err
    assert f"ruled 1.20      {day(20)}  error: ruled==1.20: it does not start" in ended.err


def test_releases_that_do_not_start_are_halved_past(machine: Machine) -> None:
    """Of thirty consecutive broken releases, a bisect tries few, and a second bisect tries none."""
    machine.rule("breaks=0-29 bad=30-35")
    scenario = machine.scenario()
    ended = machine.run("bisect", scenario, "ruled")
    assert "mends 1.36\n" in ended.out
    assert ended.err.count("it does not start") <= 8
    again = machine.run("bisect", scenario, "ruled")
    assert again.err.count("(played before)") == len(again.err.splitlines()) - 2
    assert "mends 1.36\n" in again.out


def test_a_flaky_release_is_told_with_both_results(machine: Machine) -> None:
    """If the second play of a release differs, a bisect reports it as flaky, with both results."""
    machine.rule("flaky=39")
    ended = machine.run("bisect", machine.scenario(), "patched", "--repeat", "2")
    (headline,) = [it for it in ended.out.splitlines() if it.startswith("breaks")]
    assert headline == "breaks 1.3.9 (flaky: repeated plays gave other results)"
    misbehaves = f"misbehaves at step 3 ({FAILED})"
    assert f"  1.3.9 gave: {misbehaves}, then behaves, then {misbehaves}\n" in ended.out


def test_an_installer_that_reached_no_index_is_no_verdict(machine: Machine) -> None:
    """A release that reaches no index is not judged, so no change is reported at it."""
    machine.rule("silent=0-20")
    ended = machine.run("bisect", machine.scenario(), "ruled", "--between", "1.19", "1.22")
    assert "no change: each of the 2 releases that could be judged behaves" in ended.out


def test_nothing_that_can_be_judged_is_a_failure(machine: Machine) -> None:
    """If every release is skipped or broken, a bisect exits with the code for no result."""
    machine.rule("gone=0-2")
    ended = machine.run("bisect", machine.scenario(), "ruled<1.3")
    assert ended.code == 1
    assert "no release could be judged" in ended.out


def test_exhaustive_plays_every_release(machine: Machine) -> None:
    """``--exhaustive`` plays every release and prints each range of equal results."""
    machine.rule("bad=3-4,7-8 gone=5")
    ended = machine.run("bisect", machine.scenario(), "ruled<1.11", "--exhaustive")
    assert ended.out.count("first bad") == 2
    assert ended.out.count("first good") == 2
    assert "  1.3 - 1.4             misbehaves at step 3\n" in ended.out
    assert "of 11 releases" in ended.out
    assert "not played" not in ended.out


@pytest.mark.parametrize(
    ("ends", "count", "boundary"),
    [
        (("1.2.5", "1.2.0"), 6, "mends 1.2.3"),
        ((day(20), day(25)), 6, "mends 1.2.3"),
        ((day(25), "1.2.0"), 6, "mends 1.2.3"),
        (("1.2.5", day(20)), 6, "mends 1.2.3"),
        (("2024-01-23", "2024-01-24"), 2, "mends 1.2.3"),
    ],
)
def test_between_narrows_the_search(
    machine: Machine, ends: tuple[str, str], count: int, boundary: str
) -> None:
    """``--between`` limits a bisect to the releases between two releases or days, both included."""
    machine.rule("bad=0-22")
    ended = machine.run("bisect", machine.scenario(), "patched", "--between", *ends)
    assert f"of {count} releases" in ended.out
    assert f"{boundary}\n" in ended.out


def test_what_was_played_before_is_not_played_again(machine: Machine) -> None:
    """A repeated bisect plays only the boundary again; with --again, it plays everything."""
    machine.rule("bad=0-22")
    scenario = machine.scenario()
    # With two plays at a time the order of the answers decides which release is asked next.
    command = ("bisect", scenario, "patched", "--jobs", "1")
    first = machine.run(*command)
    plays = next(it for it in first.out.splitlines() if it.endswith("of 40 releases"))
    again = machine.run(*command)
    remembered = int(plays.split()[0]) - 2
    assert f"2 plays (2 again), {remembered} played before, of 40 releases" in again.out
    assert plays in machine.run(*command, "--again").out


def test_json_tells_all_answers(machine: Machine) -> None:
    """With ``--json -``, stdout contains only the boundary and every verdict, as JSON."""
    machine.rule("bad=0-2 lacks=0")
    found = json.loads(machine.run("bisect", machine.scenario(), "ruled<1.6", "--json").out)
    (boundary,) = found["boundaries"]
    assert (boundary["kind"], boundary["is_repair"], boundary["is_flaky"]) == ("mends", True, False)
    assert boundary["before"]["release"] == "1.2"
    assert boundary["before"]["signature"] == "3:success:downloads.six"
    assert boundary["after"] == {
        "release": "1.3",
        "uploaded": day(3),
        "verdict": "passed",
        "behaves": True,
        "step": None,
        "reason": "",
        "remembered": False,
        "was_played": True,
        "signature": None,
        "failed": [],
        "causes": [],
    }
    assert [answer["release"] for answer in boundary["again"]] == ["1.2", "1.3"]
    assert [answer["release"] for answer in found["lacking"]] == ["1.0"]
    assert found["plays"] == len(found["answers"]) + 2
    assert found["unlooked"] == []


@pytest.mark.parametrize(
    ("arguments", "problem", "hint"),
    [
        (["reference"], "reference has no releases to bisect among", "releases of uv"),
        (["ruled@/bin/true"], "has no releases to bisect among", "releases of uv"),
        (["ruled==1.3"], "ruled==1.3 leaves 1 release", "only ruled for all"),
        (["ruled>>1"], "is not a version specifier", "uv==0.8.11"),
        (["ruled>=2"], "no final release of ruled is in this range", "the newest is 1.39"),
        (["rueld"], "there is no installer 'rueld'", "did you mean 'ruled'?"),
        (
            ["ruled", "--between", "1.2", "x"],
            "'x' is neither a version (PEP 440) nor a day",
            "0.8.0",
        ),
        (["ruled", "--between", "1.2", "1.40"], "no final release 1.40 of ruled", "1.38, 1.39"),
        (["ruled", "--between", "2030-01-01", "2031-01-01"], "leaves 0 releases", "wider"),
        (["ruled", "--repeat", "0"], "--repeat must be at least 1, not 0", "leave it out"),
        (["ruled", "--jobs", "0"], "--jobs must be at least 1, not 0", "use the default"),
    ],
)
def test_what_cannot_be_bisected_is_said(
    machine: Machine, arguments: list[str], problem: str, hint: str
) -> None:
    """A wrong installer or range ends a bisect with exit code 2 and a remedy."""
    ended = machine.run("bisect", machine.scenario(), *arguments)
    assert ended.code == 2
    assert ended.out == ""
    assert problem in ended.err
    assert hint in ended.err
