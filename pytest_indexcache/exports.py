"""The names that users import from ``pytest_indexcache``.

A module is imported only when one of its names is used, because every pytest run imports this
package. ``__init__.pyi`` declares the same names for type checkers.
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
"""Maps each exported name to the module that defines it."""


def exported(name: str) -> Any:
    """Return the object with an exported name (PEP 562).

    :raises AttributeError: if the name is not exported
    """
    if name not in EXPORTED:
        raise AttributeError(f"module 'pytest_indexcache' has no attribute {name!r}")
    return getattr(import_module(f"pytest_indexcache.{EXPORTED[name]}"), name)


def exported_names() -> list[str]:
    """Return the names for ``dir(pytest_indexcache)``."""
    return ["__version__", *EXPORTED]
