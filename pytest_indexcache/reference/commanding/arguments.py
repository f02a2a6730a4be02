"""The command line of the reference installer."""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any, Final

PROGRAM: Final = "python -m pytest_indexcache.reference"

_DESCRIPTION: Final = """\
Locks, installs and removes packages, with an HTTP cache that obeys RFC 9111
and a wheel store that is the installer's own record.
"""
_EPILOG: Final = """\
environment variables:
  INDEXCACHE_CACHE_DIR   the cache folder
  INDEXCACHE_INDEX_URL   the default index, before PIP_INDEX_URL
  HTTPS_PROXY, SSL_CERT_FILE and the like are obeyed as httpx obeys them

exit codes: 0 done, 1 failed, 2 wrong usage
"""


def build_parser(command: str | None = None) -> ArgumentParser:
    """Make the parser; with a command that there is, for that one alone, which is quicker."""
    parser = ArgumentParser(
        PROGRAM,
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in [command] if command in _COMMANDS else _COMMANDS:
        text, *fillers = _COMMANDS[name]
        one = commands.add_parser(name, help=text, allow_abbrev=False)
        for fill in fillers:
            fill(one)
    return parser


def _fill_lock(parser: ArgumentParser) -> None:
    parser.add_argument("--locked", action="store_true", help="fail if it is not up to date")


def _fill_run(parser: ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="*", metavar="ARG", help="for Python, after --")


def _fill_add(parser: ArgumentParser) -> None:
    parser.add_argument("requirements", nargs="+", metavar="REQUIREMENT")
    parser.add_argument("--index", metavar="NAME=URL", help="the index that they come from")
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--path", metavar="DIR", help="the folder that it comes from")
    place.add_argument("--editable", metavar="DIR", help="the same, installed editable")


def _fill_projects(parser: ArgumentParser) -> None:
    parser.add_argument("projects", nargs="+", metavar="PROJECT")


def _fill_place(parser: ArgumentParser) -> None:
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--extra", metavar="NAME", help="of this extra of the project")
    where.add_argument("--group", metavar="NAME", help="of this dependency group")


def _fill_compile(parser: ArgumentParser) -> None:
    parser.add_argument("-o", "--output", required=True, metavar="FILE")
    parser.add_argument("--generate-hashes", action="store_true", help="write hashes, too")


def _fill_cache(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    clear = actions.add_parser("clear", help="remove what is stored")
    clear.add_argument("projects", nargs="*", metavar="PROJECT", help="of these projects only")
    prune = actions.add_parser("prune", help="remove what is of no use")
    prune.add_argument("--ci", action="store_true", help="keep only what was built here")
    place = actions.add_parser("dir", help="print where it is")
    for parser_of_action in (clear, prune, place):
        _fill_shared(parser_of_action)


def _fill_shared(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("general")
    group.add_argument("--cache-dir", metavar="DIR", help="the cache folder")
    group.add_argument("--venv", metavar="DIR", help="the venv (default: .venv)")
    group.add_argument("--python", metavar="VERSION", help="a version, or the path of a Python")
    group.add_argument("--variant", metavar="NAME", help="have this bug, to prove a scenario")
    group.add_argument("-v", "--verbose", action="store_true", help="say why, too")
    group.add_argument("-q", "--quiet", action="store_true", help="say nothing")


def _fill_asking(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("indexes and stores")
    group.add_argument("--index-url", metavar="URL", help="the default index")
    group.add_argument(
        "--extra-index-url",
        action="append",
        default=[],
        metavar="[NAME=]URL",
        help="an index that is asked before it (repeatable)",
    )
    group.add_argument("--offline", action="store_true", help="ask no index")
    group.add_argument("--no-cache", action="store_true", help="neither read nor write any store")
    for name, text in (
        ("refresh", "revalidate what is stored"),
        ("upgrade", "look for newer releases"),
        ("reinstall", "install again what would stay"),
    ):
        group.add_argument(f"--{name}", action="store_true", help=text)
        group.add_argument(
            f"--{name}-package", action="append", default=[], metavar="NAME", help="of this project"
        )
    for name, text in (("no-binary", "take no wheel of it"), ("no-build", "take no sdist of it")):
        group.add_argument(
            f"--{name}", action="append", default=[], metavar="NAME", help=f"{text}; or :all:"
        )
    group.add_argument("--no-deps", action="store_true", help="leave out what they require")
    group.add_argument(
        "--index-strategy",
        choices=("first-index", "unsafe-best-match"),
        default="first-index",
        help="the first index that has a project, or the best release of all indexes",
    )
    group.add_argument("--compile-bytecode", action="store_true", help="compile what is installed")


def _fill_project(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("project")
    group.add_argument("--project", default=".", metavar="DIR", help="the project's folder")
    group.add_argument("--no-sources", action="store_true", help="ignore [tool.indexcache.sources]")


def _fill_choice(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("what is selected")
    group.add_argument("--extra", action="append", default=[], metavar="NAME", help="an extra")
    group.add_argument("--group", action="append", default=[], metavar="NAME", help="a group")
    lock = group.add_mutually_exclusive_group()
    lock.add_argument("--frozen", action="store_true", help="take the lockfile as it is")
    lock.add_argument("--locked", action="store_true", help="fail if it is not up to date")


def _fill_demand(parser: ArgumentParser) -> None:
    parser.add_argument("requirements", nargs="*", metavar="REQUIREMENT")
    group = parser.add_argument_group("what is asked for")
    for flags, metavar, text in (
        (("-r", "--requirement"), "FILE", "a requirements file"),
        (("-e", "--editable"), "DIR", "a project's folder, installed editable"),
        (("-c", "--constraint"), "FILE", "a file whose requirements narrow versions"),
        (("--override",), "FILE", "a file whose requirements replace all others"),
        (("-f", "--find-links"), "PLACE", "a folder, or the URL of a page, that lists files"),
    ):
        group.add_argument(*flags, action="append", default=[], metavar=metavar, help=text)
    group.add_argument("--no-index", action="store_true", help="use nothing but --find-links")
    group.add_argument("--require-hashes", action="store_true", help="every one must name a hash")


_ASKING: Final = (_fill_shared, _fill_asking)
_COMMANDS: Final[dict[str, tuple[Any, ...]]] = {
    "lock": ("bring the lockfile up to date", _fill_lock, *_ASKING, _fill_project),
    "sync": ("make the venv what the lockfile says", *_ASKING, _fill_project, _fill_choice),
    "run": ("sync, then start the venv's Python", _fill_run, *_ASKING, _fill_project, _fill_choice),
    "add": ("add requirements, lock and sync", _fill_add, _fill_place, *_ASKING, _fill_project),
    "remove": ("remove them, lock and sync", _fill_projects, _fill_place, *_ASKING, _fill_project),
    "install": ("install requirements in the venv", _fill_demand, *_ASKING),
    "sync-requirements": (
        "make the venv what requirements files say, and no more",
        _fill_demand,
        *_ASKING,
    ),
    "compile": ("resolve requirements into a file", _fill_compile, _fill_demand, *_ASKING),
    "uninstall": ("remove projects", _fill_projects, _fill_shared),
    "remove-venv": ("remove the venv", _fill_shared),
    "cache": ("look after the cache folder", _fill_cache),
}
"""What each command is for, and what fills in its arguments."""
