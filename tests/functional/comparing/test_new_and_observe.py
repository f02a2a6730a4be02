"""``indexcache new`` and ``indexcache observe`` on the command line."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from pytest_indexcache.scenario_files import catalogue_folder, scenario_files

from .conftest import Machine

BARE = """\
title = "What is seen" # stays
[indexes.pypi]
url = "https://pypi.org/simple"
headers = "pytorch"
[indexes.pypi.packages]
six."1.17.0" = {}
[project]
dependencies = ["six"]
[[steps]]
do = "sync"

# why the venv goes
[[steps]]
do = "remove-venv"
[[steps]]
do = "sync"
expect = { downloads = 7, satisfied = true } # wrong
[[steps]]
do = "install"
requirements = ["nonesuch"]
"""


@pytest.mark.parametrize(
    ("options", "index", "dependencies"),
    [
        (["--title", 'a "b" \\ c'], "pypi", ["six"]),
        (
            ["--title", "x", "--issue", "https://a.example/1", "--require", "torch[cuda]>=2,<3"],
            "pypi",
            ["torch[cuda]>=2,<3"],
        ),
        (
            ["--title", "x", "--index", "https://a-b.example/simple", "--server", "devpi"],
            "a-b",
            ["six"],
        ),
        (
            ["--title", "x", "--require", "A.b!=1.0", "--require", "c>1"],
            "pypi",
            ["A.b!=1.0", "c>1"],
        ),
    ],
)
def test_new_scenario_plays(
    machine: Machine, options: list[str], index: str, dependencies: list[str]
) -> None:
    """A scenario from ``new`` contains the given values, and passes without edits."""
    assert machine.run("new", "a.toml", *options).code == 0
    data = tomllib.loads(Path("a.toml").read_text())
    assert (list(data["indexes"]), data["title"]) == ([index], options[1])
    assert data["project"]["dependencies"] == dependencies
    assert machine.run("play", "a.toml").code == 0


@pytest.mark.parametrize("file", scenario_files(catalogue_folder())[::12], ids=lambda it: it.stem)
def test_new_scenario_begins_as_another(machine: Machine, file: Path) -> None:
    """A copy of a catalogue scenario does not contain its results, such as [affected]."""
    assert machine.run("new", "a.toml", "--from", file, "--title", "mine").code == 0
    data = tomllib.loads(Path("a.toml").read_text())
    assert data["title"] == "mine"
    assert data["steps"] == tomllib.loads(file.read_text())["steps"]
    assert not {"affected", "sometimes", "measured", "variants"} & data.keys()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["there.toml", "--title", "x"], "there.toml already exists"),
        (["no/a.toml", "--title", "x"], "the folder no does not exist"),
        ([".", "--title", "x"], "is a folder"),
        (["a.toml"], "give --title"),
        (["a.toml", "--title", "x", "--require", "§"], "'§' is not a requirement"),
        (["a.toml", "--title", "x", "--require", "a @ https://a.example/a.whl"], "names a URL"),
        (["a.toml", "--title", "x", "--require", "a>2,<1"], "no version"),
        (["a.toml", "--title", "x", "--require", "a>2", "--require", "A<1"], "no version"),
        (["a.toml", "--title", "x", "--require", "Project"], "the scenario's own project"),
        (
            ["a.toml", "--title", "x", "--require", "a; python_version < '3'"],
            "nothing would be installed, so the scenario would measure nothing",
        ),
        (["a.toml", "--title", "x", "--symptom", "nonesuch"], "downloaded-again"),
        (
            ["a.toml", "--title", "x", "--symptom", "release-missed", "--require", "a==1"],
            "no later release is allowed",
        ),
        (["a.toml", "--title", "x", "--installer", "uvv"], "did you mean 'uv'?"),
        (["a.toml", "--title", "x", "--installer", "reference:nope"], "there is no variant"),
        (["a.toml", "--title", "x", "--index", "pypi"], "--index: 'pypi' is not an http or https"),
        (["a.toml", "--title", "x", "--index", "pypi"], "indexcache list servers has the names"),
        (["a.toml", "--title", "x", "--index", "ftp://a"], "--index: 'ftp://a'"),
        (
            ["a.toml", "--title", "x", "--index", "https://me:pw@a.example/simple"],
            "contains a user name",
        ),
        (["a.toml", "--title", "x", "--index", "http://["], "'http://[' is not a URL"),
        (["a.toml", "--title", "x", "--server", "nonesuch"], "nonesuch"),
        (["a.toml", "--from", "nonesuch"], "there is no file nonesuch"),
        (["a.toml", "--from", "uv-15303-cpu", "--require", "six"], "cannot be used with --from"),
    ],
)
def test_new_refuses_what_makes_no_scenario(
    machine: Machine, arguments: list[str], problem: str
) -> None:
    """Invalid arguments of ``new`` give exit code 2, and no file is written or replaced."""
    Path("there.toml").write_text("mine")
    ended = machine.run("new", *arguments)
    assert ended.code == 2
    assert problem in ended.err
    assert not Path("a.toml").exists()
    assert Path("there.toml").read_text() == "mine"


@pytest.mark.parametrize("symptom", ["downloaded-again", "release-missed", "offline-fails"])
@pytest.mark.parametrize("requirements", [["six"], ["a==1.0", "b>=2,<3"], ["c~=1.4.2", "d[x]"]])
def test_new_scenario_of_each_symptom_plays(
    machine: Machine, symptom: str, requirements: list[str]
) -> None:
    """A scenario for each symptom expects the correct behaviour, which the reference shows."""
    options = [word for text in requirements for word in ("--require", text)]
    assert machine.run("new", "a.toml", "--title", "x", "--symptom", symptom, *options).code == 0
    assert machine.run("play", "a.toml").code == 0


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        (["--require", "six==1.17.0"], ["play it: indexcache play a.toml"]),
        (
            ["--require", "six", "--require", "idna==3", "--installer", "uv==0.8.11"],
            [
                "guessed versions: six 1.0; --require NAME==VERSION names another, or edit "
                "`packages` in the file",
                "play it: indexcache play a.toml --installer uv==0.8.11",
            ],
        ),
        (
            ["--require", "six==1; python_version < '3'", "--require", "idna==3"],
            [
                "not installed on this machine, because of a marker: six",
                "play it: indexcache play a.toml",
            ],
        ),
        (["--from", "uv-15303-cpu"], ["play it: indexcache play a.toml"]),
    ],
)
def test_new_says_what_it_guessed_and_how_to_play(
    machine: Machine, options: list[str], lines: list[str]
) -> None:
    """The output names guessed versions, projects that a marker excludes, and the next command."""
    ended = machine.run("new", "a.toml", "--title", "x", *options)
    assert (ended.code, ended.out.splitlines()) == (0, ["wrote a.toml", *lines])
    assert machine.run("play", "a.toml").code == 0


def test_wrong_answer_is_asked_for_again_and_the_others_are_kept(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal, a wrong answer is explained at once, and the question is asked again."""
    answers = {
        "What goes wrong": ["", "it comes again"],
        "With which installer": ["uvv", "uv==0.8.11"],
        "The number or the name": ["nonesuch", "3"],
        "The URL of the report": ["no URL", "https://a.example/1"],
        "The URL of the index": ["ftp://a", "http://[", "https://me:pw@a.example", ""],
        "What does the project": ["six >= 1", "six[", "a==2.0 b"],
    }
    asked: list[str] = []

    def answer(question: str) -> str:
        asked.append(question)
        return next(given.pop(0) for start, given in answers.items() if question.startswith(start))

    monkeypatch.setattr("builtins.input", answer)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    ended = machine.run("new", "a.toml")
    assert (ended.code, not any(answers.values()), len(asked)) == (0, True, 15)
    for problem in (
        "there is no installer 'uvv'",
        "there is no file nonesuch",
        "'no URL' is not a URL",
        "'ftp://a' is not an http or https URL",
        "'http://[' is not a URL",
        "the URL of the index contains a user name",
        "'>=' is not a requirement",
        "'six[' is not a requirement",
    ):
        assert problem in ended.err
    data = tomllib.loads(Path("a.toml").read_text())
    assert (data["title"], data["issue"]) == ("it comes again", "https://a.example/1")
    assert data["indexes"]["pypi"]["url"] == "https://pypi.org/simple"
    assert data["project"]["dependencies"] == ["a==2.0", "b"]
    assert data["steps"][2]["offline"] is True
    assert ended.out.endswith("play it: indexcache play a.toml --installer uv==0.8.11\n")


def test_answers_can_start_from_a_scenario_of_the_catalogue(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal, a part of a name copies a catalogue scenario with the given title."""
    answers = ["mine", "reference", "uv-15303-cpu", "https://a.example/1"]
    monkeypatch.setattr("builtins.input", lambda _: answers.pop(0))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    ended = machine.run("new", "a.toml")
    assert (ended.code, answers) == (0, [])
    data = tomllib.loads(Path("a.toml").read_text())
    assert (data["title"], data["issue"]) == ("mine", "https://a.example/1")
    assert list(data["indexes"]) == ["pytorch-cpu", "pypi"]
    assert ended.out.endswith("play it: indexcache play a.toml --installer reference\n")


def test_options_are_kept_when_the_rest_is_asked(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal, values of options are not asked for, and no scenario can be copied."""
    answers = ["mine", "reference", "uv-15303-cpu", "1", "https://pypi.org/simple", ""]
    monkeypatch.setattr("builtins.input", lambda _: answers.pop(0))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    ended = machine.run("new", "a.toml", "--require", "six==1.17.0")
    assert (ended.code, answers) == (0, [])
    assert "'uv-15303-cpu' is not one of the numbers\n  hint: give 1 to 3\n" in ended.err
    assert "catalogue" not in ended.out
    data = tomllib.loads(Path("a.toml").read_text())
    assert data["project"]["dependencies"] == ["six==1.17.0"]


def test_wrong_option_is_reported_before_anything_is_asked(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong option is reported before the first question, so that no answer is lost."""
    monkeypatch.setattr("builtins.input", lambda _: pytest.fail("a question"))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    ended = machine.run("new", "a.toml", "--server", "nonesuch")
    assert (ended.code, "nonesuch" in ended.err) == (2, True)


def test_observe_shows_what_was_seen_and_writes_nothing(machine: Machine) -> None:
    """``observe`` prints a diff with the observed expectations, and writes nothing."""
    Path("a.toml").write_text(BARE)
    ended = machine.run("observe", "a.toml", "--installer", "reference:obey-no-store")
    assert ended.code == 0
    added = [line[1:] for line in ended.out.splitlines() if line[0] == "+"][1:]
    assert added == [
        'expect = { downloads = { six = 1 }, installed = { six = "1.17.0" } }',
        'expect = { downloads = { six = 1 }, satisfied = true, installed = { six = "1.17.0" } } '
        "# wrong",
        'expect = { downloads = {}, exit = "failure" }',
    ]
    assert "the file was not changed" in ended.err
    assert Path("a.toml").read_text() == BARE


def test_observed_scenario_passes(machine: Machine) -> None:
    """A scenario that ``observe`` has written passes with the same installer; comments are kept."""
    Path("a.toml").write_text(BARE)
    assert machine.run("observe", "a.toml", "--write").code == 0
    written = Path("a.toml").read_text()
    assert "# why the venv goes\n" in written
    assert machine.run("play", "a.toml").code == 0
    again = machine.run("observe", "a.toml", "--write")
    assert (again.out, again.err) == (
        "",
        "nothing to change: every step expects what reference does\n",
    )
    assert Path("a.toml").read_text() == written


@pytest.mark.parametrize(
    ("text", "arguments", "code", "problem"),
    [
        ("title = ", [], 2, "a.toml"),
        (BARE, ["--installer", "reference:nope"], 2, "there is no variant 'nope'"),
        (BARE, ["--installer", "pip@/nowhere"], 2, "pip@/nowhere: there is no such file"),
        (BARE, ["--installer", "pip@a.toml"], 2, "cannot play it"),
    ],
)
def test_observe_refuses_what_cannot_be_played(
    machine: Machine, text: str, arguments: list[str], code: int, problem: str
) -> None:
    """If a scenario cannot be played, ``observe`` writes no file."""
    Path("a.toml").write_text(text)
    ended = machine.run("observe", "a.toml", "--write", *arguments)
    assert (ended.code, ended.out) == (code, "")
    assert problem in ended.err
    assert Path("a.toml").read_text() == text


TOGETHER = """\
title = "Two at once"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
six."1.17.0" = {}
idna."3.10" = {}
[[steps]]
expect = { downloads = 9 }
[[steps.together]]
do = "install"
requirements = ["six"]
venv = "a"
expect = { absent = ["six"] } # mine
[[steps.together]]
do = "install"
requirements = ["nonesuch"]
venv = "b"
"""


def test_steps_that_begin_together_are_corrected_each(machine: Machine) -> None:
    """A wrong expectation of one of several concurrent steps is corrected in place."""
    Path("a.toml").write_text(TOGETHER)
    ended = machine.run("observe", "a.toml", "--write")
    assert ended.code == 0, ended.err
    added = [line[1:] for line in ended.out.splitlines() if line[0] == "+"][1:]
    assert added == [
        "expect = { downloads = { six = 1 } }",
        "expect = {} # mine",
        'expect = { exit = "failure" }',
    ]
    assert "step 1: together[1].absent.six is removed" in ended.err
    assert machine.run("play", "a.toml").code == 0
