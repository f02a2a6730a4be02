"""Choose the steps of a draft from the commands in a log or a thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pytest_indexcache.drafts.facts.command_steps import (
    CLEAR_CACHE,
    REMOVE_VENV,
    CommandStep,
    steps_of_command,
)
from pytest_indexcache.drafts.facts.group_options import EVERY
from pytest_indexcache.drafts.files.project_files import ProjectWords, read_requirements

_AT_A_NEW_START: Final = (CLEAR_CACHE, REMOVE_VENV, "uninstall", "remove", "prune-cache")
"""Verbs that change nothing before the first installation."""

_MOST_STEPS: Final = 30


@dataclass(frozen=True)
class StepPlan:
    """The steps of a draft.

    ``main`` is the command whose output the log shows, or None. If ``is_whole`` is true, ``steps``
    contains all commands in the log, otherwise only ``main``.
    """

    steps: tuple[CommandStep, ...] = ()
    main: CommandStep | None = None
    is_whole: bool = False

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """The requirements that the commands install or add."""
        texts = dict.fromkeys(text for step in self.steps for text in step.requirements)
        return tuple(map(Requirement, texts))

    @property
    def overrides(self) -> tuple[Requirement, ...]:
        """The requirements that override others, from the options of commands."""
        return tuple(Requirement(t) for step in self.steps for t in step.keys.get("overrides", ()))


def step_plan(
    commands: Iterable[str], words: ProjectWords, files: Mapping[str, str], *, are_listed: bool
) -> StepPlan:
    """Choose the steps of a draft.

    ``files`` maps names of requirements files to texts. If ``are_listed`` is true and the commands
    differ, each command becomes a step. Otherwise, only one command does.
    """
    found = [step for text in commands for step in steps_of_command(text)]
    found = [_with_groups(_playable(_with_files(step, files), words), words) for step in found]
    asking = [step for step in found if step.asks]
    if not asking:
        return StepPlan()
    main = max(asking, key=_weight)
    last = max(number for number, step in enumerate(found) if step.asks)
    whole = tuple(_story(found[: last + 1]))[:_MOST_STEPS]
    kinds = {
        repr((step.verb, step.keys, step.requirements, step.indexes)) for step in whole if step.asks
    }
    if not are_listed or len(kinds) < 2:
        return StepPlan((main,), main)
    return StepPlan(whole, main, is_whole=True)


def with_default_groups(words: ProjectWords) -> CommandStep:
    """Return a ``sync`` step with the project's default groups, for a log without commands."""
    return _with_groups(CommandStep("", "sync"), words)


def repeats(steps: Sequence[CommandStep], number: int) -> bool:
    """Return whether a step installs only what earlier steps installed and left in the cache."""
    step, known = steps[number], set[str]()
    for earlier in steps[:number]:
        if earlier.verb == CLEAR_CACHE:
            known = set()
        elif earlier.asks and not earlier.keys.get("no-cache"):
            known |= _asked(earlier)
    return step.verb in ("sync", "install", "add") and _asked(step) <= known


def added_requirements(steps: Iterable[CommandStep], sync: CommandStep) -> tuple[Requirement, ...]:
    """Return the requirements of earlier ``add`` steps, which ``sync`` also installs."""
    chosen = [sync.keys.get(key, ()) for key in ("extras", "groups")]
    added: dict[str, Requirement] = {}
    for step in steps:
        target = step.keys.get("optional") or step.keys.get("group")
        if step.verb == "add" and (not target or any(target in names for names in chosen)):
            requirements = map(Requirement, step.requirements)
            added |= {canonicalize_name(each.name): each for each in requirements}
        if step.text == sync.text:
            break
    return tuple(added.values())


def _asked(step: CommandStep) -> set[str]:
    """Return strings that identify what a step installs, for comparison with other steps."""
    indexes = " ".join(sorted(index.url for index in step.indexes))
    if step.verb == "install":
        return {f"{text} {indexes}" for text in step.requirements}
    if step.verb not in ("sync", "add"):
        return set()
    named = {key: step.keys.get(key, ()) for key in ("extras", "groups")}
    named["extras"] = [*named["extras"], *filter(None, [step.keys.get("optional")])]
    named["groups"] = [*named["groups"], *filter(None, [step.keys.get("group")])]
    added = {f"add {text}" for text in step.requirements}
    return {"project", *added, *(f"{key} {name}" for key, names in named.items() for name in names)}


def _weight(step: CommandStep) -> tuple[bool, int]:
    return step.is_verbose, len(step.keys) + len(step.requirements) + len(step.indexes)


def _story(steps: Iterable[CommandStep]) -> Iterator[CommandStep]:
    """Yield the steps without those that have no effect in a scenario."""
    last = ""
    for step in steps:
        is_useless = not last and step.verb in _AT_A_NEW_START
        is_nameless = step.verb in ("uninstall", "remove") and not step.keys.get("projects")
        is_again = step.verb == last and step.verb in (REMOVE_VENV, CLEAR_CACHE)
        is_empty = step.verb in ("install", "compile") and not step.requirements
        if not (is_useless or is_nameless or is_again or is_empty):
            last = step.verb
            yield step


def _playable(step: CommandStep, words: ProjectWords) -> CommandStep:
    """Return a ``sync`` step for a command that installs the project, such as ``pip install -e .``.

    Other steps are returned unchanged.
    """
    is_project = step.verb == "add" or (step.verb == "install" and bool(words.keys))
    if step.requirements or not is_project:
        return step
    left = ("optional", "group", "overrides", "constraints")
    return replace(step, verb="sync", keys={k: v for k, v in step.keys.items() if k not in left})


def _with_files(step: CommandStep, files: Mapping[str, str]) -> CommandStep:
    """Return a step with the content of its requirements files; ``unread`` lists unknown files."""
    keys, requirements, unread = dict(step.keys), list(step.requirements), list(step.unread)
    for kind, name in step.files:
        text = files.get(name.rpartition("/")[2])
        if text is None:
            unread.append(name)
            continue
        found = read_requirements(text).keys["dependencies"]
        if kind == "requirements":
            requirements += found
        elif step.verb == "install":
            keys[kind] = [*keys.get(kind, ()), *found]
    return replace(
        step,
        keys=keys,
        requirements=tuple(dict.fromkeys(requirements)),
        unread=tuple(unread),
        files=tuple(pair for pair in step.files if pair[1].rpartition("/")[2] in files),
    )


def _with_groups(step: CommandStep, words: ProjectWords) -> CommandStep:
    """Return a ``sync`` step that names all its extras and groups, including default groups.

    A group that the project defines only as an extra becomes an extra, because PDM does not
    distinguish groups from extras.
    """
    if step.verb != "sync":
        return step
    extras = list(words.keys.get("optional-dependencies", ()))
    groups = list(words.keys.get("dependency-groups", ()))
    named = step.keys.get("groups", ())
    as_extras = [name for name in named if name in extras and name not in groups]
    chosen = {
        "extras": [
            *step.keys.get("extras", ()),
            *as_extras,
            *(extras if "extras" in step.all_of else ()),
        ],
        "groups": [
            *(name for name in named if name not in as_extras),
            *(groups if "groups" in step.all_of else ()),
        ],
    }
    if EVERY not in step.no_groups:
        chosen["groups"] += words.default_groups
    left = {"extras": step.no_extras, "groups": step.no_groups}
    names = {
        key: list(dict.fromkeys(name for name in value if name not in left[key]))
        for key, value in chosen.items()
    }
    return replace(
        step,
        keys={
            **{key: value for key, value in step.keys.items() if key not in names},
            **{key: value for key, value in names.items() if value},
        },
    )
