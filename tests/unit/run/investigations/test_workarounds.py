"""Changes to a scenario that are tried as workarounds."""

from __future__ import annotations

from pytest_indexcache.run.investigations.workarounds import workarounds
from pytest_indexcache.run.plays.results import Check, CheckKind, StepResult
from pytest_indexcache.scenario.loader import loads
from pytest_indexcache.scenario.tables.steps import Sync

TEXT = """\
title = "x"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
six."1.17.0" = {}
[project]
dependencies = ["six"]
[[steps]]
do = "sync"
refresh = true
[[steps]]
command = { uv = "uv sync" }
expect = { downloads = {} }
"""
WRONG = (Check(CheckKind.DOWNLOADS, "0", "1", held=False, subject="six"),)


def test_workarounds_are_about_the_projects_that_went_wrong() -> None:
    """An override, a reinstallation and no cache are tried, but no refresh if the step has one."""
    tried = list(workarounds(loads(TEXT), StepResult(1, "sync", "", checks=WRONG), "uv"))
    assert [(it.name, it.reason) for it in tried] == [
        ("override of cache-control (index pypi)", ""),
        ("refresh of what is stored (six)", "the step already has it"),
        ("reinstallation (six)", ""),
        ("no cache", ""),
    ]
    override, _, reinstalled, uncached = tried
    assert override.scenario
    assert override.scenario.cache_control["pypi"].pages == "max-age=600"
    for changed, field, value in (
        (reinstalled, "reinstall", ("six",)),
        (uncached, "no_cache", True),
    ):
        assert changed.scenario is not None
        step = changed.scenario.steps[0]
        assert isinstance(step, Sync)
        assert getattr(step, field) == value


def test_command_line_of_its_own_gets_no_option() -> None:
    """For a verbatim command, only an override is tried."""
    tried = list(workarounds(loads(TEXT), StepResult(2, "command", "", checks=WRONG), "uv"))
    assert [it.scenario is not None for it in tried] == [True, False, False, False]


def test_project_file_word_for_word_gets_no_override() -> None:
    """A verbatim project file is never changed for a workaround."""
    text = TEXT.replace("[project]\n", '[project-files]\nuv = ""\n[project]\n')
    first = next(workarounds(loads(text), StepResult(1, "sync", "", checks=WRONG), "uv"))
    assert (first.scenario, first.is_override) == (None, True)
