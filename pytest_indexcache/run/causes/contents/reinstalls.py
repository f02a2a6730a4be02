"""Rules that explain why a release was reinstalled at the same version, or why it was not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pytest_indexcache.run.causes.facts.history import History
from pytest_indexcache.run.causes.facts.holdings import (
    Fate,
    changes_to,
    download_of,
    holding_of,
    source_of,
)
from pytest_indexcache.run.causes.facts.questions import Cause, Question, Rule
from pytest_indexcache.run.causes.facts.wording import listed, options_text
from pytest_indexcache.run.causes.outcomes.venvs import command_failed, kept, replaced_by_another
from pytest_indexcache.run.plays.venvs.distributions import Distribution


def counted(question: Question) -> Cause | None:
    """Return a cause that lists all reinstalled projects, for a check on their total number."""
    history = question.history
    if question.check.subject:
        return None
    again = [f"{name} {version}" for name, version in history.seen.reinstalled.items()]
    said = f"reinstalled {listed(again, 6)}" if again else "reinstalled nothing"
    return Cause(f"step {history.number}{options_text(history.step)} {said}")


def not_there_before(question: Question) -> Cause | None:
    """Explain the failure if the project was not reinstalled because it was not in the venv."""
    history, project = question.history, question.check.subject
    held = holding_of(history, project)
    if held.before is not None:
        return None
    then = (
        f"did not install {project}"
        if held.after is None
        else f"installed {project} for the first time"
    )
    return Cause(f"the venv did not have {project} before step {history.number}, which {then}")


def written_again(question: Question) -> Cause | None:
    """Explain the failed check if the step reinstalled the same release.

    The cause lists earlier changes to the project, which may be the reason.
    """
    history, project = question.history, question.check.subject
    held = holding_of(history, project)
    if held.fate is not Fate.REINSTALLED or held.before is None or held.after is None:
        return None
    since = held.since or 0
    changes = [f"step {number} {text}" for number, text in changes_to(history, project, since)]
    led = "; ".join(changes) or f"no step in between changed {project}"
    source = source_of(history, held.before, held.since or history.number)
    return Cause(
        f"the venv held {project} {held.before.version} {source} since step {since}, and step "
        f"{history.number}{options_text(history.step)} installed it again"
        f"{_means(history, held.after)}; {led}",
        origin=held.since,
    )


def _means(history: History, distribution: Distribution) -> str:
    """Describe where a reinstalled release came from: a build, a download or a stored file."""
    if history.seen.builds.get(distribution.name):
        return ", which it built again"
    sent = download_of(history, distribution, history.number)
    if sent is None:
        return ""
    name = sent.exchange.subject.filename
    if sent.step == history.number:
        return f", and downloaded {name} for it"
    return f" from {name}, which step {sent.step} had downloaded"


REINSTALLED: Final[Sequence[Rule]] = (
    counted,
    command_failed,
    not_there_before,
    written_again,
    kept,
    replaced_by_another,
)
"""The rules for checks on reinstallations, most specific first."""
