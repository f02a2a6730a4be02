"""The goal of an installer's own command line, where its words say what it asks for.

A command with a word that is not in these tables has no known goal: it may install nothing
(``--dry-run``), elsewhere (``--target``) or less (``--only-group``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pytest_indexcache.installers.contract.goals import InstallGoal


@dataclass(frozen=True)
class _Syntax:
    """The words of one subcommand.

    ``values`` maps options that take a value to the part of the goal that the value belongs to,
    empty where it does not matter. ``flags`` do not change what is asked for. ``positional`` is the
    part that words without a dash belong to; without one they end the options.
    """

    values: Mapping[str, str]
    flags: frozenset[str]
    positional: str = ""
    project: bool = False
    frozen: bool = False


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _ignored(text: str) -> dict[str, str]:
    return dict.fromkeys(text.split(), "")


_UV_FLAGS: Final = _words(
    "--offline --no-cache -n --refresh --upgrade -U --reinstall --force-reinstall --no-binary"
    " --no-build --no-index --no-sources --compile-bytecode --no-build-isolation --quiet -q"
    " --verbose -v --no-progress --native-tls --preview --no-deps --strict --require-hashes"
    " --verify-hashes --no-config"
)
_UV_VALUES: Final = _ignored(
    "--index --default-index --index-url -i --extra-index-url --find-links -f --index-strategy"
    " --keyring-provider --resolution --prerelease --exclude-newer --link-mode --refresh-package"
    " --upgrade-package -P --reinstall-package --no-binary-package --no-build-package --no-binary"
    " --only-binary --config-setting -C --allow-insecure-host --cache-dir --color --constraint -c"
    " --build-constraint --fork-strategy --no-build-isolation-package"
)
_UV_PIP_FLAGS: Final = _UV_FLAGS - _words("--no-binary --no-build")
_UV_PROJECT: Final = _UV_FLAGS | _words(
    "--frozen --locked --inexact --exact --no-install-project --no-editable --all-extras"
    " --all-groups --no-dev --dev --no-default-groups"
)
_UV_PROJECT_VALUES: Final = {**_UV_VALUES, "--extra": "extras", "--group": "groups"}
_UV_PROJECT_VALUES.pop("--no-binary")

_PIP: Final = _Syntax(
    {
        **_ignored(
            "-i --index-url --extra-index-url -f --find-links -c --constraint --no-binary"
            " --only-binary --upgrade-strategy --use-feature --use-deprecated --trusted-host"
            " --timeout --retries --progress-bar --cache-dir --refresh-package"
        ),
        "-r": "files",
        "--requirement": "files",
        "-e": "paths",
        "--editable": "paths",
    },
    _words(
        "--upgrade -U --force-reinstall --ignore-installed -I --no-cache-dir --no-deps --pre"
        " --no-index --require-hashes --prefer-binary --no-build-isolation --use-pep517 -q --quiet"
        " -v --verbose --no-input --disable-pip-version-check --no-warn-script-location"
        " --no-compile"
    ),
    positional="requirements",
)
_POETRY_FLAGS: Final = _words(
    "--sync --no-root --no-cache --compile -q --quiet -v --verbose -n --no-interaction"
    " --all-extras --all-groups --no-ansi --no-plugins"
)
_POETRY_INSTALL: Final = _Syntax(
    {"-E": "extras", "--extras": "extras", "--with": "groups"}, _POETRY_FLAGS, project=True
)
_PDM_FLAGS: Final = _words(
    "--no-self --prod --production --dev -d --clean --clean-unselected --only-keep --reinstall -v"
    " -q --no-editable --no-isolation --check"
)
_PDM_GROUPS: Final = {"-G": "chosen", "--group": "chosen", "--with": "chosen"}

_TABLES: Final[Mapping[tuple[str, ...], _Syntax]] = {
    ("uv", "sync"): _Syntax(_UV_PROJECT_VALUES, _UV_PROJECT, project=True),
    ("uv", "run"): _Syntax({**_UV_PROJECT_VALUES, "--with": ""}, _UV_PROJECT, project=True),
    ("uv", "add"): _Syntax(
        {
            **_ignored("--optional --group --bounds"),
            **_UV_VALUES,
            "-r": "files",
            "--requirements": "files",
        },
        _UV_FLAGS | _words("--dev --locked --editable --no-editable --raw-sources"),
        positional="requirements",
    ),
    ("uv", "pip", "install"): _Syntax(
        {
            **_UV_VALUES,
            "-r": "files",
            "--requirement": "files",
            "--requirements": "files",
            "-e": "paths",
            "--editable": "paths",
        },
        _UV_PIP_FLAGS,
        positional="requirements",
    ),
    ("uv", "pip", "sync"): _Syntax(_UV_VALUES, _UV_PIP_FLAGS, positional="files"),
    ("pip", "install"): _PIP,
    ("poetry", "install"): _POETRY_INSTALL,
    ("poetry", "sync"): _POETRY_INSTALL,
    ("poetry", "update"): _POETRY_INSTALL,
    ("poetry", "add"): _Syntax(
        _ignored("--optional --group -G --source --extras -E --python --platform"),
        _POETRY_FLAGS | _words("--dev -D --editable -e --allow-prereleases"),
        positional="requirements",
    ),
    ("pdm", "sync"): _Syntax(_PDM_GROUPS, _PDM_FLAGS, project=True, frozen=True),
    ("pdm", "install"): _Syntax(
        _PDM_GROUPS, _PDM_FLAGS | _words("--frozen-lockfile"), project=True
    ),
    ("pdm", "add"): _Syntax(
        _ignored("-G --group"),
        _PDM_FLAGS | _words("--update-reuse --update-eager --pre --prerelease"),
        positional="requirements",
    ),
}
_LEADING: Final = _words(
    "--no-cache --offline --quiet -q --verbose -v --no-interaction -n --no-ansi"
)
"""Flags that may stand before the subcommand."""

_FROZEN: Final = frozenset(("--frozen", "--frozen-lockfile"))


@dataclass
class _Words:
    """The words of a command, read against a table."""

    parts: dict[str, list[str]] = field(default_factory=dict)
    frozen: bool = False

    def read(self, syntax: _Syntax, words: Iterator[str]) -> bool:
        """Read the words; return whether all of them are known."""
        for word in words:
            option, has_value, value = word.partition("=")
            if not word.startswith("-"):
                if not syntax.positional:
                    return syntax.project  # what follows is a program, or the name of a project
                self._add(syntax.positional, word)
            elif option in syntax.values:
                self._add(syntax.values[option], value if has_value else next(words, ""))
            elif word in syntax.flags:
                self.frozen |= word in _FROZEN
            else:
                return word == "--" and syntax.project
        return True

    def _add(self, part: str, value: str) -> None:
        self.parts.setdefault(part, []).append(value)

    def of(self, *parts: str) -> tuple[str, ...]:
        """Return the values of parts, one after the other; lists with commas are split."""
        values = [value for part in parts for value in self.parts.get(part, ())]
        return tuple(one for value in values for one in value.replace(",", " ").split())


def command_goal(installer: str, arguments: Sequence[str]) -> InstallGoal | None:
    """Return what a command asks for; ``arguments`` follow the installer's name.

    None where it asks for nothing to be in a venv, or where that cannot be known from its words.
    """
    found = _syntax(installer, arguments)
    if found is None:
        return None
    syntax, rest = found
    words = _Words()
    if not words.read(syntax, iter(rest)):
        return None
    return InstallGoal(
        requirements=tuple(words.parts.get("requirements", ())),
        paths=tuple(words.parts.get("paths", ())),
        files=tuple(words.parts.get("files", ())),
        project=syntax.project,
        extras=words.of("extras", "chosen"),
        groups=words.of("groups", "chosen"),
        frozen=syntax.frozen or words.frozen,
    )


def _syntax(installer: str, arguments: Sequence[str]) -> tuple[_Syntax, Sequence[str]] | None:
    start = next((n for n, word in enumerate(arguments) if word not in _LEADING), 0)
    for end in (start + 1, start + 2):
        syntax = _TABLES.get((installer, *arguments[start:end]))
        if syntax is not None:
            return syntax, arguments[end:]
    return None
