"""Turn a command line in a log into the step of a scenario."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

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
_VALUES: Final = {"--extra": "extras", "--group": "groups", "--only-group": "groups"}
_WITH_VALUE: Final = frozenset(
    """
    -r --requirement --requirements -c --constraint --python -p --index-strategy --project
    --directory --package
    --prerelease --resolution --torch-backend --cache-dir --target -t --prefix --link-mode
    --exclude-newer --trusted-host --cert --config-file --refresh-package --reinstall-package
    --upgrade-package -P --python-version --python-platform --no-group --no-extra --timeout
    --override --overrides --build-constraint --keyring-provider --config-setting -C --no-binary
    --only-binary --no-build-package --no-binary-package --log --retries --proxy --root --report
    --platform --abi --implementation --python-preference --fork-strategy --color --with --from
    --allow-insecure-host --default-timeout -o --output-file --annotation-style --no-emit-package
    --no-install-package --optional -d --dest
    """.split()  # noqa: SIM905
)


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
_VERBS: Final = {
    ("uv", "sync"): "sync",
    ("uv", "run"): "sync",
    ("uv", "lock"): "lock",
    ("uv", "add"): "add",
    ("uv", "pip install"): "install",
    ("uv", "pip compile"): "compile",
    ("uv", "tool install"): "install",
    ("pip", "install"): "install",
    ("pip", "download"): "install",
}


@dataclass(frozen=True)
class CommandIndex:
    """An index named in a command; ``role`` is ``default``, ``extra`` or ``links``."""

    url: str
    role: str
    name: str = ""


@dataclass(frozen=True)
class CommandStep:
    """The keys of a step for a command; ``requirements`` are from the command's arguments.

    ``unread`` are words of the command that the draft leaves out. ``indexes`` are the indexes in
    options and variables.
    """

    text: str
    verb: str
    keys: dict[str, Any] = field(default_factory=dict)
    requirements: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    indexes: tuple[CommandIndex, ...] = ()
    is_verbose: bool = False


def step_of_commands(commands: Iterable[str]) -> CommandStep | None:
    """Return the step for the command that printed a log; None if no command can be played.

    This is the command with ``-v`` or, among several such commands, the one with the most options.
    """
    steps = [step for text in commands for step in _steps(text)]
    return max(steps, key=_weight, default=None)


def _weight(step: CommandStep) -> tuple[bool, int]:
    return step.is_verbose, len(step.keys) + len(step.requirements) + len(step.indexes)


def _steps(text: str) -> Iterable[CommandStep]:
    try:
        words = shlex.split(text, comments=True)
    except ValueError:
        return
    current: list[str] = []
    for word in [*words, "&&"]:
        if word in ("&&", "||", ";", "|", "2>&1") or word.startswith(">"):
            if step := _step(text, current):
                yield step
            current = []
        else:
            current.append(word)


def _step(text: str, words: Sequence[str]) -> CommandStep | None:
    """Return the step for the words of one command; None if a draft cannot play it."""
    count = next((n for n, word in enumerate(words) if not _is_before_program(word)), len(words))
    names, indexes = list(words[count:]), _indexes_of_variables(words[:count])
    program = names[0].rpartition("/")[2] if names else ""
    if program.startswith("python") and names[1:2] == ["-m"] and names[2:3] in (["pip"], ["uv"]):
        program, names = names[2], names[2:]
    program = "pip" if program.startswith("pip") and program != "pipx" else program
    rest = names[1:]
    first = next((n for n, word in enumerate(rest) if not word.startswith("-")), len(rest))
    options, rest = rest[:first], rest[first:]
    for length in (2, 1):
        if verb := _VERBS.get((program, " ".join(rest[:length]))):
            # run starts a program of the user; only the sync before it asks the indexes.
            after = rest[length:] if rest[0] != "run" else _before_program(rest[length:])
            return _with_options(text, verb, [*options, *after], indexes)
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
        takes_value = bool(options) and (options[-1] in _WITH_VALUE or options[-1] in _VALUES)
        if not word.startswith("-") and not takes_value:
            break
        options.append(word)
    return options


def _requirement(word: str) -> str:
    """Return the requirement in an argument; empty for files and folders."""
    is_file = word.endswith((".txt", ".in", ".toml", ".whl", ".gz", ".zip", ".cfg", ".lock"))
    return "" if is_file else readable_requirement(word)


def _with_options(
    text: str, verb: str, words: Sequence[str], indexes: tuple[CommandIndex, ...]
) -> CommandStep:
    keys: dict[str, Any] = {}
    requirements, unread, named = [], [], list(indexes)
    queue = list(words)
    while queue:
        word = queue.pop(0)
        option, has_value, value = word.partition("=") if word.startswith("--") else (word, "", "")
        if option in _VALUES or option in _WITH_VALUE or option in _INDEXES:
            value = value if has_value else queue.pop(0) if queue else ""
        if option in _VALUES and verb == "sync":
            name = project_name(value)
            keys.setdefault(_VALUES[option], []).extend([name] if name else [])
        elif option in _FLAGS and (verb == "sync" or _FLAGS[option] not in _OF_SYNC):
            keys[_FLAGS[option]] = True
        elif option in _INDEXES and (found := list(_named_indexes(_INDEXES[option], value))):
            named += found
        elif option in _WITH_VALUE or option in _VALUES or option in _INDEXES:
            unread.append(f"{option} {value}")
        elif word.startswith("-"):
            unread += [] if word.strip("-") in _QUIET else [word]
        elif verb in ("install", "add") and (requirement := _requirement(word)):
            requirements.append(requirement)
        else:
            unread.append(word)
    is_verbose = any(word.startswith("-") and word.strip("-") in _QUIET for word in words)
    return CommandStep(
        text, verb, keys, tuple(requirements), tuple(unread), tuple(named), is_verbose
    )
