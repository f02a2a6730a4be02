"""Determine how a step changed a project in the venv, and where its distribution came from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pytest_indexcache.run.causes.facts.history import History, Sent
from pytest_indexcache.run.causes.facts.wording import change_text
from pytest_indexcache.run.plays.records.played_steps import PlayedStep
from pytest_indexcache.run.plays.venvs.distributions import Distribution
from pytest_indexcache.scenario.tables.steps import Edit, InstallerStep


class Fate(StrEnum):
    """The effect of a step on a project in the venv."""

    ABSENT = "it is not in the venv, neither before nor after"
    KEPT = "it was left as it was"
    REINSTALLED = "the same release was installed again"
    REPLACED = "another distribution was put in its place"
    INSTALLED = "it was not there before"
    REMOVED = "it was taken out"


@dataclass(frozen=True)
class Holding:
    """A project's distribution in the venv, before and after the failed step.

    ``since`` is the number of the step that installed ``before``, or None if that step is not
    known.
    """

    project: str
    before: Distribution | None
    after: Distribution | None
    since: int | None

    @property
    def fate(self) -> Fate:
        """The effect of the failed step on the project."""
        before, after = self.before, self.after
        if before is None or after is None:
            if before is None:
                return Fate.ABSENT if after is None else Fate.INSTALLED
            return Fate.REMOVED
        if before.fingerprint != after.fingerprint:
            return Fate.REPLACED
        return Fate.KEPT if before.identity == after.identity else Fate.REINSTALLED


def holding_of(history: History, project: str) -> Holding:
    """Return the distribution of a project in the venv, before and after the failed step."""
    seen = history.seen
    before = seen.before.get(project)
    since = None if before is None else _installed_in(history, before)
    return Holding(project, before, seen.after.get(project), since)


def _installed_in(history: History, held: Distribution) -> int | None:
    """Return the number of the earlier step that installed a distribution, or None if unknown."""
    found = None
    for played in reversed(history.played[:-1]):
        if not isinstance(played.step, InstallerStep) or not same_venv(played, history.current):
            continue
        after, before = (v.get(held.name) for v in (played.seen.after, played.seen.before))
        if not _is_same(after, held):
            break
        found = played.number
        if not _is_same(before, held):
            break
    return found


def _is_same(one: Distribution | None, other: Distribution) -> bool:
    return (
        one is not None and one.fingerprint == other.fingerprint and one.identity == other.identity
    )


def same_venv(one: PlayedStep, other: PlayedStep) -> bool:
    """Return whether two steps use the same venv."""
    places = [(getattr(p.step, "folder", ""), getattr(p.step, "venv", None)) for p in (one, other)]
    return places[0] == places[1]


def download_of(history: History, distribution: Distribution, until: int) -> Sent | None:
    """Return the last download of a distribution's release, up to the end of step ``until``."""
    for played in reversed(history.played[:until]):
        for exchange in reversed(played.seen.exchanges):
            if not exchange.is_download or exchange.subject.project != distribution.name:
                continue
            index, name = exchange.subject.index or "", exchange.subject.filename or ""
            file = history.file(index, name, played.number)
            if file is None or file.version == distribution.version:
                return Sent(played.number, exchange)
    return None


def source_of(history: History, distribution: Distribution, until: int) -> str:
    """Describe where a distribution came from: ``from index pypi``, ``from the folder lib``."""
    url = (distribution.direct_url or {}).get("url", "")
    if distribution.origin in ("path", "editable"):
        where = f"from {folder_of(history, distribution.name) or 'a path'}"
        return f"{where} (editable)" if distribution.origin == "editable" else where
    if distribution.origin == "url":
        return f"from {url}"
    sent = download_of(history, distribution, until)
    return f"from index {sent.exchange.subject.index}" if sent else "from an index"


def folder_of(history: History, project: str) -> str | None:
    """Name the folder of a local project: ``the folder lib``. Return None for other projects."""
    local = history.scenario.local_projects.get(project)
    return f"the folder {local.path}" if local else None


def changes_to(history: History, project: str, since: int) -> list[tuple[int, str]]:
    """Describe the changes to a project after step ``since``, on an index or in its folder.

    Each description comes with the number of the step that made the change.
    """
    found = [
        (number, change_text(change))
        for index in history.scenario.indexes
        for number, change in history.release_changes(index, project, since)
    ]
    local = history.scenario.local_projects.get(project)
    for played in history.between(since):
        step = played.step
        if not isinstance(step, Edit) or local is None:
            continue
        files = [path for path in step.files if path.startswith(f"{local.path}/")]
        if project in step.local_projects:
            found.append((played.number, f"edited {project} in the folder {local.path}"))
        elif files:
            found.append((played.number, f"edited {', '.join(files)}"))
    return sorted(found)
