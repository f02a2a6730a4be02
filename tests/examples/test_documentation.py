"""Every code block of the README and of docs/ is valid, and runs without errors where possible."""

from __future__ import annotations

import ast
import re
import shlex
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from pytest_indexcache.cli import main
from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.run.plays.results import Verdict
from pytest_indexcache.run.plays.runner import Play, play
from pytest_indexcache.run.plays.transports import in_process
from pytest_indexcache.scenario.loader import loads

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / f"{name}.md"
    for name in ("README", "ARCHITECTURE", "CONTRIBUTING", "SECURITY", "CHANGELOG")
]
PAGES += sorted((ROOT / "docs").glob("*.md")) + sorted((ROOT / "benchmarks").glob("*.md"))


@dataclass(frozen=True)
class Block:
    """A fenced block: ``language`` is the first word after the fence, ``line`` counts from 1."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def blocks() -> list[Block]:
    """Return every fenced block of all pages."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in re.finditer(r"^```([^\n]*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
            line = text.count("\n", 0, match.start()) + 1
            found.append(Block(page, line, match[1].strip(), match[2]))
    return found


BLOCKS = blocks()


def of(*languages: str) -> list[Block]:
    """Return the blocks in any of the given languages."""
    return [block for block in BLOCKS if block.language in languages]


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_every_block_says_what_it_is(block: Block) -> None:
    """Each block on a page has a language, and one of these tests checks that language."""
    known = {"toml", "toml fragment", "python", "console", "yaml", "text", "layers"}
    assert block.language in known or block.language.startswith(("rooms ", "{toctree}"))


@pytest.mark.parametrize("block", of("toml"), ids=str)
def test_scenario_of_a_page_plays_and_passes(block: Block, tmp_path: Path) -> None:
    """A TOML block of a page is a complete scenario, and passes with the reference installer."""
    scenario = loads(block.text)
    what = Play(
        scenario, str(block), create_installer("reference"), in_process(time.time), "inprocess"
    )
    result = play(what, tmp_path)
    assert result.verdict in (Verdict.PASSED, Verdict.SKIPPED), result
    assert result.verdict is Verdict.PASSED or "command" in block.text


@pytest.mark.parametrize("block", of("toml fragment"), ids=str)
def test_fragment_of_a_page_is_toml(block: Block) -> None:
    """A fragment of a scenario is valid TOML."""
    assert tomllib.loads(block.text)


@pytest.mark.parametrize("block", of("python"), ids=str)
def test_tests_of_a_page_pass(block: Block, pytester: pytest.Pytester) -> None:
    """A Python block of a page is a test file whose tests pass."""
    count = sum(isinstance(node, ast.FunctionDef) for node in ast.parse(block.text).body)
    assert count
    pytester.makepyfile(block.text)
    pytester.runpytest().assert_outcomes(passed=count)


def command_lines(block: Block) -> Iterator[list[str]]:
    """Yield the words of each command line in a console block or a workflow's steps."""
    scripts = [block.text]
    if block.language == "yaml":
        jobs = YAML(typ="safe").load(block.text)["jobs"].values()
        scripts = [step["run"] for job in jobs for step in job["steps"] if "run" in step]
    for script in scripts:
        for line in script.replace("\\\n", " ").splitlines():
            words = shlex.split(line.removeprefix("$ "), comments=True)
            if words:
                yield [Path(words[0]).name, *words[1:]]


def options_in(text: str) -> set[str]:
    """Return the options in a help text."""
    return set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", text))


@pytest.mark.parametrize("block", of("console", "yaml"), ids=str)
def test_commands_of_a_page_name_options_that_exist(
    block: Block, pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each option that a page passes to ``pytest`` or ``indexcache`` exists."""
    of_pytest = options_in(pytester.runpytest("--help").stdout.str()) | {"-n"}
    for command, *words in command_lines(block):
        own = words[: words.index("--")] if "--" in words else words  # another command follows
        options = {word.partition("=")[0] for word in own if word.startswith("-")}
        if command == "pytest":
            assert options <= of_pytest
        elif command == "indexcache":
            capsys.readouterr()
            with pytest.raises(SystemExit, match="0"):
                main([words[0], "--help"])
            assert options <= options_in(capsys.readouterr().out)


@pytest.mark.parametrize("block", of("yaml"), ids=str)
def test_workflow_of_a_page_is_one(block: Block) -> None:
    """A YAML block of a page is a GitHub Actions workflow with triggers, jobs and steps."""
    workflow = YAML(typ="safe").load(block.text)
    assert set(workflow) == {"name", "on", "permissions", "jobs"}
    for job in workflow["jobs"].values():
        assert job["runs-on"] == "ubuntu-latest"
        for step in job["steps"]:
            assert ("uses" in step) != ("run" in step), step
            assert "uses" not in step or re.fullmatch(
                r"[\w-]+/[\w-]+(/[\w./-]+)?@(v\d+|main)", step["uses"]
            )
