"""Reports whose titles, names, files and output try to control a terminal or a page."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pytest_indexcache.installers.containment.modes import ContainmentMode
from pytest_indexcache.reports.files import write_report
from pytest_indexcache.reports.terminal import failure_lines, summary_lines

from .grounds import hostile_project, play_attack, unchecked

SIGNS = "\x1b]0;title\x07 \x1b[31m \x9b2J \u202e \r <script>alert(1)</script> ]]> ::error:: `| ]("

SCENARIO = f"""\
title = {json.dumps(SIGNS)}
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
six."1.17.0" = {{}}
[project]
dependencies = ["six"]
[[steps]]
name = {json.dumps(SIGNS)}
do = "sync"
expect = {{ downloads = {{ six = 7 }}, output = {{ contains = [{json.dumps(SIGNS)}] }} }}
"""


class Tags(HTMLParser):
    """Collects the tags of a page, including scripts that would run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Record a tag."""
        if ("type", "application/json") not in attributes:
            self.found.append(tag)


def demand_harmless(text: str) -> None:
    """Check that no character of a text controls a terminal or reverses other characters."""
    assert re.findall("[^\\n\\t\x20-\x7e\xa0-\u2029\u2030-\U0010ffff]", text) == []
    assert "\u202e" not in text


def demand_harmless_files(folder: Path) -> None:
    """Check the reports in a folder: JSON, Markdown and HTML."""
    page = (folder / "report.html").read_text(encoding="utf-8")
    for text in (page, (folder / "report.md").read_text(encoding="utf-8")):
        demand_harmless(text)
        assert "alert(1)" in text
    tags = Tags()
    tags.feed(page)
    assert tags.found.count("script") == 1  # that of the page itself
    demand_harmless((folder / "report.json").read_text(encoding="utf-8"))


def test_a_run_says_nothing_that_a_terminal_obeys(pytester: pytest.Pytester) -> None:
    """Hostile titles, steps and filenames are escaped on the terminal, in JUnit XML and reports.

    Control characters in the file's name are not tested: pytest itself prints the name, in the
    node id.
    """
    name = "a <script>.toml"
    pytester.path.joinpath(name).write_text(SCENARIO, encoding="utf-8")
    reports = [f"--indexcache-report=report{suffix}" for suffix in (".json", ".md", ".html")]
    own = ("--indexcache-scenarios", "-p", "no:cacheprovider", "--color=no", "-rA", "-v")
    result = pytester.runpytest_inprocess(*own, "--junitxml=junit.xml", *reports, name)
    result.assert_outcomes(failed=1)
    demand_harmless(result.stdout.str())
    demand_harmless_files(pytester.path)
    suite = ET.parse(pytester.path / "junit.xml").getroot()
    assert len(suite.findall(".//testcase")) == 1
    assert {element.tag for element in suite.iter()} <= {
        *("testsuites", "testsuite", "testcase", "failure", "properties", "property"),
        *("system-out", "system-err"),
    }
    assert "\x1b" not in "".join(suite.itertext())


def test_output_of_an_installer_stays_text(tmp_path: Path) -> None:
    """The output of a build backend is escaped on the terminal and in reports."""
    printing = f"import sys\nprint({SIGNS!r})\nsys.exit(3)\n"
    project = (
        '[project]\nname = "app"\nversion = "1"\ndependencies = ["hostile"]\n'
        '[tool.indexcache.sources]\nhostile = { path = "../hostile" }\n'
    )
    scenario = unchecked(
        [{"do": "sync"}],
        hostile_project(printing, "hostile"),
        **{"project-files": {"reference": project}},
    )
    result = play_attack(scenario, "reference", tmp_path, ContainmentMode.OFF)
    assert "alert(1)" in result.steps[0].output
    demand_harmless("\n".join([*failure_lines(result), *summary_lines([result], 100)]))
    for suffix in (".json", ".md", ".html"):
        write_report(tmp_path / f"report{suffix}", [result])
    demand_harmless_files(tmp_path)
