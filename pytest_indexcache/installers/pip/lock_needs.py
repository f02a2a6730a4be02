"""Find the steps that need a lockfile; for all others, pip installs from requirements files."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_indexcache.installers.commands.step_states import place_of
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.expectation import Expectation
from pytest_indexcache.scenario.tables.steps import (
    AnyStep,
    Delete,
    Edit,
    InstallerStep,
    Lock,
    Publish,
    RemoveVenv,
    Replace,
    Run,
    Sync,
    Yank,
)

_OTHER_OFFERS = (Publish, Replace, Yank, Delete)


def needs_lockfile(step: Sync, scenario: Scenario) -> bool:
    """Return whether a sync could have a different result if it used no lockfile.

    This is assumed if the step or the scenario mentions a lockfile, or if an index has changed
    since the project was first synced. A lockfile is also needed if projects must be removed and
    only the lockfile shows which ones.
    """
    earlier = list(_before(step, scenario))
    syncs = [
        earlier_step
        for earlier_step in earlier
        if isinstance(earlier_step, Sync | Lock) and earlier_step.folder == step.folder
    ]
    is_kept = bool(syncs) and not step.upgrade
    changes = earlier[earlier.index(syncs[0]) :] if syncs else []
    return (
        step.frozen
        or step.locked
        or bool(step.expect.locked or step.expect.lockfile)
        or any(isinstance(sync, Lock) for sync in syncs)
        or (is_kept and any(isinstance(change, _OTHER_OFFERS) for change in changes))
        or (_expects_removals(step.expect) and _holds_more(step, earlier))
    )


def _before(step: Sync, scenario: Scenario) -> Iterator[AnyStep]:
    for _, other in scenario.every_step:
        if other is step:
            return
        yield other


def _expects_removals(expect: Expectation) -> bool:
    """Return whether a step expects projects to be removed, not only replaced by other versions."""
    removed, added = expect.removed, expect.added
    if isinstance(removed, dict):
        is_gone = any(not isinstance(added, dict) or name not in added for name in removed)
    else:
        is_gone = bool(removed)
    return is_gone or bool(expect.absent) or expect.installed_count is not None


def _holds_more(step: Sync, earlier: list[AnyStep]) -> bool:
    """Return whether the venv may contain projects that the step does not require."""
    if isinstance(step, Run):
        return False
    for other in reversed(earlier):
        if isinstance(other, Edit):
            return True
        if not isinstance(other, InstallerStep) or place_of(other) != place_of(step):
            continue
        if isinstance(other, RemoveVenv):
            return False
        chosen = {*getattr(other, "extras", ()), *getattr(other, "groups", ())}
        if not isinstance(other, Sync) or not chosen <= {*step.extras, *step.groups}:
            return True
    return False
