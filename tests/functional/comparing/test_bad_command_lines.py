"""Mistakes on a command line, or in a file that it names, are reported with a remedy."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from pytest_indexcache.installers.provisioning.machine_index import machine_index
from pytest_indexcache.run.interop.rounds import standing_scenarios

from .conftest import Machine

COMMANDS = (
    *("list", "show", "new", "import", "check", "observe", "serve", "schema", "play", "bisect"),
    *("matrix", "merge", "record", "report", "site", "home", "probe", "interop", "capture"),
    *("export", "shell"),
)


def test_help_names_every_command_and_exit_code(machine: Machine) -> None:
    """``--help`` lists all commands and explains the exit codes."""
    ended = machine.run("--help")
    assert ended.code == 0
    assert all(f"    {command} " in ended.out for command in COMMANDS)
    assert all(f"\n  {code} " in ended.out for code in (0, 1, 2, 130))
    assert machine.run("--version").out.startswith("indexcache ")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("columns", ["80", "140"])
def test_help_of_a_command_fits_the_terminal(machine: Machine, command: str, columns: str) -> None:
    """The help of each command has no line that is too wide."""
    machine.monkeypatch.setenv("COLUMNS", columns)
    ended = machine.run(command, "--help")
    assert ended.code == 0
    assert len(ended.out.splitlines()) > 5
    assert max(map(len, ended.out.splitlines())) <= int(columns)


def test_help_of_interop_names_its_scenarios(machine: Machine) -> None:
    """The help of ``interop`` names every scenario of its fixed set."""
    words = set(re.findall(r"\w+", machine.run("interop", "--help").out))
    assert set(standing_scenarios()) <= words


@pytest.mark.parametrize(
    ("installer", "problem", "hint"),
    [
        ("uvv", "there is no installer 'uvv'", "did you mean 'uv'?"),
        ("ruled>>1", "'>>1' is not a version specifier (PEP 440)", "'uv>=0.8,<0.9'"),
        ("ruled==9.9", "there is no release 9.9 of ruled", "releases near it are 1.38, 1.39"),
        ("ruled>=7", "no final release of ruled is in this range", "the newest is 1.39"),
        ("reference:nope", "there is no variant 'nope'", "obey-no-store"),
        ("§", "this is not an installer spec", "write reference"),
    ],
)
def test_an_installer_that_is_not_there(
    machine: Machine, installer: str, problem: str, hint: str
) -> None:
    """The error for an unknown installer suggests a name, and no scenario is played."""
    ended = machine.run("matrix", machine.scenario(), "--installer", installer)
    assert (ended.code, ended.out) == (2, "")
    assert problem in ended.err
    assert hint in ended.err


NEEDS_INSTALLER = (
    "play {scenario} --installer {spec}",
    "observe {scenario} --installer {spec}",
    "shell {scenario} --installer {spec}",
    "report {scenario} --for index --installer {spec}",
    "report {scenario} --for index --installer reference --compare {spec}",
    "export {scenario} --installer {spec}",
    "matrix {scenario} --installer reference --installer {spec}",
    "interop --installer {spec}",
)


@pytest.mark.parametrize("command", NEEDS_INSTALLER)
@pytest.mark.parametrize("name", ["uv", "pip", "poetry", "pdm"])
def test_a_missing_installer_is_reported_before_anything_starts(
    machine: Machine, command: str, name: str
) -> None:
    """A missing build and an installer that is not on PATH are wrong input of every command."""
    machine.monkeypatch.setenv("PATH", str(machine.folder))
    folder = machine.folder / "target"
    problems = {
        f"{name}@/nowhere": f"{name}@/nowhere: there is no such file",
        f"{name}@build": f"{name}@build: there is no such file: {machine.folder / 'build'}",
        f"{name}@{folder}": f"{name}@{folder}: this is a folder",
    }
    if not command.startswith(("report", "export")):  # they play the newest release of a name
        problems[name] = f"{name}: it is not on PATH"
    folder.mkdir()
    for spec, problem in problems.items():
        words = command.format(scenario=machine.scenario(), spec=spec).split()
        ended = machine.run(*words)
        assert (ended.code, ended.out) == (129 if words[0] == "play" else 2, "")
        assert ended.err.startswith(f"indexcache: {problem}\n  hint: ")


def test_capture_reports_a_missing_installer_before_anything_starts(machine: Machine) -> None:
    """``capture`` names an installer that is not on PATH once, and shows no play before."""
    machine.monkeypatch.setenv("PATH", str(machine.folder))
    Path("pyproject.toml").write_text('[project]\nname = "a"\nversion = "1"\n')
    ended = machine.run("capture", "--", "pdm", "install")
    assert (ended.code, ended.out) == (2, "")
    assert [line for line in ended.err.splitlines() if "pdm" in line] == [
        "indexcache: pdm: it is not on PATH",
        "  hint: install it, or name a release (pdm==VERSION) or a build (pdm@PATH)",
    ]


@pytest.mark.parametrize(
    "command", ["bisect {} uvv", "export {} --installer uvv", "play {} --installer uvv"]
)
def test_an_unknown_installer_is_named_as_it_was_typed(machine: Machine, command: str) -> None:
    """The error quotes the name that the user gave, suggests a name, and lists all installers."""
    ended = machine.run(*command.format(machine.scenario()).split())
    assert ended.err.splitlines() == [
        "indexcache: uvv: there is no installer 'uvv'",
        "  hint: did you mean 'uv'? the installers are: reference, uv, pip, poetry, pdm, "
        + ", ".join(sorted(entry_points(group="pytest_indexcache.installers").names)),
    ]


@pytest.mark.parametrize(
    ("command", "blank"),
    [
        (["new", "a.toml", "--title", ""], "--title"),
        (["new", "a.toml", "--title", "x", "--require", " "], "--require"),
        (["new", "a.toml", "--from="], "--from"),
        (["play", ""], "argument 1"),
        (["check", "report.toml", ""], "argument 2"),
        (["bisect", "report.toml", "ruled", "--store", ""], "--store"),
    ],
)
def test_an_empty_argument_is_refused(machine: Machine, command: list[str], blank: str) -> None:
    """An empty argument is not read as the current folder or as the default of an option."""
    machine.scenario()
    ended = machine.run(*command)
    assert (ended.code, ended.out) == (129 if command[0] == "play" else 2, "")
    assert f"{blank} is empty: give it a value, or leave it out\n" in ended.err


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("foo", "'foo' is not an http or https URL"),
        ("ftp://me:secret@index.example/simple", "'ftp://index.example/simple' is not an http"),
        ("me:secret@index.example", "'index.example' is not an http"),
        ("https://index.example/simple?key=secret", "'https://index.example/simple' ends in a"),
        ("https://index.example/simple#secret", "'https://index.example/simple' ends in a"),
    ],
)
def test_probe_repeats_a_wrong_url_without_secrets(machine: Machine, url: str, shown: str) -> None:
    """``probe`` shows the given text without user, query and fragment, and says what to give."""
    ended = machine.run("probe", url)
    assert (ended.code, ended.out) == (2, "")
    assert shown in ended.err
    assert "secret" not in ended.err
    assert "give the URL of the root page" in ended.err


@pytest.mark.parametrize(
    ("arguments", "problem", "hint"),
    [
        (["nowhere.toml"], "there is no file nowhere.toml", "indexcache list scenarios"),
        (["uv-15303-cpu-wheel-not-cashed"], "there is no file uv-15303", "uv-15303-cpu-wheel-not-"),
        (["empty"], "there is no scenario in empty", "a TOML file with steps"),
        (["--shard", "9/8"], "'9/8' is not a shard", "NUMBER/COUNT"),
        (["--shard", "two"], "'two' is not a shard", "NUMBER/COUNT"),
        (["--jobs", "-1"], "--jobs must be at least 1, not -1", "use the default"),
        (["--json", "no/folder/m.json"], "does not exist", "create it"),
        (["--json", "empty"], "this is a folder", "name a file"),
        (["--sample", "major"], "invalid choice: 'major'", "minor"),
    ],
)
def test_an_argument_that_makes_no_sense(
    machine: Machine, arguments: list[str], problem: str, hint: str
) -> None:
    """An argument without meaning ends the command with exit code 2 before anything is played."""
    (machine.folder / "empty").mkdir()
    ended = machine.run("matrix", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert problem in ended.err
    assert hint in ended.err


def test_a_part_of_a_name_finds_scenarios_of_the_catalogue(machine: Machine) -> None:
    """A matrix plays all scenarios that match a part of a name; a bisect lists them."""
    found = machine.run("matrix", "15303", "--installer", "reference:nope-not-played")
    assert "there is no variant" in found.err
    ended = machine.run("bisect", "15303", "ruled")
    assert ended.code == 2
    assert "'15303' names" in ended.err
    assert "    scenarios/pytorch/uv-15303-cpu-wheel-not-cached.toml\n" in ended.err
    assert "name one of them" in ended.err


@pytest.mark.parametrize(
    "command", ["check", "show", "play", "observe", "export", "matrix", "bisect", "report"]
)
@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("sub/bad.toml", "sub/bad.toml"),
        ("{folder}/sub/bad.toml", "sub/bad.toml"),
        ("../{name}/sub/bad.toml", "sub/bad.toml"),
        ("../bad.toml", "{parent}/bad.toml"),
    ],
)
def test_a_file_has_one_name_in_all_commands(
    machine: Machine, command: str, given: str, shown: str
) -> None:
    """A file below the current folder is named by its relative path, others by the whole path."""
    folder = machine.folder / "here"
    words = {"folder": folder, "name": folder.name, "parent": machine.folder}
    for place in (folder / "sub", machine.folder):
        place.mkdir(parents=True, exist_ok=True)
        (place / "bad.toml").write_text('title = ""\nsteps = []\n')
    machine.monkeypatch.chdir(folder)
    more = {"bisect": ["ruled"], "report": ["--for", "uv"]}.get(command, [])
    ended = machine.run(command, given.format(**words), *more)
    first = ended.err.splitlines()[0].removeprefix("indexcache: ")
    assert first.startswith(f"{shown.format(**words)}:1: title: must not be empty")


@pytest.mark.parametrize("verb", ["show", "play", "export", "report --for uv"])
def test_a_folder_in_place_of_a_file_names_only_some_of_its_scenarios(
    machine: Machine, verb: str
) -> None:
    """For a folder, the error names ten of its scenarios, the number of others, and a remedy."""
    ended = machine.run(*verb.split(), "scenarios")
    assert ended.code in (2, 129)
    lines = ended.err.splitlines()
    assert len(lines) == 13
    assert lines[0].startswith("indexcache: 'scenarios' names ")
    assert lines[11].startswith("    … and ")
    assert "indexcache list scenarios" in lines[12]


def test_names_of_the_catalogue_are_understood_everywhere(machine: Machine) -> None:
    """``scenarios/…`` names a catalogue file if the current folder does not have that file."""
    ended = machine.run("matrix", "scenarios/pages/new-release-is-seen.toml")
    assert (ended.code, "pages/new-release-is-seen" in ended.out) == (0, True)


def test_escape_codes_do_not_reach_the_terminal(machine: Machine) -> None:
    """Escape codes from untrusted text are printed as visible text."""
    machine.rule("bad=0-2")
    report = machine.scenario(title="\\u001b[31mred")
    ended = machine.run("bisect", report, "ruled<1.4")
    assert "\\x1b[31mred" in ended.out
    assert "\x1b" not in ended.out + machine.run("matrix", "no\x1b[31m.toml").err


def test_no_network_for_the_list_of_releases(machine: Machine) -> None:
    """If the list of releases cannot be downloaded, the command says so with exit code 1."""
    machine.monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    machine_index.cache_clear()
    ended = machine.run("matrix", machine.scenario(), "--installer", "ruled>=1")
    assert (ended.code, ended.out) == (1, "")
    assert "ruled: its releases cannot be listed" in ended.err
    assert "connect to the network" in ended.err


def _foreign(file: Path) -> None:
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE notes (text)")


def _of_tomorrow(file: Path) -> None:
    with closing(sqlite3.connect(file)) as store:
        store.execute("PRAGMA application_id = 0x69786331")
        store.execute("PRAGMA user_version = 2")


def _no_database(file: Path) -> None:
    file.write_text("this is a text, and it is longer than the head of a database " * 9)


def _folder(file: Path) -> None:
    file.mkdir()


@pytest.mark.parametrize(
    ("make", "problem", "hint"),
    [
        (_no_database, "file is not a database", "name another file (--store), or remove"),
        (_foreign, "this SQLite file is not a store", "name another file (--store)"),
        (_of_tomorrow, "it has format 2, not 1", "name another file (--store)"),
        (_folder, "unable to open database file", "make the file and its folder writable"),
    ],
)
@pytest.mark.parametrize("command", ["matrix", "bisect"])
def test_a_file_that_is_no_store(
    machine: Machine, command: str, make: object, problem: str, hint: str
) -> None:
    """A file that is not a usable store is left unchanged, and nothing is played."""
    file = machine.folder / "store"
    make(file)  # type: ignore[operator]
    before = file.read_bytes() if file.is_file() else b""
    more = ("ruled",) if command == "bisect" else ()
    ended = machine.run(command, machine.scenario(), *more, "--store", file)
    assert (ended.code, ended.out) == (2, "")
    assert f"the store {file}: " in ended.err
    assert problem in ended.err
    assert hint in ended.err
    assert (file.read_bytes() if file.is_file() else b"") == before


def test_a_folder_that_cannot_be_made_for_the_store(machine: Machine) -> None:
    """The folder of the store is created; if this is impossible, the error explains why."""
    (machine.folder / "file").touch()
    ended = machine.run("matrix", machine.scenario(), "--store", machine.folder / "file" / "s")
    assert ended.code == 2
    assert "its folder cannot be created" in ended.err


def test_a_disk_that_is_full(machine: Machine) -> None:
    """If the store can no longer be written, this is reported once, and the plays continue."""
    machine.scenario()
    ended = machine.run("matrix", "report.toml", "--installer", "ruled<1.2")
    with closing(sqlite3.connect(machine.store)) as store:
        pages = store.execute("PRAGMA page_count").fetchone()[0]
    full = f"PRAGMA max_page_count = {pages}"
    machine.monkeypatch.setattr(
        "pytest_indexcache.run.matrix.store.sqlite3.connect", _connect_with(sqlite3.connect, full)
    )
    ended = machine.run("matrix", "report.toml", "--installer", "ruled<1.9")
    assert ended.code == 0
    assert ended.err.count("database or disk is full") == 1
    assert "free disk space" in ended.err
    assert "9 passed (2 played before)\n" in ended.out
    machine.monkeypatch.undo()


def _connect_with(connect: object, pragma: str) -> object:
    def limited(*arguments: object, **options: object) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*arguments, **options)  # type: ignore[operator]
        connection.execute(pragma)
        return connection

    return limited


def _matrix_file(**changes: object) -> str:
    whole = {
        "kind": "pytest-indexcache matrix",
        "format": 1,
        "plan": "x",
        "shards": [],
        "plays": [],
    }
    return json.dumps({**whole, **changes})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "it cannot be read as JSON"),
        ("[]", "it is not the file of a matrix"),
        (_matrix_file(kind="other"), "it is not the file of a matrix"),
        (_matrix_file(format=9), "another version of this package wrote it: format 9"),
        (_matrix_file(plays=[{}]), "it is damaged"),
        (_matrix_file(shards=["0/0"]), "it is damaged"),
        (None, "it cannot be read: No such file or directory"),
    ],
)
def test_a_file_that_is_no_matrix(machine: Machine, text: str | None, problem: str) -> None:
    """``merge`` names a file that it cannot read, and writes no output."""
    good, bad = machine.folder / "good.json", machine.folder / "bad.json"
    good.write_text(_matrix_file())
    if text is not None:
        bad.write_text(text)
    ended = machine.run("merge", good, bad, "--json", "merged.json")
    assert ended.code == 2
    assert f"{bad}: {problem}" in ended.err
    assert not (machine.folder / "merged.json").exists()
