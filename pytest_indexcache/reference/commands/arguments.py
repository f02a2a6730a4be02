"""The command line of the reference installer: one table, of which the parser is made.

The same table writes a command line for values that are given, so that what is shown can be run.
"""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Argument:
    """An option, or an operand where its only name has no hyphens in front.

    ``keywords`` are argparse's. Of the options with the same ``one_of`` only one can be given.
    """

    names: tuple[str, ...]
    keywords: Mapping[str, Any]
    one_of: str = ""

    @property
    def key(self) -> str:
        """The name of its value: ``no_binary``."""
        return self.names[-1].lstrip("-").replace("-", "_")

    @property
    def is_operand(self) -> bool:
        """Whether it has no name on the command line."""
        return not self.names[0].startswith("-")

    def written(self, value: Any) -> Iterator[str]:
        """Yield the words that give it a value: a boolean, a text, or several texts."""
        if self.keywords.get("action") == "store_true":
            yield from self.names[-1:] if value else ()
            return
        for text in (value,) if isinstance(value, str) else value:
            if self.is_operand:
                yield text
            elif text.startswith("-"):
                yield f"{self.names[-1]}={text}"
            else:
                yield from (self.names[-1], text)


@dataclass(frozen=True)
class Section:
    """Arguments that the help shows together, under a title if they have one."""

    title: str
    arguments: tuple[Argument, ...]


@dataclass(frozen=True)
class CommandUsage:
    """A command; the words of its name follow the program's: ``cache clear`` has two."""

    summary: str
    sections: tuple[Section, ...]

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """All of its arguments, in the order of the help."""
        return tuple(argument for section in self.sections for argument in section.arguments)


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
    names = list(dict.fromkeys(name.partition(" ")[0] for name in COMMANDS))
    for name in [command] if command in names else names:
        _add_command(commands, name)
    return parser


def _add_command(commands: Any, name: str) -> None:
    if name in COMMANDS:
        _fill(commands.add_parser(name, help=COMMANDS[name].summary, allow_abbrev=False), name)
        return
    group = commands.add_parser(name, help=_GROUPS[name], allow_abbrev=False)
    actions = group.add_subparsers(dest="action", metavar="ACTION", required=True)
    for words, command in COMMANDS.items():
        first, _, action = words.partition(" ")
        if first == name:
            _fill(actions.add_parser(action, help=command.summary, allow_abbrev=False), words)


def _fill(parser: ArgumentParser, name: str) -> None:
    for section in COMMANDS[name].sections:
        group = parser.add_argument_group(section.title) if section.title else parser
        exclusive: dict[str, Any] = {}
        for argument in section.arguments:
            holder: Any = group
            if argument.one_of:
                if argument.one_of not in exclusive:
                    exclusive[argument.one_of] = group.add_mutually_exclusive_group()
                holder = exclusive[argument.one_of]
            holder.add_argument(*argument.names, **argument.keywords)


def command_words(command: str, values: Mapping[str, Any]) -> list[str]:
    """Return the words of a command line that gives a command these values.

    ``values`` are by the keys that the parser has for them; those that are left out, None, false
    or empty are not written. Read by the parser the words give the same values.

    :raises KeyError: for a key that the command does not have
    """
    arguments = {argument.key: argument for argument in COMMANDS[command].arguments}
    given = [(arguments[key], value) for key, value in values.items() if value]
    options = [word for it, value in given if not it.is_operand for word in it.written(value)]
    operands = [word for it, value in given if it.is_operand for word in it.written(value)]
    mark = ["--"] if any(word.startswith("-") for word in operands) else []
    return [*command.split(), *options, *mark, *operands]


def _switch(*names: str, text: str, one_of: str = "") -> Argument:
    return Argument(names, {"action": "store_true", "help": text}, one_of)


def _value(*names: str, metavar: str, text: str = "", one_of: str = "", **more: Any) -> Argument:
    return Argument(names, {"metavar": metavar, "help": text or None, **more}, one_of)


def _list(*names: str, metavar: str, text: str) -> Argument:
    keywords = {"action": "append", "default": [], "metavar": metavar, "help": text}
    return Argument(names, keywords)


def _operands(name: str, nargs: str, metavar: str, text: str = "") -> Argument:
    return Argument((name,), {"nargs": nargs, "metavar": metavar, "help": text or None})


_SHARED: Final = Section(
    "general",
    (
        _value("--cache-dir", metavar="DIR", text="the cache folder"),
        _value("--venv", metavar="DIR", text="the venv (default: .venv)"),
        _value("--python", metavar="VERSION", text="a version, or the path of a Python"),
        _value("--variant", metavar="NAME", text="have this bug, to prove a scenario"),
        _switch("-v", "--verbose", text="say why, too"),
        _switch("-q", "--quiet", text="say nothing"),
    ),
)
_ASKING: Final = Section(
    "indexes and stores",
    (
        _value("--index-url", metavar="URL", text="the default index"),
        _list(
            "--extra-index-url",
            metavar="[NAME=]URL",
            text="an index that is asked before it (repeatable)",
        ),
        _list("--flat", metavar="NAME", text="that index is one page that lists files"),
        _list(
            "--cache-control",
            metavar="NAME.KIND=VALUE",
            text="read this Cache-Control in responses of that index; KIND is pages or files",
        ),
        _switch("--offline", text="ask no index"),
        _switch("--no-cache", text="neither read nor write any store"),
        _switch("--refresh", text="revalidate what is stored"),
        _list("--refresh-package", metavar="NAME", text="of this project"),
        _switch("--upgrade", text="look for newer releases"),
        _list("--upgrade-package", metavar="NAME", text="of this project"),
        _switch("--reinstall", text="install again what would stay"),
        _list("--reinstall-package", metavar="NAME", text="of this project"),
        _list("--no-binary", metavar="NAME", text="take no wheel of it; or :all:"),
        _list("--no-build", metavar="NAME", text="take no sdist of it; or :all:"),
        _switch("--no-deps", text="leave out what they require"),
        _value(
            "--index-strategy",
            metavar="STRATEGY",
            choices=("first-index", "unsafe-best-match"),
            default="first-index",
            text="first-index (default): the first index that has a project; "
            "unsafe-best-match: the best release of all indexes",
        ),
        _switch("--compile-bytecode", text="compile what is installed"),
    ),
)
_PROJECT: Final = Section(
    "project",
    (
        _value("--project", metavar="DIR", default=".", text="the project's folder"),
        _switch("--no-sources", text="ignore [tool.indexcache.sources]"),
    ),
)
_CHOICE: Final = Section(
    "what is selected",
    (
        _list("--extra", metavar="NAME", text="an extra"),
        _list("--group", metavar="NAME", text="a group"),
        _switch("--frozen", text="take the lockfile as it is", one_of="lock"),
        _switch("--locked", text="fail if it is not up to date", one_of="lock"),
    ),
)
_PLACE: Final = Section(
    "",
    (
        _value("--extra", metavar="NAME", text="of this extra of the project", one_of="place"),
        _value("--group", metavar="NAME", text="of this dependency group", one_of="place"),
    ),
)
_PROJECTS: Final = Section("", (_operands("projects", "+", "PROJECT"),))
_DEMAND: Final = Section(
    "what is asked for",
    (
        _operands("requirements", "*", "REQUIREMENT"),
        _list("-r", "--requirement", metavar="FILE", text="a requirements file, or a pylock.toml"),
        _list("-e", "--editable", metavar="DIR", text="a project's folder, installed editable"),
        _list(
            "-c", "--constraint", metavar="FILE", text="a file whose requirements narrow versions"
        ),
        _list("--constrain", metavar="REQUIREMENT", text="a requirement that narrows versions"),
        _list("--override", metavar="FILE", text="a file whose requirements replace all others"),
        _list("--override-with", metavar="REQUIREMENT", text="one that replaces all others"),
        _list(
            "-f",
            "--find-links",
            metavar="PLACE",
            text="a folder, or the URL of a page, that lists files",
        ),
        _switch("--no-index", text="use nothing but --find-links"),
        _switch("--require-hashes", text="every one must name a hash"),
    ),
)


_OF_LOCKFILE: Final = Section(
    "what is selected of a pylock.toml",
    (
        _list("--extra", metavar="NAME", text="an extra"),
        _list("--group", metavar="NAME", text="a group"),
    ),
)


def _own(*arguments: Argument) -> Section:
    return Section("", arguments)


_GROUPS: Final = {"cache": "look after the cache folder"}
"""What the commands with names of two words are for, by the first."""

COMMANDS: Final[Mapping[str, CommandUsage]] = {
    "lock": CommandUsage(
        "bring the lockfile up to date",
        (
            _own(_switch("--locked", text="fail if it is not up to date")),
            _SHARED,
            _ASKING,
            _PROJECT,
        ),
    ),
    "sync": CommandUsage(
        "make the venv what the lockfile says", (_SHARED, _ASKING, _PROJECT, _CHOICE)
    ),
    "run": CommandUsage(
        "sync, then start the venv's Python",
        (
            _own(_operands("arguments", "*", "ARG", "for Python, after --")),
            _SHARED,
            _ASKING,
            _PROJECT,
            _CHOICE,
        ),
    ),
    "add": CommandUsage(
        "add requirements, lock and sync",
        (
            _own(
                _operands("requirements", "+", "REQUIREMENT"),
                _value("--index", metavar="NAME=URL", text="the index that they come from"),
                _value("--path", metavar="DIR", text="the folder it comes from", one_of="from"),
                _value("--editable", metavar="DIR", text="the same, editable", one_of="from"),
            ),
            _PLACE,
            _SHARED,
            _ASKING,
            _PROJECT,
        ),
    ),
    "remove": CommandUsage(
        "remove them, lock and sync", (_PROJECTS, _PLACE, _SHARED, _ASKING, _PROJECT)
    ),
    "install": CommandUsage(
        "install requirements in the venv", (_DEMAND, _OF_LOCKFILE, _SHARED, _ASKING)
    ),
    "sync-requirements": CommandUsage(
        "make the venv what requirements files say, and no more",
        (_DEMAND, _OF_LOCKFILE, _SHARED, _ASKING),
    ),
    "compile": CommandUsage(
        "resolve requirements into a file",
        (
            _own(
                _value("-o", "--output", metavar="FILE", required=True),
                _switch("--generate-hashes", text="write hashes, too"),
            ),
            _DEMAND,
            _SHARED,
            _ASKING,
        ),
    ),
    "uninstall": CommandUsage("remove projects", (_PROJECTS, _SHARED)),
    "remove-venv": CommandUsage("remove the venv", (_SHARED,)),
    "cache clear": CommandUsage(
        "remove what is stored",
        (_own(_operands("projects", "*", "PROJECT", "of these projects only")), _SHARED),
    ),
    "cache prune": CommandUsage(
        "remove what is of no use",
        (_own(_switch("--ci", text="keep only what was built here")), _SHARED),
    ),
    "cache dir": CommandUsage("print where it is", (_SHARED,)),
}
"""What each command is for, and its arguments."""
