"""Checks on steps: the names in them must be known, and whatever they change must exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from packaging.utils import canonicalize_name

from pytest_indexcache.scenario.checks.project_checks import (
    check_conflicts,
    check_folder,
    check_folders,
    check_local_attributes,
    check_sources,
)
from pytest_indexcache.scenario.checks.vocabulary import Vocabulary
from pytest_indexcache.scenario.checks.workspace_checks import check_glob
from pytest_indexcache.scenario.findings.finding import Finding, nearest_release, unknown
from pytest_indexcache.scenario.findings.positions import Path
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.changes import (
    Damage,
    Delete,
    EdgeStep,
    Edit,
    Fail,
    IndexStep,
    Publish,
    Replace,
    SetHeaders,
    Yank,
)
from pytest_indexcache.scenario.tables.fields import ProjectName, without_extras
from pytest_indexcache.scenario.tables.filenames import filenames
from pytest_indexcache.scenario.tables.steps import AnyStep, InstallerStep
from pytest_indexcache.scenario.tables.verbs import Add, AllOrSome, Command, Install, Remove, Sync
from pytest_indexcache.scenario.words import limits
from pytest_indexcache.scenario.words.wording import Suggestion, alternatives, shown

_FAULT_OPTIONS: Final = {"status": ("status",), "after": ("cut", "slow"), "seconds": ("slow",)}
"""Maps each option of a fault to the kinds of fault that it applies to."""

_PROJECTS: Final = (AllOrSome, tuple[ProjectName, ...])
"""The annotations of fields that contain project names, in steps that run an installer."""


def check_steps(scenario: Scenario, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Yield a finding if the total waiting time is too long, and for each mistake in a step."""
    yield from _waits(scenario)
    offers = _Offers(scenario)
    for path, step in scenario.every_step:
        if isinstance(step, IndexStep):
            yield from offers.change(path, step)
        elif isinstance(step, EdgeStep):
            yield from _of_edge(path, step, scenario, vocabulary)
        elif isinstance(step, InstallerStep):
            yield from _index_names(path, step, scenario)
            yield from _project_names(path, step, vocabulary)
        yield from _own(path, step, scenario, vocabulary)


def _waits(scenario: Scenario) -> Iterator[Finding]:
    waits = [step.wait_seconds for step in scenario.steps]
    total = sum(waits)
    if total > limits.WAITS:
        place = ("steps", max(range(len(waits)), key=waits.__getitem__), "wait")
        yield Finding(
            place, f"the steps wait {total:g} s in all; at most {limits.WAITS:g} s are allowed"
        )


def _index_names(path: Path, step: InstallerStep, scenario: Scenario) -> Iterator[Finding]:
    index = getattr(step, "index", None)
    if index is not None and index not in scenario.indexes:
        yield unknown((*path, "index"), "index", index, scenario.indexes)
    for position, name in enumerate(getattr(step, "extra_indexes", ())):
        if name not in scenario.indexes:
            place = (*path, "extra-indexes", position)
            yield unknown(place, "index", name, scenario.indexes)


def _project_names(path: Path, step: InstallerStep, vocabulary: Vocabulary) -> Iterator[Finding]:
    fields = type(step).model_fields
    for field in (name for name in fields if fields[name].annotation in _PROJECTS):
        names = getattr(step, field)
        for position, name in enumerate(names if isinstance(names, tuple) else ()):
            if name not in vocabulary.projects:
                place = (*path, field.replace("_", "-"), position)
                yield unknown(place, "project", name, vocabulary.projects)


def _own(
    path: Path, step: AnyStep, scenario: Scenario, vocabulary: Vocabulary
) -> Iterator[Finding]:
    """Yield a finding for each mistake in the keys that are specific to the verb of this step."""
    if isinstance(step, Sync):
        yield from _chosen(path, step, vocabulary)
        if step.frozen and step.locked:
            text = "only one of frozen and locked can be given"
            yield Finding(
                (*path, "locked"), text, "frozen does not check whether the lockfile is up to date"
            )
    elif isinstance(step, Install):
        yield from _install(path, step, scenario, vocabulary)
    elif isinstance(step, Add):
        yield from _add(path, step, vocabulary)
    elif isinstance(step, Remove):
        yield from _remove(path, step, vocabulary)
    elif isinstance(step, Edit):
        yield from _edit(path, step, scenario, vocabulary)
    elif isinstance(step, Fail):
        yield from _fault(path, step)
    elif isinstance(step, Damage):
        yield from _damage(path, step, vocabulary)


def _of_edge(
    path: Path, step: EdgeStep, scenario: Scenario, vocabulary: Vocabulary
) -> Iterator[Finding]:
    index = scenario.indexes.get(step.index)
    if index is None:
        yield unknown((*path, "index"), "index", step.index, scenario.indexes)
    elif index.edge is None:
        text = f"index {shown(step.index)} has no edge"
        hint = f"give it a table [indexes.{step.index}.edge], which may be empty"
        yield Finding((*path, "index"), text, hint)
    project = getattr(step, "project", None)
    if project is not None and project not in vocabulary.projects:
        yield unknown((*path, "project"), "project", project, vocabulary.projects)


def _chosen(path: Path, step: Sync, vocabulary: Vocabulary) -> Iterator[Finding]:
    if vocabulary.verbatim:
        return
    yield from _unknown_names((*path, "extras"), "extra", step.extras, vocabulary.extras)
    yield from _unknown_names((*path, "groups"), "group", step.groups, vocabulary.groups)


def _unknown_names(
    path: Path, what: str, names: Iterable[str], known: set[str]
) -> Iterator[Finding]:
    for position, name in enumerate(names):
        if canonicalize_name(name) not in known:
            yield unknown((*path, position), what, name, known)


def _install(
    path: Path, step: Install, scenario: Scenario, vocabulary: Vocabulary
) -> Iterator[Finding]:
    if not (step.requirements or step.requirements_files or step.editable or step.paths):
        hint = "give requirements, requirements-files, editable or paths"
        yield Finding(path, "nothing is installed", hint)
    for position, folder in enumerate(map(without_extras, step.editable)):
        yield from check_folder((*path, "editable", position), folder, vocabulary)
    for position, folder in enumerate(map(without_extras, step.paths)):
        if not folder.endswith((".whl", ".tar.gz")):
            yield from check_folder((*path, "paths", position), folder, vocabulary)
    # A command may create a folder with wheels.
    may_be = any(isinstance(other, Command) for _, other in scenario.every_step)
    for position, name in enumerate(step.find_links):
        if name in scenario.indexes and not scenario.indexes[name].flat:
            text = f"index {shown(name)} is not flat"
            yield Finding((*path, "find-links", position), text, "set flat = true in its table")
        elif name not in scenario.indexes and not (may_be or vocabulary.has_folder(name)):
            text = f"{shown(name)} is neither a flat index nor a folder with files"
            flat = [other for other, index in scenario.indexes.items() if index.flat]
            yield Finding((*path, "find-links", position), text, Suggestion(name, flat))
    if step.no_index and not step.find_links:
        hint = "give find-links: no-index leaves no other place"
        yield Finding((*path, "no-index"), "there is nowhere to install from", hint)
    if step.no_index and (step.index or step.extra_indexes):
        yield Finding((*path, "no-index"), "an index is named, but no-index uses none")


def _add(path: Path, step: Add, vocabulary: Vocabulary) -> Iterator[Finding]:
    yield from _one_of(path, step, ("index", "editable", "path"))
    yield from _one_of(path, step, ("optional", "group"))
    for field in ("editable", "path"):
        folder = getattr(step, field)
        if folder is not None:
            yield from check_folder((*path, field), folder, vocabulary)


def _one_of(path: Path, step: AnyStep, fields: tuple[str, ...]) -> Iterator[Finding]:
    given = [field for field in fields if getattr(step, field) is not None]
    if len(given) > 1:
        text = f"only one of {alternatives(given, 'and')} can be given"
        yield Finding((*path, given[1]), text)


def _remove(path: Path, step: Remove, vocabulary: Vocabulary) -> Iterator[Finding]:
    yield from _one_of(path, step, ("optional", "group"))
    if vocabulary.verbatim:
        return
    extras, groups = vocabulary.extras, vocabulary.groups
    if step.optional is not None and canonicalize_name(step.optional) not in extras:
        yield unknown((*path, "optional"), "extra", step.optional, extras)
    if step.group is not None and canonicalize_name(step.group) not in groups:
        yield unknown((*path, "group"), "group", step.group, groups)


def _edit(path: Path, step: Edit, scenario: Scenario, vocabulary: Vocabulary) -> Iterator[Finding]:
    changed = step.model_fields_set & {
        "project",
        "sources",
        "access",
        "local_projects",
        "local_files",
        "files",
        "replace_text",
        "touch",
        "remove",
        "project_files",
    }
    if not changed:
        hint = "give project, sources, local-projects, files, or what else may change"
        yield Finding(path, "nothing is edited", hint)
    yield from check_conflicts((*path, "project", "conflicts"), step.project, vocabulary)
    if step.sources is not None:
        yield from check_sources((*path, "sources"), step.sources, scenario, vocabulary)
    yield from check_folders((*path, "local-projects"), step.local_projects)
    yield from check_local_attributes(path, step)


def _fault(path: Path, step: Fail) -> Iterator[Finding]:
    for option, how in _FAULT_OPTIONS.items():
        if option in step.model_fields_set and step.how not in how:
            kinds = alternatives(f'"{kind}"' for kind in how)
            text = f'this key is for how = {kinds}, and here it is "{step.how}"'
            yield Finding((*path, option), text)


def _damage(path: Path, step: Damage, vocabulary: Vocabulary) -> Iterator[Finding]:
    yield from _one_of(path, step, ("what", "entries"))
    if step.what is None and step.entries is None:
        hint = 'set what = "page", "metadata", "wheel" or "unpacked", or give entries'
        yield Finding(path, "nothing is damaged", hint)
    if step.entries is not None:
        yield from check_glob((*path, "entries"), step.entries, "the installer's cache")
        if step.project is not None:
            text = "entries are chosen by path, not by project"
            yield Finding((*path, "project"), text, "say what is damaged of the project")
    if step.project is not None and step.project not in vocabulary.projects:
        yield unknown((*path, "project"), "project", step.project, vocabulary.projects)


class _Offers:
    """The files on each index at one point in the scenario, keyed by index, project and version."""

    def __init__(self, scenario: Scenario) -> None:
        self._offers = {
            name: {
                project: {
                    version: set(filenames(project, version, release))
                    for version, release in releases.items()
                }
                for project, releases in index.packages.items()
            }
            for name, index in scenario.indexes.items()
        }
        self._pages = {name: set(index.pages) for name, index in scenario.indexes.items()}

    def change(self, path: Path, step: IndexStep) -> Iterator[Finding]:
        """Record a step's change to an index, and yield a finding if the change is impossible."""
        offer = self._offers.get(step.index)
        if offer is None:
            yield unknown((*path, "index"), "index", step.index, self._offers)
            return
        if isinstance(step, Publish):
            yield from self._publish(path, step)
        elif isinstance(step, SetHeaders):
            yield from self._set_headers(path, step)
        elif isinstance(step, Replace | Yank | Delete):
            yield from self._there(path, step.index, step.project, step.version)
        if isinstance(step, Replace):
            yield from self._replace(path, step)
        if isinstance(step, Delete) and step.version is None:
            offer.pop(step.project, None)
        elif isinstance(step, Delete):
            releases = offer.get(step.project, {})
            left = releases.get(step.version or "", set()) - {step.file} if step.file else set()
            if left:
                releases[step.version or ""] = left
            else:
                releases.pop(step.version or "", None)

    def _there(
        self, path: Path, index: str, project: str, version: str | None
    ) -> Iterator[Finding]:
        """Yield a finding if the project or release does not exist at this point."""
        projects = self._offers[index]
        beginning = f"at this step index {shown(index)} has no"
        if project not in projects:
            text = f"{beginning} project {shown(project)}"
            yield Finding((*path, "project"), text, Suggestion(project, _now(projects)))
        elif version is not None and version not in projects[project]:
            text = f"{beginning} release {shown(version)} of {project}"
            hint = nearest_release(version, _now(projects[project]))
            yield Finding((*path, "version"), text, hint)

    def _publish(self, path: Path, step: Publish) -> Iterator[Finding]:
        releases = self._offers[step.index].setdefault(step.project, {})
        files = releases.setdefault(step.version, set())
        new = dict.fromkeys(filenames(step.project, step.version, step.contents))
        for name in new:
            if name in files:
                text = f"{shown(name)} already exists"
                yield Finding(path, text, 'to have other bytes, do = "replace"')
        files.update(new)

    def _replace(self, path: Path, step: Replace) -> Iterator[Finding]:
        files = self._offers[step.index].get(step.project, {}).get(step.version)
        if files is None or not step.contents.files:
            return
        for number, name in enumerate(filenames(step.project, step.version, step.contents)):
            if name not in files:
                place = (*path, "contents", "files", number)
                text = f"the release has no file {shown(name)} to replace"
                yield Finding(place, text, Suggestion(name, _now(files)))

    def _set_headers(self, path: Path, step: SetHeaders) -> Iterator[Finding]:
        if step.project is None:
            if step.version is not None:
                yield Finding((*path, "version"), "a version is given, but no project")
            return
        if step.version is not None and step.headers.pages:
            text = "a release has no page of its own"
            yield Finding((*path, "headers", "pages"), text, "leave out the version, or the pages")
        if step.version is not None or step.project not in self._pages[step.index]:
            yield from self._there(path, step.index, step.project, step.version)


def _now(names: Iterable[str]) -> tuple[str, ...]:
    """Copy at most 500 names for a hint, because they may change before the hint is computed."""
    return tuple(islice(names, 500))
