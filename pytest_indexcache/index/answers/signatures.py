"""Signed URLs: each redirect to a file contains a new signature.

The index accepts every signature that it has issued for the file.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from threading import Lock


class Signatures:
    """The signatures that an index has issued for each file, oldest first."""

    def __init__(self, index: str) -> None:
        self._index = index
        self._given: defaultdict[str, list[str]] = defaultdict(list)
        self._lock = Lock()

    def sign(self, filename: str) -> str:
        """Issue and return a new signature for a file."""
        with self._lock:
            given = self._given[filename]
            text = f"{self._index}/{filename}/{len(given)}"
            given.append(hashlib.sha256(text.encode()).hexdigest())
            return given[-1]

    def knows(self, filename: str, signature: str) -> bool:
        """Return whether this signature has been issued for the file."""
        return signature in self._given.get(filename, ())
