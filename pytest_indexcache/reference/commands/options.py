"""The table of the reference installer's commands and their options.

The parser, the help text and the displayed command lines are generated from this table. A parsed
command line is an :class:`Options` value, which is passed to the method that runs the command.
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
_CHOICE: Final = Section("selection")
_DEMAND: Final = Section("requirements")
_OF_LOCKFILE: Final = Section("selection from a pylock.toml", ("extras", "groups"))


def _path(text: str, folder: Path) -> Path:
    return folder / text


def _place(text: str, folder: Path) -> str:
    return text if "://" in text else str(folder / text)


@dataclass(frozen=True, kw_only=True)
class Options:
    """A command with the values of its arguments, or the defaults of arguments that are not given.

    ``project`` is the project's folder; for commands without a project, it is the current folder.
    ``prefer_binary`` can only be set in requirements files.
    """

    command: str = ""

    cache_dir: Path | None = _GENERAL.value("--cache-dir DIR", "the cache folder", read=_path)
    venv: Path | None = _GENERAL.value("--venv DIR", "the venv (default: .venv)", read=_path)
    python: str | None = _GENERAL.value("--python VERSION", "a version, or the path of a Python")
    variant: str | None = _GENERAL.value("--variant NAME", "act with this bug, to test a scenario")
    verbose: bool = _GENERAL.switch("-v --verbose", "also explain decisions")
    quiet: bool = _GENERAL.switch("-q --quiet", "print nothing")

    index_url: str | None = _ASKING.value("--index-url URL", "the default index")
    extra_index_url: tuple[str, ...] = _ASKING.values(
        "--extra-index-url [NAME=]URL", "an index to ask before the default one (repeatable)"
    )
    flat: tuple[str, ...] = _ASKING.values("--flat NAME", "the named index is one page of files")
    cache_control: tuple[str, ...] = _ASKING.values(
        "--cache-control NAME.KIND=VALUE",
        "the Cache-Control to use for responses of an index; KIND is pages or files",
    )
    offline: bool = _ASKING.switch("--offline", "send no requests")
    no_cache: bool = _ASKING.switch("--no-cache", "neither read nor write the cache")
    refresh: Selection = _ASKING.projects("--refresh", "revalidate stored responses")
    upgrade: Selection = _ASKING.projects("--upgrade", "look for newer releases")
    reinstall: Selection = _ASKING.projects("--reinstall", "reinstall installed releases")
    no_binary: Selection = _ASKING.formats(
        "--no-binary NAME", "do not use wheels of NAME, or of any project (:all:)"
    )
    no_build: Selection = _ASKING.formats(
        "--no-build NAME", "do not use sdists of NAME, or of any project (:all:)"
    )
    no_deps: bool = _ASKING.switch("--no-deps", "do not install dependencies")
    index_strategy: Strategy = _ASKING.value(
        "--index-strategy STRATEGY",
        "first-index (default): the first index that has a project; "
        "unsafe-best-match: the best release of all indexes",
        choices=("first-index", "unsafe-best-match"),
        default="first-index",
    )
    exclude_newer: str | None = _ASKING.value(
        "--exclude-newer MOMENT",
        "use only files uploaded before this: 2026-08-01T12:00:00Z, or '7 days ago'",
    )
    prereleases: bool = _ASKING.switch("--pre", "allow pre-releases")
    resolution: str | None = _ASKING.value(
        "--resolution WAY",
        "highest (default), lowest, or lowest-direct: lowest only for direct requirements",
        choices=RESOLUTIONS,
    )
    compile_bytecode: bool = _ASKING.switch("--compile-bytecode", "compile installed modules")

    project: Path = _PROJECT.value(
        "--project DIR", "the project's folder", default=Path(), read=_path
    )
    no_sources: bool = _PROJECT.switch("--no-sources", "ignore [tool.indexcache.sources]")

    extras: tuple[str, ...] = _CHOICE.values("--extra NAME", "an extra")
    groups: tuple[str, ...] = _CHOICE.values("--group NAME", "a group")
    frozen: bool = _CHOICE.switch("--frozen", "use the lockfile as it is", one_of="lock")
    locked: bool = _CHOICE.switch("--locked", "fail if it is not up to date", one_of="lock")
    inexact: bool = _CHOICE.switch("--inexact", "keep packages not in the lockfile")

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
        "--override-with REQUIREMENT", "a requirement that replaces all others"
    )
    find_links: tuple[str, ...] = _DEMAND.values(
        "-f --find-links PLACE", "a folder, or the URL of a page, that lists files", read=_place
    )
    no_index: bool = _DEMAND.switch("--no-index", "use only --find-links, and no index")
    require_hashes: bool = _DEMAND.switch("--require-hashes", "require a hash for each")

    arguments: tuple[str, ...] = _OWN.operands("ARG", "an argument for Python, after --")
    index: str | None = _OWN.value("--index NAME=URL", "the index to get them from")
    path: Path | None = _OWN.value(
        "--path DIR", "the folder to get it from", read=_path, one_of="from"
    )
    editable_path: Path | None = _OWN.value(
        "--editable DIR", "the same, editable", read=_path, one_of="from"
    )
    extra: str | None = _OWN.value("--extra NAME", "in this extra of the project", one_of="place")
    group: str | None = _OWN.value("--group NAME", "in this dependency group", one_of="place")
    projects: tuple[str, ...] = _OWN.operands("PROJECT")
    only_projects: tuple[str, ...] = _OWN.operands("PROJECT", "only for this project")
    output: Path = _OWN.value("-o --output FILE", default=Path(), read=_path)
    hashes: bool = _OWN.switch("--generate-hashes", "also write hashes")
    ci: bool = _OWN.switch("--ci", "keep only wheels that were built here")

    prefer_binary: bool = False

    @property
    def venv_folder(self) -> Path:
        """The folder of the venv; by default, this is ``.venv`` in the project's folder."""
        return self.venv or self.project / ".venv"


ARGUMENTS: Final[Mapping[str, Argument]] = {
    field.name: field.metadata["argument"] for field in fields(Options) if field.metadata
}
"""Maps the field names of :class:`Options` to the arguments whose values they contain."""


@dataclass(frozen=True)
class CommandUsage:
    """The help text and the arguments of a command.

    A command accepts all arguments in its ``sections``, and those whose keys are in ``own`` or
    ``needed``. The ``needed`` arguments are required.
    """

    summary: str
    sections: tuple[Section, ...]
    needed: tuple[str, ...] = ()
    own: tuple[str, ...] = ()

    @property
    def arguments(self) -> Iterator[tuple[str, str, Argument]]:
        """Yield each argument with its section title and key, in the order of the help text."""
        for key in (*self.needed, *self.own):
            yield "", key, ARGUMENTS[key]
        for section in self.sections:
            for key, argument in ARGUMENTS.items():
                if argument.section is section or key in section.others:
                    yield section.title, key, argument


_VENV: Final = (_GENERAL, _ASKING)
_LOCK: Final = (*_VENV, _PROJECT)
_DEMANDED: Final = (_DEMAND, _OF_LOCKFILE, *_VENV)

GROUPS: Final = {"cache": "manage the cache folder"}
"""Maps the first word of a two-word command, such as ``cache clear``, to its help text."""

COMMANDS: Final[Mapping[str, CommandUsage]] = {
    "lock": CommandUsage("update the lockfile", _LOCK, own=("locked",)),
    "sync": CommandUsage("make the venv match the lockfile", (*_LOCK, _CHOICE)),
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
        "remove requirements, lock and sync", _LOCK, needed=("projects",), own=("extra", "group")
    ),
    "install": CommandUsage("install requirements in the venv", _DEMANDED),
    "sync-requirements": CommandUsage("make the venv match requirements files exactly", _DEMANDED),
    "compile": CommandUsage(
        "resolve requirements into a file", (_DEMAND, *_VENV), needed=("output",), own=("hashes",)
    ),
    "uninstall": CommandUsage("remove projects", (_GENERAL,), needed=("projects",)),
    "cache clear": CommandUsage("remove stored files", (_GENERAL,), own=("only_projects",)),
    "cache prune": CommandUsage("remove damaged and unused files", (_GENERAL,), own=("ci",)),
    "cache dir": CommandUsage("print the path of the cache folder", (_GENERAL,)),
}
"""Maps each command to its help text and arguments; a method of the same name runs the command."""
