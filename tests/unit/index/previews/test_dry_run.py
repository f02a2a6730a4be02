"""Indexes and changes that are impossible, found without a play."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
import tomli_w

from pytest_indexcache.errors import ScenarioError
from pytest_indexcache.index.previews.dry_run import check_indexes_and_changes
from pytest_indexcache.scenario import loads

BASE: dict[str, Any] = tomllib.loads("""
title = "x"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages.six]
"1.0" = {}
"2.0" = {}
[indexes.mirror]
url = "https://mirror.example/simple"
[indexes.mirror.packages.six]
"1.0" = {}
[[steps]]
do = "sync"
expect = { exit = "success" }
""")
SAME = {"do": "replace", "index": "pypi", "project": "six", "version": "1.0"}
SDIST = {"files": [{"kind": "wheel"}, {"kind": "sdist", "tag": "py3-none-any"}]}
AT_ONE_URL = {"url": "https://files.example/six.whl"}


def problems(data: dict[str, Any]) -> list[str]:
    """Return the problems of a scenario after building and changing its indexes."""
    try:
        loads(tomli_w.dumps(data), None, check_indexes_and_changes)
    except ScenarioError as error:
        wrong = [problem for problem in error.problems if not problem.is_warning]
        return [f"{problem.key_path}: {problem.text}" for problem in wrong]
    return []


def with_steps(*steps: dict[str, Any]) -> dict[str, Any]:
    """Return the base scenario with more steps before its last one."""
    return {**BASE, "steps": [*steps, *BASE["steps"]]}


def with_releases(**releases: Any) -> dict[str, Any]:
    """Return the base scenario with other releases of six; ``v1`` stands for 1.0."""
    named = {f"{key[1:]}.0": value for key, value in releases.items()}
    pypi = {**BASE["indexes"]["pypi"], "packages": {"six": named}}
    return {**BASE, "indexes": {**BASE["indexes"], "pypi": pypi}}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (BASE, []),
        (
            with_steps({**SAME, "contents": {"build": "pypi"}}),
            ["steps[1]: six 1.0 would have the same bytes as before"],
        ),
        (
            with_steps({**SAME, "contents": {"build": "x"}}, {**SAME, "contents": {"build": "x"}}),
            ["steps[2]: six 1.0 would have the same bytes as before"],
        ),
        (
            with_releases(v1=SDIST),
            [
                'indexes.pypi.packages.six."1.0".files[2]: '
                "six 1.0: an sdist has neither a tag nor a build tag"
            ],
        ),
        (
            with_steps(
                {"do": "publish", **{k: SAME[k] for k in ("index", "project")}, "version": "3"}
                | {"contents": SDIST}
            ),
            [
                "steps[1].contents.files[2]: six 3: an sdist has neither a tag nor a build tag",
            ],
        ),
        (
            with_steps({"do": "come-back", "index": "pypi"}, {"do": "go-down", "index": "pypi"}),
            ["steps[1]: it is already up"],
        ),
        (
            with_steps({"do": "go-down", "index": "pypi"}, {"do": "go-down", "index": "pypi"}),
            ["steps[2]: it is already down"],
        ),
        (
            with_releases(v1=AT_ONE_URL, v2=AT_ONE_URL),
            [
                'indexes.pypi.packages.six."2.0": six-2.0-py3-none-any.whl cannot be at '
                "https://files.example/six.whl: six-1.0-py3-none-any.whl of six 1.0 is there"
            ],
        ),
        (
            with_steps(
                {"do": "publish", "index": "pypi", "project": "six", "version": "3"}
                | {
                    "contents": {
                        "url": "https://mirror.example/simple/six/six-1.0-py3-none-any.whl"
                    }
                },
            ),
            [
                "steps[1]: https://mirror.example/simple/six/six-1.0-py3-none-any.whl is another "
                "file in index 'pypi'"
            ],
        ),
        (
            with_steps({"do": "fail", "index": "pypi", "how": "wrong-hash", "kind": "page"}),
            [
                "steps[1]: how = 'wrong-hash' does not apply to a page, which has no promised hash "
                "or length"
            ],
        ),
        (
            with_releases(v1={"files": [{"kind": "sdist", "damage": "short-record"}]}),
            [
                'indexes.pypi.packages.six."1.0".files[1]: '
                "six 1.0: an sdist has no RECORD that could lack a file"
            ],
        ),
    ],
)
def test_what_a_play_would_break_on(data: dict[str, Any], expected: list[str]) -> None:
    """An impossible index or change is reported with the key path of the cause."""
    assert problems(data) == expected


def test_every_problem_is_found() -> None:
    """All impossible releases and changes are found at once, without consequential problems."""
    data = with_releases(v1=SDIST, v2=SDIST)
    data["steps"] = [
        {**SAME, "contents": {"build": "other"}},
        {"do": "come-back", "index": "mirror"},
        {"do": "come-back", "index": "mirror"},
        *BASE["steps"],
    ]
    assert [line.partition(": ")[0] for line in problems(data)] == [
        'indexes.pypi.packages.six."1.0".files[2]',
        'indexes.pypi.packages.six."2.0".files[2]',
        "steps[2]",
        "steps[3]",
    ]


SIX_URL = "https://mirror.example/simple/six/six-1.0-py3-none-any.whl"
AWAY = "https://elsewhere.example/six-1.0-py3-none-any.whl"
NOWHERE = (
    "no index of the scenario is at 'elsewhere.example' "
    "(they are at files.pythonhosted.org, mirror.example and pypi.org)"
)
GONE = "https://mirror.example/six-9.0-py3-none-any.whl"


def with_project(**tables: Any) -> dict[str, Any]:
    """Return the base scenario with a project."""
    return {**BASE, "project": tables}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (with_project(dependencies=[f"six @ {SIX_URL}"]), []),
        (
            with_project(dependencies=["six", f"six @ {AWAY}"]),
            [f"project.dependencies[2]: {NOWHERE}"],
        ),
        (
            with_project(dependencies=[f"six @ {AWAY} ; python_version < '3'"]),
            [f"project.dependencies[1]: {NOWHERE}"],
        ),
        (
            with_project(dependencies=[f"six @ {GONE}"]),
            [f"project.dependencies[1]: no file is at '{GONE}' at any time"],
        ),
        (
            {
                **with_project(dependencies=[f"six @ {GONE}"]),
                "steps": [{"do": "sync", "expect": {"exit": "failure"}}],
            },
            [],
        ),
        (
            {**BASE, "sources": {"six": {"url": AWAY}}},
            [f"sources.six.url: {NOWHERE}"],
        ),
        (
            with_steps({"do": "install", "requirements": [f"six @ {AWAY}"]}),
            [f"steps[1].requirements[1]: {NOWHERE}"],
        ),
        (
            with_steps({"do": "edit", "project": {"dependency-groups": {"x": [f"six@{AWAY}"]}}}),
            [f"steps[1].project.dependency-groups.x[1]: {NOWHERE}"],
        ),
        (
            with_releases(v1={"requires": [f"six @ {AWAY}"]}),
            [f'indexes.pypi.packages.six."1.0".requires[1]: {NOWHERE}'],
        ),
        (
            with_steps({"command": {"uv": f"uv pip install --find-links {AWAY} six"}}),
            [f"steps[1].command.uv: --find-links: {NOWHERE}"],
        ),
        (with_steps({"command": {"uv": f"uv pip install 'six @ {SIX_URL}'"}}), []),
        (
            {
                **with_project(dependencies=[f"six @ {AWAY}"]),
                "steps": [{"do": "sync", "expect": {"requests": {"refused": 1}}}],
            },
            [f"project.dependencies[1]: {NOWHERE}"],
        ),
        (
            {
                **with_project(dependencies=[f"six @ {GONE}"]),
                "steps": [
                    {"do": "publish", "index": "pypi", "project": "six", "version": "9"}
                    | {"contents": {"url": GONE}},
                    *BASE["steps"],
                ],
            },
            [],
        ),
        (
            {
                **BASE,
                "indexes": {
                    "main": {
                        "url": "https://main.example/simple",
                        "unknown-redirect": "https://pypi.org/simple",
                        "anonymous-redirect": "https://login.example/simple",
                        "users": {"ada": "secret"},
                        "pages": {"six": {"redirect": "https://away.example/six/"}},
                    }
                },
            },
            [
                "indexes.main.unknown-redirect: no index is at 'https://pypi.org/simple'",
                "indexes.main.anonymous-redirect: no index is at 'https://login.example/simple'",
                "indexes.main.pages.six.redirect: no index is at 'https://away.example/six/'",
            ],
        ),
    ],
)
def test_url_that_no_index_serves(data: dict[str, Any], expected: list[str]) -> None:
    """A URL in a requirement, source or redirect is reported if it leads to no index."""
    assert sorted(problems(data)) == sorted(expected)
