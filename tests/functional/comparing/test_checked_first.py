"""Commands check options, files and folders before their first play."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Machine

NOWHERE = "nowhere/x.out"


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        (f"report FILE --for uv --output {NOWHERE}", "nowhere does not exist"),
        ("report FILE --for uv --output FOLDER", "this is a folder"),
        (
            "report FILE --for uv --installer ruled==1.25 --compare bogus",
            "there is no installer 'bogus'",
        ),
        ("report FILE --for uv --installer ruled==1.25 --jobs 0", "--jobs"),
        (
            "report FILE --for uv --installer ruled==1.25 --store FOLDER",
            "unable to open database file",
        ),
        (f"matrix FILE --json {NOWHERE}", "nowhere does not exist"),
        (f"matrix FILE --html {NOWHERE}", "nowhere does not exist"),
        (f"matrix FILE --markdown {NOWHERE}", "nowhere does not exist"),
        ("matrix FILE --json a --html a", "would be written to the same place"),
        (f"interop --json {NOWHERE}", "nowhere does not exist"),
        (f"interop --markdown {NOWHERE}", "nowhere does not exist"),
        ("interop --markdown a --json a", "would be written to the same place"),
        (f"probe https://index.example/simple --output {NOWHERE}", "nowhere does not exist"),
        (f"probe https://index.example/simple --json {NOWHERE}", "nowhere does not exist"),
        (f"export FILE --output {NOWHERE}", "nowhere does not exist"),
        (f"capture --output {NOWHERE} -- uv sync", "nowhere does not exist"),
        (f"import FILE --output {NOWHERE}", "nowhere does not exist"),
        ("report nope.toml --for uv", "indexcache list scenarios shows their names"),
        ("export nope.toml", "indexcache list scenarios shows their names"),
        ("observe nope.toml", "indexcache list scenarios shows their names"),
        ("site out nope.toml", "indexcache list scenarios shows their names"),
        ("observe uv-15303-verbatim --write", "--write takes a file"),
    ],
)
def test_wrong_option_ends_a_command_at_once(machine: Machine, command: str, problem: str) -> None:
    """A command line that cannot work is refused with code 2, before the first play."""
    machine.monkeypatch.chdir(machine.folder)
    places = {"FILE": str(machine.scenario()), "FOLDER": str(machine.folder)}
    ended = machine.run(*(places.get(word, word) for word in command.split()))
    assert (ended.code, ended.out) == (2, "")
    assert problem in ended.err
    assert "plays" not in ended.err
    assert len(ended.err.splitlines()) == 2


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--index", "ftp://x"], "--index: 'ftp://x' is not an http or https URL"),
        (["--server", "devp"], "--server: unknown server 'devp' (did you mean 'devpi'?)"),
        (["--issue", "x"], "--issue: 'x' is not an http or https URL"),
    ],
)
def test_new_names_the_option_with_a_wrong_value(
    machine: Machine, options: list[str], problem: str
) -> None:
    """For an invalid value, ``new`` names the option, because no file with lines exists yet."""
    file = machine.folder / "new.toml"
    ended = machine.run("new", file, "--title", "t", *options)
    assert (ended.code, ended.out) == (2, "")
    assert f"indexcache: {problem}\n" in ended.err
    assert not file.exists()


@pytest.mark.parametrize("command", ["show", "shell --installer ruled"])
def test_scenario_without_expectations_need_not_be_played(machine: Machine, command: str) -> None:
    """Commands that play nothing accept a scenario without expectations; ``play`` does not."""
    file = machine.folder / "bare.toml"
    text = Path(machine.scenario()).read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("expect"))
    file.write_text("\n".join(lines), encoding="utf-8")
    name, *options = command.split()
    ended = machine.run(name, file, *options)
    assert "nothing is expected" not in ended.err
    played = machine.run("play", file)
    assert played.code == 129
    assert "nothing is expected of any step" in played.err


def test_observe_takes_a_name_of_the_catalogue(machine: Machine) -> None:
    """``observe`` accepts the name of a catalogue scenario, and shows the difference."""
    ended = machine.run("observe", "uv-15303-cpu-wheel", "--installer", "reference:obey-no-store")
    assert ended.code == 0
    assert "+expect = " in ended.out
