"""The one table of the reference installer: its commands, and the options of each.

Of it are made the parser, the help and the command lines that are shown; and a parsed command line
is an :class:`Options`, which its command is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_indexcache.reference.commands.arguments import Argument, Section
from pytest_indexcache.reference.project.requirements_file import absolute_requirement
from pytest_indexcache.reference.words.selection import RESOLUTIONS, Selection

if TYPE_CHECKING:
    from pytest_indexcache.reference.index.finder import Strategy

_OWN: Final = Section()
_GENERAL: Final = Section("general")
_ASKING: Final = Section("indexes and stores")
_PROJECT: Final = Section("project")
_CHOICE: Final = Section("what is selected")
_DEMAND: Final = Section("what is asked for")
_OF_LOCKFILE: Final = Section("what is selected of a pylock.toml", ("extras", "groups"))


def _path(text: str, folder: Path) -> Path:
    return folder / text


def _place(text: str, folder: Path) -> str:
    return text if "://" in text else str(folder / text)


@dataclass(frozen=True, kw_only=True)
class Options:
    """A command with the values of its arguments; each is off unless it is chosen.

    ``project`` is the folder of the project, and the current one for commands without a project.
    ``prefer_binary`` is an option of requirements files alone.
    """

    command: str = ""

    cache_dir: Path | None = _GENERAL.value("--cache-dir DIR", "the cache folder", read=_path)
    venv: Path | None = _GENERAL.value("--venv DIR", "the venv (default: .venv)", read=_path)
    python: str | None = _GENERAL.value("--python VERSION", "a version, or the path of a Python")
    variant: str | None = _GENERAL.value("--variant NAME", "have this bug, to prove a scenario")
    verbose: bool = _GENERAL.switch("-v --verbose", "say why, too")
    quiet: bool = _GENERAL.switch("-q --quiet", "say nothing")

    index_url: str | None = _ASKING.value("--index-url URL", "the default index")
    extra_index_url: tuple[str, ...] = _ASKING.values(
        "--extra-index-url [NAME=]URL", "an index that is asked before it (repeatable)"
    )
    flat: tuple[str, ...] = _ASKING.values("--flat NAME", "that index is one page that lists files")
    cache_control: tuple[str, ...] = _ASKING.values(
        "--cache-control NAME.KIND=VALUE",
        "read this Cache-Control in responses of that index; KIND is pages or files",
    )
    offline: bool = _ASKING.switch("--offline", "ask no index")
    no_cache: bool = _ASKING.switch("--no-cache", "neither read nor write any store")
    refresh: Selection = _ASKING.projects("--refresh", "revalidate what is stored")
    upgrade: Selection = _ASKING.projects("--upgrade", "look for newer releases")
    reinstall: Selection = _ASKING.projects("--reinstall", "install again what would stay")
    no_binary: Selection = _ASKING.formats("--no-binary NAME", "take no wheel of it; or :all:")
    no_build: Selection = _ASKING.formats("--no-build NAME", "take no sdist of it; or :all:")
    no_deps: bool = _ASKING.switch("--no-deps", "leave out what they require")
    index_strategy: Strategy = _ASKING.value(
        "--index-strategy STRATEGY",
        "first-index (default): the first index that has a project; "
        "unsafe-best-match: the best release of all indexes",
        choices=("first-index", "unsafe-best-match"),
        default="first-index",
    )
    exclude_newer: str | None = _ASKING.value(
        "--exclude-newer MOMENT",
        "take nothing that was uploaded then or later: 2026-08-01T12:00:00Z, or '7 days ago'",
    )
    prereleases: bool = _ASKING.switch("--pre", "take pre-releases like others")
    resolution: str | None = _ASKING.value(
        "--resolution WAY",
        "highest (default), lowest, or lowest-direct: the lowest of what is named alone",
        choices=RESOLUTIONS,
    )
    compile_bytecode: bool = _ASKING.switch("--compile-bytecode", "compile what is installed")

    project: Path = _PROJECT.value(
        "--project DIR", "the project's folder", default=Path(), read=_path
    )
    no_sources: bool = _PROJECT.switch("--no-sources", "ignore [tool.indexcache.sources]")

    extras: tuple[str, ...] = _CHOICE.values("--extra NAME", "an extra")
    groups: tuple[str, ...] = _CHOICE.values("--group NAME", "a group")
    frozen: bool = _CHOICE.switch("--frozen", "take the lockfile as it is", one_of="lock")
    locked: bool = _CHOICE.switch("--locked", "fail if it is not up to date", one_of="lock")
    inexact: bool = _CHOICE.switch("--inexact", "remove nothing that it does not have")

    requirements: tuple[str, ...] = _DEMAND.operands("REQUIREMENT", read=absolute_requirement)
    files: tuple[Path, ...] = _DEMAND.values(
        "-r --requirement FILE", "a requirements file, or a pylock.toml", read=_path
    )
    editable: tuple[str, ...] = _DEMAND.values(
        "-e --editable DIR", "a project's folder, installed editable", read=_place
    )
    constraint_files: tuple[Path, ...] = _DEMAND.values(
        "-c --constraint FILE", "a file whose requirements narrow versions", read=_path
    )
    constraints: tuple[str, ...] = _DEMAND.values(
        "--constrain REQUIREMENT", "a requirement that narrows versions"
    )
    override_files: tuple[Path, ...] = _DEMAND.values(
        "--override FILE", "a file whose requirements replace all others", read=_path
    )
    overrides: tuple[str, ...] = _DEMAND.values(
        "--override-with REQUIREMENT", "one that replaces all others"
    )
    find_links: tuple[str, ...] = _DEMAND.values(
        "-f --find-links PLACE", "a folder, or the URL of a page, that lists files", read=_place
    )
    no_index: bool = _DEMAND.switch("--no-index", "use nothing but --find-links")
    require_hashes: bool = _DEMAND.switch("--require-hashes", "every one must name a hash")

    arguments: tuple[str, ...] = _OWN.operands("ARG", "for Python, after --")
    index: str | None = _OWN.value("--index NAME=URL", "the index that they come from")
    path: Path | None = _OWN.value(
        "--path DIR", "the folder it comes from", read=_path, one_of="from"
    )
    editable_path: Path | None = _OWN.value(
        "--editable DIR", "the same, editable", read=_path, one_of="from"
    )
    extra: str | None = _OWN.value("--extra NAME", "of this extra of the project", one_of="place")
    group: str | None = _OWN.value("--group NAME", "of this dependency group", one_of="place")
    projects: tuple[str, ...] = _OWN.operands("PROJECT")
    only_projects: tuple[str, ...] = _OWN.operands("PROJECT", "of these projects only")
    output: Path = _OWN.value("-o --output FILE", default=Path(), read=_path)
    hashes: bool = _OWN.switch("--generate-hashes", "write hashes, too")
    ci: bool = _OWN.switch("--ci", "keep only what was built here")

    prefer_binary: bool = False

    @property
    def venv_folder(self) -> Path:
        """The folder of the venv: beside the project, unless one is named."""
        return self.venv or self.project / ".venv"


ARGUMENTS: Final[Mapping[str, Argument]] = {
    field.name: field.metadata["argument"] for field in fields(Options) if field.metadata
}
"""The argument of each value."""


@dataclass(frozen=True)
class CommandUsage:
    """What a command is for, and its arguments: sections, and ``own`` ones by their keys.

    Those that are ``needed`` are its own, too, and must be given.
    """

    summary: str
    sections: tuple[Section, ...]
    needed: tuple[str, ...] = ()
    own: tuple[str, ...] = ()

    @property
    def arguments(self) -> Iterator[tuple[str, str, Argument]]:
        """Yield the title, the key and the argument of each, in the order of the help."""
        for key in (*self.needed, *self.own):
            yield "", key, ARGUMENTS[key]
        for section in self.sections:
            for key, argument in ARGUMENTS.items():
                if argument.section is section or key in section.others:
                    yield section.title, key, argument


_VENV: Final = (_GENERAL, _ASKING)
_LOCK: Final = (*_VENV, _PROJECT)
_DEMANDED: Final = (_DEMAND, _OF_LOCKFILE, *_VENV)

GROUPS: Final = {"cache": "look after the cache folder"}
"""What the commands with names of two words are for, by the first."""

COMMANDS: Final[Mapping[str, CommandUsage]] = {
    "lock": CommandUsage("bring the lockfile up to date", _LOCK, own=("locked",)),
    "sync": CommandUsage("make the venv what the lockfile says", (*_LOCK, _CHOICE)),
    "run": CommandUsage(
        "sync, then start the venv's Python", (*_LOCK, _CHOICE), own=("arguments",)
    ),
    "add": CommandUsage(
        "add requirements, lock and sync",
        _LOCK,
        needed=("requirements",),
        own=("index", "path", "editable_path", "extra", "group"),
    ),
    "remove": CommandUsage(
        "remove them, lock and sync", _LOCK, needed=("projects",), own=("extra", "group")
    ),
    "install": CommandUsage("install requirements in the venv", _DEMANDED),
    "sync-requirements": CommandUsage(
        "make the venv what requirements files say, and no more", _DEMANDED
    ),
    "compile": CommandUsage(
        "resolve requirements into a file", (_DEMAND, *_VENV), needed=("output",), own=("hashes",)
    ),
    "uninstall": CommandUsage("remove projects", (_GENERAL,), needed=("projects",)),
    "cache clear": CommandUsage("remove what is stored", (_GENERAL,), own=("only_projects",)),
    "cache prune": CommandUsage("remove what is of no use", (_GENERAL,), own=("ci",)),
    "cache dir": CommandUsage("print where it is", (_GENERAL,)),
}
"""What each command is for, and its arguments; a method of its name does it."""
