"""Infer from a verbatim command line what it is meant to install (its goal).

If a command has an option that the tables in this module do not contain, its goal is unknown: such
an option could mean that nothing is installed (``--dry-run``), that the venv is elsewhere
(``--directory``), or that less is installed (``--only-group``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pytest_indexcache.installers.contract.goals import InstallGoal
from pytest_indexcache.scenario.commands import ParsedCommand, command_parts


@dataclass(frozen=True)
class _Meaning:
    """How the options of a subcommand determine the goal of a command line.

    ``parts`` maps each option to the field of :class:`InstallGoal` that receives its values, or to
    ``chosen`` if the option selects extras as well as groups. ``neutral`` options do not change the
    goal. ``arguments`` names the field that receives the positional arguments.
    """

    neutral: frozenset[str]
    parts: Mapping[str, str] = field(default_factory=dict)
    arguments: str = ""
    project: bool = False
    frozen: bool = False


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_UV: Final = _words(
    "--offline --no-offline --no-cache --no-cache-dir -n --cache-dir --no-config --no-progress"
    " --quiet -q --verbose -v --color --no-color --native-tls --system-certs --preview --no-preview"
    " --preview-features --allow-insecure-host --trusted-host --index --default-index --index-url"
    " -i --extra-index-url --find-links -f --no-index --index-strategy --keyring-provider"
    " --upgrade -U --no-upgrade --upgrade-package -P --refresh --no-refresh --refresh-package"
    " --reinstall --no-reinstall --force-reinstall --reinstall-package --resolution --prerelease"
    " --pre --exclude-newer --exclude-newer-package --fork-strategy --link-mode --no-sources"
    " --no-sources-package --no-build --build --no-build-package --no-binary --binary"
    " --no-binary-package --only-binary --config-setting --config-settings -C"
    " --config-settings-package --no-build-isolation --build-isolation"
    " --no-build-isolation-package --build-constraint --build-constraints -b --constraint"
    " --constraints -c --compile-bytecode --no-compile-bytecode --compile --no-compile --no-deps"
    " --no-dependencies --strict --no-strict --require-hashes --verify-hashes --no-verify-hashes"
)
_UV_PROJECT: Final = _UV | _words(
    "--frozen --no-frozen --locked --no-locked --inexact --exact --no-install-project"
    " --no-editable --all-extras --all-groups --no-dev --dev --no-default-groups"
)
_UV_RUN: Final = _UV_PROJECT | _words("--with -w --with-editable --with-requirements --no-env-file")
_UV_CHOICE: Final = {"--extra": "extras", "--group": "groups"}
_FILES: Final = {"-r": "files", "--requirement": "files", "--requirements": "files"}
_PATHS: Final = {"-e": "paths", "--editable": "paths"}

_PIP: Final = _words(
    "-v --verbose -q --quiet --no-input --no-cache-dir --cache-dir --disable-pip-version-check"
    " --no-color --no-python-version-warning --require-virtualenv --require-venv --debug --retries"
    " --timeout --default-timeout --resume-retries --trusted-host --use-feature --use-deprecated"
    " --exists-action --keyring-provider -i --index-url --pypi-url --extra-index-url -f"
    " --find-links --no-index --pre --all-releases --only-final --refresh-package"
    " --uploaded-prior-to --no-deps --no-dependencies --prefer-binary --no-build-isolation"
    " --use-pep517 --no-use-pep517 --check-build-dependencies --require-hashes --no-require-hashes"
    " --no-clean -c --constraint --build-constraint --no-binary --only-binary -C --config-settings"
    " --progress-bar -U --upgrade --upgrade-strategy --force-reinstall -I --ignore-installed"
    " --compile --no-compile --no-warn-script-location --no-warn-conflicts --no-user"
    " --root-user-action --report"
)
_POETRY: Final = _words(
    "-q --quiet -v --verbose --ansi --no-ansi -n --no-interaction --no-plugins --no-cache"
)
_POETRY_INSTALL: Final = _Meaning(
    _POETRY | _words("--sync --no-root --compile --all-extras --all-groups"),
    {"-E": "extras", "--extras": "extras", "--with": "groups"},
    project=True,
)
_PDM: Final = _words(
    "-v --verbose -q --quiet --no-cache -n --non-interactive -I --ignore-python --no-self"
    " --no-editable --no-isolation --fail-fast -x --config-setting -C"
)
_PDM_PROJECT: Final = _PDM | _words(
    "--prod --production --dev -d --clean --clean-unselected --only-keep --reinstall -r --check"
    " --frozen-lockfile"
)
_PDM_CHOICE: Final = {"-G": "chosen", "--group": "chosen", "--with": "chosen"}

_MEANINGS: Final[Mapping[tuple[str, str], _Meaning]] = {
    ("uv", "sync"): _Meaning(_UV_PROJECT, _UV_CHOICE, project=True),
    ("uv", "run"): _Meaning(_UV_RUN, _UV_CHOICE, project=True),
    ("uv", "add"): _Meaning(
        _UV
        | _words("--optional --group --bounds --dev --locked --editable --no-editable")
        | _words("--raw --raw-sources"),
        _FILES,
        arguments="requirements",
    ),
    ("uv", "pip install"): _Meaning(_UV, {**_FILES, **_PATHS}, arguments="requirements"),
    ("uv", "pip sync"): _Meaning(_UV, arguments="files"),
    ("pip", "install"): _Meaning(_PIP, {**_FILES, **_PATHS}, arguments="requirements"),
    ("poetry", "install"): _POETRY_INSTALL,
    ("poetry", "sync"): _POETRY_INSTALL,
    ("poetry", "update"): _POETRY_INSTALL,
    ("poetry", "add"): _Meaning(
        _POETRY
        | _words("--optional --group -G --source --extras -E --python --platform --dev -D")
        | _words("--editable -e --allow-prereleases"),
        arguments="requirements",
    ),
    ("pdm", "sync"): _Meaning(_PDM_PROJECT, _PDM_CHOICE, project=True, frozen=True),
    ("pdm", "install"): _Meaning(_PDM_PROJECT, _PDM_CHOICE, project=True),
    ("pdm", "add"): _Meaning(
        _PDM | _words("-G --group --dev -d --update-reuse --update-eager --pre --prerelease"),
        arguments="requirements",
    ),
}
_FROZEN: Final = frozenset(("--frozen", "--frozen-lockfile"))


def command_goal(installer: str, command: str | Sequence[str]) -> InstallGoal | None:
    """Return the goal of a command line: which packages it should install.

    The result is None if the command does not install into a venv, or if its goal cannot be read
    from its arguments.
    """
    parsed = command_parts(installer, command)
    if parsed is None:
        return None
    meaning = _MEANINGS.get((installer, parsed.subcommand.name))
    if meaning is None or not all(
        given.option in meaning.neutral or given.option in meaning.parts for given in parsed.options
    ):
        return None
    return _goal(meaning, parsed)


def _goal(meaning: _Meaning, parsed: ParsedCommand) -> InstallGoal:
    values: dict[str, list[str]] = {}
    for given in parsed.options:
        if given.option in meaning.parts:
            values.setdefault(meaning.parts[given.option], []).append(given.value)
    if meaning.arguments:
        values.setdefault(meaning.arguments, []).extend(parsed.arguments)
    chosen = values.get("chosen", [])
    return InstallGoal(
        requirements=tuple(values.get("requirements", ())),
        paths=tuple(values.get("paths", ())),
        files=tuple(values.get("files", ())),
        project=meaning.project,
        extras=tuple(_split([*values.get("extras", ()), *chosen])),
        groups=tuple(_split([*values.get("groups", ()), *chosen])),
        frozen=meaning.frozen or any(given.option in _FROZEN for given in parsed.options),
    )


def _split(values: Sequence[str]) -> Iterator[str]:
    """Split each value at commas and spaces, and yield the names."""
    for value in values:
        yield from value.replace(",", " ").split()
