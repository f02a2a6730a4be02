"""Why the venv does not hold what is expected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pytest_indexcache.run.causes.facts.questions import Cause, Question, Rule
from pytest_indexcache.run.causes.traffic.pages import stale_page


def stale_page_of_project(question: Question) -> Cause | None:
    """Answer where an old page of the project was used without asking."""
    return stale_page(question, question.check.subject)


def kept(question: Question) -> Cause | None:
    """Answer where the venv held the project, and the step left it as it was."""
    seen, project = question.history.seen, question.check.subject
    before, after = seen.before.get(project), seen.after.get(project)
    if before is None or after is None or before.fingerprint != after.fingerprint:
        return None
    return Cause(
        f"the venv held {project} {before.version} (from {before.origin}) before step "
        f"{question.history.number}, and holds it still"
    )


INSTALLED: Final[Sequence[Rule]] = (stale_page_of_project, kept)
