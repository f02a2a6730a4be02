"""Requests from other clients, which fill the store of a CDN edge."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Final

from pytest_indexcache.index.offers.offer import Offer
from pytest_indexcache.messages import HTML, JSON_V1, Headers, Kind
from pytest_indexcache.scenario.tables.changes import Warm

MOST_WARMED: Final = 400
"""The maximum number of files that a ``warm`` step requests; the newest files are requested."""


def warmed_urls(step: Warm, offer: Offer) -> Sequence[str]:
    """Return the URLs that other clients request: those of a project's page, metadata and files."""
    urls = [(kind, url) for kind, url in offer.urls_of(step.project) if step.kind in ("any", kind)]
    pages = [url for kind, url in urls if kind is Kind.PAGE]
    return pages + [url for kind, url in urls if kind is not Kind.PAGE][-MOST_WARMED:]


def warming_fields(step: Warm, users: Mapping[str, str]) -> Headers:
    """Return the header fields of the requests from other clients.

    If the index has users, the credentials of the first user are used.
    """
    fields = {"Accept": JSON_V1 if step.format == "json" else HTML}
    if step.gzip:
        fields["Accept-Encoding"] = "gzip"
    for user, password in list(users.items())[:1]:
        credentials = b64encode(f"{user}:{password}".encode()).decode("ascii")
        fields["Authorization"] = f"Basic {credentials}"
    return Headers.of(fields)
