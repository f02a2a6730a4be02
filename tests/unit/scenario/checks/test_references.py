"""Checks of values that are valid alone, but wrong in their context."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
import tomli_w

from pytest_indexcache.errors import ScenarioError
from pytest_indexcache.scenario import loads

BASE: dict[str, Any] = tomllib.loads("""
title = "x"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages.six."1.0"]
[indexes.pypi.packages.torch."2.8.0"]
[indexes.links]
url = "https://links.example/"
flat = true
[project]
optional-dependencies = { cpu = ["torch"], GPU = ["torch"] }
dependency-groups = { Dev_Tools = ["six"] }
[local-projects.mine]
path = "mine"
[[steps]]
do = "sync"
expect = { exit = "success" }
""")


def findings(**changes: Any) -> list[str]:
    """Return the problems of the base scenario with some of its tables replaced."""
    try:
        loads(tomli_w.dumps(_merged(BASE, changes)))
    except ScenarioError as error:
        wrong = [problem for problem in error.problems if not problem.is_warning]
        return [problem.describe(None).partition(": ")[2] for problem in wrong]
    return []


def _merged(data: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = {**data}
    for key, value in changes.items():
        name = key.replace("_", "-")
        both = isinstance(value, dict) and isinstance(data.get(name), dict)
        merged[name] = _merged(data[name], value) if both else value
    return merged


def step(**keys: Any) -> dict[str, Any]:
    """Return ``steps`` for the base scenario: a step with these keys, and then its own steps."""
    first = {key.replace("_", "-"): value for key, value in keys.items()}
    return {"steps": [first, *BASE["steps"]]}


def expecting(**keys: Any) -> dict[str, Any]:
    """Return ``steps`` for the base scenario: a single step with these expectations."""
    return {"steps": [{"do": "sync", "expect": {k.replace("_", "-"): v for k, v in keys.items()}}]}


def release(**keys: Any) -> dict[str, Any]:
    """Return tables for the base scenario in which one release is changed."""
    contents = {key.replace("_", "-"): value for key, value in keys.items()}
    return {"indexes": {"pypi": {"packages": {"six": {"1.0": contents}}}}}


def index(**keys: Any) -> dict[str, Any]:
    """Return tables for the base scenario in which one index is changed."""
    return {"indexes": {"pypi": {key.replace("_", "-"): value for key, value in keys.items()}}}


def test_base_is_fine() -> None:
    """The base scenario, which other tests change, has no findings."""
    assert findings() == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"indexes": {"links": {"default": True}, "pypi": {"default": True}}},
            "indexes.links.default: index 'pypi' is already the default index",
        ),
        (
            index(hrefs="relative", files_url="https://files.example/"),
            "indexes.pypi.files-url: a relative href cannot lead to another host (leave out "
            'hrefs = "relative")',
        ),
        (
            index(pages={"tensor": {"serves": "toch"}}),
            "indexes.pypi.pages.tensor.serves: unknown project 'toch' (did you mean 'torch'?)",
        ),
        (
            index(pages={"tensor": {"serves": "torch", "redirect": "/x"}}),
            "indexes.pypi.pages.tensor.redirect: a page that redirects cannot serve a project",
        ),
        (
            index(pages={"six": {"title": "Seven"}}),
            "indexes.pypi.pages.six.title: 'Seven' is another project's name than 'six' (PEP 503)",
        ),
        (
            index(pages={"six": {"headers": "pytorh"}}),
            "indexes.pypi.pages.six.headers: unknown server 'pytorh' (did you mean 'pytorch'?)",
        ),
        (
            release(headers={"profile": "pytorh"}),
            "indexes.pypi.packages.six.\"1.0\".headers.profile: unknown server 'pytorh' "
            "(did you mean 'pytorch'?)",
        ),
        (
            release(files=[{}, {"kind": "sdist", "headers": "pytorh"}]),
            "indexes.pypi.packages.six.\"1.0\".files[2].headers: unknown server 'pytorh' "
            "(did you mean 'pytorch'?)",
        ),
        (
            release(files=[{}, {"kind": "sdist"}], url="https://files.example/six.whl"),
            'indexes.pypi.packages.six."1.0".url: several files cannot have one URL '
            "(end the URL with a slash to make it their folder)",
        ),
        (
            release(attributes={"version": "1", "version.cuda": "12"}),
            'indexes.pypi.packages.six."1.0".attributes."version.cuda": \'version\' is a value, so '
            "nothing can be inside it",
        ),
        (
            release(attributes={"__version__.major": 1}),
            'indexes.pypi.packages.six."1.0".attributes."__version__.major": \'__version__\' is a '
            "value, so nothing can be inside it",
        ),
        (
            release(attributes={"cuda()": True, "cuda": True}),
            'indexes.pypi.packages.six."1.0".attributes."cuda()": \'cuda\' is already a value, so '
            "it cannot be a function",
        ),
        (
            release(attributes={"cuda()": True, "cuda.x": True}),
            'indexes.pypi.packages.six."1.0".attributes."cuda.x": \'cuda\' is a value, so nothing '
            "can be inside it",
        ),
        (
            release(padding="4 GiB"),
            "indexes.pypi.packages.six.\"1.0\".padding: '4 GiB' is too much: padding must be "
            "less than 4 GiB",
        ),
        (
            {"project": {"conflicts": [["cpu"]]}},
            "project.conflicts[1]: a conflict must name at least two extras or groups",
        ),
        (
            {"project": {"conflicts": [["cpu", "group:docs"]]}},
            "project.conflicts[1][2]: unknown group 'docs' (known: dev-tools)",
        ),
        (
            {"sources": {"six": {"path": "mine", "explicit": True}}},
            "sources.six.explicit: only an index can be explicit",
        ),
        (
            {"sources": {"six": {"index": "pypi", "editable": True}}},
            "sources.six.editable: only a path can be installed editable",
        ),
        (
            {"sources": {"six": {"index": "pypi", "group": "docs"}}},
            "sources.six.group: unknown group 'docs' (known: dev-tools)",
        ),
        (
            {"sources": {"Six": [{"index": "pypi"}, {"index": "links"}]}},
            "sources.Six[2]: source 1 applies under the same condition",
        ),
        (
            {"sources": {"six": {"path": "main"}}},
            "sources.six.path: no local project is in 'main' (did you mean 'mine'?)",
        ),
        (
            {"local-projects": {"other": {"path": "mine/"}}},
            "local-projects.other.path: local project 'mine' is already in this folder",
        ),
        (
            step(do="install"),
            "steps[1]: nothing is installed "
            "(give requirements, requirements-files, editable or paths)",
        ),
        (
            step(do="install", requirements=["six"], no_index=True),
            "steps[1].no-index: there is nowhere to install from (give find-links: no-index "
            "leaves no other place)",
        ),
        (
            step(do="install", requirements=["six"], no_index=True, find_links=["pypi"]),
            "steps[1].find-links[1]: index 'pypi' is not flat (set flat = true in its table)",
        ),
        (
            step(do="install", paths=["main"]),
            "steps[1].paths[1]: no local project is in 'main' (did you mean 'mine'?)",
        ),
        (
            step(do="install", requirements=["six"], index="pypy"),
            "steps[1].index: unknown index 'pypy' (did you mean 'pypi'?)",
        ),
        (
            step(do="run", **{"import": ["os; print(1)"]}),
            "steps[1].import[1]: 'os; print(1)' is not a dotted name of Python",
        ),
        (
            step(do="add", requirements=["mine"], index="pypi", path="mine"),
            "steps[1].path: only one of index and path can be given",
        ),
        (
            step(do="remove", projects=["six"], group="docs"),
            "steps[1].group: unknown group 'docs' (known: dev-tools)",
        ),
        (
            step(do="sync", upgrade=["sx"]),
            "steps[1].upgrade[1]: unknown project 'sx' (did you mean 'six'?)",
        ),
        (
            step(do="edit"),
            "steps[1]: nothing is edited "
            "(give project, sources, local-projects, files, or what else may change)",
        ),
        (
            step(do="edit", sources={"six": {"index": "pypy"}}),
            "steps[1].sources.six.index: unknown index 'pypy' (did you mean 'pypi'?)",
        ),
        (
            step(do="edit", project={"conflicts": [["cpu", "rocm"]]}),
            "steps[1].project.conflicts[1][2]: unknown extra 'rocm' (known: cpu, gpu)",
        ),
        (
            step(do="damage", entries="../**", how="remove"),
            "steps[1].entries: '../**' leaves the workspace",
        ),
        (
            step(do="set-headers", index="pypi", headers={"profile": "pytorh"}),
            "steps[1].headers.profile: unknown server 'pytorh' (did you mean 'pytorch'?)",
        ),
        (
            step(do="set-headers", index="pypi", headers="pypi", version="1.0"),
            "steps[1].version: a version is given, but no project",
        ),
        (
            step(
                do="set-headers",
                index="pypi",
                headers={"pages": {"age": "1"}},
                project="six",
                version="1.0",
            ),
            "steps[1].headers.pages: a release has no page of its own (leave out the version, or "
            "the pages)",
        ),
        (
            step(do="set-headers", index="pypi", headers="pypi", project="sx"),
            "steps[1].project: at this step index 'pypi' has no project 'sx' (did you mean 'six'?)",
        ),
        (
            step(
                do="replace",
                index="pypi",
                project="six",
                version="1.0",
                contents={"files": [{"kind": "sdist"}]},
            ),
            "steps[1].contents.files[1]: the release has no file 'six-1.0.tar.gz' to replace "
            "(known: six-1.0-py3-none-any.whl)",
        ),
        (
            step(
                do="publish",
                index="pypi",
                project="six",
                version="1.1",
                contents={"files": [{}, {}]},
            ),
            "steps[1].contents.files[2]: file 1 of the release is already called "
            "'six-1.1-py3-none-any.whl'",
        ),
        (
            step(do="delete", index="links", project="six"),
            "steps[1].project: at this step index 'links' has no project 'six'",
        ),
        (
            expecting(locked={"six": {"index": "pypy"}}),
            "steps[1].expect.locked.six.index: unknown index 'pypy' (did you mean 'pypi'?)",
        ),
        (
            expecting(locked={"six": ["1.0"]}),
            "steps[1].expect.locked.six: expected a version or a table, found an array",
        ),
        (
            expecting(locked={"six": {"version": ["1.0", "1.1"]}}),
            "steps[1].expect.locked.six.version: six has no release '1.1' (did you mean '1.0'?)",
        ),
        (
            expecting(absent=["nvidia-*"]),
            "steps[1].expect.absent[1]: unknown project 'nvidia-*' (known: mine, project, six, "
            "torch)",
        ),
        (
            expecting(revalidated={"sx": 1}),
            "steps[1].expect.revalidated.sx: unknown project 'sx' (did you mean 'six'?)",
        ),
        (
            expecting(builds={"mein": 1}),
            "steps[1].expect.builds.mein: unknown project 'mein' (did you mean 'mine'?)",
        ),
        (
            expecting(downloads={"Six": 1, "six": 2}),
            "steps[1].expect.downloads.six: 'Six' and 'six' are the same project or pattern",
        ),
        (
            expecting(added={"torch": "2.8"}),
            "steps[1].expect.added.torch: torch has no release '2.8' (did you mean '2.8.0'?)",
        ),
    ],
    ids=lambda value: value.partition(":")[0] if isinstance(value, str) else "",
)
def test_reference_that_is_wrong(changes: dict[str, Any], problem: str) -> None:
    """A value that is invalid in its context gives one finding, at its key path."""
    assert findings(**changes) == [problem]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(step(do="sync", extras=["gpu"], groups=["dev-tools"]), id="spelled otherwise"),
        pytest.param(step(do="install", editable=["mine/"]), id="a folder with a slash"),
        pytest.param(
            step(do="install", paths=["dist/any.whl"], expect={"exit": "failure"}),
            id="a file that is missed on purpose",
        ),
        pytest.param(
            {**step(do="install", paths=["their"]), "files": {"their/pyproject.toml": ""}},
            id="a folder that is known by its files",
        ),
        pytest.param(
            {**step(do="sync", extras=["else"]), "project-files": {"uv": "[project]"}},
            id="extras of a project file word for word",
        ),
        pytest.param(
            step(do="install", requirements=["six"], no_index=True, find_links=["links"]),
            id="a flat index",
        ),
        pytest.param(expecting(downloads={"*": 0}), id="any project at all"),
        pytest.param(expecting(downloads={"six-*.whl": 1, "si?": "any"}), id="patterns"),
        pytest.param(expecting(installed={"project": "0.1.0", "mine": "0.1.0"}), id="local"),
        pytest.param(
            {
                "steps": [
                    {"do": "publish", "index": "pypi", "project": "new", "version": "1"},
                    {"do": "yank", "index": "pypi", "project": "new", "version": "1"},
                    {"do": "sync", "expect": {"installed": {"new": "1"}}},
                ]
            },
            id="a release that appears",
        ),
        pytest.param(
            {
                "steps": [
                    {"do": "delete", "index": "pypi", "project": "six", "version": "1.0"},
                    {"do": "publish", "index": "pypi", "project": "six", "version": "1.0"},
                    {"do": "sync", "expect": {"absent": ["six"]}},
                ]
            },
            id="a release that comes back",
        ),
        pytest.param(
            {
                "steps": [
                    {"do": "edit", "local-projects": {"mine": {"path": "mine", "version": "2"}}},
                    {"do": "add", "requirements": ["six"], "optional": "new"},
                    {"do": "sync", "extras": ["new"], "expect": {"installed": {"mine": "2"}}},
                ]
            },
            id="what steps make",
        ),
        pytest.param(
            {"sources": {"six": [{"index": "pypi"}, {"index": "links", "extra": "cpu"}]}},
            id="sources under different conditions",
        ),
        pytest.param(
            {"project": {"conflicts": [["cpu", "gpu"], ["cpu", "group:dev-tools"]]}},
            id="conflicts",
        ),
        pytest.param(
            release(attributes={"version.cuda": "1", "version.hip": "2", "versions": 3}),
            id="attributes of one module",
        ),
    ],
)
def test_reference_that_is_right(changes: dict[str, Any]) -> None:
    """Unusual values that may be intentional cause no finding."""
    assert findings(**changes) == []
