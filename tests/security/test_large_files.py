"""Scenarios whose loading would take very much time or memory before any step is played."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from pytest_indexcache.errors import ScenarioError
from pytest_indexcache.run.loading import loads_playable

from .stranger import HEAD

BOUND = 30.0
"""The CPU limit in seconds: each test needs less than 7, and took minutes before its fix."""

_DEEP = "**/" * 300 + "*"

SYNC = "[[steps]]\ndo = 'sync'\nexpect.installed = { six = '1.0' }\n"


def _command(command: str | list[str]) -> str:
    return f"{HEAD}[[steps]]\nexpect.exit = 'any'\ncommand.uv = {json.dumps(command)}\n"


def _requirements(text: str) -> str:
    files = f'[files]\n"project/requirements.txt" = {json.dumps(text)}\n'
    return f"{_command('uv pip install -r requirements.txt')}{files}"


def _patterns(key: str, pattern: str) -> str:
    packages = _each(15, 'p@."1.0 … 1.999" = {}\n', before="[indexes.pypi.packages]\n")
    patterns = "".join(f'"{pattern.replace("@", str(n))}" = "any"\n' for n in range(20_000))
    return f"{packages}[steps.expect.{key}]\n{patterns}"


def _each(count: int, text: str, *, before: str = "") -> str:
    lines = "".join(text.replace("@", str(number)) for number in range(count))
    return f"{HEAD}{before}{lines}{SYNC}"


FILES: dict[str, tuple[Callable[[], str], str]] = {
    "releases": (
        lambda: _each(30_000, '"2.@" = {}\n', before="[indexes.pypi.packages.idna]\n"),
        "more than 20,000 releases",
    ),
    "indexes": (
        lambda: _each(10_000, "[indexes.i@]\nurl = 'https://h@.example/simple'\n"),
        "indexes: has 10,001 keys; at most 100 are allowed",
    ),
    "publishing steps": (
        lambda: _each(
            10_000,
            "[[steps]]\ndo = 'publish'\nindex = 'pypi'\nproject = 'six'\nversion = '2.@'\n",
        ),
        "steps: has 10,001 elements; at most 500 are allowed",
    ),
    "files": (
        lambda: _each(10_000, '"f@.md" = "x"\n', before="[files]\n"),
        "more than 500 files and local projects",
    ),
    "files that name each other": (
        lambda: _each(5000, '"requirements@.txt" = "-r x"\n', before="[files]\n"),
        "more than 500 files and local projects",
    ),
    "values": (
        lambda: f"{HEAD}x = [{'1,' * 1_500_000}]\n{SYNC}",
        "at most 100,000 keys and elements",
    ),
    "title": (lambda: f'title = "{"x" * 4_000_000}"\n{SYNC}', "title: has 4,000,000 characters"),
    "name": (
        lambda: f'{HEAD}[indexes.pypi.pages."{"a-" * 10**6}!"]\n{SYNC}',
        "at most 200 are allowed",
    ),
    "version": (
        lambda: f'{HEAD}[indexes.pypi.packages.six."{"1" * 5000}"]\n{SYNC}',
        "the value has 5,000 characters; at most 500 are allowed",
    ),
    "name of a file": (
        lambda: _each(1, f'"{"x" * 201}.md" = "x"\n', before="[files]\n"),
        "200 bytes",
    ),
    "name of a wheel": (
        lambda: f'{HEAD}[indexes.pypi.packages.a."1"]\ntag = "{"x" * 984}-none-any"\n{SYNC}',
        "the name of a file has 1001 characters; at most 1000 are allowed",
    ),
    "name of a requirement": (
        lambda: f'{HEAD}optional-dependencies.x = ["{"x" * 201}"]\n{SYNC}',
        "the value has 201 characters; at most 200 are allowed",
    ),
    "pattern": (
        lambda: (
            f"{HEAD}{SYNC}[[steps]]\ndo = 'damage'\nhow = 'remove'\nentries = '{'**/' * 300}*'\n"
        ),
        "the pattern has more than 20 parts, or 2 of **",
    ),
    "hexadecimal number": (
        lambda: f"{HEAD}[local-projects.x]\npath = 'x'\nattributes.a = 0x{'f' * 10**6}\n{SYNC}",
        "local-projects.x.attributes.a: the integer has more than 64 bits",
    ),
    "nested expression": (
        lambda: _command(["uv", "run", "python", "-c", "six" + " .a" * 5000]),
        "python -c",
    ),
    "nested expression of a short command": (
        lambda: _command(["uv", "run", "python", "-c", "six" + "[0]" * 900]),
        "can only import, and print",
    ),
    "command": (lambda: _command(f"uv sync -{'v' * 10**6}"), "has 1,000,009 characters"),
    "words": (lambda: _command(["uv", "sync", *["-v"] * 2000]), "has 2,002 words; at most 1,000"),
    "unclosed quotation mark": (
        lambda: _command(f"uv sync '{'v' * 10**6}"),
        "at most 20,000 are allowed",
    ),
    "spaces": (
        lambda: _requirements(f"six{' ' * 400_000}x"),
        "has more than 4,000 characters",
    ),
    "wrong lines": (lambda: _requirements("!\n" * 200_000), "more problems are not listed"),
    "patterns of downloads": (
        lambda: _patterns("downloads", "q@*x*.whl"),
        "more than 500 patterns, fields and texts of output",
    ),
    "patterns of the venv's files": (
        lambda: _patterns("venv-files", "**/x@*/**/y"),
        "more than 500 patterns, fields and texts of output",
    ),
    "replaced texts": (
        lambda: _each(
            10_000,
            '"f@.txt" = { old = "six", new = "six" }\n',
            before="[[steps]]\ndo = 'edit'\n[steps.replace-text]\n",
        ),
        "more than 500 files and local projects",
    ),
    "own text": (lambda: _requirements("six\n" * 300_000), "at most 1,048,576 are allowed"),
}


@pytest.mark.parametrize("name", FILES)
def test_large_file_is_refused_at_once(name: str) -> None:
    """A number above its limit is reported with the limit, and in bounded CPU time."""
    make, text = FILES[name]
    content = make()
    started = time.process_time()
    with pytest.raises(ScenarioError) as caught:
        loads_playable(content)
    assert text in str(caught.value)
    assert time.process_time() - started < BOUND
