"""Small files whose checks after a step would take the harness a long time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pytest_indexcache.run.plays.results import Verdict
from pytest_indexcache.scenario.words import limits

from .stranger import HEAD, played

BOUND = 30.0
"""The CPU limit in seconds: each test needs less than 5, and took hours before its fix."""

_MANY = "*a" * 40 + "b"
_TAG = f"""headers.pages = {{ ETag = '"{"a" * 3000}"' }}\n"""
_URL = f"six.'1.1' = {{ url = 'https://pypi.org/{'a' * 150}/six-1.1-py3-none-any.whl' }}\n"
_SYNC = "do = 'sync'\n"


def _scenario(index: str, packages: str, *steps: str) -> str:
    head = "title = 'x'\nproject.dependencies = ['six']\n[indexes.pypi]\n"
    index = f"url = 'https://pypi.org/simple'\n{index}[indexes.pypi.packages]\n"
    return head + index + packages + "".join(f"[[steps]]\n{step}" for step in steps)


def _folders(count: int) -> str:
    attributes = ", ".join(f'"a{number}.b.c" = 1' for number in range(count))
    return f"six.'1.0' = {{ attributes = {{ {attributes} }} }}\n"


def _patterns(count: int) -> str:
    return ", ".join(f'"**/x{number}*/**/y" = false' for number in range(count))


FILES = {
    "value of a field": _scenario(
        _TAG,
        "six.'1.0' = {}\n",
        _SYNC,
        f"do = 'lock'\nrefresh = true\nexpect.fields.page.if-none-match = '{_MANY}'\n",
    ),
    "files of the venv": _scenario(
        "", _folders(700), f"{_SYNC}expect.venv-files = {{ {_patterns(limits.PATTERNS)} }}\n"
    ),
    "URLs of the lockfile": _scenario(
        "", _URL, f"do = 'lock'\nexpect.locked.six.urls = ['{_MANY}']\n"
    ),
}


@pytest.mark.parametrize(
    ("name", "failed"),
    [
        ("value of a field", ["fields.page.if-none-match"]),
        ("files of the venv", []),
        ("URLs of the lockfile", ["locked.six.urls"]),
    ],
)
def test_checks_end_soon(name: str, failed: list[str], tmp_path: Path) -> None:
    """The time for a pattern check is linear in the lengths of the pattern and the text."""
    started = time.process_time()
    result = played(FILES[name], tmp_path)
    assert result.verdict is (Verdict.FAILED if failed else Verdict.PASSED), result.reason
    assert [check.key for check in result.steps[-1].checks if not check.held] == failed
    assert time.process_time() - started < BOUND


def test_project_files_are_read_again_where_they_changed(tmp_path: Path) -> None:
    """A hundred edits of one file do not cause a hundred parses of a large file beside it."""
    large = "".join(f'k{number} = {{ a = "x", b = ["y", "z"] }}\n' for number in range(9000))
    files = f"[files]\n'a.txt' = 'six==0'\n'd/pyproject.toml' = '''\n[tool.ruff]\n{large}'''\n"
    edits = "".join(
        "[[steps]]\ndo = 'edit'\nreplace-text.'a.txt' = { old = '==', new = '==' }\n"
        for _ in range(100)
    )
    started = time.process_time()
    result = played(f"{HEAD}{files}{edits}[[steps]]\ndo = 'sync'\nexpect.exit = 0\n", tmp_path)
    assert result.verdict is Verdict.PASSED, result.reason
    assert time.process_time() - started < BOUND
