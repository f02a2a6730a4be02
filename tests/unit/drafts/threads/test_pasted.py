"""The log, project file and lockfile found in a pasted thread."""

from __future__ import annotations

import pytest

from pytest_indexcache.drafts.threads.pasted import read_pasted
from tests.unit.drafts.a_thread import LOG, THREAD


def test_whole_thread_is_accepted() -> None:
    """In a thread, the title, the URL, the project file and the most informative log are found."""
    pasted = read_pasted(THREAD)
    assert pasted.title == "torch is always downloaded again"
    assert pasted.issue == "https://github.com/astral-sh/uv/issues/15425"
    assert pasted.project_file is not None
    assert pasted.project_file["project"]["name"] == "secret-name"
    assert pasted.other_logs == 1
    versions = {event.version for event in pasted.events if event.kind == "installer"}
    assert versions == {"0.8.2"}
    commands = [event.detail for event in pasted.events if event.kind == "command"]
    assert commands == ["uv sync -v", "uv cache clean"]


def test_log_alone_is_read_as_a_whole() -> None:
    """A text without fenced blocks is read as a log."""
    pasted = read_pasted(LOG)
    assert pasted.first_line == 0
    assert len(pasted.events) == 11
    assert pasted.project_file is None


def test_block_that_is_not_closed_reaches_to_the_end() -> None:
    """A fenced block that is not closed is read to the end of the thread."""
    pasted = read_pasted(f"```\n{LOG}")
    assert len(pasted.events) == 11
    assert pasted.first_line == 1


def test_lockfile_of_a_thread_is_found() -> None:
    """A block that contains a uv.lock is read as the lockfile of the thread."""
    lock = 'version = 1\n[[package]]\nname = "six"\nversion = "1.17.0"\n'
    pasted = read_pasted(f"```toml\n{lock}```\n```\n{LOG}```\n")
    assert pasted.lockfile is not None
    assert pasted.lockfile["package"][0]["name"] == "six"


ISSUE = "https://github.com/astral-sh/uv/issues/15303"


@pytest.mark.parametrize(
    ("head", "issue", "linked"),
    [
        (f"---\nurl: {ISSUE}\n---\n", ISSUE, ()),
        (f"{ISSUE}\n\nIt is slow.\n", ISSUE, ()),
        (f"<{ISSUE}>\n", ISSUE, ()),
        (f"# [It is slow]({ISSUE})\n", ISSUE, ()),
        (f"It is slow, as in {ISSUE} before.\n", "", (ISSUE,)),
        (f"# It is slow\n\na\n\nb\n\nc\n\nd\n\n{ISSUE}\n", "", (ISSUE,)),
        (f"---\nurl: {ISSUE}\n---\nSee {ISSUE} and {ISSUE}9\n", ISSUE, (f"{ISSUE}9",)),
        ("# It is slow\n", "", ()),
    ],
)
def test_issue_is_the_one_that_the_text_gives_as_its_own(
    head: str, issue: str, linked: tuple[str, ...]
) -> None:
    """A link to another issue is not mistaken for the URL of the thread."""
    pasted = read_pasted(f"{head}\n```\n{LOG}```\n")
    assert (pasted.issue, pasted.linked) == (issue, linked)


@pytest.mark.parametrize(
    ("prose", "release"),
    [
        ("### Version\n\n0.6.8.\n", "uv 0.6.8"),
        ("### uv version\n\nuv 0.7.22 (78d6d1134 2025-07-17)\n", "uv 0.7.22"),
        ("uv 0.8.11 .\n", "uv 0.8.11"),
        ("* pip version: 23.1\n", "pip 23.1"),
        ("### Python version\n\n3.12.9\n", ""),
        ("pip 23.1\n", "pip 23.1"),
        ("Python 3.13.1, and torch 2.0\n", ""),
    ],
)
def test_release_is_named_by_the_prose(prose: str, release: str) -> None:
    """If the log does not name the installer's release, it is read from the prose."""
    log = LOG.partition("\n")[2]
    assert read_pasted(f"{prose}\n```\n{log}```\n").release == release


def test_log_outside_of_all_blocks_is_found() -> None:
    """A log outside a fence is read, even if the thread has a fenced block."""
    pasted = read_pasted(f"# title\n\n```\n$ ls\n```\n\n{LOG}")
    assert pasted.first_line == 7
    assert len(pasted.events) == 11


def test_commands_of_an_earlier_block_are_those_of_the_log() -> None:
    """If a log has no command, the command in the block before it is used."""
    pasted = read_pasted(f"```sh\nuv sync --extra cpu\n```\n\n```\n{LOG}```\n")
    assert [each.detail for each in pasted.events if each.kind == "command"] == [
        "uv sync --extra cpu"
    ]


HEAD = """\
---
author: opener
---
# It downloads again

_Issue opened by @opener on 2025-12-03 09:28_

"""
COMMENT = "\n_Comment by @helper on 2025-12-17 17:25_\n\n"
OWN, ADVICE = (f'```\n[project]\nname = "{name}"\ndependencies = []\n```\n' for name in "ab")
SETTINGS = '```\n[[tool.uv.index]]\nname = "x"\nurl = "https://x.example"\n```\n'


def commands_of(text: str) -> list[str]:
    """Return the commands that are found in a text."""
    return [event.detail for event in read_pasted(text).events if event.kind == "command"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"{HEAD}{OWN}```\n{LOG}```\n{COMMENT}{ADVICE}", "a"),
        (f"{HEAD}```\n{LOG}```\n{COMMENT}{ADVICE}", ""),
        (f"{HEAD}Help!\n{COMMENT}{ADVICE}```\n{LOG}```\n", "b"),
        (f"{HEAD}```\nuv sync\n```\n{COMMENT}```\n{LOG}```\n{SETTINGS}", ""),
    ],
)
def test_project_of_the_opener_wins(text: str, name: str) -> None:
    """Another author's project file is used only if it is complete, and if the log is theirs."""
    pasted = read_pasted(text)
    found = (pasted.project_file or {}).get("project", {}).get("name", "")
    assert found == name
    assert pasted.others_files == (0 if name == "b" or text.endswith(f"{COMMENT}{OWN}") else 1)


def test_log_of_the_opener_wins() -> None:
    """A short log by the thread's opener is preferred to a longer log in a comment."""
    short = "".join(LOG.splitlines(keepends=True)[:6])
    pasted = read_pasted(f"{HEAD}```\n{short}```\n{COMMENT}```\n{LOG}```\n")
    assert (pasted.first_line, pasted.is_openers, pasted.other_logs) == (8, True, 1)
    pasted = read_pasted(f"{HEAD}Help!\n{COMMENT}```\n{LOG}```\n")
    assert (pasted.is_openers, pasted.other_logs) == (False, 0)


def test_commands_of_the_opener_win() -> None:
    """The commands of the thread's opener are used, even if another author gives the log."""
    others = f"```\n$ uv sync --frozen\n{LOG}```\n"
    own = "```\nuv init app # new\nuv add six # it is, as the docs say, added\nuv sync\n```\n"
    assert commands_of(f"{HEAD}{own}{COMMENT}{others}") == ["uv add six", "uv sync"]
    assert commands_of(f"{HEAD}{COMMENT}{others}") == ["uv sync --frozen"]
    assert commands_of(f"{HEAD}`uv sync`\n{COMMENT}`uv lock`\n```\nx\n```\n") == ["uv sync"]


def test_list_of_commands_is_enough() -> None:
    """A thread without a log can be drafted if a block lists commands; prose is not enough."""
    listed = "```\nuv pip install --override o.txt \\\n  six\n```\n"
    pasted = read_pasted(f"{HEAD}`o.txt`:\n```\nsix==1.0\n```\nThen run:\n{listed}")
    assert pasted.can_be_drafted
    assert pasted.files == {"o.txt": "six==1.0"}
    assert [event.detail for event in pasted.events] == ["uv pip install --override o.txt six"]
    assert not read_pasted(f"{HEAD}`uv pip install six` is slow\n```\nx\n```\n").can_be_drafted
    assert not read_pasted("```\nuv cache clean\n```\n").can_be_drafted


def test_colours_and_carriage_returns_around_a_project_file() -> None:
    """Blocks that were copied from a terminal or from Windows are read like other blocks."""
    text = f"{HEAD}```\n\x1b[1m[project]\x1b[0m\nname = 'a'\n```\n```\n{LOG}```\n"
    pasted = read_pasted(text.replace("\n", "\r\n"))
    assert pasted.project_file == {"project": {"name": "a"}}
    assert len(pasted.events) == len(read_pasted(LOG).events)


def test_users_are_found_in_paths_and_prompts() -> None:
    """Names of users in paths of home folders and before the host of a prompt are found."""
    text = (
        "at /home/pavel/work\n`C:\\Users\\Jane Doe\\app`\n/Users/kim/x\nada@box:~/x$ uv sync\n"
        "me@a.example is no prompt\n"
    )
    assert read_pasted(text).users == ("pavel", "Jane Doe", "kim", "ada")
