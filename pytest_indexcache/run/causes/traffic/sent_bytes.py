"""Rules that explain why more or fewer bytes of files were sent than expected."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from pytest_indexcache.messages import Exchange
from pytest_indexcache.run.causes.facts.questions import Cause, Question, Rule
from pytest_indexcache.run.causes.facts.wording import listed
from pytest_indexcache.run.causes.traffic.files import DOWNLOADS
from pytest_indexcache.run.plays.checks.traffic import concerns, is_sent_file


def sent_in_parts(question: Question) -> Cause | None:
    """Explain the failed check if a file was sent in several responses, or was cut off."""
    history, pattern = question.history, question.check.subject
    files: dict[str, list[Exchange]] = {}
    for exchange in filter(is_sent_file, history.seen.exchanges):
        if not pattern or concerns(exchange, pattern):
            files.setdefault(exchange.subject.filename or exchange.url, []).append(exchange)
    parts = {name: sent for name, sent in files.items() if len(sent) > 1 or not sent[0].is_complete}
    if not parts:
        return None
    name = max(parts, key=lambda name: sum(exchange.sent for exchange in parts[name]))
    sent = parts[name]
    responses = "one response" if len(sent) == 1 else f"{len(sent)} responses"
    return Cause(
        f"{name} was sent in {responses} to step {history.number}: "
        f"{listed([_amount(exchange) for exchange in sent], 5)}{_anew(sent)}"
    )


def _amount(exchange: Exchange) -> str:
    ranged = f", to Range {exchange.request_headers.get('Range')}" if exchange.is_range else ""
    if exchange.is_complete:
        return f"{exchange.sent} bytes ({exchange.status}{ranged})"
    return f"{exchange.sent} of {exchange.length} bytes ({exchange.status}, cut off{ranged})"


def _anew(sent: Sequence[Exchange]) -> str:
    """Return a clause saying that the received part of a truncated file was transferred again.

    The result is empty if it was not.
    """
    pairs = list(pairwise(sent))
    after_cut = [later for earlier, later in pairs if not earlier.is_complete]
    if any(not later.is_range for later in after_cut):
        return (
            "; the part received before the cut was requested again, without a Range for the rest"
        )
    if any(later.status == 200 for later in after_cut):
        return (
            "; the part received before the cut was sent again, although a Range asked for the rest"
        )
    return ""


SENT_BYTES: Final[Sequence[Rule]] = (sent_in_parts, *DOWNLOADS)
"""The rules for checks on the number of file bytes sent, most specific first."""
