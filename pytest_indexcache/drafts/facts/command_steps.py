"""Convert command lines in a log to steps of a scenario."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pytest_indexcache.drafts.facts.group_options import (
    EVERY,
    OPTIONS,
    SWITCHES,
    GroupOption,
    selected_names,
)
from pytest_indexcache.drafts.logs.hidden_names import with_names
from pytest_indexcache.drafts.words.names import project_name, public_url
from pytest_indexcache.drafts.words.requirements import readable_requirement

_FLAGS: Final = {
    "--frozen": "frozen",
    "--locked": "locked",
    "--offline": "offline",
    "--no-cache": "no-cache",
    "--no-cache-dir": "no-cache",
    "--no-deps": "no-deps",
    "--refresh": "refresh",
    "--reinstall": "reinstall",
    "--force-reinstall": "reinstall",
    "--upgrade": "upgrade",
    "-U": "upgrade",
    "-n": "no-cache",
    "--pre": "prereleases",
    "--no-sources": "no-sources",
    "--inexact": "inexact",
}
_OF_SYNC: Final = ("frozen", "locked", "inexact")
_OF_ADD: Final = {"--optional": "optional", "--group": "group", "-G": "group", "-dG": "group"}
_TO_DEV: Final = ("--dev", "-d", "-D")
_FILES: Final = {
    "-r": "requirements",
    "--requirement": "requirements",
    "--requirements": "requirements",
    "-c": "constraints",
    "--constraint": "constraints",
    "--constraints": "constraints",
    "--override": "overrides",
    "--overrides": "overrides",
}
_WITH_VALUE: Final = frozenset(
    """
    --python -p --index-strategy --project --directory --package
    --prerelease --resolution --torch-backend --cache-dir --target -t --prefix --link-mode
    --exclude-newer --trusted-host --cert --config-file --refresh-package --reinstall-package
    --upgrade-package -P --python-version --python-platform --timeout
    --build-constraint --keyring-provider --config-setting -C --no-binary
    --only-binary --no-build-package --no-binary-package --log --retries --proxy --root --report
    --platform --abi --implementation --python-preference --fork-strategy --color --with --from
    --allow-insecure-host --default-timeout -o --output-file --annotation-style --no-emit-package
    --no-install-package --optional -d --dest
    """.split()  # noqa: SIM905
)


_ONLY: Final = "the 'only' of"

_INDEXES: Final = {
    "-i": "default",
    "--index-url": "default",
    "--default-index": "default",
    "--index": "extra",
    "--extra-index-url": "extra",
    "-f": "links",
    "--find-links": "links",
}
_VARIABLES: Final = {
    "UV_INDEX_URL": "default",
    "UV_DEFAULT_INDEX": "default",
    "PIP_INDEX_URL": "default",
    "UV_INDEX": "extra",
    "UV_EXTRA_INDEX_URL": "extra",
    "PIP_EXTRA_INDEX_URL": "extra",
    "UV_FIND_LINKS": "links",
    "PIP_FIND_LINKS": "links",
}
_QUIET: Final = frozenset({"v", "vv", "vvv", "verbose"})
CLEAR_CACHE: Final = "clear-cache"
REMOVE_VENV: Final = "remove-venv"
_VERBS: Final = {
    ("uv", "sync"): "sync",
    ("uv", "run"): "sync",
    ("uv", "lock"): "lock",
    ("uv", "add"): "add",
    ("uv", "pip install"): "install",
    ("uv", "pip sync"): "install",
    ("uv", "pip compile"): "compile",
    ("uv", "tool install"): "install",
    ("pip", "install"): "install",
    ("pip", "download"): "install",
    ("uv", "remove"): "remove",
    ("poetry", "install"): "sync",
    ("poetry", "sync"): "sync",
    ("poetry", "update"): "sync",
    ("poetry", "lock"): "lock",
    ("poetry", "add"): "add",
    ("poetry", "remove"): "remove",
    ("pdm", "install"): "sync",
    ("pdm", "sync"): "sync",
    ("pdm", "update"): "sync",
    ("pdm", "lock"): "lock",
    ("pdm", "add"): "add",
    ("pdm", "remove"): "remove",
    ("uv", "pip uninstall"): "uninstall",
    ("pip", "uninstall"): "uninstall",
    ("uv", "clean"): CLEAR_CACHE,
    ("uv", "cache clean"): CLEAR_CACHE,
    ("uv", "cache prune"): "prune-cache",
    ("pip", "cache purge"): CLEAR_CACHE,
    ("uv", "venv"): REMOVE_VENV,
}
_ASKING: Final = frozenset(("sync", "lock", "add", "install", "compile"))
_OF_PROJECTS: Final = ("uninstall", "remove", CLEAR_CACHE)


@dataclass(frozen=True)
class CommandIndex:
    """An index in an option or a variable; ``role`` is ``default``, ``extra`` or ``links``."""

    url: str
    role: str
    name: str = ""


@dataclass(frozen=True)
class CommandStep:
    """A command as a step of a scenario.

    ``requirements`` are the requirements in its arguments. ``files`` pairs keys such as
    ``constraints`` with names of requirements files. ``unread`` contains words that the draft
    leaves out. ``no_extras`` contains excluded extras. ``no_groups`` contains excluded groups,
    where ``*`` stands for all default groups. ``all_of`` contains ``extras`` or ``groups`` if the
    command selects all of them.
    """

    text: str
    verb: str
    keys: dict[str, Any] = field(default_factory=dict)
    requirements: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    indexes: tuple[CommandIndex, ...] = ()
    is_verbose: bool = False
    files: tuple[tuple[str, str], ...] = ()
    no_groups: frozenset[str] = frozenset()
    no_extras: frozenset[str] = frozenset()
    all_of: frozenset[str] = frozenset()

    @property
    def asks(self) -> bool:
        """Whether the command may send requests to an index."""
        return self.verb in _ASKING


def asks_indexes(command: str) -> bool:
    """Return whether a command line may send requests to an index."""
    return any(step.asks for step in steps_of_command(command))


def steps_of_command(text: str) -> tuple[CommandStep, ...]:
    """Return the steps for a command line, without commands that a draft cannot play."""
    return tuple(_steps(text))


def _steps(text: str) -> Iterator[CommandStep]:
    try:
        words = shlex.split(text, comments=True)
    except ValueError:
        return
    current: list[str] = []
    for word in [*words, "&&"]:
        is_end = word in ("&&", "||", ";", "|", "2>&1") or word.startswith(">")
        if not is_end:
            current.append(word.removesuffix(";"))
        if is_end or word.endswith(";"):
            if step := _step(text, current):
                yield step
            current = []


def _step(text: str, words: Sequence[str]) -> CommandStep | None:
    """Return the step for one command, or None if a draft cannot play it."""
    count = next((n for n, word in enumerate(words) if not _is_before_program(word)), len(words))
    names, indexes = list(words[count:]), _indexes_of_variables(words[:count])
    program = names[0].rpartition("/")[2] if names else ""
    if program.startswith("python") and names[1:2] == ["-m"] and names[2:3] in (["pip"], ["uv"]):
        program, names = names[2], names[2:]
    program = "pip" if program.startswith("pip") and program != "pipx" else program
    rest = names[1:]
    if program == "rm":
        is_venv = any(word.strip("./").rpartition("/")[2] in ("venv", "env") for word in rest)
        return CommandStep(text, REMOVE_VENV) if is_venv else None
    first = next((n for n, word in enumerate(rest) if not word.startswith("-")), len(rest))
    options, rest = rest[:first], rest[first:]
    for length in (2, 1):
        if verb := _VERBS.get((program, " ".join(rest[:length]))):
            # run starts a program of the user; only the sync before it asks the indexes.
            after = rest[length:] if rest[0] != "run" else _before_program(rest[length:])
            read = _Options(program, verb, list(indexes))
            return _with_options(text, read, [*options, *after])
    return None


def _is_before_program(word: str) -> bool:
    return word in ("time", "sudo", "env") or "=" in word.split("-", maxsplit=1)[0]


def _indexes_of_variables(words: Sequence[str]) -> tuple[CommandIndex, ...]:
    found: list[CommandIndex] = []
    for word in words:
        name, _, value = word.partition("=")
        if name in _VARIABLES:
            found += _named_indexes(_VARIABLES[name], value)
    return tuple(found)


def _named_indexes(role: str, value: str) -> Iterator[CommandIndex]:
    for text in value.split():
        has_name = "=" in text.partition("://")[0]
        name, _, address = text.partition("=") if has_name else ("", "", text)
        if url := public_url(with_names(address)[0]):
            yield CommandIndex(url, role, project_name(name))


def _before_program(words: Sequence[str]) -> list[str]:
    options: list[str] = []
    for word in words:
        takes_value = bool(options) and _takes_value(options[-1], "uv", "sync")
        if not word.startswith("-") and not takes_value:
            break
        options.append(word)
    return options


def _requirement(word: str) -> str:
    """Return an argument as a requirement, or an empty string for files and folders."""
    is_file = word.endswith((".txt", ".in", ".toml", ".whl", ".gz", ".zip", ".cfg", ".lock"))
    return "" if is_file else readable_requirement(word)


def _with_options(text: str, found: _Options, words: Sequence[str]) -> CommandStep:
    """Add the words of a command to ``found``, and return the command as a step."""
    queue = list(words)
    while queue:
        word = queue.pop(0)
        option, has_value, value = _split_option(word, found.program)
        if _takes_value(option, found.program, found.verb):
            value = value if has_value else queue.pop(0) if queue else ""
            found.add_value(option, value)
        else:
            found.add_word(word)
    is_verbose = any(word.startswith("-") and word.strip("-") in _QUIET for word in words)
    return CommandStep(
        text,
        found.verb,
        found.keys,
        tuple(found.requirements),
        tuple(found.unread),
        tuple(found.indexes),
        is_verbose,
        tuple(found.files),
        frozenset(found.no_groups),
        frozenset(found.no_extras),
        frozenset(found.all_of),
    )


def _split_option(word: str, program: str) -> tuple[str, str, str]:
    """Split an option such as ``--a=b`` or ``-Gdocs`` into its name, a separator and its value.

    The separator of ``-Gdocs`` is ``-G``. If the option has no value, the last two parts are empty.
    """
    if word.startswith("--"):
        return word.partition("=")
    is_joined = len(word) > 2 and word[:2] in OPTIONS.get(program, {})
    return (word[:2], word[:2], word[2:]) if is_joined else (word, "", "")


def _takes_value(option: str, program: str, verb: str) -> bool:
    is_selection = option in OPTIONS.get(program, {})
    if option in SWITCHES.get(program, {}):
        return False  # such as -d of PDM, which is --dest of pip
    is_known = is_selection or option in _WITH_VALUE or option in _INDEXES
    return is_known or (option in _FILES and (option != "-c" or verb in ("install", "compile")))


@dataclass
class _Options:
    """Collects the options and arguments of a command, grouped by their place in a step."""

    program: str
    verb: str
    indexes: list[CommandIndex]
    keys: dict[str, Any] = field(default_factory=dict)
    requirements: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    files: list[tuple[str, str]] = field(default_factory=list)
    no_groups: set[str] = field(default_factory=set)
    no_extras: set[str] = field(default_factory=set)
    all_of: set[str] = field(default_factory=set)

    def add_value(self, option: str, value: str) -> None:
        """Add an option with its value."""
        name = project_name(value)
        selection = OPTIONS.get(self.program, {}).get(option)
        if selection is not None and self.verb == "sync":
            self._select(selection, selected_names(value))
            self.unread += [f"{_ONLY} {option} {value}"] if selection.is_only else []
        elif option in _OF_ADD and self.verb in ("add", "remove") and name:
            self.keys[_OF_ADD[option]] = name
        elif option in _FILES and self.verb in ("install", "compile"):
            self.files.append((_FILES[option], value))
        elif option in _INDEXES and (found := list(_named_indexes(_INDEXES[option], value))):
            self.indexes += found
        else:
            self.unread.append(f"{option} {value}")

    def add_word(self, word: str) -> None:
        """Add an argument, or an option without a value."""
        if word in _FLAGS and (self.verb == "sync" or _FLAGS[word] not in _OF_SYNC):
            self._add_flag(_FLAGS[word])
        elif self.verb == "sync" and (chosen := SWITCHES.get(self.program, {}).get(word)):
            self._select(chosen, [chosen.name] if chosen.name else [])
            self.unread += [f"{_ONLY} {word}"] if chosen.is_only else []
        elif word in _TO_DEV and self.verb in ("add", "remove"):
            self.keys.setdefault("group", "dev")
        elif word.startswith("-"):
            self.unread += [] if word.strip("-") in _QUIET else [word]
        elif self.verb in ("install", "compile") and word.endswith((".txt", ".in")):
            self.files.append(("requirements", word))
        elif self.verb in ("install", "add") and (requirement := _requirement(word)):
            self.requirements.append(requirement)
        elif self.verb in _OF_PROJECTS and (project := project_name(word)):
            self.keys.setdefault("projects", []).append(project)
        elif self.verb != REMOVE_VENV:
            self.unread.append(word)

    def _select(self, selection: GroupOption, names: Sequence[str]) -> None:
        """Add the extras and groups that an option selects or excludes."""
        if selection.excludes:
            self.no_groups |= set(names) if selection.groups else set()
            self.no_extras |= set(names) if selection.extras else set()
            return
        if selection.is_only:
            self.no_groups.add(EVERY)
        key = "groups" if selection.groups else "extras"
        if EVERY in names:
            # PDM's groups include extras.
            self.all_of |= {"extras", "groups"} if self.program == "pdm" else {key}
        elif names:
            self.keys.setdefault(key, []).extend(names)

    def _add_flag(self, key: str) -> None:
        if self.verb in _ASKING:
            self.keys[key] = True
