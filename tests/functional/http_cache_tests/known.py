"""Tests of the suite that do not pass, each with the reason.

There are two versions of the suite: 0.4.5 on npm, which is older than RFC 9111 and contradicts it
in some tests, and the current version in the suite's repository.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_AGE: Final = "RFC 9111 5.1: an invalid Age is ignored, and of several the first counts"
_STALE_CLOSE: Final = "wants an answer that only the server could give, after it has hung up"
_UPDATE: Final = "RFC 9111 3.2: a 304 updates every field but those of the stored bytes"
_BROKEN_PART: Final = "the 206 holds fewer bytes than its Content-Range says; such are not stored"

KNOWN: Final[Mapping[str, str]] = {
    "headers-store-Transfer-Encoding": "h11 refuses a response with an unknown transfer coding",
    "vary-normalise-lang-select": "RFC 9111 4.1 lets select by identical meaning, not by qvalues",
    "partial-store-partial-complete": "RFC 9111 3.4: without a strong validator parts do not join",
    "partial-store-partial-reuse-partial": _BROKEN_PART,
    "partial-store-partial-reuse-partial-absent": _BROKEN_PART,
    "partial-store-partial-reuse-partial-byterange": _BROKEN_PART,
    "partial-store-partial-reuse-partial-suffix": _BROKEN_PART,
}
"""Tests that do not pass in the suite's current repository."""

KNOWN_AS_INSTALLED: Final[Mapping[str, str]] = dict.fromkeys(
    (
        "stale-while-revalidate",
        "stale-while-revalidate-window",
        "stale-close-must-revalidate",
        "stale-close-no-cache",
    ),
    "the installer's cache serves nothing stale, which RFC 5861 and RFC 9111 4.2.4 permit",
)
"""Further tests of that suite that do not pass with the installer's own cache settings."""

KNOWN_ON_NPM: Final[Mapping[str, str]] = {
    **KNOWN,
    "304-etag-update-response-Content-MD5": _UPDATE,
    "304-etag-update-response-ETag": "a 304 with another entity tag is asked for again",
    "age-parse-dup-0": _AGE,
    "age-parse-dup-0-twoline": _AGE,
    "age-parse-dup-old": _AGE,
    "age-parse-float": _AGE,
    "age-parse-negative": _AGE,
    "age-parse-nonnumeric": _AGE,
    "age-parse-numeric-parameter": _AGE,
    "age-parse-parameter": _AGE,
    "age-parse-prefix-twoline": _AGE,
    "stale-close-must-revalidate": _STALE_CLOSE,
    "stale-close-no-cache": _STALE_CLOSE,
    "stale-close-proxy-revalidate": _STALE_CLOSE,
    "stale-close-s-maxage=2": _STALE_CLOSE,
}
"""Tests that do not pass in the older set of the npm package."""
