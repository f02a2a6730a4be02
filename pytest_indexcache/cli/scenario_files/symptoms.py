"""The misbehaviours that a new scenario can demonstrate, each with suitable steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Symptom:
    """A misbehaviour, and the steps of a scenario in which it can be seen.

    ``wish`` is the correct behaviour, as a sentence. ``steps`` come after an initial sync. If
    ``needs_later`` is true, the scenario publishes a later release, and ``steps`` is a template.
    Its fields are ``index``, ``project``, ``version``, and ``key``, which is the project as a TOML
    key.
    """

    wish: str
    steps: str
    needs_later: bool = False


_DOWNLOADED_AGAIN: Final = """\
[[steps]]
do = "remove-venv"

# Everything is in the cache: nothing is downloaded again.
[[steps]]
do = "sync"
expect = { downloads = {} }
"""
_RELEASE_MISSED: Final = """\
[[steps]]
do = "publish"
index = %(index)s
project = %(project)s
version = %(version)s

# The new release is on the page of the index: it is found and installed.
[[steps]]
do = "sync"
upgrade = true
expect = { installed = { %(key)s = %(version)s } }
"""
_OFFLINE_FAILS: Final = """\
[[steps]]
do = "remove-venv"

# Everything is in the cache: the network is not needed.
[[steps]]
do = "sync"
offline = true
expect = { downloads = {} }
"""

SYMPTOMS: Final[Mapping[str, Symptom]] = {
    "downloaded-again": Symptom("nothing is downloaded again for a new venv", _DOWNLOADED_AGAIN),
    "release-missed": Symptom(
        "a release that was published meanwhile is installed", _RELEASE_MISSED, needs_later=True
    ),
    "offline-fails": Symptom("a new venv is made from the cache, offline", _OFFLINE_FAILS),
}
"""The symptoms, keyed by name. The first one is the default."""

DEFAULT_SYMPTOM: Final = next(iter(SYMPTOMS))
