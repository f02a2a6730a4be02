"""A step of a scenario: any verb of an installer, or anything that happens in between."""

from __future__ import annotations

from typing import Annotated, Any

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

InstallerVerb = (
    Lock
    | Sync
    | Run
    | Install
    | Uninstall
    | Add
    | Remove
    | Compile
    | SyncRequirements
    | RemoveVenv
    | ClearCache
    | PruneCache
    | Command
)
Change = Publish | Replace | Yank | Delete | SetHeaders | SetUsers | GoDown | ComeBack | Fail | Mend
AnyStep = InstallerVerb | Edit | Damage | Change | Purge | Warm


def _command_alone(value: Any) -> Any:
    is_command = isinstance(value, dict) and "command" in value and "do" not in value
    return {**value, "do": "command"} if is_command else value


Step = Annotated[Annotated[AnyStep, Field(discriminator="do")], BeforeValidator(_command_alone)]

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
    "Step",
    "StepBase",
    "Sync",
    "SyncRequirements",
    "Uninstall",
    "Warm",
    "Yank",
]
