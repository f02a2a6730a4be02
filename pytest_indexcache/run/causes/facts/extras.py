"""Find out which releases require a project, and who requests the extras of these releases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pytest_indexcache.index.offers.published import PublishedFile
from pytest_indexcache.run.causes.facts.history import History
from pytest_indexcache.run.plays.goals.declared_project import name_of
from pytest_indexcache.run.plays.goals.satisfaction import goal_of
from pytest_indexcache.scenario.tables.steps import InstallerStep, Sync


@dataclass(frozen=True)
class Dependent:
    """A file whose metadata requires a project, either unconditionally or in an extra."""

    file: PublishedFile
    extra: str = ""

    @property
    def requiring(self) -> str:
        """A phrase for the release that requires the project, such as ``foo 1.0 of index pypi``.

        If the requirement is in an extra, the phrase names the extra.
        """
        name = f"{self.file.project} {self.file.version} of index {self.file.index}"
        return f"{name} in its extra {self.extra}" if self.extra else name


def dependents(history: History, project: str) -> list[Dependent]:
    """Return the files whose metadata requires ``project``.

    All releases of the projects in the venv are searched. Files of installed releases come first.
    Within both groups, files that require the project unconditionally come before those that
    require it in an extra.
    """
    found = [
        dependent
        for offer in history.offers().values()
        for name, listing in offer.listings.items()
        if name in history.seen.after
        for file in listing.files
        for dependent in _requiring(file, project)
    ]
    return sorted(
        found, key=lambda dependent: (not is_held(history, dependent.file), bool(dependent.extra))
    )


def _requiring(file: PublishedFile, project: str) -> Iterator[Dependent]:
    if any(name_of(text) == project for text in file.release.requires):
        yield Dependent(file)
        return
    for extra, texts in file.release.extras.items():
        if any(name_of(text) == project for text in texts):
            yield Dependent(file, extra)


def is_held(history: History, file: PublishedFile) -> bool:
    """Return whether the venv contains the file's release after the step."""
    held = history.seen.after.get(file.project)
    return held is not None and held.version == file.version


def asks_for_extra(history: History, project: str, extra: str) -> str:
    """Return a clause saying who requests an extra, or an empty string.

    The clause names the step, the project or the release, such as ``step 1 asks for foo[x]``.
    """
    for who, text in _asked(history):
        extras = {str(canonicalize_name(name)) for name in _extras_of(text)}
        if name_of(text) == project and str(canonicalize_name(extra)) in extras:
            return f"{who} {text}"
    return ""


def _extras_of(requirement: str) -> set[str]:
    return Requirement(requirement).extras if name_of(requirement) else set()


def _asked(history: History) -> Iterator[tuple[str, str]]:
    """Yield the requirements in the step, in the scenario's project and in installed releases.

    Each item consists of the start of a clause (``step 2 asks for``) and a requirement
    (``foo[x]``).
    """
    step, scenario = history.step, history.scenario
    goal = goal_of(step, history.current.installer) if isinstance(step, InstallerStep) else None
    for text in goal.requirements if goal else ():
        yield f"step {history.number} asks for", text
    for text in scenario.project.dependencies if goal and goal.project else ():
        yield "the project asks for", text
    for offer in history.offers().values():
        for listing in offer.listings.values():
            for file in listing.files:
                for text in file.release.requires if is_held(history, file) else ():
                    yield f"{file.project} {file.version} requires", text


def extra_asked_for(history: History, project: str) -> str:
    """Return a clause saying that a requested extra requires a project, and who requests it.

    The result is empty if no installed release requires the project in a requested extra, or if one
    of them requires it unconditionally.
    """
    for dependent in dependents(history, project):
        asked = asks_for_extra(history, dependent.file.project, dependent.extra)
        if not dependent.extra or not is_held(history, dependent.file):
            return ""
        if asked:
            return f"{project} is required by {dependent.requiring}, and {asked}"
    return ""


def extra_left_out(history: History, project: str) -> str:
    """Describe the extra that requires a missing project, and whether the extra was requested.

    The result is empty if no extra requires the project, or if it is required unconditionally.
    """
    others = dependents(history, project)
    if others and not others[0].extra:
        return ""
    chosen = _choice_left_out(history, project)
    if chosen or not others:
        return chosen
    for dependent in others:
        name, asked = (
            dependent.file.project,
            asks_for_extra(history, dependent.file.project, dependent.extra),
        )
        if not is_held(history, dependent.file):
            held = history.seen.after[name].version
            if asked and not any(is_held(history, other.file) for other in others):
                return (
                    f"{asked}, and the venv holds {name} {held}, which does not require {project} "
                    f"in an extra {dependent.extra}, as {name} {dependent.file.version} does"
                )
        elif asked:
            return f"{asked}, and {dependent.requiring} requires {project}"
        else:
            nobody = f", which nothing asks for{_asked_before(history, dependent)}"
            return (
                f"{name} {dependent.file.version}, which the venv holds, requires {project} only "
                f"in its extra {dependent.extra}{nobody if _knows_all(history) else ''}"
            )
    return ""


def _choice_left_out(history: History, project: str) -> str:
    """Describe an extra or group that requires ``project`` but was not selected in the step."""
    step, own = history.step, history.scenario.project
    if not isinstance(step, Sync) or any(name_of(text) == project for text in own.dependencies):
        return ""
    for kind, chosen, tables in (
        ("extra", step.extras, own.optional_dependencies),
        ("group", step.groups, own.dependency_groups),
    ):
        for name, texts in tables.items():
            if name not in chosen and any(name_of(text) == project for text in texts):
                return (
                    f"the project requires {project} only in its {kind} {name}, which step "
                    f"{history.number} does not choose"
                )
    return ""


def _knows_all(history: History) -> bool:
    """Return whether all requirements of the step are known without reading any files."""
    step = history.step
    goal = goal_of(step, history.current.installer) if isinstance(step, InstallerStep) else None
    is_pasted = history.current.installer in history.scenario.project_files
    return goal is not None and not (goal.files or goal.paths or (goal.project and is_pasted))


def _asked_before(history: History, one: Dependent) -> str:
    """Return a clause about the last earlier step that requested the extra named in ``one``.

    The result is empty if no earlier step did.
    """
    for played in reversed(history.played[:-1]):
        earlier = History(history.played[: played.number])
        asked = asks_for_extra(earlier, one.file.project, one.extra)
        if asked.startswith("step"):
            return f" in step {history.number}; {asked}"
    return ""
