"""The command ``indexcache record``, which writes results of a matrix into scenarios."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from .conftest import Machine


def tables(file: Path) -> tuple[Any, Any]:
    """Return [affected] and [measured] of a scenario."""
    document = tomllib.loads(file.read_text(encoding="utf-8"))
    return document.get("affected"), document.get("measured")


def test_what_was_found_is_written_and_then_known(machine: Machine) -> None:
    """After ``record``, a failed play counts as reproduced; entries of other installers stay."""
    machine.rule("bad=1-2 lacks=0")
    bad, good = machine.scenario("bad", affected='other = ">= 7"'), machine.scenario("good")
    good.write_text(good.read_text().replace("downloads = {} }", "exit = 'success' }"))
    arguments = ("matrix", ".", "--installer", "ruled<1.5")
    assert machine.run(*arguments, "--json", "matrix.json").code == 1
    ended = machine.run("record", "matrix.json", ".")
    assert (ended.code, ended.out, ended.err) == (0, "bad.toml\ngood.toml\n", "")
    affected, measured = tables(bad)
    assert affected == {"other": ">= 7", "ruled": ">=1.1,<=1.2"}
    assert measured["ruled"].startswith("1.1 - 1.4, 4 releases; 20")
    assert tables(good)[0] is None
    again = machine.run(*arguments, "--json", "matrix.json")
    assert (again.code, "2 reproduced" in again.out) == (0, True)
    assert machine.run("record", "matrix.json", ".").out == ""


def test_what_every_play_agrees_with_stays(machine: Machine) -> None:
    """``record`` keeps a bisected bound unless a play of the matrix contradicts it."""
    machine.rule("bad=0-5")
    report = machine.scenario(affected='ruled = "<1.6"')
    played = ("matrix", report, "--no-strict", "--json", "matrix.json")
    machine.run(*played, "--installer", "ruled==1.3", "--installer", "ruled==1.9")
    assert machine.run("record", "matrix.json", report).out == "report.toml\n"
    assert tables(report)[0] == {"ruled": "<1.6"}
    assert tables(report)[1]["ruled"].startswith("1.3 - 1.9, 2 releases; ")
    machine.rule("bad=0-4")
    machine.run(*played, "--again", "--installer", "ruled>=1.3,<1.7")
    machine.run("record", "matrix.json", report)
    assert tables(report)[0] == {"ruled": ">=1.3,<=1.4"}


def test_a_bug_that_comes_now_and_then_stays_so(machine: Machine) -> None:
    """``record`` does not change ``[sometimes]``, which is written by hand."""
    machine.rule("bad=2")
    report = machine.scenario()
    text = report.read_text().replace("[affected]\n", '[sometimes]\nruled = "<=1.3"\n[affected]\n')
    report.write_text(text)
    ended = machine.run(
        *("matrix", report, "--installer", "ruled>=1.1,<1.4", "--json", "matrix.json")
    )
    assert (ended.code, "1 reproduced" in ended.out, "2 passed" in ended.out) == (0, True, True)
    machine.run("record", "matrix.json", report)
    assert tables(report)[0] is None
    assert "vary by chance" in machine.run("bisect", report, "ruled").err


def test_a_scenario_that_changed_since_is_not_touched(machine: Machine) -> None:
    """``record`` does not rewrite a scenario that has changed since the matrix."""
    machine.rule("bad=1")
    report = machine.scenario()
    machine.run("matrix", report, "--installer", "ruled<1.3", "--json", "matrix.json")
    machine.scenario(version="1.18.0")
    text = report.read_text()
    ended = machine.run("record", "matrix.json", report)
    assert (ended.code, "the file changed since it was played" in ended.err) == (1, True)
    assert report.read_text() == text


def test_scenarios_that_were_not_played_are_told(machine: Machine) -> None:
    """``record`` names the scenarios without a play, and some of those that have plays."""
    machine.rule("bad=1")
    played, other = machine.scenario("played"), machine.scenario("other")
    machine.run("matrix", played, "--installer", "ruled<1.3", "--json", "matrix.json")
    ended = machine.run("record", "matrix.json", other)
    assert (ended.code, ended.out) == (1, "")
    assert "matrix.json has no play of other.toml" in ended.err
    assert "has plays of played.toml" in ended.err
    assert machine.run("record", "matrix.json", ".").out == "played.toml\n"


def test_tables_that_cannot_be_replaced_are_told(machine: Machine) -> None:
    """If tables cannot be replaced, they are printed and the file is unchanged."""
    machine.rule("bad=1")
    report = machine.scenario()
    text = 'affected.ruled = "== 9"\n' + report.read_text().replace("[affected]\n", "")
    report.write_text(text)
    machine.run("matrix", report, "--installer", "ruled<1.3", "--json", "matrix.json")
    ended = machine.run("record", "matrix.json", report)
    assert (ended.code, "write by hand: " in ended.err) == (1, True)
    assert report.read_text() == text


def test_a_matrix_is_written_as_markdown(machine: Machine) -> None:
    """Markdown goes to a file or to stdout, where it is never mixed with JSON."""
    machine.rule("bad=1")
    report = machine.scenario()
    arguments = ("matrix", report, "--installer", "ruled<1.3")
    machine.run(*arguments, "--markdown", "matrix.md")
    line = "| report | passed 1.0<br>failed 1.1<br>passed 1.2 |"
    assert line in Path("matrix.md").read_text().splitlines()
    machine.run(*arguments, "--html", "matrix.html")
    assert Path("matrix.html").read_text().startswith("<!doctype html>")
    assert machine.run(*arguments, "--markdown", "-").out == Path("matrix.md").read_text()
    for file in ("-", "both"):
        mixed = machine.run(*arguments, "--markdown", file, "--json", file)
        assert (mixed.code, "would be written to the same place" in mixed.err) == (2, True)
        assert not Path(file).exists()
