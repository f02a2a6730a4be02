"""Find and load the scenarios that a command line names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from pytest_indexcache.errors import CommandError, ScenarioError
from pytest_indexcache.index.upstreams.named_upstreams import read_upstreams, with_upstreams
from pytest_indexcache.run.loading import load_playable
from pytest_indexcache.run.matrix.cells import NamedScenario
from pytest_indexcache.scenario_files import (
    catalogue_folder,
    in_catalogue,
    is_trusted_file,
    scenario_files,
    scenario_name,
    shown_file,
)

MOST_NAMES: Final = 10
"""The maximum number of scenarios that an error message lists."""

_LISTED: Final = "indexcache list scenarios shows the names of the catalogue"
_NAME_ONE: Final = f"name one of them by its file, or by a longer part of its name; {_LISTED}"


@dataclass(frozen=True)
class Found:
    """The scenarios that were loaded, and the errors in invalid files."""

    scenarios: tuple[NamedScenario, ...]
    errors: tuple[ScenarioError, ...]


def find_scenarios(texts: Sequence[str], *, trust: bool = False, is_played: bool = True) -> Found:
    """Load the named scenarios, or the whole catalogue if ``texts`` is empty.

    A string is a file, a folder, a path in the catalogue such as ``scenarios/pages``, or part of a
    name in the catalogue. Scenarios in the catalogue are trusted, others only if ``trust`` is true.
    If ``is_played`` is false, a scenario may have no expectations.

    :raises CommandError: if a string matches nothing, or a folder contains no scenarios
    """
    files = [file for text in texts for file in _files(text)]
    if not texts:
        files = scenario_files(catalogue_folder())
    scenarios, errors = [], []
    for file in dict.fromkeys(file.absolute() for file in files):
        try:
            scenario = load_playable(shown_file(file), is_played=is_played).scenario
            name, is_trusted = scenario_name(file, Path.cwd()), trust or is_trusted_file(file)
            scenarios.append(NamedScenario(name, scenario, file, is_trusted))
        except ScenarioError as error:
            errors.append(error)
    return Found(tuple(scenarios), tuple(errors))


def with_servers(
    scenarios: Sequence[NamedScenario], texts: Sequence[str] | None
) -> tuple[NamedScenario, ...]:
    """Return scenarios in which running servers take the place of fake indexes.

    ``texts`` contains values of ``--upstream``, such as ``NAME=URL``.

    :raises CommandError: if no scenario has an index with the name ``NAME``
    :raises UpstreamError: if a value is not of the form ``NAME=URL``
    """
    urls = read_upstreams(texts or ())
    known = {name for scenario in scenarios for name in scenario.scenario.indexes}
    for name in urls.keys() - known:
        hint = f"known names: {', '.join(sorted(known))}"
        raise CommandError(f"--upstream {name}: no scenario has an index of this name", hint)
    return tuple(
        replace(scenario, scenario=with_upstreams(scenario.scenario, urls))
        for scenario in scenarios
    )


def find_scenario(text: str, *, trust: bool = False, is_played: bool = True) -> NamedScenario:
    """Load the scenario that a string names; the string must match exactly one.

    The options are those of :func:`find_scenarios`.

    :raises CommandError: if the text matches no scenario, or several
    :raises ScenarioError: if the file is invalid
    """
    found = find_scenarios([str(find_file(text))], trust=trust, is_played=is_played)
    if found.errors:
        raise found.errors[0]
    return found.scenarios[0]


def find_file(text: str) -> Path:
    """Return the file of the scenario that a string names, without reading the file.

    :raises CommandError: if the text matches no scenario, or several
    """
    files = list(dict.fromkeys(_files(text)))
    if len(files) > 1:
        raise CommandError(f"{text!r} names {len(files)} scenarios:\n{_names(files)}", _NAME_ONE)
    return files[0]


def _names(files: Sequence[Path]) -> str:
    """Return scenario names, one per line, and at most ``MOST_NAMES`` of them."""
    lines = [scenario_name(file.absolute(), Path.cwd()) for file in files[:MOST_NAMES]]
    left = len(files) - MOST_NAMES
    more = [f"… and {left} more"] if left > 0 else []
    return "\n".join(f"    {line}" for line in (*lines, *more))


def _files(text: str) -> list[Path]:
    if not text.strip():
        raise CommandError("the name of a scenario is empty", f"name a file; {_LISTED}")
    path = Path(text)
    place = path if path.exists() else in_catalogue(path)
    if place is not None:
        files = scenario_files(place)
        if not files:
            raise CommandError(
                f"there is no scenario in {text}",
                "name a TOML file with steps, or a folder of such files",
            )
        return files
    catalogue = scenario_files(catalogue_folder())
    matching = [file for file in catalogue if _is_meant(file, text)]
    if not matching:
        raise CommandError(
            f"there is no file {text}, and no scenario of the catalogue has it in its name",
            _near(text, catalogue),
        )
    return matching


def _is_meant(file: Path, text: str) -> bool:
    """Return whether a string is part of the name of a catalogue file.

    A string that ends in ``.toml`` must be the whole file name.
    """
    if text.endswith(".toml"):
        return text == file.name
    return bool(text) and text in scenario_name(file, file.parent)


def _near(text: str, catalogue: Sequence[Path]) -> str:
    name = Path(text).name.removesuffix(".toml")
    near = get_close_matches(name, [file.stem for file in catalogue], n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else "indexcache list scenarios shows their names"
