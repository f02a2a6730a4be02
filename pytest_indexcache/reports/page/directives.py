"""Header fields, directives and options in the text of a cause, so that a page can mark them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from pytest_indexcache.messages import Exchange
from pytest_indexcache.run.plays.results import Check, StepResult

_DIRECTIVE: Final = re.compile(
    r"(?<![\w.=/-])("
    r"(?:s-maxage|max-age|stale-while-revalidate|stale-if-error)(?:=\d+)?"
    r"|no-store|no-cache|must-revalidate|proxy-revalidate|must-understand|immutable|private|public"
    r"|cache-control|last-modified|etag|expires|vary|age|content-range|accept-ranges"
    r"|if-none-match|if-modified-since|if-range"
    r"|--[a-z][a-z-]+"
    r")(?![\w-]|\.\w)",
    re.IGNORECASE,
)
"""Names of RFC 9111 §5.2, RFC 9110 and RFC 5861, and options of commands."""

_FILE: Final = re.compile(r"\.(?:whl|tar\.gz|zip)\b")

_ON_RESPONSES: Final = ("cache-control", "etag", "last-modified", "expires", "vary", "age")


def marked(text: str) -> list[str]:
    """Cut a text so that each second part, from the second on, is a directive."""
    return _DIRECTIVE.split(text)


def directives(text: str) -> frozenset[str]:
    """Return the directives that a text names, in lower case and without values."""
    return frozenset(found.lower().partition("=")[0] for found in _DIRECTIVE.findall(text))


def decides(exchange: Exchange, step: int, failed: Iterable[Check]) -> frozenset[str]:
    """Return the directives of a response, of a step, by which a cause of a check explains it.

    The cause must name the directive, and be about the file of the exchange, or about its project
    if it names no file; where it names steps, the exchange must be of one of them.
    """
    sent = _sent_directives(exchange)
    found: set[str] = set()
    for check in failed:
        for cause in check.causes:
            if sent and _is_about(check, cause, exchange) and _names_step(cause, step):
                found |= sent & directives(cause)
    return frozenset(found)


def failed_checks(steps: Iterable[StepResult]) -> list[Check]:
    """Return every check of a play that does not hold."""
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
