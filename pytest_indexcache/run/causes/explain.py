"""Find the cause of each failed check by applying the first rule that fits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from pytest_indexcache.run.causes.contents.caches import CACHE_BYTES, CACHED
from pytest_indexcache.run.causes.contents.reinstalls import REINSTALLED
from pytest_indexcache.run.causes.contents.venv_files import VENV_FILES
from pytest_indexcache.run.causes.facts.history import History
from pytest_indexcache.run.causes.facts.questions import Question, Rule
from pytest_indexcache.run.causes.outcomes.builds import BUILDS
from pytest_indexcache.run.causes.outcomes.lockfile_changes import LOCKFILE
from pytest_indexcache.run.causes.outcomes.locks import LOCKED
from pytest_indexcache.run.causes.outcomes.outputs import CONSISTENCY, IMPORTS, OUTPUT
from pytest_indexcache.run.causes.outcomes.refusals import REFUSALS
from pytest_indexcache.run.causes.outcomes.successes import SUCCESSES
from pytest_indexcache.run.causes.outcomes.venvs import INSTALLED, SATISFIED
from pytest_indexcache.run.causes.traffic.at_once import asked_at_once, beside, of_one_step
from pytest_indexcache.run.causes.traffic.edges import PAST_EDGE
from pytest_indexcache.run.causes.traffic.fields import FIELDS
from pytest_indexcache.run.causes.traffic.files import DOWNLOADS
from pytest_indexcache.run.causes.traffic.missing_requests import MISSING_REQUESTS
from pytest_indexcache.run.causes.traffic.requests import REPEATED_REQUESTS
from pytest_indexcache.run.causes.traffic.sent_bytes import SENT_BYTES
from pytest_indexcache.run.plays.records.played_steps import PlayedStep
from pytest_indexcache.run.plays.results import Check, CheckKind

_REQUESTS: Final = (*REPEATED_REQUESTS, *MISSING_REQUESTS)

RULES: Final[Mapping[CheckKind, Sequence[Rule]]] = {
    CheckKind.EXIT: (*REFUSALS, *SUCCESSES),
    CheckKind.SATISFIED: SATISFIED,
    CheckKind.DOWNLOADS: DOWNLOADS,
    CheckKind.REVALIDATED: _REQUESTS,
    CheckKind.BYTES: SENT_BYTES,
    CheckKind.NOMINAL: DOWNLOADS,
    CheckKind.FIELDS: FIELDS,
    CheckKind.REQUESTS: _REQUESTS,
    CheckKind.REQUESTS_TO: _REQUESTS,
    CheckKind.PAST_EDGE: PAST_EDGE,
    CheckKind.CACHED: CACHED,
    CheckKind.CACHE_BYTES: CACHE_BYTES,
    CheckKind.LOCKED: LOCKED,
    CheckKind.LOCKFILE: LOCKFILE,
    CheckKind.BUILDS: BUILDS,
    CheckKind.IMPORTS: IMPORTS,
    CheckKind.CHECK: CONSISTENCY,
    CheckKind.OUTPUT: OUTPUT,
    CheckKind.INSTALLED: INSTALLED,
    CheckKind.INSTALLED_COUNT: INSTALLED,
    CheckKind.ABSENT: INSTALLED,
    CheckKind.ADDED: INSTALLED,
    CheckKind.REMOVED: INSTALLED,
    CheckKind.REINSTALLED: REINSTALLED,
    CheckKind.VENV_FILES: VENV_FILES,
    CheckKind.ORIGIN: INSTALLED,
    CheckKind.EDITABLE: INSTALLED,
    CheckKind.BUILDS_OF: INSTALLED,
}
"""The rules for each kind of check, most specific first."""


def explained(checks: Iterable[Check], played: Sequence[PlayedStep]) -> tuple[Check, ...]:
    """Return the given checks on the last step; failed checks get a cause if a rule finds one."""
    history = History(tuple(played))
    return tuple(
        check if check.held else replace(check, causes=causes_of(check, history))
        for check in checks
    )


def causes_of(check: Check, history: History) -> tuple[str, ...]:
    """Return the cause of a failed check as a 1-tuple, or an empty tuple if no rule applies.

    The cause is one or two sentences long.
    """
    question = Question(check, history)
    at_once = asked_at_once(question)
    if at_once is not None:
        return (at_once.text,)
    question = of_one_step(question)
    for rule in RULES.get(check.kind, ()):
        cause = rule(question)
        if cause is not None:
            is_exit = check.kind is CheckKind.EXIT
            return (beside(cause, history).text if is_exit else cause.text,)
    return ()
