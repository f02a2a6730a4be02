"""Convert the command line of an installer to a step of a scenario."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pytest_indexcache.drafts.words.requirements import readable_requirement
from pytest_indexcache.errors import CommandError
from pytest_indexcache.scenario.commands import ParsedCommand, command_parts

INSTALLERS: Final = ("uv", "pip", "poetry", "pdm")

_ALL: Final = {
    "--offline": "offline",
    "-n": "no-cache",
    "--no-cache": "no-cache",
    "--no-cache-dir": "no-cache",
    "--refresh": "refresh",
    "-U": "upgrade",
    "--upgrade": "upgrade",
    "--reinstall": "reinstall",
    "--force-reinstall": "reinstall",
    "--no-deps": "no-deps",
    "--no-sources": "no-sources",
    "--pre": "prereleases",
}
_SYNC: Final = {"--frozen": "frozen", "--locked": "locked", "--inexact": "inexact"}
_QUIET: Final = frozenset(
    "-v -vv -vvv --verbose -q --quiet --no-progress --no-color --disable-pip-version-check".split()  # noqa: SIM905
)
_LISTS: Final = {"--extra": "extras", "--group": "groups"}
_INDEXES: Final = {
    "-i": True,
    "--index-url": True,
    "--default-index": True,
    "--index": False,
    "--extra-index-url": False,
}
"""The options that name an index. The value is True for options that set the default index."""

_VERBS: Final = {
    ("uv", "sync"): "sync",
    ("uv", "lock"): "lock",
    ("uv", "add"): "add",
    ("uv", "pip install"): "install",
    ("pip", "install"): "install",
    ("poetry", "lock"): "lock",
}


@dataclass(frozen=True)
class NamedIndex:
    """An index that a command, a variable or a configuration file names.

    ``url`` may contain credentials. ``place`` is the name of the variable or file. ``login`` is a
    user name and password given outside the URL.
    """

    url: str
    is_default: bool
    name: str = ""
    place: str = ""
    is_explicit: bool = False
    login: tuple[str, str] | None = None


@dataclass(frozen=True)
class CapturedStep:
    """A command, represented as the keys of a step.

    ``files`` are the requirements files that the command reads.
    """

    installer: str
    words: tuple[str, ...]
    keys: dict[str, Any]
    indexes: tuple[NamedIndex, ...] = ()
    files: tuple[str, ...] = ()
    remarks: tuple[str, ...] = field(default=())

    @property
    def installs(self) -> bool:
        """Whether the command installs distributions into the venv."""
        parts = command_parts(self.installer, list(self.words))
        name = parts.subcommand.name if parts else ""
        return name.rpartition(" ")[2] in ("sync", "install", "add", "run", "update")


def captured_step(words: Sequence[str]) -> CapturedStep:
    """Return the step for a command, which is given as a list of words.

    If a verb such as ``sync`` can express the whole command, the step has this verb. Otherwise, it
    contains the command line.

    :raises CommandError: if no installer is named, or a scenario cannot contain the command
    """
    installer = words[0].rpartition("/")[2] if words else ""
    if installer in ("python", "python3") and list(words[1:3]) == ["-m", "pip"]:
        installer, words = "pip", ("pip", *words[3:])
    if installer not in INSTALLERS:
        raise CommandError(
            f"{words[0] if words else 'nothing'!r} is not an installer that can be captured",
            f"begin the command with {', '.join(INSTALLERS)}",
        )
    words = (installer, *words[1:])
    parts = command_parts(installer, list(words))
    if parts is None:
        raise CommandError(
            f"the command {' '.join(words)!r} cannot be in a scenario",
            "leave out options that lead out of the project's folder, or start programs",
        )
    named = tuple(_named_indexes(parts))
    files = tuple(given.value for given in parts.options if given.kind == "requirements")
    verb = _VERBS.get((installer, parts.subcommand.name))
    keys = _keys_of_verb(verb, parts) if verb else None
    if keys is not None:
        return CapturedStep(installer, words, {"do": verb, **keys}, named, files)
    kept = _without_indexes(words)
    return CapturedStep(installer, words, {"command": {installer: " ".join(kept)}}, named, files)


def _named_indexes(parts: ParsedCommand) -> list[NamedIndex]:
    found = []
    for given in parts.options:
        if given.option in _INDEXES:
            name, _, url = (
                given.value.rpartition("=") if _has_name(given.value) else ("", "", given.value)
            )
            if "://" in url:
                found.append(NamedIndex(url, _INDEXES[given.option], name))
    return found


def _has_name(value: str) -> bool:
    return "=" in value.partition("://")[0]


def _without_indexes(words: Sequence[str]) -> list[str]:
    """Return the words of a command without its index options."""
    kept: list[str] = []
    is_value = False
    for word in words:
        option = word.partition("=")[0]
        if is_value:
            is_value = False
        elif option in _INDEXES:
            is_value = "=" not in word
        else:
            kept.append(word)
    return kept


def _keys_of_verb(verb: str, parts: ParsedCommand) -> dict[str, Any] | None:
    """Return the keys of a step for a command, or None if the verb cannot express an option."""
    keys: dict[str, Any] = {}
    for given in parts.options:
        if given.option in _QUIET or given.option in _INDEXES:
            continue
        if given.option in _LISTS and verb == "sync":
            keys.setdefault(_LISTS[given.option], []).append(given.value)
        elif given.option in _SYNC and verb == "sync":
            keys[_SYNC[given.option]] = True
        elif given.option == "--locked" and verb == "lock":
            keys["locked"] = True
        elif given.option in ("-r", "--requirement", "--requirements") and verb == "install":
            keys.setdefault("requirements-files", []).append(given.value)
        elif given.option in ("-c", "--constraint", "--constraints") and verb == "install":
            keys.setdefault("constraints-files", []).append(given.value)
        elif given.option in _ALL:
            keys[_ALL[given.option]] = True
        else:
            return None
    requirements = [readable_requirement(word) for word in parts.arguments]
    if not all(requirements) or (requirements and verb not in ("add", "install")):
        return None
    return {**keys, "requirements": requirements} if requirements else keys
