"""File hashes: the supported algorithms, and the comparison with expected digests."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

ALGORITHMS: Final[tuple[str, ...]] = ("sha256", "sha512", "sha384", "sha224", "sha1", "md5")
"""The supported algorithms, the most common first."""


def new_hash(algorithm: str) -> hashlib._Hash:
    """Create a hash object; md5 and sha1 work even if a security policy forbids them."""
    return hashlib.new(algorithm, usedforsecurity=False)


def hash_file(path: str | Path, algorithm: str = "sha256") -> str:
    """Return the digest of a file's contents, in hex."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, lambda: new_hash(algorithm)).hexdigest()


def unmet_hash(promised: Mapping[str, str], digests: Mapping[str, str]) -> str | None:
    """Return the algorithm of an expected hash that does not match, or None if all match.

    ``promised`` are the expected hashes. Hashes whose algorithm is not in ``digests`` are ignored.
    If this leaves none, the first expected hash counts as not matching.
    """
    known = [name for name in promised if name in digests]
    wrong = [name for name in known if promised[name].lower() != digests[name].lower()]
    return next(iter(wrong or ([] if known else promised)), None)
