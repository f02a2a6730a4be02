"""The requests of others, by which an edge comes to have something stored."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping

from pytest_indexcache.index.offers.negotiation import HTML, JSON_V1
from pytest_indexcache.messages import Headers
from pytest_indexcache.scenario.tables.changes import Warm


def warming_fields(step: Warm, users: Mapping[str, str]) -> Headers:
    """Return the header fields of the requests that a step stands for.

    Where an index has users, its first one asks.
    """
    fields = {"Accept": JSON_V1 if step.format == "json" else HTML}
    if step.gzip:
        fields["Accept-Encoding"] = "gzip"
    for user, password in list(users.items())[:1]:
        credentials = b64encode(f"{user}:{password}".encode()).decode("ascii")
        fields["Authorization"] = f"Basic {credentials}"
    return Headers.of(fields)
