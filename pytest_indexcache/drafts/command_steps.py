"""Turn a command line in a log into the step of a scenario."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pytest_indexcache.drafts.words.names import project_name
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
}
_VALUES: Final = {"--extra": "extras", "--group": "groups", "--only-group": "groups"}
_WITH_VALUE: Final = frozenset(
    """
    -i --index-url --extra-index-url --index --default-index -f --find-links -r --requirement
    --requirements -c --constraint --python -p --index-strategy --project --directory --package
    --prerelease --resolution --torch-backend --cache-dir --target -t --prefix --link-mode
    --exclude-newer --trusted-host --cert --config-file --refresh-package --reinstall-package
    --upgrade-package -P --python-version --python-platform --no-group --no-extra --timeout
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True)
class CommandStep:
    """The keys of a step for a command; ``requirements`` are the arguments of an ``install``.

    ``unread`` are words of the command that the draft leaves out.
    """

    text: str
    verb: str
    keys: dict[str, Any] = field(default_factory=dict)
    requirements: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def step_of_commands(commands: Iterable[str]) -> CommandStep | None:
    """Return the step with the most options among the commands; None if none can be played."""
    steps = [step for text in commands for step in _steps(text)]
    return max(steps, key=lambda step: len(step.keys) + len(step.requirements), default=None)


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
    names = [word for word in words if "=" not in word.split("-")[0]]
    if names[:1] == ["time"] or names[:1] == ["sudo"]:
        names = names[1:]
    program = names[0].rpartition("/")[2] if names else ""
    if program.startswith("python") and names[1:3] == ["-m", "pip"]:
        program, names = "pip", names[2:]
    rest = list(names[1:])
    if program == "uv":
        while rest and rest[0].startswith("-"):
            rest = rest[1:]
        if rest[:1] == ["pip"]:
            program, rest = "pip", rest[1:]
        elif rest[:1] and rest[0] in ("sync", "run"):
            # run starts a program of the user; only the sync before it asks the indexes.
            options = rest[1:] if rest[0] == "sync" else _before_program(rest[1:])
            return _with_options(text, "sync", options)
    if program.startswith("pip") and rest[:1] == ["install"]:
        return _with_options(text, "install", rest[1:])
    return None


def _before_program(words: Sequence[str]) -> list[str]:
    options: list[str] = []
    for word in words:
        takes_value = bool(options) and (options[-1] in _WITH_VALUE or options[-1] in _VALUES)
        if not word.startswith("-") and not takes_value:
            break
        options.append(word)
    return options


def _with_options(text: str, verb: str, words: Sequence[str]) -> CommandStep:
    keys: dict[str, Any] = {}
    requirements, unread = [], []
    queue = list(words)
    while queue:
        word = queue.pop(0)
        option, has_value, value = word.partition("=") if word.startswith("--") else (word, "", "")
        if option in _VALUES:
            name = project_name(value if has_value else queue.pop(0) if queue else "")
            keys.setdefault(_VALUES[option], []).extend([name] if name else [])
        elif option in _FLAGS and (verb == "sync" or _FLAGS[option] not in ("frozen", "locked")):
            keys[_FLAGS[option]] = True
        elif option in _WITH_VALUE:
            value = value if has_value else queue.pop(0) if queue else ""
            unread.append(f"{option} {value}")
        elif word.startswith("-"):
            unread += [] if word.strip("-") in ("v", "vv", "vvv", "verbose") else [word]
        elif verb == "install" and (requirement := readable_requirement(word)):
            requirements.append(requirement)
        else:
            unread.append(word)
    return CommandStep(text, verb, keys, tuple(requirements), tuple(unread))
