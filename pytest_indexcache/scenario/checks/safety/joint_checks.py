"""Check for combinations of uv's options, variables and settings that are unsafe together.

Each of them is harmless by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.scenario.checks.safety.contents.toml_files import PROJECT_FILE
from pytest_indexcache.scenario.checks.safety.given_files import GivenFile, given_files
from pytest_indexcache.scenario.commands import command_parts
from pytest_indexcache.scenario.findings.finding import Finding, key_path
from pytest_indexcache.scenario.findings.positions import Path
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.steps import Command, InstallerStep
from pytest_indexcache.scenario.words import limits


class _Pair(NamedTuple):
    """Two sets of options, variables and settings, and the reason not to combine them."""

    first: frozenset[str]
    second: frozenset[str]
    reason: str


_PAIRS: Final = (
    _Pair(
        frozenset(
            (
                *("--no-build-isolation", "--no-build-isolation-package", "UV_NO_BUILD_ISOLATION"),
                *("no-build-isolation", "no-build-isolation-package"),
            )
        ),
        frozenset(("--python-version", "python-version")),
        "a build would start a Python of the machine, with the packages that this one has",
    ),
    _Pair(
        frozenset(("auth login", "auth token", "auth logout")),
        frozenset(("--preview", "UV_PREVIEW", "preview")),
        "a preview of uv asks the keyring of the machine",
    ),
)
_ABSENT: Final = ("", "0", "false", "no", "off", "n", "f")


class _Word(NamedTuple):
    """An option, variable or setting that an installer reads, and its key path in the scenario."""

    path: Path
    name: str


def check_joint_words(scenario: Scenario) -> Iterator[Finding]:
    """Yield a finding for each forbidden combination of options, variables and settings."""
    settings = [word for file in given_files(scenario) for word in _settings(file)]
    found: set[Finding] = set()
    for path, step in scenario.every_step:
        if isinstance(step, InstallerStep):
            words = [*_words_of(path, step), *settings]
            found |= {finding for pair in _PAIRS for finding in _joint(pair, words)}
    yield from sorted(found, key=lambda finding: str(finding.path))


def _joint(pair: _Pair, words: Iterable[_Word]) -> Iterator[Finding]:
    first = next((word for word in words if word.name in pair.first), None)
    second = next((word for word in words if word.name in pair.second), None)
    if first and second:
        text = f"{first.name} is not allowed beside {second.name} ({key_path(second.path)})"
        yield Finding(first.path, f"{text}: {pair.reason}", "leave one of them out")


def _words_of(path: Path, step: InstallerStep) -> Iterator[_Word]:
    """Yield the subcommand, the options and the variables of a step."""
    for name, value in step.env.items():
        if value.lower() not in _ABSENT:
            yield _Word((*path, "env", name), name)
    parts = command_parts("uv", step.command.get("uv", "")) if isinstance(step, Command) else None
    if parts is not None:
        place = (*path, "command", "uv")
        yield _Word(place, parts.subcommand.name)
        yield from (_Word(place, given.option) for given in parts.options)


def _settings(file: GivenFile) -> Iterator[_Word]:
    """Yield uv's settings in a file, except for settings that are switched off."""
    if file.name in ("uv.toml", PROJECT_FILE):
        yield from (_Word(file.key, key) for key in _keys_of(file.name, file.text))


@lru_cache(maxsize=2 * limits.OWN_FILES)
def _keys_of(name: str, text: str) -> tuple[str, ...]:
    """Return the keys of all enabled settings in a file, including those in nested tables.

    The result is cached, because all files are checked again after a step has changed one of them.
    """
    try:
        document: Any = loads_toml(text)
    except ValueError:
        return ()  # the file itself is reported by another check
    for key in ("tool", "uv") if name == PROJECT_FILE else ():
        document = document.get(key) if isinstance(document, Mapping) else None
    found: dict[str, None] = {}
    tables = [document] if isinstance(document, Mapping) else []
    while tables:
        for key, value in tables.pop().items():
            if isinstance(value, Mapping):
                tables.append(value)
            elif value and str(value).lower() not in _ABSENT:
                found[key] = None
    return tuple(found)
