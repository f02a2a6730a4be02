"""Check that a command line can only start Python, and only code that imports and prints."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from typing import Final

from pytest_indexcache.scenario.values.reach import STANDARD_MODULES
from pytest_indexcache.scenario.words.wording import shown

_PYTHONS: Final = ("python", "python3")
_DUNDERS: Final = ("__version__", "__file__", "__name__", "__path__", "__doc__", "__build__")


def check_program(program: Sequence[str], modules: Collection[str]) -> None:
    """Raise ValueError unless the program is Python code that only imports ``modules`` and prints.

    :raises ValueError: if the program is not allowed
    """
    if tuple(program[1:]) in (("--version",), ("-V",), ("-VV",)) and program[0] in _PYTHONS:
        return
    if len(program) != 3 or program[0] not in _PYTHONS or program[1] != "-c":
        raise ValueError("run can only start python -c, with code that imports and prints")
    _check_code(program[2], modules)


def _check_code(code: str, modules: Collection[str]) -> None:
    try:
        statements = ast.parse(code).body
    except (RecursionError, MemoryError):
        raise ValueError("the code for python -c is nested too deeply") from None
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"the code for python -c is not Python: {error}") from None
    for statement in statements:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                check_whole_import(alias.name, modules)
        elif not (isinstance(statement, ast.Expr) and _is_print(statement.value)):
            written = shown(ast.get_source_segment(code, statement))
            raise ValueError(
                "the code for python -c can only import, and print attributes or the results of "
                f"functions without arguments; this is not allowed: {written}"
            )


def check_whole_import(dotted: str, modules: Collection[str]) -> None:
    """Raise ValueError unless a name that ``python -c`` imports is a top-level name in ``modules``.

    Python searches the working folder first. Any folder that an installer has created there, such
    as a venv's ``bin``, could be imported as a package.

    :raises ValueError: if the import is not allowed
    """
    check_import(dotted, modules)
    top, dot, _ = dotted.partition(".")
    if dot:
        raise ValueError(
            f"python -c can import {top} and print {dotted}, but cannot import {dotted}"
        )


def check_import(dotted: str, modules: Collection[str]) -> None:
    """Raise ValueError unless a dotted name is one of ``modules`` or lies inside one of them.

    :raises ValueError: if the import is not allowed
    """
    top, *inner = dotted.split(".")
    if top not in modules or top in STANDARD_MODULES:
        raise ValueError(f"a scenario cannot import {top}: none of its projects has this module")
    hidden = next((part for part in inner if _is_hidden(part)), None)
    if hidden is not None:
        raise ValueError(f"a scenario cannot import {hidden} of {top}: it is not for users")


def _is_hidden(name: str) -> bool:
    return name.startswith("_") and name not in _DUNDERS


def _is_print(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
        and not node.keywords
        and all(
            isinstance(argument, ast.Constant) or _is_attribute(argument) for argument in node.args
        )
    )


def _is_attribute(node: ast.expr) -> bool:
    """Return whether a node is a dotted name such as ``torch.version.cuda``, or a call to one."""
    if isinstance(node, ast.Call):
        if node.args or node.keywords or not isinstance(node.func, ast.Attribute):
            return False
        node = node.func
    while isinstance(node, ast.Attribute):
        if node.attr in STANDARD_MODULES or _is_hidden(node.attr):
            return False  # these would lead from a module to the modules that it imports
        node = node.value
    return isinstance(node, ast.Name) and not node.id.startswith("_")
