"""Command lines word for word, and what they may not do: a scenario is data from a stranger.

No shell reads them. They start the installer they are given for, with a subcommand that is known to
keep to the workspace; no argument may lead out of it, and the only programs they run are Python's
``import`` and ``print`` of what the scenario's own projects brought.
"""

from __future__ import annotations

import ast
import re
import shlex
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from posixpath import normpath
from typing import Final

from packaging.utils import canonicalize_name

from pytest_indexcache.scenario.tables.wording import shown

_SUBCOMMANDS: Final[Mapping[str, str]] = {
    "uv": "add cache clean export init lock pip remove run sync tree venv version",
    "pip": "cache check download freeze index inspect install list lock show uninstall",
    "poetry": "add cache check init install lock remove run show source sync update",
    "pdm": "add cache init install list lock remove run sync update",
}
"""The subcommands of an installer that a scenario may use; of others, any but ``run``."""

_LEADING_OUT: Final = frozenset(("--break-system-packages", "--system"))
"""Options that change a Python outside any venv."""

_OF_SHELLS: Final = re.compile(
    r"&&|\|\|?|;|&|\d?>>?(?:&\d)?|<<?|(?:\d?>|<).*|.*;|`.*|.*\$\(.*|\$\{?[A-Za-z_].*", re.DOTALL
)
"""Words by which a shell would chain commands, redirect output or insert something."""

_VALUED: Final = (
    *("-E", "-G", "-c", "-p", "-v", "--default-index", "--extra", "--extra-index-url", "--extras"),
    *("--find-links", "--group", "--index", "--index-strategy", "--index-url", "--only"),
    *("--package", "--python", "--with", "--without"),
)
"""Options whose next word is a value, so that it is no subcommand and no program."""


def split_command(
    installer: str, command: str | Sequence[str], modules: Collection[str] = ()
) -> tuple[str, ...]:
    """Return the arguments of a command line, after the installer's name.

    ``modules`` are what ``python -c`` may import.

    :raises ValueError: saying what is wrong or not allowed
    """
    words = _words(command)
    _check_shell(words)
    if not words or words[0] != installer:
        first = repr(words[0]) if words else "nothing"
        raise ValueError(f"a command for {installer} begins with {installer!r}, not with {first}")
    arguments = words[1:]
    place = _first_plain(arguments)
    if place is None:
        raise ValueError("the command has no subcommand")
    _check_subcommand(installer, arguments[place])
    code = _program(arguments, place, modules) if arguments[place] == "run" else None
    for argument in arguments:
        if argument is not code:
            _check_argument(argument)
    if arguments[place] == "pip" and any(re.match(r"-p|--python(=|$)", it) for it in arguments):
        raise ValueError(f"{installer} pip may change the workspace's venv alone, not --python")
    return arguments


def modules_of(projects: Iterable[str]) -> frozenset[str]:
    """Return the names of the modules that projects bring."""
    return frozenset(canonicalize_name(name).replace("-", "_") for name in projects)


def _words(command: str | Sequence[str]) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(command) if isinstance(command, str) else command)
    except ValueError as error:
        raise ValueError(f"the command cannot be split into words: {error}") from None


def _check_shell(words: Sequence[str]) -> None:
    for number, word in enumerate(words):
        is_code = number > 0 and words[number - 1] == "-c"
        if not is_code and _OF_SHELLS.fullmatch(word):
            raise ValueError(
                f"no shell reads the command, so {shown(word)} cannot do here what it does in one: "
                "give each command a step of its own, and test its output with expect.output"
            )


def _first_plain(arguments: Sequence[str], start: int = 0) -> int | None:
    """Return the place of the first word that is neither an option nor an option's value."""
    place = start
    while place < len(arguments):
        if not arguments[place].startswith("-"):
            return place
        place += 2 if arguments[place] in _VALUED else 1
    return None


def _check_subcommand(installer: str, word: str) -> None:
    allowed = _SUBCOMMANDS.get(installer)
    if allowed is not None and word not in allowed.split():
        raise ValueError(f"{word} is none of {installer}'s subcommands here, which are: {allowed}")
    if allowed is None and word == "run":
        raise ValueError(f"what {installer} run may do is not known here")


def _program(arguments: tuple[str, ...], place: int, modules: Collection[str]) -> str | None:
    """Return the code of ``run … python -c CODE`` once it is known to be harmless."""
    start = _first_plain(arguments, place + 1)
    program = arguments[start:] if start is not None else ()
    if len(program) == 3 and program[0] in ("python", "python3") and program[1] == "-c":
        _check_code(program[2], modules)
        return program[2]
    raise ValueError("run may only start python -c, with code that imports and prints")


def _check_code(code: str, modules: Collection[str]) -> None:
    try:
        statements = ast.parse(code).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"the code for python -c is not Python: {error}") from None
    for statement in statements:
        if isinstance(statement, ast.Import):
            _check_imports([alias.name for alias in statement.names], modules)
        elif not (isinstance(statement, ast.Expr) and _is_print(statement.value)):
            raise ValueError(
                "the code for python -c may only import, and print attributes or what functions "
                f"without arguments return, unlike: {ast.unparse(statement)}"
            )


def _check_imports(names: Sequence[str], modules: Collection[str]) -> None:
    for name in names:
        top = name.partition(".")[0]
        if top not in modules or top in sys.stdlib_module_names:
            raise ValueError(
                f"python -c may not import {top}: no project of the scenario brings it"
            )


def _is_print(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
        and not node.keywords
        and all(isinstance(it, ast.Constant) or _is_attribute(it) for it in node.args)
    )


def _is_attribute(node: ast.expr) -> bool:
    """Whether it is ``torch.version.cuda`` or ``torch.cuda.is_available()``."""
    if isinstance(node, ast.Call):
        if node.args or node.keywords or not isinstance(node.func, ast.Attribute):
            return False
        node = node.func
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _check_argument(argument: str) -> None:
    if argument in _LEADING_OUT:
        raise ValueError(f"{argument} leads out of the workspace")
    is_short_option = argument.startswith("-") and not argument.startswith("--")
    text = argument[2:] if is_short_option else argument
    if any(map(_leads_out, text.split("="))):
        raise ValueError(f"{argument!r} leads out of the workspace")


def _leads_out(path: str) -> bool:
    # "name[extra] @ URL" is a requirement (PEP 508)
    if re.match(r"(?:[\w.-]+(?:\[[\w., -]*\])? ?@ ?)?https?://", path, re.ASCII):
        return False
    if path.startswith(("/", "~", "\\")) or re.search(r"^[A-Za-z]:[\\/]|[a-z]:/", path):
        return True
    # Commands run in the project's folder, one below the workspace.
    return normpath(f"project/{path}").startswith("..")
