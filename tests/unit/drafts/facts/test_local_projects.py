"""Projects in folders and repositories, which no index has."""

from __future__ import annotations

import pytest

from pytest_indexcache.drafts.facts.local_projects import (
    local_projects,
    without_local_projects,
    without_local_requirements,
)
from pytest_indexcache.drafts.files.project_files import ProjectWords, read_project_file
from pytest_indexcache.drafts.logs.reading import read_log

UV = """\
DEBUG Found static `pyproject.toml` for: app @ file:///home/me/app
DEBUG Adding direct dependency: app*
DEBUG Searching for a compatible version of app @ file:///home/me/app (*)
DEBUG Adding direct dependency: lib==0.1
DEBUG Adding transitive dependency for app==0.1.0: lib*
DEBUG Adding transitive dependency for app==0.1.0: six>=1
DEBUG Searching for a compatible version of lib @ file:///home/me/lib (<0.1.0 | >0.1.0)
DEBUG Adding transitive dependency for lib==0.1: attrs*
DEBUG No cache entry for: https://pypi.org/simple/lib/
DEBUG Selecting: six==1.17.0 [compatible] (six-1.17.0-py2.py3-none-any.whl)
DEBUG Directory source requirement already cached: lib==0.1 (from file:///home/me/lib)
"""
PIP = """\
Obtaining file:///home/me/app
Collecting six (from app==0.1)
  Downloading six-1.17.0-py2.py3-none-any.whl (11 kB)
Successfully installed app-0.1 six-1.17.0
"""


@pytest.mark.parametrize(
    ("log", "local", "wanted"),
    [(UV, {"app", "lib"}, ["six>=1", "attrs"]), (PIP, {"app"}, ["six"])],
)
def test_local_projects_are_of_no_index(log: str, local: set[str], wanted: list[str]) -> None:
    """The root and the members of a workspace are left out, but not their requirements."""
    events = read_log(log)
    found = local_projects(events, ProjectWords())
    assert found == local
    rest = list(without_local_projects(events, found))
    assert [event.detail for event in rest if event.kind == "wanted"] == wanted
    assert {event.project for event in rest if event.project} == {"six"}
    assert not any(event.url.endswith("/lib/") for event in rest)


def test_local_requirements_of_a_project_file() -> None:
    """Requirements on local projects are left out, and those on the project itself are renamed."""
    words = read_project_file(
        {
            "project": {
                "name": "app",
                "dependencies": ["six", "lib>=1", "app[web]"],
                "optional-dependencies": {"web": ["lib", "attrs"]},
            },
            "tool": {"uv": {"sources": {"lib": {"workspace": True}}}},
        }
    )
    words = without_local_requirements(words, local_projects((), words))
    assert words.keys["dependencies"] == ["six", "project[web]"]
    assert words.keys["optional-dependencies"] == {"web": ["attrs"]}
    assert [str(each) for each in words.requirements] == ["six", "attrs"]
