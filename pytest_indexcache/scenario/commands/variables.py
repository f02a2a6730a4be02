"""The environment variables that a scenario can set for installers, and their allowed values.

A variable belongs to an installer if its name begins with the installer's name. It must be on that
installer's allow-list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Final

from pytest_indexcache.scenario.commands.grammar import INSTALLERS, Grammar, grammar_of
from pytest_indexcache.scenario.values.kinds import check_value
from pytest_indexcache.scenario.values.reach import Reach
from pytest_indexcache.scenario.words.wording import Suggestion, alternatives, shown

_PREFIXES: Final = {f"{installer.upper()}_": installer for installer in INSTALLERS}
_OTHERS: Final = {"RUST_LOG": "uv"}


def variables_of(installer: str, variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that belong to an installer."""
    return {name: text for name, text in variables.items() if owner_of(name) == installer}


def owner_of(name: str) -> str | None:
    """Return the installer that a variable belongs to, or None if it belongs to another program."""
    owners = (owner for prefix, owner in _PREFIXES.items() if name.startswith(prefix))
    return _OTHERS.get(name) or next(owners, None)


def check_variable(name: str, value: str, reach: Reach) -> None:
    """Raise ValueError unless a scenario may set a variable to this value.

    :raises ValueError: if the value is invalid or not allowed
    """
    owner = owner_of(name)
    if owner is None:
        prefixes = alternatives(_PREFIXES)
        raise ValueError(f"the variable is not an installer's own: those begin with {prefixes}")
    kind = _kind_of(name, grammar_of(owner))
    # Lists are separated by spaces; the values in them cannot contain spaces.
    words = value.split() if kind.startswith("[") else [value]
    for word in words:
        check_value(kind.strip("[]"), word, reach)
    if not words or not value.isprintable():
        raise ValueError(f"{shown(value)} is not a list of values with spaces between them")


def _kind_of(name: str, grammar: Grammar) -> str:
    reason = grammar.refused_variables.get(name)
    if reason:
        raise ValueError(f"is not allowed: {reason}")
    for known, kind in grammar.variables.items():
        is_plain = re.fullmatch(r"[A-Z0-9_]+", name)
        if name == known or ("*" in known and is_plain and fnmatchcase(name, known)):
            return kind
    hint = Suggestion(name, list(grammar.variables), "it may be:")
    raise ValueError(f"not a variable of {grammar.installer} that a scenario may set; {hint}")
