"""Write the steps of a draft."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from packaging.requirements import Requirement

from pytest_indexcache.drafts.facts.command_steps import REMOVE_VENV, CommandStep
from pytest_indexcache.drafts.facts.step_plans import (
    StepPlan,
    added_requirements,
    repeats,
    with_default_groups,
)
from pytest_indexcache.drafts.files.project_files import ProjectWords
from pytest_indexcache.drafts.indexes.placements import Placement
from pytest_indexcache.drafts.texts.expected import expected_versions
from pytest_indexcache.drafts.texts.quotes import Quotes
from pytest_indexcache.drafts.texts.remarks import to_be_read
from pytest_indexcache.drafts.texts.status_remarks import status_remarks
from pytest_indexcache.drafts.texts.toml_text import comment, toml_key, toml_line
from pytest_indexcache.drafts.words.index_urls import key_of

_LATER_ONLY: Final = ("offline", "frozen", "locked")
"""Options that the first step must not use, because it fills the cache and writes the lockfile."""

_NO_DOWNLOADS: Final = ("lock", "compile")
_OF_PROJECT: Final = ("sync", "lock", "add")
_LONGEST_LINE: Final = 100
_NOTHING: Final = "the expected behaviour: nothing is downloaded the second time"
_WITHOUT_CACHE: Final = "without a cache each file is downloaded again"


@dataclass(frozen=True)
class StepParts:
    """The input for the steps of a draft; ``direct`` contains the user's requirements."""

    placement: Placement
    is_project: bool
    direct: Sequence[Requirement]
    words: ProjectWords
    plan: StepPlan
    quotes: Quotes

    def verb_of(self, step: CommandStep) -> str:
        """Return the verb of a step, which is ``sync`` for a command that installs the project."""
        is_install = step.verb in ("install", "compile")
        is_replaced = self.is_project and is_install and not self.plan.is_whole
        is_replaced = is_replaced and not step.requirements
        return "sync" if is_replaced else step.verb


@dataclass(frozen=True)
class _Step:
    """A step to write, with the number of downloads that it expects, or None if unknown."""

    step: CommandStep
    name: str = ""
    downloads: Mapping[str, int] | None = None


def installs(plan: StepPlan, *, is_project: bool) -> bool:
    """Return whether the steps of a draft install requirements instead of a project."""
    if plan.main is None:
        return not is_project
    asking = [step for step in plan.steps if step.asks]
    return not is_project and all(step.verb in ("install", "compile") for step in asking)


def step_lines(parts: StepParts) -> Iterator[str]:
    """Yield the lines of all steps; the last step expects no downloads."""
    yield ""
    if parts.plan.is_whole:
        yield from _as_given(parts)
    else:
        yield from _before_and_after(parts)


def _before_and_after(parts: StepParts) -> Iterator[str]:
    """Yield a step for one command, a step that removes the venv, and the same command again."""
    step = parts.plan.main or _likely_step(parts)
    if parts.plan.main is None:
        yield to_be_read("the log names no command; this is the most likely one")
    yield from _remarks(parts, step)
    first = _first(replace(step, verb=parts.verb_of(step)))
    yield from _step(parts, _Step(first, "the cache is empty", _cold(parts, first)))
    yield ""
    yield from _repeated(parts, step)


def _as_given(parts: StepParts) -> Iterator[str]:
    """Yield a step for each command.

    The last command is played again in a new venv, unless it already repeats an earlier one.
    """
    steps = parts.plan.steps
    cold = next(number for number, step in enumerate(steps) if step.asks)
    last = max(number for number, step in enumerate(steps) if step.asks)
    is_repeating = last != cold and repeats(steps, last)
    has_lock = False
    for number, given in enumerate(steps):
        step = given if has_lock else _without_lock(given)
        has_lock = has_lock or step.verb in _OF_PROJECT
        text = step.text if number == 0 or step.text != steps[number - 1].text else ""
        yield from _remarks(parts, replace(step, text=text))
        if number == last and is_repeating:
            yield from status_remarks(parts.placement)
            yield to_be_read(_WITHOUT_CACHE if step.keys.get("no-cache") else _NOTHING)
            yield from _step(parts, _Step(step, downloads=_warm(step)))
        elif number == cold:
            first = _first(step)
            yield from _step(parts, _Step(first, "the cache is empty", _cold(parts, first)))
        else:
            yield from _step(parts, _Step(step))
        yield ""
    if not is_repeating:
        yield from _repeated(parts, steps[last])


def _repeated(parts: StepParts, step: CommandStep) -> Iterator[str]:
    """Yield a step that removes the venv, and one that repeats a command but downloads nothing."""
    verb = parts.verb_of(step)
    is_resolving = verb in _NO_DOWNLOADS
    if not is_resolving:
        yield from ("[[steps]]", toml_line("do", REMOVE_VENV), "")
    yield from status_remarks(parts.placement)
    yield to_be_read(_WITHOUT_CACHE if step.keys.get("no-cache") else _NOTHING)
    keys = {key: value for key, value in step.keys.items() if key != "reinstall" or verb != "add"}
    if verb == "add":
        optional, group = keys.pop("optional", None), keys.pop("group", None)
        keys |= {"extras": [optional]} if optional else {}
        keys |= {"groups": [group]} if group else {}
    again = replace(step, verb="sync" if verb == "add" else verb, keys=keys)
    name = "once more" if is_resolving else "the venv is recreated"
    yield from _step(parts, _Step(again, name, _warm(again)))


def _likely_step(parts: StepParts) -> CommandStep:
    """Return a likely command for a log that contains no commands."""
    return with_default_groups(parts.words) if parts.is_project else CommandStep("", "install")


def _without_lock(step: CommandStep) -> CommandStep:
    """Return a step without the options that require an existing lockfile."""
    left = ("frozen", "locked")
    return replace(step, keys={k: v for k, v in step.keys.items() if k not in left})


def _first(step: CommandStep) -> CommandStep:
    return replace(step, keys={k: v for k, v in step.keys.items() if k not in _LATER_ONLY})


def _cold(parts: StepParts, step: CommandStep) -> Mapping[str, int] | None:
    """Return the downloads that a step should cause if the cache is empty, or None if unknown."""
    # Without ranges an installer may read a wheel twice: for its metadata, and to install it.
    is_once = not parts.placement.facts.without_ranges and step.verb not in _NO_DOWNLOADS
    return {"*": 1} if is_once else None


def _warm(step: CommandStep) -> Mapping[str, int]:
    return {"*": 1} if step.keys.get("no-cache") else {}


def _remarks(parts: StepParts, step: CommandStep) -> Iterator[str]:
    if step.text:
        yield comment(f"the command of the log: {parts.quotes.quoted(step.text)}")
    if step.unread:
        yield to_be_read(f"not in the steps: {parts.quotes.quoted(' '.join(step.unread))}")


def _step(parts: StepParts, written: _Step) -> Iterator[str]:
    step = written.step
    verb = parts.verb_of(step)
    yield "[[steps]]"
    if written.name:
        yield toml_line("name", written.name)
    yield toml_line("do", verb)
    yield from _own_keys(parts, step, verb)
    for key, value in step.keys.items():
        yield toml_line(key, value)
    yield from _expectation(parts, written, verb)


def _expectation(parts: StepParts, written: _Step, verb: str) -> Iterator[str]:
    downloads, installed = written.downloads, {}
    if downloads is None and not written.name:
        return
    if verb not in _NO_DOWNLOADS:
        wanted = _wanted(parts, written.step)
        installed = expected_versions(parts.placement, parts.words, wanted, written.step)
    if downloads and not installed:
        downloads = None  # perhaps nothing is installed: markers may exclude every requirement
    yield "[steps.expect]"
    if downloads is not None:
        yield toml_line("downloads", downloads)
    elif not installed:
        yield toml_line("exit", "success")
    line = toml_line("installed", installed)
    if installed and len(line) <= _LONGEST_LINE:
        yield line
    elif installed:
        yield f"[{toml_key('steps', 'expect', 'installed')}]"
        yield from (toml_line(project, version) for project, version in installed.items())


def _wanted(parts: StepParts, step: CommandStep) -> Sequence[Requirement]:
    """Return the requirements that a step is sure to install."""
    if step.requirements:
        return tuple(map(Requirement, step.requirements))
    own = tuple(map(Requirement, parts.words.keys.get("dependencies") or ()))
    if not parts.plan.is_whole or step.verb not in _OF_PROJECT:
        return own if parts.words.requirements else parts.direct
    if any(each.verb == "remove" for each in parts.plan.steps):
        return ()
    return (*own, *added_requirements(parts.plan.steps, step))


def _own_keys(parts: StepParts, step: CommandStep, verb: str) -> Iterator[str]:
    """Yield those keys of a step that concern its requirements and indexes."""
    if verb == "add":
        yield toml_line("requirements", list(step.requirements))
        named = [each for each in step.indexes if each.name and each.role == "extra"]
        names = [index.name for each in named if (index := parts.placement.named(each.url))]
        if names:
            yield toml_line("index", names[0])
    elif verb in ("install", "compile"):
        # A log may not name all requirements of its command, but the project files may.
        wanted = list(step.requirements) or [str(each) for each in parts.direct]
        if not parts.plan.is_whole:
            wanted = [str(each) for each in parts.direct]
        yield toml_line("requirements", wanted)
        yield from _index_keys(parts, step, verb)


def _index_keys(parts: StepParts, step: CommandStep, verb: str) -> Iterator[str]:
    """Yield the keys of an ``install`` or ``compile`` step that select indexes."""
    placement = parts.placement
    indexes = tuple(each for each in placement.indexes if each.name not in placement.targets)
    default = next((index for index in indexes if index.is_default), None)
    default = default or next((each for each in indexes if each.name == "pypi"), None)
    plain = [index for index in indexes if not index.is_flat]
    default = default or next(iter(plain), None)
    named = [key_of(each.url) for each in step.indexes]
    if parts.plan.is_whole and named:
        indexes = tuple(index for index in indexes if key_of(index.url) in named)
    own = [each.url for each in step.indexes if each.role == "default"]
    other = parts.placement.named(own[0]) if own else None
    if other is not None and other is not default and verb == "install":
        yield toml_line("index", other.name)
    left = (default, other) if other is not None else (default,)
    extra = [index.name for index in indexes if not index.is_flat and index not in left]
    if extra:
        yield toml_line("extra-indexes", extra)
    flat = [index.name for index in indexes if index.is_flat]
    if flat and verb == "install":
        yield toml_line("find-links", flat)
