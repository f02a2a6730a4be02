"""The options of uv, Poetry and PDM that select or exclude extras and dependency groups."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from pytest_indexcache.drafts.words.names import project_name

EVERY: Final = "*"
"""Stands for all extras, or for all default groups that a command excludes."""

_SEPARATOR: Final = re.compile(r"[,\s]+")


@dataclass(frozen=True)
class GroupOption:
    """The meaning of an option.

    ``extras`` and ``groups`` say whether it names extras or groups. If ``excludes`` is true, the
    option excludes these. If ``is_only`` is true, it excludes the default groups and the project's
    own requirements. An option without a value selects ``name``.
    """

    extras: bool = False
    groups: bool = False
    excludes: bool = False
    is_only: bool = False
    name: str = ""


_EXTRA: Final = GroupOption(extras=True)
_GROUP: Final = GroupOption(groups=True)
_NO_DEFAULTS: Final = GroupOption(groups=True, excludes=True, name=EVERY)

OPTIONS: Final[Mapping[str, Mapping[str, GroupOption]]] = MappingProxyType(
    {
        "uv": {
            "--extra": _EXTRA,
            "--no-extra": GroupOption(extras=True, excludes=True),
            "--group": _GROUP,
            "--only-group": GroupOption(groups=True, is_only=True),
            "--no-group": GroupOption(groups=True, excludes=True),
        },
        "poetry": {
            "-E": _EXTRA,
            "--extras": _EXTRA,
            "-G": _GROUP,
            "--group": _GROUP,
            "--with": _GROUP,
            "--only": GroupOption(groups=True, is_only=True),
            "--without": GroupOption(groups=True, excludes=True),
        },
        "pdm": {
            # PDM calls extras groups, too.
            **dict.fromkeys(("-G", "-dG", "--group", "--with"), _GROUP),
            "--without": GroupOption(extras=True, groups=True, excludes=True),
        },
    }
)
"""For each installer, the options that take a value."""

SWITCHES: Final[Mapping[str, Mapping[str, GroupOption]]] = MappingProxyType(
    {
        "uv": {
            "--dev": GroupOption(groups=True, name="dev"),
            "--only-dev": GroupOption(groups=True, is_only=True, name="dev"),
            "--no-dev": GroupOption(groups=True, excludes=True, name="dev"),
            "--no-default-groups": _NO_DEFAULTS,
            "--all-extras": GroupOption(extras=True, name=EVERY),
            "--all-groups": GroupOption(groups=True, name=EVERY),
        },
        "poetry": {
            "--no-dev": _NO_DEFAULTS,
            "--all-extras": GroupOption(extras=True, name=EVERY),
            "--all-groups": GroupOption(groups=True, name=EVERY),
        },
        "pdm": {
            **dict.fromkeys(("--prod", "--production", "--no-dev"), _NO_DEFAULTS),
            **dict.fromkeys(("-d", "--dev"), GroupOption(groups=True, name="")),
        },
    }
)
"""For each installer, the options without a value; PDM's ``-d`` selects the default groups."""


def selected_names(value: str) -> list[str]:
    """Return the normalised names in an option's value; PDM's ``:all`` is returned as ``*``."""
    if value == ":all":
        return [EVERY]
    names = map(project_name, filter(None, _SEPARATOR.split(value)))
    return [name for name in names if name]
