"""Search for header fields, directives and options in the text of a cause, to highlight them."""

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
"""A pattern for names of RFC 9111 §5.2, RFC 9110 and RFC 5861, and command-line options."""

_FILE: Final = re.compile(r"\.(?:whl|tar\.gz|zip)\b")

_OVERRIDE: Final = re.compile(r"the project's override '[^']*', in place of [^)]*")
"""A pattern for fields that were sent and replaced by the user: they decide on nothing."""

_LIFETIMES: Final = frozenset(
    """
    max-age s-maxage expires age immutable must-revalidate proxy-revalidate
    stale-while-revalidate stale-if-error
    """.split()  # noqa: SIM905
)
_OVERRULED: Final = {
    "no-store": _LIFETIMES | {"no-cache", "private", "public"},  # RFC 9111 §5.2.2.5
    "no-cache": _LIFETIMES,  # §5.2.2.4
    "max-age": frozenset({"expires"}),  # §5.3
}
"""The directives and fields that have no effect beside a directive, by that directive."""

_ON_RESPONSES: Final = ("cache-control", "etag", "last-modified", "expires", "vary", "age")


def marked(text: str) -> list[str]:
    """Split text; parts at odd positions are directives, the others are plain text."""
    return _DIRECTIVE.split(text)


def directives(text: str) -> frozenset[str]:
    """Return the directives that occur in a text, in lower case and without values."""
    return frozenset(found.lower().partition("=")[0] for found in _DIRECTIVE.findall(text))


def decides(exchange: Exchange, step: int, failed: Iterable[Check]) -> frozenset[str]:
    """Return the directives of a response that the causes of failed checks refer to.

    A cause counts if it names the directive and is about the file of the exchange; if neither the
    cause nor the exchange has a file, it must be about the exchange's project. If the cause names
    steps, ``step`` must be one of them. A directive is left out if it has no effect beside another
    directive that the cause names.
    """
    sent = _sent_directives(exchange)
    found: set[str] = set()
    for check in failed:
        for cause in check.causes:
            if sent and _is_about(check, cause, exchange) and _names_step(cause, step):
                found |= _effective(sent & directives(_OVERRIDE.sub("", cause)))
    return frozenset(found)


def _effective(names: frozenset[str]) -> frozenset[str]:
    """Return the directives, except those that have no effect beside another of them."""
    stronger = names - {"no-store"} if "must-understand" in names else names
    return names.difference(*(_OVERRULED[name] for name in stronger if name in _OVERRULED))


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
