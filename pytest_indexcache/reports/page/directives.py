"""Find header fields and cache directives in the text of a cause, to highlight them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from pytest_indexcache.messages import Exchange
from pytest_indexcache.run.plays.results import Check, StepResult
from pytest_indexcache.run.plays.results.cause_texts import DIRECTIVE, directives, effective

_FILE: Final = re.compile(r"\.(?:whl|tar\.gz|zip)\b")

_OVERRIDE: Final = re.compile(r"the project's override '[^']*', in place of [^)]*")
"""A pattern for the part of a cause that quotes a header field overridden by the user."""

_ON_RESPONSES: Final = ("cache-control", "etag", "last-modified", "expires", "vary", "age")


def marked(text: str) -> list[str]:
    """Split a string into plain text (at even indexes) and directives (at odd indexes)."""
    return DIRECTIVE.split(text)


def decides(exchange: Exchange, step: int, failed: Iterable[Check]) -> frozenset[str]:
    """Return the directives in a response that explain failed checks.

    A directive counts if a cause names it and is about the same file or project as the exchange. If
    the cause mentions steps, ``step`` must be one of them. Directives that another named directive
    overrides are left out.
    """
    sent = _sent_directives(exchange)
    found: set[str] = set()
    for check in failed:
        for cause in check.causes:
            if sent and _is_about(check, cause, exchange) and _names_step(cause, step):
                found |= effective(sent & directives(_OVERRIDE.sub("", cause)))
    return frozenset(found)


def failed_checks(steps: Iterable[StepResult]) -> list[Check]:
    """Return the failed checks of all steps."""
    return [check for step in steps for check in step.checks if not check.held]


def _sent_directives(exchange: Exchange) -> frozenset[str]:
    headers = exchange.response_headers
    names = {name for name in _ON_RESPONSES if name in headers}
    return directives(headers.get("cache-control") or "") | names


def _is_about(check: Check, cause: str, exchange: Exchange) -> bool:
    subject = exchange.subject
    if subject.filename and subject.filename in cause:
        return True
    if exchange.url in cause:
        return True
    if subject.filename or _FILE.search(cause):
        return False
    return bool(subject.project) and subject.project == check.subject


def _names_step(cause: str, step: int) -> bool:
    named = re.findall(r"\bstep (\d+)", cause)
    return not named or str(step) in named
