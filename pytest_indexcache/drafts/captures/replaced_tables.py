"""Replace private words in the tables of a captured scenario, each kind of value by its own rule.

Names of projects are replaced where projects can be named. Words of the scenario format are not
replaced there: a project may be called ``no-store`` or ``sync``.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any, Final

import tomli_w

from pytest_indexcache.drafts.captures.replacements import Replacements
from pytest_indexcache.scenario.commands import command_parts

_BY_PROJECT: Final = frozenset(
    """
    packages pages sources downloads installed revalidated dependencies dev-dependencies overrides
    """.split()  # noqa: SIM905
)
"""Tables whose keys are names of projects."""

_OWN_WORDS: Final = frozenset(
    """
    headers answers formats hashes hrefs server do exit tag size padding upload-time python
    requires-python unknown-status extras groups cache-control build-tag kind
    """.split()  # noqa: SIM905
)
"""Tables and values that name no project, unless they are tables of requirements."""

_ENTRY: Final = re.compile(r'(?P<key>[\w-]+)(?P<sign>\s*=\s*)"(?P<value>[^"\n]*)"')
_PLACEHOLDER: Final = re.compile(r"\$\{(sha256|md5|size|url):([^}\n]+)\}")
_LOCK_WORDS: Final = frozenset(
    """
    content-hash content_hash directory editable extra file hash index kind lock-version marker
    markers name optional path python-versions reference registry requires-python size source
    strategy subdirectory type upload-time url version virtual
    """.split()  # noqa: SIM905
)
"""Keys that lockfiles define; any other key with a text as its value is the name of a project."""

_KEPT: Final = frozenset("version hash marker python-versions content-hash content_hash".split())  # noqa: SIM905


def replaced_tables(tables: Mapping[str, Any], replacements: Replacements) -> dict[str, Any]:
    """Return tables with private words replaced; project files are returned as TOML text."""
    replaced = {key: _replaced(key, value, replacements) for key, value in tables.items()}
    if "project-files" in tables:
        files = replaced["project-files"]
        replaced["project-files"] = {name: tomli_w.dumps(data) for name, data in files.items()}
    if "files" in tables:
        given: Mapping[str, str] = tables["files"]
        replaced["files"] = {
            replacements.named(path): _file(path, text, replacements)
            for path, text in given.items()
        }
    replaced["title"] = _title(tables["title"], replacements)
    return replaced


def spoken_texts(value: Any, key: str = "") -> Iterator[str]:
    """Yield the texts in tables that could name a project."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            if key in _BY_PROJECT:
                yield str(name)
            yield from spoken_texts(each, str(name))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from spoken_texts(each, key)
    elif isinstance(value, str) and key not in (*_OWN_WORDS, "command", "title", "files"):
        yield value


def _replaced(key: str, value: Any, replacements: Replacements) -> Any:
    if key in _OWN_WORDS and not _has_requirements(key, value):
        return value
    if key == "command" and isinstance(value, Mapping):
        return {name: _command(name, str(words), replacements) for name, words in value.items()}
    if isinstance(value, str):
        return replacements.named(value)
    if key == "users" and isinstance(value, Mapping):
        return {replacements.user(name): replacements.secret(word) for name, word in value.items()}
    if key == "access" and isinstance(value, Mapping):
        return {name: _access(login, replacements) for name, login in value.items()}
    if isinstance(value, Mapping):
        return {
            replacements.named(str(name)) if key in _BY_PROJECT else name: _replaced(
                str(name) if key not in _BY_PROJECT else "", each, replacements
            )
            for name, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [_replaced(key, each, replacements) for each in value]
    return value


def _access(login: Mapping[str, Any], replacements: Replacements) -> dict[str, Any]:
    """Return how a user reaches an index, with the user and the password replaced."""
    words = {"user": replacements.user, "password": replacements.secret}
    return {k: words[k](v) if k in words else v for k, v in login.items()}


def _has_requirements(key: str, value: Any) -> bool:
    """Return whether a table contains requirements, as those of extras and groups do."""
    return key in ("extras", "groups") and isinstance(value, Mapping)


def _command(installer: str, words: str, replacements: Replacements) -> str:
    """Return a command with its arguments and the values of its options replaced."""
    split = shlex.split(words)
    parts = command_parts(installer, words)
    own = 1 + len(parts.subcommand.name.split()) if parts is not None else 1
    return shlex.join(
        word if number < own or word.startswith("-") else replacements.named(word)
        for number, word in enumerate(split)
    )


def _title(title: str, replacements: Replacements) -> str:
    """Return a title with the command at its end replaced."""
    start, _, command = title.partition(": ")
    installer = command.partition(" ")[0]
    return f"{start}: {_command(installer, command, replacements)}"


def _file(path: str, text: str, replacements: Replacements) -> str:
    if not path.endswith(".lock"):
        return replacements.named(text)

    def placed(found: re.Match[str]) -> str:
        return f"${{{found[1]}:{replacements.named(found[2])}}}"

    def replacement(found: re.Match[str]) -> str:
        kept = found["key"] in _KEPT
        value = found["value"] if kept else replacements.named(found["value"])
        is_word = found["key"] in _LOCK_WORDS
        key = found["key"] if is_word else replacements.named(found["key"])
        return f'{key}{found["sign"]}"{value}"'

    plain = re.sub(r"^#.*\n?", "", text, flags=re.MULTILINE)
    return _PLACEHOLDER.sub(placed, _ENTRY.sub(replacement, plain))
