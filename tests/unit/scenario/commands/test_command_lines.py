"""Verbatim command lines, and command lines that are refused."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_indexcache.messages import HostPort
from pytest_indexcache.scenario.commands import split_command
from pytest_indexcache.scenario.values.reach import Reach

REACH = Reach(
    frozenset(
        {
            HostPort("pypi.nvidia.com", 443),
            HostPort("a.example.com", 443),
            HostPort("files.example", 443),
        }
    ),
    frozenset({"torch"}),
)


@pytest.mark.parametrize(
    ("installer", "command", "arguments"),
    [
        ("uv", "uv sync --extra cu12", "sync --extra cu12"),
        ("uv", ["uv", "add", "a >=1"], "add|a >=1"),
        ("uv", "uvx --from six python -V", "tool run --from six python -V"),
        (
            "uv",
            "uv add tensorrt --index nv=https://pypi.nvidia.com/ --optional cu12",
            "add tensorrt --index nv=https://pypi.nvidia.com/ --optional cu12",
        ),
        (
            "uv",
            "uv pip install --extra-index-url=https://a.example.com/x?y=z -c../c.txt torch==2.0",
            "pip install --extra-index-url=https://a.example.com/x?y=z -c../c.txt torch==2.0",
        ),
        ("pip", "pip install -r requirements.txt", "install -r requirements.txt"),
        ("pip", "pip --version", "--version"),
        ("uv", "uv -V", "-V"),
        ("poetry", "poetry --version", "--version"),
        ("pdm", "pdm --help", "--help"),
        ("theirs", "theirs sync", "sync"),
    ],
)
def test_command_is_split_as_a_shell_would(
    installer: str, command: str | list[str], arguments: str
) -> None:
    """A command is split at spaces outside quotes."""
    expected = tuple(arguments.split("|" if "|" in arguments else " "))
    assert split_command(installer, command, REACH) == expected


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ("uv sync && rm -rf x", "&&"),
        ("uv sync || true", "||"),
        ("uv sync | tee log", "|"),
        ("uv sync; uv lock", "sync;"),
        ("uv lock &", "&"),
        ("uv lock > out.txt", ">"),
        ("uv lock 2>&1", "2>&1"),
        ("uv lock 2>/dev/null", "2>/dev/null"),
        ("uv pip install -r <(echo six)", "<(echo"),
        ("uv add $PACKAGE", "$PACKAGE"),
        ("uv add ${PACKAGE}", "${PACKAGE}"),
        ("uv add $(cat x)", "$(cat"),
        ("uv add `cat x`", "`cat"),
        (["uv", "sync", "&&", "uv", "lock"], "&&"),
    ],
)
def test_shell_is_not_there(command: str | list[str], word: str) -> None:
    """Shell syntax in a command, such as a pipe, is refused, and the error shows the word."""
    with pytest.raises(ValueError, match=f"no shell reads the command, so '{re.escape(word)}'"):
        split_command("uv", command, REACH)


def test_words_that_only_look_like_those_of_a_shell() -> None:
    """Version comparisons and code for ``python -c`` are not treated as redirections."""
    code = "import torch; print(torch.version.cuda)"
    for words in (
        ["uv", "add", "six>=1,<2"],
        ["uv", "add", "six[x] @ https://files.example/six.whl"],
        ["uv", "run", "python", "-c", code],
    ):
        assert split_command("uv", words, REACH) == tuple(words[1:])


@pytest.mark.parametrize(
    "code",
    [
        "import torch; print(torch.cuda.is_available())",
        "import torch\nprint('cuda', torch.version.cuda)",
        "import torch as t; print(t.version.cuda)",
    ],
)
@pytest.mark.parametrize(
    "start", ["uv run --extra cpu python -c", "uv run -- python3 -c", "poetry run python -c"]
)
def test_code_that_imports_and_prints_may_run(code: str, start: str) -> None:
    """Code that imports a module and prints its values is accepted, because reports need it."""
    words = [*start.split(), code]
    assert split_command(words[0], words, REACH) == tuple(words[1:])


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import os; print(os.getcwd())", "cannot import os"),
        ("import sys", "cannot import sys"),
        ("import other", "cannot import other"),
        ("import torch.cuda", "can import torch and print torch.cuda, but cannot import"),
        ("from torch import x", "can only import, and print"),
        ("import torch; torch.x()", "can only import, and print"),
        ("import torch; print(torch.x(1))", "can only import, and print"),
        ("import torch; print(torch.x().y())", "can only import, and print"),
        ("import torch; print(torch.x, file=torch.y)", "can only import, and print"),
        ("print(exit())", "can only import, and print"),
        ("print(__import__('os').getcwd())", "can only import, and print"),
        ("exec('x')", "can only import, and print"),
        ("import torch; x = 1", "can only import, and print"),
        ("import torch;;", "is not Python"),
        ("\0", "is not Python"),
    ],
)
def test_other_code_may_not(code: str, reason: str) -> None:
    """Code that does more than import and print is refused with a reason."""
    reach = replace(REACH, modules=frozenset({"torch", "sys"}))
    with pytest.raises(ValueError, match=reason):
        split_command("uv", ["uv", "run", "python", "-c", code], reach)


@pytest.mark.parametrize(
    ("installer", "command", "reason"),
    [
        ("uv", "", "begins with 'uv', not with nothing"),
        ("uv", "uv", "has no subcommand"),
        ("uv", "uv --offline", "has no subcommand"),
        ("uv", "/bin/sh -c x", "not with '/bin/sh'"),
        ("uv", "uvx ruff", "can only start python -c"),
        ("pip", "uvx ruff", "not with 'uvx'"),
        ("uv", "uv 'a", "cannot be split"),
        ("uv", "uv tool run ruff", "can only start python -c"),
        ("uv", "uv --directory elsewhere frob", "uv frob is not a subcommand"),
        ("uv", "uv pip frob", "uv pip frob is not a subcommand"),
        ("uv", "uv --version sync", "'--version' is not an option"),
        ("uv", "uv python install 3.12", "uv python install is not allowed: Python is not downl"),
        ("pdm", "pdm python install 3.12", "Python is not downloaded in a play"),
        ("poetry", "poetry self add evil", "plugins run in poetry itself"),
        ("uv", "uv run evil.py", "can only start python -c"),
        ("uv", "uv run -m http.server", "-m is not allowed: it can start a module"),
        ("uv", "uv run --with evil evil", "can only start python -c"),
        ("theirs", "theirs run x", "not known"),
        ("uv", "uv pip install --system a", "--system is not allowed: it leads out"),
        ("uv", "uv pip install --python 3.12 a", "can change only a venv of the workspace"),
        ("uv", "uv pip install -p3.12 a", "can change only a venv of the workspace"),
        ("uv", "uv pip install ../../a", "is not a .*within the workspace"),
        ("uv", "uv pip install -r/etc/passwd", "is not a .*within the workspace"),
        ("uv", "uv pip install -e a/../../../b", "is not a .*within the workspace"),
        ("uv", "uv sync --project=/etc", "is not a .*within the workspace"),
        ("uv", "uv sync --project=~root", "is not a .*within the workspace"),
        ("uv", "uv pip install 'a @ file:///etc'", "is not a .*within the workspace"),
        ("uv", "uv add git+ssh://a/b", "names a repository"),
        ("uv", r"uv pip install C:\\a", "is not a .*within the workspace"),
    ],
)
def test_what_leads_out_is_refused(installer: str, command: str, reason: str) -> None:
    """Commands that start another program or reach outside the workspace are refused."""
    with pytest.raises(ValueError, match=reason):
        split_command(installer, command, REACH)


@given(st.text() | st.lists(st.text()))
def test_anything_is_split_or_refused(command: str | list[str]) -> None:
    """Any text is either split into words or refused with a ValueError."""
    try:
        words = split_command("uv", command, REACH)
    except ValueError:
        return
    assert all(isinstance(word, str) for word in words)
