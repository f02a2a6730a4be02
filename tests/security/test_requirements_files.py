"""Requirements files of scenarios: lines that are refused, and files that are checked."""

from __future__ import annotations

import pytest

from pytest_indexcache.errors import ScenarioError
from pytest_indexcache.scenario import loads

from .checked_files import HEAD, USES, problems

REQUIREMENTS = [
    ("x @ git+git://127.0.0.1:1/x", "line 1: 'x @ git+git://127.0.0.1:1/x' names a repository"),
    ("x===/../../x", "line 1: 'x===/../../x' is not a requirement"),
    ("x===${X}", "line 1: 'x===${X}' is not a requirement"),
    ("six; sys_platform == 'a\\x22'", "line 1: "),
    ("-r a/../b.txt", "line 1: -r: 'a/../b.txt' is not a .txt"),
    ("six\n\n/abs/project", "line 3: '/abs/project' is not a requirement"),
    ("file:///abs", "line 1: 'file:///abs' is not a requirement"),
    ("../../x", "line 1: '../../x' is not a requirement"),
    ("~/x", "line 1: '~/x' is not a requirement"),
    ("${HOME}/x", "line 1: '${HOME}/x' is not a requirement"),
    ("six @ ${HOME}", "line 1: 'six @ ${HOME}' is not a requirement"),
    ("-e git+https://a.example/x#egg=x", "line 1: -e: 'git+https://a.example/x#egg=x' names"),
    ("-e/abs", "line 1: -e: '/abs' is not"),
    ("--editable=/abs", "line 1: --editable: '/abs' is not"),
    ("-r /etc/passwd", "line 1: -r: '/etc/passwd' is not a .txt or .in file"),
    ("-r/etc/passwd.txt", "line 1: -r: '/etc/passwd.txt' is not a .txt or .in file"),
    ("-r notes.md", "line 1: -r: 'notes.md' is not a .txt or .in file"),
    ("--constraint ../../c.txt", "line 1: --constraint: '../../c.txt' is not"),
    ("-c https://b.example/c.txt", "line 1: -c: no index of the scenario is at 'b.example'"),
    ("-i https://b.example/simple", "line 1: -i: no index of the scenario is at 'b.example'"),
    ("-ihttps://b.example/simple", "line 1: -i: no index of the scenario is at 'b.example'"),
    ("--extra-index-url=file:///abs", "line 1: --extra-index-url: 'file:///abs' is not"),
    ("-f /abs", "line 1: -f: '/abs' is not a path within the workspace"),
    ("six --global-option=x", "line 1: --global-option is not allowed: it passes options"),
    ("six --install-option x", "line 1: --install-option is not allowed"),
    ("six -i https://a.example", "-i' is not an option that a scenario may use in requirements"),
    ("--frobnicate", "'--frobnicate' is not an option"),
    ("--ind https://a.example", "'--ind' is not an option"),
    ("-i 'https://a.example'", "has quotation marks"),
    ("six --hash=/abs", "line 1: --hash: '/abs' is not an algorithm"),
    ("# coding: utf-7\nsix", "line 1: pip would read the file in an encoding other"),
    ("#\n# -*- coding=rot13 -*-", "line 2: pip would read the file in an encoding other"),
    (
        "# x\x0c-e /abs",
        "line 1: the character '\\x0c' ends a line for some installers, but not for all",
    ),
    ("# x\u2028-e /abs", "line 1: the character '\\u2028' ends a line for some"),
    ("# x\r-e /abs", "line 1: the character '\\r' ends a line for some"),
    ("# x\x85-e /abs", "line 1: the character '\\x85' ends a line for some"),
    ("six # x \\\n-e /abs", "line 1: a comment cannot be in a line that is continued"),
    ("six \\\n# x\n-e /abs", "line 2: a comment cannot be in a line that is continued"),
    ("six=\\\n=1", "line 1: put a space before the backslash"),
    ("-\\\ne /abs", "line 1: put a space before the backslash"),
    ("six \\", "line 1: no line follows the backslash"),
    ("\\\n-e /abs", "line 1: -e: '/abs' is not"),
]
"""Requirements files that are refused, with part of the message."""


@pytest.mark.parametrize("name", ["project/r.txt", "sub/c.txt", "project/Requirements-dev.txt"])
@pytest.mark.parametrize(("text", "reason"), REQUIREMENTS)
def test_line_of_a_requirements_file_is_refused(name: str, text: str, reason: str) -> None:
    """A line that leaves the workspace, or is ambiguous, is refused with its line number."""
    assert reason in problems(name, text)


@pytest.mark.parametrize(
    "uses",
    [
        'files = { "project/requirements.txt" = "-r sub/x.txt", "project/x.txt" = "-e /abs" }',
        'files = { "project/r.txt" = "-cX.txt", "project/X.txt" = "-e /abs" }',
        'files = { "a/x.txt" = "-e /abs" }\n[[steps]]\ndo = "sync-requirements"\nfile = "x.txt"',
        'files = { "x.txt" = "-e /abs" }\n[[steps]]\ncommand = { uv = "uv pip compile -qo x.txt" }',
        'files = { "x.in" = "-e /abs" }\n[[steps]]\ncommand = { pip = "pip lock -rx.in" }',
        'files = { "x.txt" = "-e /abs" }\n[[steps]]\ncommand.pip = "pip install -r x\\\\.txt"',
        'files = { "uv.toml" = "pip.output-file = \\"x.in\\"", "x.in" = "-e /abs" }',
        'files = { "x.txt" = "-e /abs" }\n[[steps]]\ndo = "sync"\nenv = { UV_OVERRIDE = "x.txt" }',
    ],
)
def test_every_text_that_could_be_a_requirements_file_is_read_as_one(uses: str) -> None:
    """A file that a command, variable or setting names as requirements is checked as such."""
    with pytest.raises(ScenarioError, match=r"-e: '/abs' is not"):
        loads(f'{HEAD}{USES}[[steps]]\ndo = "edit"\n{uses}\n')


def test_text_that_no_installer_reads_is_free() -> None:
    """Markdown may have any content, but no option may name it as a requirements file."""
    assert not problems("project/notes.md", "Dear all,\nsee /abs and git+git://x\n")
    assert not problems("project/README.rst", "# -e /abs\n")
    for command in ("uv pip sync notes.md", "uv pip install -c notes.md", "uv export -o notes.md"):
        with pytest.raises(ScenarioError, match=r"'notes\.md' is not a"):
            loads(f'{HEAD}{USES}[[steps]]\ncommand = {{ uv = "{command}" }}\n')


def test_paths_are_read_from_the_folder_that_a_command_enters() -> None:
    """A relative path is refused if it leaves the workspace from the folder of ``--directory``."""
    command = '[[steps]]\ncommand = { uv = "uv --directory .. pip install -r project/r.txt" }\n'
    files = '[files]\n"project/r.txt" = "../x"\n'
    with pytest.raises(ScenarioError, match=r"line 1: '../x' is not a requirement"):
        loads(f"{HEAD}{USES}{command}{files}")
    loads(f"{HEAD}{USES}{files}")
