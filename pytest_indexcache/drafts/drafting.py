"""Draft a scenario from a log, and from project files that were pasted with the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from packaging.requirements import Requirement

from pytest_indexcache.drafts.facts.command_steps import CommandStep, step_of_commands
from pytest_indexcache.drafts.facts.releases import DraftRelease, ReleaseCollector, unreached
from pytest_indexcache.drafts.files.lockfiles import LockedRelease
from pytest_indexcache.drafts.files.project_files import ProjectWords
from pytest_indexcache.drafts.indexes.placements import asked_projects, place
from pytest_indexcache.drafts.logs.events import LogEvent
from pytest_indexcache.drafts.texts.draft_text import DraftParts, draft_text

_MOST_HIDDEN: Final = 5
_UNNAMED: Final = Requirement("to-be-named")
_FILL_IN: Final = f"the log names no project: put the right one in place of {_UNNAMED.name}"


@dataclass(frozen=True)
class LogMaterial:
    """The sources of a draft.

    ``words`` is None if there is neither a project file nor a requirements file. ``is_project`` is
    true for a project to sync, and false for a requirements file. ``release`` is the installer's
    release, such as ``uv 0.6.8``, if the log does not name it.
    """

    events: tuple[LogEvent, ...]
    words: ProjectWords | None = None
    is_project: bool = False
    locked: tuple[LockedRelease, ...] = ()
    title: str = ""
    issue: str = ""
    remarks: tuple[str, ...] = ()
    release: str = ""


def draft_scenario(material: LogMaterial) -> str:
    """Return the TOML text of a scenario, with the names in the log and the steps of a report.

    Guesses are marked with a comment ``to be read``.
    """
    events = material.events
    step = step_of_commands(event.detail for event in events if event.kind == "command")
    words = material.words or ProjectWords()
    needs_project = step is None or step.verb in ("sync", "lock", "add")
    is_project = material.is_project and (needs_project or bool(words.requirements))
    collector = ReleaseCollector()
    collector.add_locked(material.locked)
    collector.add_log(events)
    direct = _direct(words, step, events)
    collector.add_wanted(direct)
    named = step.indexes if step is not None else ()
    collector.add_wanted(_sought(events))
    collector.add_wanted(Requirement(name) for name in asked_projects(events, words, named))
    if not collector.releases():
        collector.add_wanted([_UNNAMED])
        material = replace(material, remarks=(*material.remarks, _FILL_IN))
    releases = collector.releases()
    if not direct:
        direct = tuple(Requirement(f"{each.project}=={each.version}") for each in releases)
    releases = _with_required(collector)
    loose = unreached(releases, direct)
    placement = place(releases, words, named, events)
    return draft_text(
        DraftParts(
            material.title,
            material.issue,
            (*material.remarks, *_filled_in(events)),
            _installer(events, material.release),
            placement,
            words,
            is_project,
            direct,
            loose,
            _adopter(releases, direct, loose, words),
            step,
            tuple(dict.fromkeys(event.detail for event in events if event.kind == "said")),
        )
    )


def _with_required(collector: ReleaseCollector) -> tuple[DraftRelease, ...]:
    """Add a release for each requirement of the releases, including added releases; return all."""
    releases = collector.releases()
    for _ in range(len(releases) + 1):
        wanted = [Requirement(text) for each in releases for text in each.requires]
        collector.add_wanted(each for each in wanted if each.marker is None)
        if len(collector.releases()) == len(releases):
            break
        releases = collector.releases()
    return releases


def _filled_in(events: Sequence[LogEvent]) -> list[str]:
    """Return a remark on names that the reporter removed from the log, if there are any."""
    hidden = list(dict.fromkeys(event.detail for event in events if event.kind == "hidden"))
    names = ", ".join(hidden[:_MOST_HIDDEN])
    return [f"names that the log hides were filled in: {names}"] if hidden else []


def _sought(events: Sequence[LogEvent]) -> list[Requirement]:
    """Return the requirements for which the installer searched for a version."""
    texts = dict.fromkeys(event.detail for event in events if event.kind == "sought")
    return [Requirement(text) for text in texts]


def _direct(
    words: ProjectWords, step: CommandStep | None, events: Sequence[LogEvent]
) -> tuple[Requirement, ...]:
    """Return the user's requirements: from the files, or else the command, or else the log."""
    if words.requirements:
        return words.requirements
    if step is not None and step.requirements:
        return tuple(map(Requirement, step.requirements))
    wanted = dict.fromkeys(event.detail for event in events if event.kind == "wanted")
    return tuple(map(Requirement, wanted))


def _adopter(
    releases: Sequence[DraftRelease],
    direct: Sequence[Requirement],
    loose: Sequence[DraftRelease],
    words: ProjectWords,
) -> DraftRelease | None:
    """Return the release that the draft makes dependent on all unconnected releases, or None."""
    if not loose:
        return None
    names = [requirement.name.lower().replace("_", "-") for requirement in direct]
    candidates = [release for release in releases if release.project in names]
    plain = [each for each in candidates if each.project not in words.sources]
    return next(iter(plain or candidates), None)


def _installer(events: Sequence[LogEvent], release: str) -> tuple[str, str]:
    """Return the name and release of the installer, from the log or from the text around it."""
    for event in events:
        if event.kind == "installer":
            return event.project, event.version
    name, _, version = release.partition(" ")
    return name, version
