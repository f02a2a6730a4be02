"""Check the Python modules of a local project, which may only contain constants.

Build backends import these modules. A project with a dynamic version, for example, keeps the
version in ``app/__init__.py``.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from typing import Final

from pytest_indexcache.scenario.checks.safety.contents.shapes import Misfit
from pytest_indexcache.scenario.words.wording import shown

OTHER_ENCODING: Final = re.compile(r"coding[:=]\s*(?!\s|utf-?8\b|ascii\b)", re.IGNORECASE)
"""Matches the comment that declares an encoding other than UTF-8 or ASCII (PEP 263)."""

_DUNDERS: Final = ("__version__", "__build__", "__author__", "__title__", "__license__")


def python_misfits(text: str) -> Iterator[Misfit]:
    """Yield a misfit for each statement in a module that is neither a docstring nor a constant.

    If the text cannot be parsed as Python, there is only one misfit, which contains the reason.
    """
    for number, line in enumerate(text.splitlines()[:2], 1):
        if OTHER_ENCODING.search(line):
            yield Misfit((), f"line {number}: Python would read another encoding than UTF-8")
            return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about an escape such as "\d" in a string
            statements = ast.parse(text).body
    except (RecursionError, MemoryError):
        yield Misfit((), "the module is nested too deeply")
        return
    except (SyntaxError, ValueError) as error:
        yield Misfit((), f"the text is not Python: {error}")
        return
    lines = text.splitlines()
    for statement in statements:
        if not _is_constant(statement):
            written = shown(lines[statement.lineno - 1].strip())
            hint = (
                "a module can have only texts, and names with constants such as __version__ = '1.0'"
            )
            yield Misfit((), f"line {statement.lineno}: code is not allowed: {written}", hint)


def _is_constant(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Assign):
        return isinstance(statement.value, ast.Constant) and all(
            isinstance(target, ast.Name) and _is_plain(target.id) for target in statement.targets
        )
    is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return is_text or isinstance(statement, ast.Pass)


def _is_plain(name: str) -> bool:
    """Return whether a name has no special meaning to Python, unlike ``__path__``."""
    return not name.startswith("__") or name in _DUNDERS
