"""The command ``indexcache play``: one play, and an exit code for ``git bisect run``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_indexcache.installers.containment.modes import ContainmentMode, play_containment

from .conftest import Machine

BAD = ("--installer", "ruled==1.3")
SIGNATURE = "3:success:downloads.six"


@pytest.mark.parametrize(
    ("rule", "options", "code"),
    [
        ("", (), 0),
        ("", ("--swap",), 1),
        ("bad=3", (), 1),
        ("bad=3", ("--swap",), 0),
        ("bad=3", ("--signature", SIGNATURE), 1),
        ("bad=3", ("--signature", SIGNATURE, "--swap"), 0),
        ("bad=3", ("--signature", "3:success:downloads.other"), 125),
        ("bad=3", ("--signature", "3:success:downloads.other", "--swap"), 125),
        ("breaks=3", (), 125),
        ("breaks=3", ("--swap",), 125),
        ("gone=3", ("--signature", SIGNATURE), 125),
        ("lacks=3", (), 125),
    ],
)
def test_exit_code_says_what_git_bisect_run_asks(
    machine: Machine, rule: str, options: tuple[str, ...], code: int
) -> None:
    """``play`` exits with 0 for good, 1 for the given misbehaviour, 125 for no verdict."""
    machine.rule(rule)
    ended = machine.run("play", machine.scenario(), *BAD, *options)
    assert ended.code == code, ended.out + ended.err


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("nowhere.toml",), "there is no file nowhere.toml"),
        (("missing.toml",), "there is no file missing.toml"),
        (("report.toml", "--installer", "uvv"), "there is no installer 'uvv'"),
        (("report.toml", "--signature", "3"), "'3' is not a signature"),
        (("report.toml", "--nope"), "unrecognized arguments: --nope"),
        (("report.toml", "--transport", "pigeon"), "invalid choice"),
        ((), "SCENARIO"),
    ],
)
def test_a_wrong_command_stops_git_bisect_run(
    machine: Machine, arguments: tuple[str, ...], problem: str
) -> None:
    """A wrong command line exits with a code above 127, so that ``git bisect run`` stops."""
    machine.scenario()
    ended = machine.run("play", *arguments)
    assert (ended.code, ended.out) == (129, "")
    assert problem in ended.err


def test_a_misbehaviour_is_told_as_pytest_tells_it(machine: Machine) -> None:
    """A failed play is printed with step, check, cause, and its difference from ``--signature``."""
    machine.rule("bad=3")
    ended = machine.run("play", machine.scenario(), *BAD, "--signature", "3:success:exit")
    assert "step 3: sync (again)" in ended.out
    assert "downloads.six" in ended.out
    assert "six-1.17.0-py3-none-any.whl was downloaded again" in ended.out
    assert f"it misbehaves as {SIGNATURE}, and not as 3:success:exit" in ended.out


def test_a_release_that_behaves_is_told_in_a_line(machine: Machine) -> None:
    """For a passed play, only title, release and containment are printed."""
    machine.rule("")
    ended = machine.run("play", machine.scenario(), *BAD)
    assert ended.out.splitlines() == [
        "A wheel comes once",
        "ruled==1.3 (inprocess) behaves: every expectation of 3 steps holds",
        play_containment(ContainmentMode.AUTO, is_embedded=True).words,
    ]


def test_json_holds_the_whole_result(machine: Machine) -> None:
    """``--json`` writes the same result as reports, and nothing else."""
    machine.rule("bad=3")
    ended = machine.run("play", machine.scenario(), *BAD, "--json")
    assert ended.code == 1
    data = json.loads(ended.out)
    assert data["verdict"] == "failed"
    assert [step["number"] for step in data["steps"]] == [1, 2, 3]
    assert data["steps"][2]["exchanges"]


def test_workspace_is_removed_unless_it_is_to_be_kept(machine: Machine) -> None:
    """The workspace is removed after a play, unless ``--keep`` keeps it and prints its path."""
    machine.rule("bad=3")
    machine.run("play", machine.scenario(), *BAD)
    assert list((machine.folder / "tmp").glob("indexcache-play-*")) == []
    ended = machine.run("play", machine.scenario(), *BAD, "--keep")
    kept = Path(ended.err.removeprefix("workspace kept in ").strip())
    assert (kept / "project" / ".venv").is_dir()
