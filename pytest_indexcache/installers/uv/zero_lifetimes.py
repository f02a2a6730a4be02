"""Whether a scenario has responses that are stale as soon as they are stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pytest_indexcache.headers import FieldValue, load_profile
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.indexes import HeaderChoice
from pytest_indexcache.scenario.tables.steps import SetHeaders


def has_zero_lifetime(scenario: Scenario) -> bool:
    """Whether an index, or an override, allows storing for no time at all: ``max-age=0``.

    What must not be stored, or never be reused without being validated, is another matter.
    """
    return any(map(_is_zero, _cache_controls(scenario)))


def _is_zero(text: str) -> bool:
    directives = {directive.strip().lower() for directive in text.split(",")}
    return "max-age=0" in directives and not directives & {"no-store", "no-cache"}


def _cache_controls(scenario: Scenario) -> Iterator[str]:
    for choice in _choices(scenario):
        profile = load_profile(choice.profile or "none")
        for fields in (choice.pages, choice.metadata, choice.files):
            yield from _values(fields)
        for fields in (profile.pages, profile.metadata or {}, profile.files):
            yield from _values(fields)
    for override in scenario.cache_control.values():
        yield from filter(None, (override.pages, override.files))


def _choices(scenario: Scenario) -> Iterator[HeaderChoice]:
    for index in scenario.indexes.values():
        yield index.headers
        yield from (page.headers for page in index.pages.values())
    for step in scenario.steps:
        if isinstance(step, SetHeaders):
            yield step.headers


def _values(fields: Mapping[str, FieldValue]) -> Iterator[str]:
    for name, value in fields.items():
        if name.lower() == "cache-control" and value:
            yield value if isinstance(value, str) else ", ".join(value)
