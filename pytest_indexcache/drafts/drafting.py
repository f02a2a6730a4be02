"""Draft a scenario from a log and from project files in the same text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pytest_indexcache.drafts.facts.local_projects import (
    local_projects,
    without_local_projects,
    without_local_requirements,
)
from pytest_indexcache.drafts.facts.releases import DraftRelease, ReleaseCollector, unreached
from pytest_indexcache.drafts.facts.step_plans import StepPlan, step_plan
from pytest_indexcache.drafts.files.lockfiles import LockedRelease
from pytest_indexcache.drafts.files.project_files import ProjectWords
from pytest_indexcache.drafts.indexes.explicit_sources import with_explicit_sources
from pytest_indexcache.drafts.indexes.placements import asked_projects, place
from pytest_indexcache.drafts.logs.events import LogEvent
from pytest_indexcache.drafts.texts.draft_text import DraftParts, draft_text
from pytest_indexcache.drafts.texts.quotes import Quotes

_MOST_HIDDEN: Final = 5
_UNNAMED: Final = Requirement("to-be-named")
_FILL_IN: Final = f"the log names no project: put the right one in place of {_UNNAMED.name}"


@dataclass(frozen=True)
class LogMaterial:
    """The input for a draft.

    ``words`` is the content of the project file or requirements file, or None if there is neither.
    ``is_project`` is true for a project file. ``release``, such as ``uv 0.6.8``, is used if the log
    does not name a release. ``files`` maps names of requirements files to texts. ``users`` are user
    names that comments must not contain. ``has_command_list`` is false if only prose mentions
    commands.
    """

    events: tuple[LogEvent, ...]
    words: ProjectWords | None = None
    is_project: bool = False
    locked: tuple[LockedRelease, ...] = ()
    title: str = ""
    issue: str = ""
    remarks: tuple[str, ...] = ()
    release: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    users: tuple[str, ...] = ()
    has_command_list: bool = True


def draft_scenario(material: LogMaterial) -> str:
    """Return the TOML text of a scenario, drafted from a log.

    Each guess is marked with a comment that begins with ``to be read``. A person must check all
    guesses.
    """
    words = material.words or ProjectWords()
    local = local_projects(material.events, words)
    events = tuple(without_local_projects(material.events, local))
    words = without_local_requirements(words, local)
    commands = [event.detail for event in events if event.kind == "command"]
    plan = step_plan(commands, words, material.files, are_listed=material.has_command_list)
    direct = _direct(words, plan, events)
    collector = _collector(material, events, words, plan, direct)
    remarks = [*material.remarks, *_on_local_projects(local, words), *_filled_in(events)]
    if not collector.releases():
        collector.add_wanted([_UNNAMED])
        remarks.append(_FILL_IN)
    if not direct:
        known = collector.releases()
        direct = tuple(Requirement(f"{each.project}=={each.version}") for each in known)
    releases = _with_required(collector)
    loose = unreached(releases, (*direct, *plan.requirements))
    placement = place(releases, words, plan.steps, events)
    sourced = with_explicit_sources(
        words, placement, {canonicalize_name(requirement.name) for requirement in direct}
    )
    remarks += _on_sources(words, sourced)
    return draft_text(
        DraftParts(
            material.title,
            material.issue,
            remarks,
            _installer(events, material.release),
            placement,
            sourced,
            _is_project(material, words, plan),
            direct,
            loose,
            _adopter(releases, direct, loose, words),
            plan,
            tuple(dict.fromkeys(event.detail for event in events if event.kind == "said")),
            Quotes(material.users),
        )
    )


def _collector(
    material: LogMaterial,
    events: Sequence[LogEvent],
    words: ProjectWords,
    plan: StepPlan,
    direct: Sequence[Requirement],
) -> ReleaseCollector:
    """Collect the releases named in files and in the log, and guess versions that are not named."""
    collector = ReleaseCollector()
    collector.add_locked(material.locked)
    collector.add_log(events)
    collector.add_wanted((*direct, *plan.requirements, *plan.overrides))
    collector.add_wanted(_sought(events))
    named = [index for step in plan.steps for index in step.indexes]
    collector.add_wanted(Requirement(name) for name in asked_projects(events, words, named))
    collector.add_of_sources(words)
    return collector


def _is_project(material: LogMaterial, words: ProjectWords, plan: StepPlan) -> bool:
    """Return whether the draft needs a project, or only requirements to install."""
    verbs = [step.verb for step in plan.steps if step.asks]
    needs_project = not verbs or any(verb in ("sync", "lock", "add") for verb in verbs)
    return material.is_project and (needs_project or bool(words.requirements))


def _on_local_projects(local: frozenset[str], words: ProjectWords) -> list[str]:
    """Return a remark about required local projects, if there are any besides the user's own."""
    others = len(local - {words.name}) if words.name else len(local) - 1
    if others < 1:
        return []
    return [
        f"projects that no index has, as they come from a folder or a repository: {others}; the "
        "project of this draft has their requirements"
    ]


def _on_sources(words: ProjectWords, sourced: ProjectWords) -> list[str]:
    """Return a remark on the sources that the draft adds to the project."""
    names = ", ".join(project for project in sourced.sources if project not in words.sources)
    return [f"only an explicit index has these, so sources were added: {names}"] if names else []


def _with_required(collector: ReleaseCollector) -> tuple[DraftRelease, ...]:
    """Add releases until all requirements of the draft's releases are met; return all releases."""
    releases = collector.releases()
    for _ in range(len(releases) + 1):
        wanted = [Requirement(text) for each in releases for text in each.requires]
        collector.add_wanted(each for each in wanted if each.marker is None)
        if len(collector.releases()) == len(releases):
            break
        releases = collector.releases()
    return releases


def _filled_in(events: Sequence[LogEvent]) -> list[str]:
    """Return a remark about redacted names in the log, if there are any."""
    hidden = list(dict.fromkeys(event.detail for event in events if event.kind == "hidden"))
    names = ", ".join(hidden[:_MOST_HIDDEN])
    return [f"names that the log hides were filled in: {names}"] if hidden else []


def _sought(events: Sequence[LogEvent]) -> list[Requirement]:
    """Return the requirements for which the installer looked for a version."""
    texts = dict.fromkeys(event.detail for event in events if event.kind == "sought")
    return [Requirement(text) for text in texts]


def _direct(
    words: ProjectWords, plan: StepPlan, events: Sequence[LogEvent]
) -> tuple[Requirement, ...]:
    """Return the user's requirements from files, or else from commands, or else from the log."""
    if words.requirements:
        return words.requirements
    if plan.requirements:
        return plan.requirements
    wanted = dict.fromkeys(event.detail for event in events if event.kind == "wanted")
    return tuple(map(Requirement, wanted))


def _adopter(
    releases: Sequence[DraftRelease],
    direct: Sequence[Requirement],
    loose: Sequence[DraftRelease],
    words: ProjectWords,
) -> DraftRelease | None:
    """Return the release that requires the releases in ``loose`` in the draft.

    If ``loose`` is empty, or no release is suitable, the result is None.
    """
    if not loose:
        return None
    names = [canonicalize_name(requirement.name) for requirement in direct]
    candidates = [release for release in releases if release.project in names]
    plain = [each for each in candidates if each.project not in words.sources] or candidates
    kin = [
        each
        for each in plain
        if any(release.project.startswith(f"{each.project}-") for release in loose)
    ]
    return next(iter(kin or plain), None)


def _installer(events: Sequence[LogEvent], release: str) -> tuple[str, str]:
    """Return the installer's name and release from the log, or else from ``release``."""
    for event in events:
        if event.kind == "installer":
            return event.project, event.version
    name, _, version = release.partition(" ")
    return name, version
