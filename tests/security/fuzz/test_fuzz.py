"""Random command lines and files are either harmless, or refused by the project's errors.

``INDEXCACHE_FUZZ_LINES`` and ``INDEXCACHE_FUZZ_FILES`` set the numbers of inputs, and
``INDEXCACHE_FUZZ_SEED`` selects other inputs; by default they are always the same. An input that
fails is written into ``seeds``, which the tests replay.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
import tomli_w

from pytest_indexcache.errors import ScenarioError
from pytest_indexcache.messages import HostPort
from pytest_indexcache.scenario import loads
from pytest_indexcache.scenario.commands import split_command
from pytest_indexcache.scenario.commands.grammar import FLAG, INSTALLERS, grammar_of
from pytest_indexcache.scenario.values.kinds import KINDS, check_value
from pytest_indexcache.scenario.values.reach import Reach

from .command_lines import command_line
from .given_files import GivenFile, changed_document, corpus, given_file
from .hostile import PLAUSIBLE
from .oracle import SERVED, LeadsOutError, judge_command, judge_requirements, judge_toml

LINES: Final = int(os.environ.get("INDEXCACHE_FUZZ_LINES", "4000"))
FILES: Final = int(os.environ.get("INDEXCACHE_FUZZ_FILES", "400"))
SEED: Final = os.environ.get("INDEXCACHE_FUZZ_SEED", "1")
SHARDS: Final = range(2)

SEEDS: Final = Path(__file__).with_name("seeds")
SCENARIOS: Final = sorted(Path(__file__).parents[3].glob("scenarios/**/*.toml"))

CALLS_OF_LINE: Final = 30_000
"""The maximum number of function calls to check a command line; 7,300 were observed."""
CALLS_OF_FILE: Final = 300_000
"""The maximum number of function calls to load a scenario of a few KB; 9,000 were observed."""
SECONDS: Final = 5.0
"""The CPU seconds for one input; the counts of calls do not include regular expressions."""

SIX: Final = frozenset({"six"})
REACH: Final = Reach(frozenset(HostPort(*origin) for origin in SERVED), SIX, SIX)
SCENARIO: Final = """\
title = "A file that a stranger wrote"
[indexes.a]
url = "https://a.example/simple"
[indexes.a.packages.six."1.0"]
[indexes.b]
url = "https://b.example:8080/simple"
[project]
dependencies = ["six"]
[[steps]]
do = "sync"
expect.installed = { six = "1.0" }
"""


@pytest.fixture(autouse=True, scope="module")
def _tables_are_read() -> None:
    """Read the tables and the model first, so that these calls are not counted for an input."""
    loads(SCENARIO)
    for installer in INSTALLERS:
        grammar_of(installer)


@pytest.mark.parametrize("shard", SHARDS)
@pytest.mark.parametrize("installer", INSTALLERS)
def test_command_line_is_refused_or_stays_inside(installer: str, shard: int) -> None:
    """A random command line is refused with ValueError, or stays inside the workspace."""
    random = Random(f"{SEED}-{installer}-{shard}")
    accepted = 0
    count = LINES // len(INSTALLERS) // len(SHARDS)
    for number in range(count):
        command = command_line(installer, random)
        seed = {"installer": installer, "command": command}
        accepted += _kept(seed, is_counted=number % 50 == 0)
    assert accepted > count / 20, "too few command lines are accepted to say anything"


@pytest.mark.parametrize("shard", SHARDS)
def test_file_is_refused_or_stays_inside(shard: int) -> None:
    """A random workspace file is refused with ScenarioError, or stays inside the workspace."""
    random = Random(f"{SEED}-files-{shard}")
    count = FILES // len(SHARDS)
    accepted = 0
    for number in range(count):
        file = given_file(random)
        accepted += _kept(file._asdict(), is_counted=number % 50 == 0)
    assert accepted > count / 50, "too few files are accepted to say anything"


@pytest.mark.parametrize("shard", SHARDS)
def test_scenario_is_read_or_refused(shard: int) -> None:
    """A catalogue scenario with random values is loaded, or refused by a ScenarioError."""
    random = Random(f"{SEED}-scenarios-{shard}")
    for number in range(FILES // len(SHARDS) // 20):
        document = tomllib.loads(random.choice(SCENARIOS).read_text("utf-8"))
        for _ in range(random.randint(1, 3)):
            document = changed_document(document, random)
        try:
            text = tomli_w.dumps(document)
        except (TypeError, ValueError):
            continue
        _kept({"scenario": text}, is_counted=number % 50 == 0)


@pytest.mark.parametrize("path", sorted(SEEDS.glob("*.json")), ids=lambda path: path.stem)
def test_seed_is_refused_or_stays_inside(path: Path) -> None:
    """A stored input that once broke a check, or left the workspace, no longer does so."""
    _judge(json.loads(path.read_text("utf-8")), is_counted=True)


def test_oracle_knows_every_seed() -> None:
    """Each of the three kinds of input has seeds."""
    seeds = [json.loads(path.read_text("utf-8")) for path in SEEDS.glob("*.json")]
    assert {next(iter(seed)) for seed in seeds} == {"installer", "name", "scenario"}


@pytest.mark.parametrize("file", corpus(), ids=lambda file: file.name)
def test_file_of_the_corpus_is_accepted(file: GivenFile) -> None:
    """Each file of the corpus passes the checks before it is changed."""
    assert _judge(file._asdict())


def test_plausible_values_pass_the_checks() -> None:
    """Every kind of value has plausible examples that pass the checks."""
    used = {
        kind
        for installer in INSTALLERS
        for subcommand in grammar_of(installer).subcommands.values()
        for kind in (*subcommand.options.values(), *subcommand.arguments)
    }
    assert used - {FLAG} <= set(PLAUSIBLE)
    assert set(KINDS) <= set(PLAUSIBLE)
    for kind in KINDS:
        for value in PLAUSIBLE[kind]:
            check_value(kind, value, REACH)


def _kept(seed: Mapping[str, Any], *, is_counted: bool) -> bool:
    """Judge an input, and write it into the folder of seeds if it fails."""
    try:
        return _judge(seed, is_counted=is_counted)
    except BaseException as error:
        text = json.dumps(seed, indent=2)
        path = SEEDS / f"{hashlib.sha256(text.encode()).hexdigest()[:12]}.json"
        path.write_text(f"{text}\n", encoding="utf-8")
        error.add_note(f"INDEXCACHE_FUZZ_SEED={SEED} made it; it is kept in {path}")
        raise


def _judge(seed: Mapping[str, Any], *, is_counted: bool = False) -> bool:
    """Return whether an input is accepted.

    :raises AssertionError: if an accepted input leads out of the workspace, or if the check needs
        too much work. Any other error of a check than its own is raised unchanged.
    """
    started = time.process_time()
    if "installer" in seed:
        accepted = _judge_command(seed["installer"], seed["command"], is_counted)
    elif "name" in seed:
        accepted = _judge_file(seed["name"], seed["text"], is_counted)
    else:
        accepted = _loads(seed["scenario"], is_counted)
    assert time.process_time() - started < SECONDS
    return accepted


def _judge_command(installer: str, command: str | list[str], is_counted: bool) -> bool:
    words: list[str] = []

    def split() -> None:
        words.extend(split_command(installer, command, REACH))

    try:
        _run(split, CALLS_OF_LINE if is_counted else 0)
    except ValueError:
        return False
    judge_command(installer, words)
    return True


def _judge_file(name: str, text: str, is_counted: bool) -> bool:
    if not _loads(f'{SCENARIO}[files]\n"project/{name}" = {_quoted(text)}\n', is_counted):
        return False
    if name.endswith(".txt"):
        judge_requirements(text)
    else:
        judge_toml(text)
    return True


def _loads(text: str, is_counted: bool) -> bool:
    try:
        _run(lambda: loads(text, Path("s.toml")), CALLS_OF_FILE if is_counted else 0)
    except ScenarioError as error:
        refusal = str(error)
    else:
        return True
    assert all(line.isprintable() and len(line) < 3000 for line in refusal.splitlines())
    return False


def _quoted(text: str) -> str:
    return tomli_w.dumps({"x": text}).removeprefix("x = ").strip()


def _run(act: Callable[[], object], most_calls: int) -> None:
    """Call a function, and check that it does not exceed a limit of calls, if there is a limit."""
    if not most_calls:
        act()
        return
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(before)
    assert calls <= most_calls


@pytest.mark.parametrize(
    ("installer", "command"),
    [
        ("uv", "uv pip install --target=/abs six"),
        ("uv", "uv sync --directory ../.."),
        ("uv", "uv run sh -c id"),
        ("uv", "uv -q pip install -rfile:///etc/x.txt"),
        ("pip", "pip install -qt/abs six"),
        ("pip", "pip download https://evil.example/x"),
        ("poetry", "poetry -C sync run sh -c id"),
        ("pdm", "pdm add -e git+https://a.example/x"),
    ],
)
def test_oracle_finds_a_way_out(installer: str, command: str) -> None:
    """The oracle refuses command lines that the check refuses."""
    with pytest.raises(LeadsOutError):
        judge_command(installer, command.split()[1:])
    with pytest.raises(
        ValueError, match=r"is not|can only|no index|write another|names a repository"
    ):
        split_command(installer, command, REACH)


@pytest.mark.parametrize(
    "text",
    [
        '[tool.uv.pip]\ntarget = "x"',
        '[build-system]\nbuild-backend = "os"',
        '[tool.uv.sources]\nx = { path = "../../x" }',
        '[project]\ndependencies = ["x @ git+git://127.0.0.1/x"]',
        '[[tool.uv.index]]\nurl = "https://evil.example/"',
    ],
)
def test_oracle_finds_a_way_out_of_a_file(text: str) -> None:
    """The oracle refuses files that the check refuses."""
    with pytest.raises(LeadsOutError):
        judge_toml(text)
    assert not _loads(f'{SCENARIO}[files]\n"project/pyproject.toml" = {_quoted(text)}\n', False)
