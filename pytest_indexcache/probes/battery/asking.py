"""Send the requests in the battery to an index."""

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
    """A response exactly as it was received; the content coding of ``body`` has not been removed.

    ``is_whole`` is False if reading was stopped before the end of the body.
    """

    status: int
    headers: Headers
    body: bytes = b""
    is_whole: bool = True

    def field(self, name: str) -> str:
        """Return the value of a header field, or an empty string if the field is missing."""
        return self.headers.get(name) or ""


Ask = Callable[[Request], ServerAnswer | None]
"""A function that sends a request, and returns the answer or None.

The result is None if there is no answer, or if a limit of the probe has been reached.
"""


def ask_all(
    ask: Ask, places: Places, questions: Iterable[BatteryQuestion]
) -> dict[str, ServerAnswer]:
    """Send the questions to an index, and return its answers, keyed by the name of the question.

    A question that needs a validator is skipped if the index does not send that validator.
    Identical requests are only sent once.
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
    """Fill in the validators from an earlier answer, or return {} if it lacks one of them."""
    filled = {}
    for name, value in fields.items():
        known = value if value not in _VALIDATORS else plain and plain.field(_VALIDATORS[value])
        if not known:
            return {}
        filled[name] = known
    return filled
