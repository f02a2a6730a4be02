"""The steps of a scenario: each runs an installer or changes something between two runs."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BeforeValidator, Field

from pytest_indexcache.scenario.tables.changes import (
    ComeBack,
    Damage,
    Delete,
    EdgeStep,
    Edit,
    Fail,
    GoDown,
    IndexStep,
    Mend,
    Publish,
    Purge,
    Replace,
    SetHeaders,
    SetUsers,
    Warm,
    Yank,
)
from pytest_indexcache.scenario.tables.fields import Many
from pytest_indexcache.scenario.tables.fields.places import NUMBER
from pytest_indexcache.scenario.tables.verbs import (
    Add,
    ClearCache,
    Command,
    Compile,
    Install,
    InstallerStep,
    Lock,
    NetworkStep,
    PruneCache,
    Remove,
    RemoveVenv,
    Run,
    StepBase,
    Sync,
    SyncRequirements,
    Uninstall,
)

StartedVerb = (
    Lock
    | Sync
    | Run
    | Install
    | Uninstall
    | Add
    | Remove
    | Compile
    | SyncRequirements
    | ClearCache
    | PruneCache
    | Command
)
"""The verbs that start the installer."""
InstallerVerb = StartedVerb | RemoveVenv


def verb_of_data(value: Any) -> Any:
    """Return the verb in the data of a step: the value of ``do``, or ``command`` or ``together``.

    The result is None if the data contains none of these three keys.
    """
    if not isinstance(value, dict):
        return None
    alone = (verb for verb in ("together", "command") if verb in value)
    return value.get("do", next(alone, None))


def _with_verb(value: Any) -> Any:
    verb = verb_of_data(value)
    return {**value, "do": verb} if verb is not None else value


Started = Annotated[Annotated[StartedVerb, Field(discriminator="do")], BeforeValidator(_with_verb)]


class Together(StepBase):
    """Start several steps of the installer at once; this step ends when all of them have ended."""

    do: Literal["together"] = "together"
    together: Many[Started] = Field(min_length=1)
    """The steps to start at once; they share one cache.

    Each of them can be started several `times`, and can have its own expectations. In its `folder`
    or `venv`, `{n}` stands for the number of the copy.
    """

    @cached_property
    def members(self) -> tuple[StartedStep, ...]:
        """The steps, with each step repeated as many times as it is started."""
        return tuple(
            StartedStep(position, number, _numbered(step, number))
            for position, step in enumerate(self.together)
            for number in range(1, step.times + 1)
        )


class StartedStep(NamedTuple):
    """One of the steps that a ``together`` step starts at the same time.

    ``position`` is its position in ``together``, from 0. ``number`` counts the copies of a step
    that is started several times, from 1.
    """

    position: int
    number: int
    step: Any


def _numbered(step: StartedVerb, number: int) -> StartedVerb:
    names = {"folder": step.folder, "venv": step.venv}
    named = {
        key: name.replace(NUMBER, str(number))
        for key, name in names.items()
        if name is not None and NUMBER in name
    }
    return step.model_copy(update=named) if named else step


Change = Publish | Replace | Yank | Delete | SetHeaders | SetUsers | GoDown | ComeBack | Fail | Mend
AnyStep = InstallerVerb | Together | Edit | Damage | Change | Purge | Warm
Step = Annotated[Annotated[AnyStep, Field(discriminator="do")], BeforeValidator(_with_verb)]

__all__ = [
    "Add",
    "AnyStep",
    "Change",
    "ClearCache",
    "ComeBack",
    "Command",
    "Compile",
    "Damage",
    "Delete",
    "EdgeStep",
    "Edit",
    "Fail",
    "GoDown",
    "IndexStep",
    "Install",
    "InstallerStep",
    "InstallerVerb",
    "Lock",
    "Mend",
    "NetworkStep",
    "PruneCache",
    "Publish",
    "Purge",
    "Remove",
    "RemoveVenv",
    "Replace",
    "Run",
    "SetHeaders",
    "SetUsers",
    "StartedStep",
    "StartedVerb",
    "Step",
    "StepBase",
    "Sync",
    "SyncRequirements",
    "Together",
    "Uninstall",
    "Warm",
    "Yank",
    "verb_of_data",
]
