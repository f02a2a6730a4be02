"""``indexcache show``: describe a scenario: its indexes, its project and its steps."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from pytest_indexcache.cli.terminal.lines import text_width, write_lines
from pytest_indexcache.cli.terminal.parsers import NAME_HELP, add_command

if TYPE_CHECKING:
    from pytest_indexcache.cli.terminal.parsers import Commands
    from pytest_indexcache.scenario.model import Scenario

DESCRIPTION: Final = """\
Nothing is played. The expectations of each step are listed below it.

  indexcache show 15303
  indexcache show my-report.toml
"""
_INDENT: Final = "    "


def add_to(commands: Commands) -> None:
    """Add the command ``indexcache show``."""
    parser = add_command(commands, "show", run, "describe a scenario in words", DESCRIPTION)
    parser.add_argument("scenario", metavar="SCENARIO", help=f"a file, or {NAME_HELP}")


def run(chosen: argparse.Namespace) -> int:
    """Print the description of a scenario."""
    from pytest_indexcache.cli.scenario_files.scenarios import find_scenario

    found = find_scenario(chosen.scenario, is_played=False)
    lines = (found.scenario.title, *_about(found.name, found.scenario), *_body(found.scenario))
    write_lines(sys.stdout, lines)
    return 0


def _about(name: str, scenario: Scenario) -> Iterator[str]:
    if scenario.issue:
        yield scenario.issue
    yield name
    if scenario.tags:
        yield f"tags: {', '.join(scenario.tags)}"
    for word, releases in (("affected", scenario.affected), ("sometimes", scenario.sometimes)):
        if releases:
            ranges = (f"{installer} {range_}" for installer, range_ in releases.items())
            yield f"{word}: {'; '.join(ranges)}"
    if scenario.variants:
        yield f"variants: {', '.join(f'reference:{variant}' for variant in scenario.variants)}"
    if scenario.description:
        yield ""
        for paragraph in scenario.description.strip().split("\n\n"):
            yield from _wrapped(" ".join(paragraph.split()), "")


def _body(scenario: Scenario) -> Iterator[str]:
    from pytest_indexcache.cli.scenario_text import index_tree

    for name, index in scenario.indexes.items():
        yield ""
        yield from index_tree(name, index)
    project = list(_project(scenario))
    yield from ("", *project) if project else ()
    yield ""
    yield from _steps(scenario)


def _project(scenario: Scenario) -> Iterator[str]:
    project = scenario.project
    if project.dependencies:
        yield f"the project requires {', '.join(project.dependencies)}"
    for kind, groups in (
        ("extra", project.optional_dependencies),
        ("group", project.dependency_groups),
    ):
        for name, requirements in groups.items():
            yield f"its {kind} {name} requires {', '.join(requirements) or 'nothing'}"
    for name, sources in scenario.sources.items():
        places = [source.index or source.path or source.url or "" for source in sources]
        yield f"{name} comes from {', '.join(places)}"
    for name, local in scenario.local_projects.items():
        yield f"{name} {local.version} is in the folder {local.path}"
    for kind, paths in (
        ("verbatim", scenario.files),
        ("a project file of its own", scenario.project_files),
        ("a wheel or an sdist", scenario.local_files),
    ):
        yield from (f"file {path}: {kind}" for path in paths)


def _steps(scenario: Scenario) -> Iterator[str]:
    from pytest_indexcache.cli.scenario_text import expectation_text, step_sentence

    for number, step in enumerate(scenario.steps, 1):
        title = f"{step.name}: " if step.name else ""
        yield from _wrapped(f"{title}{step_sentence(step)}", f"{number:>2}  ")
        expected = expectation_text(step.expect)
        yield from _wrapped(f"expects {expected}", _INDENT) if expected else ()


def _wrapped(text: str, start: str) -> list[str]:
    """Wrap text to the terminal's width, beginning with ``start``."""
    from textwrap import wrap

    width = text_width(sys.stdout)
    if width is None:
        return [f"{start}{text}"]
    return wrap(
        text,
        width - 1,
        initial_indent=start,
        subsequent_indent=" " * len(start) + ("  " if start else ""),
        break_on_hyphens=False,
        break_long_words=False,
    )
