"""Carry out the plan of a capture, write the scenario, and play it offline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from packaging.utils import canonicalize_name
from pydantic import ValidationError

from pytest_indexcache.drafts.captures.capture_plan import CapturePlan
from pytest_indexcache.drafts.captures.capture_text import (
    CaptureTables,
    capture_text,
    captured_tables,
    kept_words,
    learn_names,
    private_words,
    watched_tables,
    written_tables,
)
from pytest_indexcache.drafts.captures.indexes.fallbacks import with_fallbacks
from pytest_indexcache.drafts.captures.indexes.page_entries import LinkedFile
from pytest_indexcache.drafts.captures.indexes.seen import (
    METADATA,
    SeenFile,
    SeenIndex,
    entry_of,
)
from pytest_indexcache.drafts.captures.indexes.unstated_requires import with_unstated_requires
from pytest_indexcache.drafts.captures.privacy.replacements import Replacements
from pytest_indexcache.errors import CommandError
from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.messages import Kind
from pytest_indexcache.probes.battery.connection_hints import connection_hint
from pytest_indexcache.run.captures.comparison import Comparison, compared
from pytest_indexcache.run.captures.real_indexes import RealIndexes
from pytest_indexcache.run.captures.real_metadata import (
    LONGEST_METADATA,
    build_requires_in,
    metadata_in,
)
from pytest_indexcache.run.captures.remote_files import open_remote
from pytest_indexcache.run.loading import loads_playable
from pytest_indexcache.run.observations.seen_keys import seen_keys
from pytest_indexcache.run.plays.results import PlayResult, Verdict
from pytest_indexcache.scenario.model import Scenario

MakeIndexes = Callable[[Scenario], FakeIndexes]
PlayAt = Callable[[Scenario, MakeIndexes | None], PlayResult]
"""A function that plays a scenario in an empty folder.

Its second argument is a function that creates the indexes, or None to use the fake indexes of the
scenario.
"""


@dataclass(frozen=True)
class Capture:
    """A captured scenario: its text, the real play, and a comparison with the offline play.

    If the scenario could not be played offline, ``comparison`` is None and ``reason`` explains why.
    ``remarks`` lists the parts that the scenario leaves out, and ``kept`` the folders and files
    whose names are not replaced.
    """

    text: str
    real: PlayResult
    comparison: Comparison | None
    reason: str = ""
    holds: bool = False
    remarks: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


def capture(
    plan: CapturePlan,
    play: PlayAt,
    replacements: Replacements,
    note: Callable[[str], None] | None = None,
) -> Capture:
    """Play an installer's steps with real indexes, and return the play as a captured scenario.

    The captured scenario is then played offline, and both plays are compared. ``note`` is called
    with each request to a real index; several threads may call it.

    :raises CommandError: if the installer cannot play the steps, or if the text would contain a
        private name or value
    :raises ScenarioError: if a scenario cannot express what was recorded
    """
    watched = _scenario(written_tables(watched_tables(plan)))
    made: list[RealIndexes] = []

    def real_indexes(scenario: Scenario) -> FakeIndexes:
        made.append(RealIndexes(scenario.indexes, plan.indexes, plan.file_links, note))
        return made[0]

    try:
        result = play(watched, real_indexes)
        _demand_answers(made)
        _demand_played(result)
        seen = _renamed(with_fallbacks(plan.indexes, made[0].responses), plan.names)
        added = {canonicalize_name(name) for step in result.steps for name in step.added}
        found = _files(seen, made[0])
        files = with_unstated_requires(found, seen, plan.required_names, added)
    finally:
        for indexes in made:
            indexes.close()
    expected = {
        step.number: keys
        for step in result.steps
        if (keys := seen_keys(watched.steps[step.number - 1], step))
    }
    plan = plan.renamed()
    learn_names(replacements, plan, seen, files)
    tables = captured_tables(plan, seen, files, expected)
    text = _checked_text(tables, replacements)
    kept = kept_words(tables, replacements)
    compared_play = _held_against(text, result, play, replacements)
    return replace(compared_play, remarks=tables.remarks, kept=kept)


def _scenario(tables: dict[str, Any]) -> Scenario:
    """Return the scenario in tables that come from a user's files and commands.

    :raises CommandError: if the tables are not a valid scenario
    """
    try:
        return Scenario.model_validate(tables)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise CommandError(f"{place}: {first['msg']}", "a scenario cannot have it") from None


def _demand_answers(made: Sequence[RealIndexes]) -> None:
    """Raise CommandError if none of the real indexes answered."""
    for indexes in made:
        if indexes.failures and not indexes.responses:
            failure = indexes.failures[0]
            raise CommandError(failure, f"{connection_hint(failure)}; nothing is written")


def _demand_played(result: PlayResult) -> None:
    if result.verdict in (Verdict.ERROR, Verdict.SKIPPED):
        raise CommandError(result.reason, "nothing is written")


def _checked_text(tables: CaptureTables, replacements: Replacements) -> str:
    """Return the scenario's text after checking that it reveals nothing private.

    :raises CommandError: if the text would contain a private name or value
    """
    text = capture_text(tables, replacements)
    left = private_words(tables, replacements)
    if left:
        hint = "nothing is written; remove it from the project's files"
        if all(each.name for each in left):
            hint = f"{hint}, or keep names with --keep-names"
        found = ", ".join(sorted({each.text for each in left}))
        raise CommandError(f"the captured scenario still has private words: {found}", hint)
    return text


def _held_against(text: str, real: PlayResult, play: PlayAt, replacements: Replacements) -> Capture:
    scenario = loads_playable(text).scenario
    offline = play(scenario, None)
    holds = offline.verdict is Verdict.PASSED
    if not holds:
        loose = [
            step.model_copy(update={"expect": type(step.expect)(exit="any", satisfied=False)})
            for step in scenario.steps
        ]
        offline = play(scenario.model_copy(update={"steps": tuple(loose)}), None)
    if offline.verdict in (Verdict.ERROR, Verdict.SKIPPED):
        return Capture(text, real, None, offline.reason)
    comparison = compared(real.steps, offline.steps, replacements.url)
    return Capture(text, real, comparison, holds=holds)


def _renamed(seen: Sequence[SeenIndex], names: Mapping[str, str]) -> tuple[SeenIndex, ...]:
    """Return the indexes under the names that the scenario gives them."""
    return tuple(
        replace(each, index=replace(each.index, name=names.get(each.index.name, each.index.name)))
        for each in seen
    )


def _files(seen: tuple[SeenIndex, ...], indexes: RealIndexes) -> list[SeenFile]:
    """Return the requested files, with their core metadata from the real index."""
    files = []
    for each in seen:
        by_ranges = {
            response.subject.filename for response in each.responses if response.status == 206
        }
        for filename in each.asked_files:
            entry = entry_of(each, filename)
            if entry is None:
                continue
            text = indexes.metadata.get(filename) or _fetched(indexes, entry)
            requires = _build_requires(each, indexes, entry)
            files.append(SeenFile(entry, each.index.name, text, filename in by_ranges, requires))
    return files


def _build_requires(seen: SeenIndex, indexes: RealIndexes, entry: LinkedFile) -> tuple[str, ...]:
    """Return the build requirements of a downloaded sdist; empty for any other file."""
    answers = seen.of(Kind.SDIST, statuses=(200,), method="GET")
    is_sent = any(each.subject.filename == entry.filename for each in answers)
    if not is_sent or not entry.filename.endswith(".tar.gz"):
        return ()
    file = open_remote(indexes.ask, entry.url, by_ranges=False)
    if file is None:
        return ()
    with file:
        return build_requires_in(file)


def _fetched(indexes: RealIndexes, entry: LinkedFile) -> str:
    """Return a file's core metadata, from the metadata file or, if there is none, from the file.

    The metadata is requested again, because the play does not record all of it if the installer
    read the wheel by ranges.
    """
    if entry.has_metadata:
        file = open_remote(indexes.ask, f"{entry.url}{METADATA}", by_ranges=False)
        if file is not None:
            with file:
                return file.read(LONGEST_METADATA).decode("utf-8", "replace")
    is_wheel = entry.filename.endswith(".whl")
    file = open_remote(indexes.ask, entry.url, by_ranges=is_wheel)
    if file is None:
        return ""
    with file:
        return metadata_in(file, entry.filename)
