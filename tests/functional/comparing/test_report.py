"""``indexcache report`` on the command line."""

from __future__ import annotations

import getpass
import re
import socket
from pathlib import Path

import pytest

from pytest_indexcache.run.investigations import related

from .conftest import Machine

VARIANT = ("--installer", "reference:obey-no-store")


@pytest.fixture(autouse=True)
def few_variants(monkeypatch: pytest.MonkeyPatch) -> None:
    """Restrict the plays to two variants."""
    few = dict.fromkeys(("obey-no-store", "never-retry"), "")
    monkeypatch.setattr(related, "variant_descriptions", lambda: few)


@pytest.mark.parametrize("tracker", ["uv", "pip", "poetry", "pdm", "index"])
def test_report_of_a_variant_is_made_offline(machine: Machine, tracker: str) -> None:
    """A report for each tracker contains the findings, and no data of the machine."""
    ended = machine.run("report", machine.scenario(), "--for", tracker, *VARIANT)
    assert ended.code == 0
    for part in (
        "# A wheel comes once",
        "| downloads of `six` | `0` | `1` |",
        "`cache-control: no-cache,no-store,must-revalidate`",
        "| `reference 0.",
        "| override of cache-control (index pypi) |",
        "indexcache play report.toml --installer reference:obey-no-store",
        "may have the same cause",
        "https://github.com/astral-sh/uv/issues/15303",
    ):
        assert part in ended.out, part
    assert "play 1 of about 18: reference:obey-no-store" in ended.err
    assert re.search(r"^play 7 of about \d+: a variant of the reference", ended.err, re.MULTILINE)
    assert str(machine.folder) not in ended.out
    assert not re.search(rf"\b{re.escape(socket.gethostname())}\b", ended.out)
    assert f"/{getpass.getuser()}/" not in ended.out


def test_private_words_of_the_machine_are_not_in_a_report(machine: Machine) -> None:
    """The user, host and home folder are not in the draft, even if the scenario has them."""
    home = machine.folder / "countess" / "projects"
    home.mkdir(parents=True)
    machine.monkeypatch.setenv("HOME", str(home.parent))
    machine.monkeypatch.setenv("LOGNAME", "countess")
    machine.monkeypatch.setattr(socket, "gethostname", lambda: "engine.private.example")
    scenario = machine.scenario("countess/projects/report")
    text = scenario.read_text(encoding="utf-8")
    secret = f"# of countess at engine.private.example, in {home}\n"
    scenario.write_text(f"{secret}{text}", encoding="utf-8")
    ended = machine.run("report", scenario, "--for", "index", *VARIANT)
    assert ended.code == 0, ended.err
    for word in ("countess", "private.example", str(machine.folder)):
        assert word not in ended.out
    assert "# of NAME at NAME, in …/projects" in ended.out
    assert "were replaced in this file" in ended.out


def test_report_has_the_change_of_releases(machine: Machine) -> None:
    """A report names the bisected change, the log, and the newest releases of other installers."""
    machine.rule("bad=20-39")
    ended = machine.run(
        "report",
        machine.scenario(affected='ruled = ">=1.20"'),
        *("--for", "uv", "--installer", "ruled==1.25", "--compare", "reference", "--no-progress"),
    )
    assert ended.code == 0, ended.err
    assert "- 1.20 breaks it (last good: `ruled 1.19` (2024-01-20), first bad:" in ended.out
    assert "| `reference 0.1.0` (of pytest-indexcache) | behaves |" in ended.out
    assert "`ruled 1.25`" in ended.out


def test_second_report_reuses_the_plays_of_the_first(machine: Machine) -> None:
    """A repeated report contains the same text; only plays without stored details are repeated."""
    machine.rule("bad=20-39")
    scenario = machine.scenario(affected='ruled = ">=1.20"')
    arguments = ("--for", "uv", "--installer", "ruled==1.25", "--compare", "ruled==1.5")
    first = machine.run("report", scenario, *arguments)
    assert first.code == 0, first.err
    assert re.search(r"^play \d+ of about \d+: ruled==1.5$", first.err, re.MULTILINE)
    second = machine.run("report", scenario, *arguments)
    assert second.out == first.out
    plays = re.findall(r"^play (\d+) of [^:]*: (.*)$", second.err, re.MULTILINE)
    assert plays == [("1", "ruled==1.25")]
    again = machine.run("report", scenario, *arguments, "--again", "--no-bisect")
    assert re.search(r"^play \d+ of about \d+: ruled==1.5$", again.err, re.MULTILINE)


def test_plays_are_not_kept_under_the_name_of_a_changed_scenario(machine: Machine) -> None:
    """The play of a workaround is stored as a play of the changed scenario, not of the file."""
    scenario = machine.scenario()
    assert machine.run("report", scenario, "--for", "uv", *VARIANT, "--no-bisect").code == 0
    ended = machine.run("matrix", scenario, "--installer", "reference:obey-no-store")
    assert ended.code == 1
    assert "1 played before" in ended.out


def test_nothing_is_reported_where_everything_holds(machine: Machine) -> None:
    """If the play passes, ``report`` writes nothing and exits with 1."""
    ended = machine.run("report", machine.scenario(), "--for", "uv", "--installer", "reference")
    assert (ended.code, ended.out) == (1, "")
    assert "nothing to report: reference (inprocess) behaves" in ended.err
    assert "hint: give --installer with a release that misbehaves" in ended.err
    listed = machine.scenario(affected='uv = "<=0.8.13"')
    ended = machine.run("report", listed, "--for", "uv", "--installer", "reference")
    assert "a release that the scenario lists as affected: uv <=0.8.13" in ended.err


def test_report_is_written_to_a_new_file(machine: Machine) -> None:
    """``--output`` writes the report to a new file and never replaces one."""
    output = machine.folder / "issue.md"
    arguments = ("report", machine.scenario(), "--for", "index", *VARIANT, "--output", output)
    ended = machine.run(*arguments)
    assert (ended.code, ended.out) == (0, "")
    written = output.read_text(encoding="utf-8")
    assert "### What the RFCs say about it" in written
    again = machine.run(*arguments)
    assert again.code == 2
    assert "already exists" in again.err
    assert output.read_text(encoding="utf-8") == written


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        (["--for", "conda"], 2, "invalid choice"),
        (["--for", "uv", "--installer", "pip==26.3"], 2, "write --for pip"),
        (["--for", "uv", "--installer", "reference:nope"], 2, "there is no variant"),
        (["--for", "uv", "--installer", "uv@/nowhere"], 2, "there is no such file"),
    ],
)
def test_report_refuses_what_cannot_be_reported(
    machine: Machine, arguments: list[str], code: int, problem: str
) -> None:
    """``report`` exits with 2 for a wrong option or a missing installer."""
    ended = machine.run("report", machine.scenario(), *arguments)
    assert (ended.code, ended.out) == (code, "")
    assert problem in ended.err


def test_missing_file_is_named(machine: Machine) -> None:
    """For a missing scenario, ``report`` names the file and exits with 2."""
    ended = machine.run("report", Path("nonesuch.toml"), "--for", "uv")
    assert ended.code == 2
    assert "nonesuch" in ended.err
