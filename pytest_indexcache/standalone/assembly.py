"""Join the modules in ``program/`` into the text of one script."""

from __future__ import annotations

import ast
from collections.abc import Collection
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).with_name("program")
_MODULES: Final = (
    "answers",
    "proxy",
    "counting",
    "venvs",
    "judging",
    "locks",
    "requirements",
    "imports",
    "workspace",
    "commands",
    "playing",
    "starting",
)
"""The modules to join, ordered so that each module follows the modules that it imports.

The docstring of the last module becomes the docstring of the script.
"""

OPTIONAL: Final = frozenset({"locks", "requirements", "imports"})
"""The modules that only some scenarios need. No other module imports them."""

_OWN: Final = "pytest_indexcache."


def program_text(optional: Collection[str] = OPTIONAL) -> str:
    """Return the text of the script: a docstring, all imports, and the code of its modules.

    ``optional`` contains the names of the optional modules to include.
    """
    docstring, imports, bodies = "", set(), []
    for name in (module for module in _MODULES if module not in OPTIONAL or module in optional):
        text = (_FOLDER / f"{name}.py").read_text(encoding="utf-8")
        docstring, found, body = _parts(text)
        imports |= found
        bodies.append(body)
    ordered = sorted(imports, key=lambda line: (line.startswith("from"), line))
    head = ["from __future__ import annotations", "", *ordered]
    return "\n".join([docstring, "", *head, "", "", "\n\n\n".join(bodies), ""])


def _parts(text: str) -> tuple[str, set[str], str]:
    """Return a module's docstring, its import lines, and its code.

    Imports from this package and from ``__future__`` are left out.
    """
    lines = text.splitlines()
    first, *statements = ast.parse(text).body
    imports = [
        statement for statement in statements if isinstance(statement, ast.Import | ast.ImportFrom)
    ]
    used = (ast.unparse(statement) for statement in imports)
    kept = {line for line in used if _OWN not in line and "__future__" not in line}
    docstring = "\n".join(lines[: first.end_lineno])
    return docstring, kept, "\n".join(lines[imports[-1].end_lineno or 0 :]).strip("\n")
