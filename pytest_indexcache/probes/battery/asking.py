"""Send the battery's requests to an index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pytest_indexcache.messages import Headers, Request
from pytest_indexcache.probes.battery.places import Places
from pytest_indexcache.probes.battery.questions import ACCEPTED, BatteryQuestion

_VALIDATORS: Final = {"$etag": "etag", "$modified": "last-modified"}


@dataclass(frozen=True, slots=True)
class ServerAnswer:
    """A response as it was received; ``body`` still has its content coding.

    ``is_whole`` is False if reading stopped before the end of the body.
    """

    status: int
    headers: Headers
    body: bytes = b""
    is_whole: bool = True

    def field(self, name: str) -> str:
        """Return the value of a header field; empty if the field is absent."""
        return self.headers.get(name) or ""


Ask = Callable[[Request], ServerAnswer | None]
"""A function that sends a request; it returns None without a response, or at a limit."""


def ask_all(
    ask: Ask, places: Places, questions: Iterable[BatteryQuestion]
) -> dict[str, ServerAnswer]:
    """Send the questions to an index, and return the answers, keyed by question name.

    A question about a validator is skipped if the index does not send the validator. Identical
    requests are sent only once.
    """
    sent: dict[Request, ServerAnswer | None] = {}

    def once(method: str, url: str, fields: Mapping[str, str]) -> ServerAnswer | None:
        request = Request(method, url, Headers.of(fields))
        if request not in sent:
            sent[request] = ask(request)
        return sent[request]

    found: dict[str, ServerAnswer] = {}
    for question in questions:
        url = places.url_of(question.target)
        fields = dict(question.fields)
        if url is None:
            continue
        if _VALIDATORS.keys() & set(fields.values()):
            plain = once("GET", url, dict(ACCEPTED[question.target]))
            fields = _with_validators(fields, plain)
            if not fields:
                continue
        answer = once(question.method, url, fields)
        if answer is not None:
            found[question.name] = answer
    return found


def _with_validators(fields: Mapping[str, str], plain: ServerAnswer | None) -> dict[str, str]:
    """Return the fields with the validators of an earlier answer; empty if one is not known."""
    filled = {}
    for name, value in fields.items():
        known = value if value not in _VALIDATORS else plain and plain.field(_VALIDATORS[value])
        if not known:
            return {}
        filled[name] = known
    return filled
