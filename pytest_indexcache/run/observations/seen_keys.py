"""Convert a step's observed behaviour to keys of ``expect``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.run.plays.results import Check, CheckKind, StepResult
from pytest_indexcache.scenario.tables.steps import (
    AnyStep,
    ClearCache,
    InstallerStep,
    PruneCache,
    RemoveVenv,
    Together,
)

_WITHOUT_TRAFFIC: Final = (RemoveVenv, ClearCache, PruneCache)


def seen_keys(step: AnyStep, result: StepResult) -> dict[str, Any]:
    """Return the keys of ``expect`` that describe the observed behaviour of an installer step.

    The result always contains ``downloads``. It contains ``exit`` if the command did not succeed,
    ``revalidated`` if there were 304 responses, and ``installed`` and ``absent`` for changes to the
    venv. It is empty for a step without an installer.
    """
    if not isinstance(step, InstallerStep | Together) or isinstance(step, _WITHOUT_TRAFFIC):
        return {}
    keys: dict[str, Any] = {}
    if result.exit is not ExitKind.SUCCESS and not isinstance(step, Together):
        keys["exit"] = str(result.exit)
    exchanges = result.exchanges
    keys["downloads"] = _by_project(
        exchange.subject.project for exchange in exchanges if exchange.is_download
    )
    revalidated = _by_project(
        exchange.subject.project for exchange in exchanges if exchange.is_revalidated
    )
    if revalidated:
        keys["revalidated"] = revalidated
    if isinstance(step, Together) and _has_several_venvs(step):
        return keys  # contents of a venv are expected of each step
    if result.added:
        keys["installed"] = dict(sorted(result.added.items()))
    gone = sorted(result.removed.keys() - result.added.keys())
    if gone:
        keys["absent"] = gone
    return keys


def _has_several_venvs(step: Together) -> bool:
    return len({(member.step.folder, member.step.venv) for member in step.members}) > 1


def _by_project(projects: Iterable[str | None]) -> dict[str, int]:
    counted = Counter(project for project in projects if project)
    return dict(sorted(counted.items()))


def corrected(check: Check) -> Any:
    """Return the value with which a failed check's expectation would hold.

    The result is None if the expectation must be removed.
    """
    if check.kind is CheckKind.EXIT:
        # The copies of a step that begins several times may end in different ways.
        is_of_some = re.search(r"\(\d+ of \d+\)$", check.seen) is not None
        return "any" if is_of_some or check.seen[:1].isdigit() else check.seen.partition(" ")[0]
    return False if check.kind is CheckKind.SATISFIED else None
