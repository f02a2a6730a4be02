"""The plain facts where no rule decides: what the indexes offer of a project."""

from __future__ import annotations

from pytest_indexcache.run.causes.facts.questions import Cause, Question
from pytest_indexcache.run.causes.facts.wording import listed


def offered(question: Question) -> Cause | None:
    """Answer with the releases of the project that each index offers when the step begins."""
    history, project = question.history, question.check.subject
    parts = []
    for index in history.scenario.indexes:
        versions = list(dict.fromkeys(file.version for file in history.files(index, project)))
        if versions:
            parts.append(f"index {index} offers {project} {listed(versions)}")
    return Cause("; ".join(parts)) if parts else None
