"""Checks on steps that start at the same time: their number and their expectations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pytest_indexcache.scenario.findings.finding import Finding
from pytest_indexcache.scenario.findings.positions import Path
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.fields import key_of
from pytest_indexcache.scenario.tables.fields.places import NUMBER
from pytest_indexcache.scenario.tables.steps import InstallerStep, StartedVerb, Together
from pytest_indexcache.scenario.words import limits

_OF_ALL: Final = (
    *("downloads", "bytes_", "requests", "fields", "requests_to", "revalidated", "nominal"),
    *("builds", "past_edge", "cached", "cache_bytes"),
)
"""Expectations that are only possible for a ``together`` step as a whole.

It is not known which of the steps inside it sent a request or changed the cache.
"""

_OF_VENVS: Final = (
    *("installed", "installed_count", "absent", "added", "removed", "reinstalled", "venv_files"),
    *("editable", "origin", "builds_of", "imports", "check"),
)
_OF_LOCKFILES: Final = ("lockfile", "locked")


def check_together(scenario: Scenario) -> Iterator[Finding]:
    """Yield a finding for each mistake in a ``together`` step, and each key only allowed there."""
    for number, step in enumerate(scenario.steps):
        path = ("steps", number)
        if isinstance(step, Together):
            yield from _count(path, step)
            yield from _whole(path, step)
            for position, inner in enumerate(step.together):
                yield from _member((*path, "together", position), inner)
        elif isinstance(step, InstallerStep):
            yield from _alone(path, step)


def _alone(path: Path, step: InstallerStep) -> Iterator[Finding]:
    hint = "put the step into the array of a step that has `together`"
    if step.times > 1:
        yield Finding((*path, "times"), "times is for steps that begin together", hint)
    for key in ("folder", "venv"):
        if NUMBER in (getattr(step, key) or ""):
            text = f"{NUMBER} stands for the number of a step among those that begin together"
            yield Finding((*path, key), text, hint)


def _count(path: Path, step: Together) -> Iterator[Finding]:
    count = len(step.members)
    if count == 1:
        hint = "give further steps, or let this one begin several times: times = 4"
        yield Finding((*path, "together"), "together needs more than one step", hint)
    if count > limits.AT_ONCE:
        text = f"{count} steps begin together; at most {limits.AT_ONCE} are allowed"
        yield Finding((*path, "together"), text)


def _member(path: Path, step: StartedVerb) -> Iterator[Finding]:
    if step.wait is not None:
        hint = "give wait to the step that has `together`"
        yield Finding((*path, "wait"), "all of these steps begin at once", hint)
    for field in _OF_ALL:
        if field in step.expect.model_fields_set:
            text = f"{key_of(field)} are counted for all steps that begin together"
            hint = "expect them of the step that has `together`"
            yield Finding((*path, "expect", key_of(field)), text, hint)


def _whole(path: Path, step: Together) -> Iterator[Finding]:
    steps = [member.step for member in step.members]
    venvs = {(other_step.venv or other_step.folder, bool(other_step.venv)) for other_step in steps}
    lockfiles = {
        (other_step.folder, getattr(other_step, "to", None) or getattr(other_step, "file", None))
        for other_step in steps
    }
    for fields, places, what in (
        (_OF_VENVS, venvs, "venvs"),
        (_OF_LOCKFILES, lockfiles, "lockfiles"),
    ):
        for field in fields:
            if len(places) > 1 and field in step.expect.model_fields_set:
                text = f"the steps have {len(places)} {what}"
                hint = "expect it of each of them: together = [{ …, expect = { … } }]"
                yield Finding((*path, "expect", key_of(field)), text, hint)
