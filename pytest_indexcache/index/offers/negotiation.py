"""Proactive negotiation: choose the format and the content coding for a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from pytest_indexcache.messages import HTML_V1, JSON_V1

LATEST: Final = {
    "application/vnd.pypi.simple.latest+html": HTML_V1,
    "application/vnd.pypi.simple.latest+json": JSON_V1,
}
"""Maps each media type for the latest version of a format to the media type of that version.

Source: PEP 691, "Version + Format Selection".
"""

_QUALITY = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.ASCII)


@lru_cache(maxsize=256)
def choose_media_type(
    accept: str | None, offered: tuple[str, ...], *, knows_latest: bool = True
) -> str | None:
    """Return the media type to send, or None if the client accepts none of those in ``offered``.

    If several media types have the same weight, the one that is offered first is chosen. Without an
    Accept field, the first one is chosen (RFC 9110 12.5.1, PEP 691). If ``knows_latest`` is false,
    the media types in :data:`LATEST` are not supported.
    """
    if accept is None or not accept.strip():
        return offered[0]
    weights = _weights(accept)
    for latest, version in LATEST.items():
        if knows_latest and latest in weights:
            weights[version] = max(weights.get(version, 0.0), weights[latest])
    return _best(offered, [_media_weight(name, weights) for name in offered])


@lru_cache(maxsize=256)
def accepts_gzip(accept_encoding: str | None) -> bool:
    """Return whether gzip has at least the same weight as identity (RFC 9110 12.5.3)."""
    if accept_encoding is None:
        return False
    weights = _weights(accept_encoding)
    rest = weights.get("*", 0.0)
    gzip = max(weights.get("gzip", rest), weights.get("x-gzip", 0.0))
    return gzip > 0 and gzip >= weights.get("identity", rest)


def _media_weight(name: str, weights: dict[str, float]) -> float:
    # "the most specific reference has precedence"
    for media_range in (name, f"{name.partition('/')[0]}/*", "*/*"):
        if media_range in weights:
            return weights[media_range]
    return 0.0


def _best(offered: Sequence[str], weights: Sequence[float]) -> str | None:
    best = max(weights)
    return offered[weights.index(best)] if best > 0 else None


def _weights(field: str) -> dict[str, float]:
    """Parse a list of names with weights; invalid weights count as 1."""
    weights: dict[str, float] = {}
    for item in field.split(","):
        name, *parameters = (part.strip().lower() for part in item.split(";"))
        if name:
            weights[name] = _weight(parameters)
    return weights


def _weight(parameters: Iterable[str]) -> float:
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q" and _QUALITY.fullmatch(value.strip()):
            return float(value)
    return 1.0
