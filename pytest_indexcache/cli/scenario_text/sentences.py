"""Describe the steps of a scenario and their expectations in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel

from pytest_indexcache.scenario.tables.expectation import Expectation
from pytest_indexcache.scenario.tables.fields.table import key_of
from pytest_indexcache.scenario.tables.steps import AnyStep, Command, Fail, Install, Together

_SENTENCES: Final = {
    "lock": "resolve the project and write the lockfile",
    "sync": "make the venv match the lockfile",
    "run": "sync the venv, then import {imports}",
    "install": "install {what}",
    "uninstall": "uninstall {projects}",
    "add": "add {requirements} to the project",
    "remove": "remove {projects} from the project",
    "compile": "resolve {requirements} into {to}",
    "sync-requirements": "make the venv match {file}",
    "remove-venv": "remove the venv",
    "clear-cache": "clear the installer's cache of {projects}",
    "prune-cache": "prune the installer's cache",
    "edit": "edit the project or its files",
    "damage": "damage {target} in the installer's cache ({how})",
    "publish": "publish {project} {version} on index {index}",
    "replace": "replace the files of {project} {version} on index {index}",
    "yank": "yank {file} {project} {version} on index {index}",
    "delete": "delete {file} {project} {version} from index {index}",
    "set-headers": "send other header fields from index {index}",
    "set-users": "change the users of index {index}",
    "go-down": "take index {index} down",
    "come-back": "bring index {index} back up",
    "fail": "make {times} of index {index} {effect} ({how})",
    "mend": "stop the failures of index {index}",
    "purge": "purge the edge of index {index}",
    "warm": "warm the edge of index {index} with {project}",
}
_INSTALLED: Final = ("requirements", "editable", "paths", "requirements_files")
"""The fields of an ``install`` step that say what to install."""
_DEFAULT_WORDS: Final = {
    ("run", "imports"): "nothing",
    ("clear-cache", "projects"): "all projects",
}
_EFFECTS: Final = {
    "wrong-hash": "get other bytes",
    "wrong-length": "get one byte too many",
    "not-modified": "get a 304",
    "ignore-range": "get the whole file in place of a range",
    "first-range": "get the first bytes in place of a range",
    "long-range": "get more than the range",
    "wrong-range": "get a range with the Content-Range of another one",
    "stale": "get an answer from before the last change",
    "slow": "wait for their answer",
}
"""For each fault that does not make requests fail, a phrase that says what happens to them."""

_NEVER_TOLD: Final = frozenset({"do", "expect", "name", "wait", "times", "together", "command"})
_SUBSTANCE: Final = frozenset({"contents", "headers", "users", "target"})


def step_sentence(step: AnyStep) -> str:
    """Return a sentence that describes a step, without a full stop.

    Options follow in parentheses. Values from the scenario are not escaped.
    """
    if isinstance(step, Together):
        parts = [
            f"{member.times} × " * (member.times > 1) + step_sentence(member)
            for member in step.together
        ]
        sentence, used = f"begin at once: {'; '.join(parts)}", {"together"}
    elif isinstance(step, Command):
        lines = [f"{name}: {_text(line, ' ')}" for name, line in step.command.items()]
        sentence, used = f"run a command line of its own ({'; '.join(lines)})", {"command"}
    else:
        words = _Words(step)
        sentence, used = _SENTENCES[step.do].format_map(words), words.used
    options = ", ".join(_options(step, used))
    wait = f"after {step.wait}, " if step.wait else ""
    return f"{wait}{' '.join(sentence.split())}{f' ({options})' if options else ''}"


class _Words(dict[str, str]):
    """Maps the fields of a step to text, for the placeholders of its sentence.

    ``used`` contains the fields that the sentence mentions.
    """

    def __init__(self, step: AnyStep) -> None:
        super().__init__()
        self._step = step
        self.used = {"do"}

    def __missing__(self, name: str) -> str:
        if isinstance(self._step, Install):
            self.used |= set(_INSTALLED)
            named = (getattr(self._step, field) for field in _INSTALLED)
            return ", ".join(_text(value) for value in named if value) or "nothing"
        if isinstance(self._step, Fail) and name == "effect":
            return _EFFECTS.get(self._step.how, "fail")
        self.used.add(name)
        value = getattr(self._step, name)
        if isinstance(self._step, Fail) and name == "times":
            return _failing(self._step, self.used)
        if value is None or value == ():
            return _DEFAULT_WORDS.get((self._step.do, name), "")
        return _text(value)


def _failing(step: Fail, used: set[str]) -> str:
    """Return a phrase for the affected requests, such as ``the next 2 page requests for torch``."""
    used |= {"kind", "project"}
    kind = "" if step.kind == "any" else f"{step.kind} "
    noun = "request" if step.times == 1 else "requests"
    count = "all " if step.times == "all" else f"the next {'' if step.times == 1 else step.times} "
    about = f" for {step.project}" if step.project else ""
    return f"{count}{kind}{noun}{about}"


def _options(step: AnyStep, used: set[str]) -> Iterator[str]:
    """Yield the keys and values in a step that are not in ``used``."""
    for name in type(step).model_fields:
        value = getattr(step, name)
        if name in step.model_fields_set - used - _NEVER_TOLD and value not in (False, None, ()):
            yield _pair(name, value)


def _pair(name: str, value: Any) -> str:
    key = key_of(name).replace("-", " ")
    return key if value is True or name in _SUBSTANCE else f"{key} {_text(value)}"


def expectation_text(expect: Expectation) -> str:
    """Return the expectations of a step as text, separated by semicolons."""
    return "; ".join(_clauses(expect))


def _clauses(expect: Expectation) -> Iterator[str]:
    for name in type(expect).model_fields:
        if name not in expect.model_fields_set:
            continue
        value, key = getattr(expect, name), key_of(name).replace("-", " ")
        if value in ({}, 0) and value is not False:
            yield f"no {key}"
        elif isinstance(value, bool):
            yield f"{key}: {'yes' if value else 'no'}"
        elif value is not None:
            yield f"{key}: {_text(value)}"


def _text(value: Any, between: str = ", ") -> str:
    """Return a value in a scenario as text; a mapping becomes ``torch 1, filelock 2``."""
    if isinstance(value, BaseModel):
        fields = {key_of(name): getattr(value, name) for name in value.model_fields_set}
        return f"({_text(fields)})"
    if isinstance(value, Mapping):
        return between.join(f"{key} {_text(inner)}" for key, inner in value.items()) or "none"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return between.join(map(_text, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
