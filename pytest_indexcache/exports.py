"""The names that ``pytest_indexcache`` exports, each imported when it is first used.

``__init__.pyi`` declares the same names for type checkers. pytest imports this package in every
run, so no other module is imported before a test needs it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

_MODULES: Final = {
    "errors": ("FakeIndexError", "FilterError", "IndexcacheError", "PlayError", "ScenarioError"),
    "fixtures.factories": ("IndexFactory", "WireIndexFactory"),
    "fixtures.ledger": ("Exchanges", "Ledger"),
    "fixtures.player": ("Player", "explain"),
    "fixtures.served_index": ("ServedIndex",),
    "fixtures.wheels": ("Wheel", "WheelFactory"),
    "messages": ("Exchange", "Headers", "Kind"),
    "run.plays.results": ("Check", "PlayResult", "StepResult", "Traffic", "Verdict"),
    "scenario.model": ("Scenario",),
}

EXPORTED: Final = {name: module for module, names in _MODULES.items() for name in names}
"""The exported names, each with the module of the package that defines it."""


def exported(name: str) -> Any:
    """Return the object for an exported name (PEP 562).

    :raises AttributeError: for a name that is not exported
    """
    if name not in EXPORTED:
        raise AttributeError(f"module 'pytest_indexcache' has no attribute {name!r}")
    return getattr(import_module(f"pytest_indexcache.{EXPORTED[name]}"), name)


def exported_names() -> list[str]:
    """Return the names of the package, for ``dir`` and for completion in interactive shells."""
    return ["__version__", *EXPORTED]
