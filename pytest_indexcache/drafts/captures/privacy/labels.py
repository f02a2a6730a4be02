"""Replace the names of extras and dependency groups that may identify a user.

A label is kept if most projects could have it, such as ``dev`` and ``cu126``, or if a public
project has an extra with this name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from packaging.utils import canonicalize_name

from pytest_indexcache.drafts.facts.group_options import OPTIONS

LabelKind = Literal["extra", "group"]

COMMON_LABELS: Final = frozenset(
    """
    all api async aws azure bench benchmark benchmarks build check checks ci cli client complete
    coverage cov cpu cuda db debug default deploy dev develop development doc docs documentation
    example examples extra extras fast format formatting full gcp gpu gui http http2 integration
    jax jupyter json lint linters linting linux local macos main metal minimal mps mypy mysql none
    notebook notebooks onnx optional package packaging parquet perf plot plotting postgres
    postgresql pre-commit prod production profile profiling publish recommended redis release
    rocm ruff s3 security server socks speed speedup speedups sql sqlite ssl standard style tensor
    tensorflow test testing tests tls toml tools torch tox tpu train typecheck types typing ui
    unit unit-tests viz web windows xml xpu yaml
    """.split()  # noqa: SIM905
)
"""Names of extras and groups that do not identify a project."""

_OTHER_OPTIONS: Final[Mapping[str, Mapping[str, LabelKind]]] = {
    "uv": {"--optional": "extra", "--upgrade-group": "group"},
    "pip": {"--group": "group"},
    "poetry": {"--optional": "extra"},
}
"""The options that name extras or groups without selecting or excluding them in a sync."""

LABEL_OPTIONS: Final[Mapping[str, Mapping[str, LabelKind]]] = MappingProxyType(
    {
        installer: {
            **{
                option: "group" if meaning.groups else "extra"
                for option, meaning in OPTIONS.get(installer, {}).items()
            },
            **_OTHER_OPTIONS.get(installer, {}),
        }
        for installer in (*OPTIONS, "pip")
    }
)
"""For each installer, the options whose values are names of extras or groups."""

_PLATFORM: Final = re.compile(r"(?:cu|cuda|rocm|py|python)-?[0-9][0-9.-]*")
_ENCODED: Final = re.compile(r"(?P<kind>extra|group|project)-(?P<length>[0-9]{1,3})-(?P<rest>.+)")


@dataclass
class PrivateLabels:
    """The replacements for private extras and groups, and the extras of public projects.

    ``words`` maps normalised labels (PEP 685) to their replacements. Instances are not thread-safe.
    """

    public: set[str] = field(default_factory=set)
    words: dict[str, str] = field(default_factory=dict)

    def keep(self, labels: Iterable[str]) -> None:
        """Register the extras of public projects, which are not replaced."""
        self.public |= {canonicalize_name(label) for label in labels}

    def label(self, label: str, kind: LabelKind) -> str:
        """Return the replacement for a label, such as ``extra1``, or the label if it is kept."""
        own = canonicalize_name(label)
        is_common = own in COMMON_LABELS or _PLATFORM.fullmatch(own) is not None
        if own in self.public or is_common or not own.strip("-"):
            return label
        return self.words.setdefault(own, self._new(kind))

    def _new(self, kind: LabelKind) -> str:
        """Return a new replacement that differs from all existing labels."""
        used = self.public | set(self.words.values())
        number = 1
        while f"{kind}{number}" in used:
            number += 1
        return f"{kind}{number}"


def encoded_label(
    label: str, project: Callable[[str], str], inner: Callable[[str], str]
) -> str | None:
    """Return a label in uv's lockfiles with its project and its extra or group replaced.

    Where extras conflict, uv writes ``extra-9-acme-shop-cpu`` for the extra ``cpu`` of
    ``acme-shop``; the number is the length of the project's name. For any other label, the result
    is None.
    """
    found = _ENCODED.fullmatch(label)
    if found is None:
        return None
    length, rest = int(found["length"]), found["rest"]
    name, after = rest[:length], rest[length:]
    if len(name) < length or (after and not after.startswith("-")):
        return None
    renamed = project(name)
    last = f"-{inner(after[1:])}" if after else ""
    return f"{found['kind']}-{len(renamed)}-{renamed}{last}"
