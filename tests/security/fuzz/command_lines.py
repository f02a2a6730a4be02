"""Random command lines from the tables of an installer and from its actual options."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from random import Random
from typing import Final

from pytest_indexcache.scenario.commands.grammar import FLAG, Grammar, grammar_of

from .hostile import PLAUSIBLE, hostile, spliced
from .oracle import DANGEROUS

OTHER_COMMANDS: Final = {
    "uv": ("publish", "self update", "python install", "tool update-shell", "pip", "x", "help"),
    "pip": ("config set", "config edit", "config unset", "search", "completion", "help"),
    "poetry": ("publish", "self add", "env use", "new", "shell", "self update", "about"),
    "pdm": ("publish", "self add", "plugin add", "use", "venv create", "fix", "python install"),
}
"""Subcommands that installers have but scenarios must not use."""


def command_line(installer: str, random: Random) -> str | list[str]:
    """Make a command line of a scenario, as one string or as a list of words."""
    grammar = grammar_of(installer)
    if random.random() < 0.05:
        name = random.choice(OTHER_COMMANDS[installer])
        options, arguments = dict(grammar.leading), ["requirement"]
    else:
        name = random.choice(sorted(grammar.subcommands))
        options = dict(grammar.subcommands[name].options)
        arguments = list(grammar.subcommands[name].arguments)
    leading = _options(grammar.leading, grammar, random, 1)
    words = [installer, *leading, *name.split(), *_options(options, grammar, random, 4)]
    if arguments == ["program"]:
        words += _program(random)
    else:
        words += [_value(random.choice(arguments or ["name"]), random) for _ in _times(random, 2)]
        words += _options(options, grammar, random, 1)
    if random.random() < 0.15:
        words = _mutated(words, random)
    return words if random.random() < 0.7 else _joined(words, random)


def _times(random: Random, most: int) -> range:
    return range(random.choice((*range(most + 1), 1)))


def _options(known: Mapping[str, str], grammar: Grammar, random: Random, most: int) -> list[str]:
    words: list[str] = []
    names = sorted(known)
    for _ in _times(random, most):
        option, kind = random.choice(names), None
        if random.random() < 0.06:
            other = {**dict.fromkeys(grammar.refused, "text"), **DANGEROUS[grammar.installer]}
            option = random.choice(sorted(other))
            kind = other[option]
        elif random.random() < 0.03:
            option = option[: random.randint(1, len(option))]
        words += _option(option, kind or known.get(option, FLAG), random)
    return words


def _option(option: str, kind: str, random: Random) -> list[str]:
    if kind == FLAG:
        return [option] if random.random() < 0.97 else [f"{option}={hostile(random)}"]
    value = _value(kind, random)
    form = random.random()
    if form < 0.5:
        return [option, value]
    if form < 0.75 and option.startswith("--"):
        return [f"{option}={value}"]
    if form < 0.9 and not option.startswith("--"):
        cluster = random.choice(("-", "-q", "-v", "-qv"))
        return [f"{cluster}{option[1:]}{random.choice(('', '', '='))}{value}"]
    if form < 0.93:
        return [option]
    return [option, value, option, hostile(random)]


def _value(kind: str, random: Random) -> str:
    if random.random() < 0.72:
        return random.choice(PLAUSIBLE.get(kind, ("six",)))
    return hostile(random)


def _program(random: Random) -> list[str]:
    code = random.choice(
        (
            *("import six", "import six; print(six.x)", "import six\nprint(six.a.b(), 'x')"),
            *("import os", "import six as print", "print(six.x(1))", "x = 1", "import six.os"),
            *("print(open('/etc/passwd'))", "print(f'{exit()}')", "from six import x", "six.x()"),
            *("import six; print(six.os.getcwd())", "print(six.x, end=exit())", "print(*six.x)"),
        )
    )
    if random.random() < 0.3:
        code = spliced(code, random)
    python = random.choice(("python", "python3", "python", hostile(random)))
    return [python, random.choice(("-c", "-c", "-c", "-m", "-V", "-cimport os")), code]


def _mutated(words: list[str], random: Random) -> list[str]:
    place = random.randint(1, len(words))
    before, after = words[:place], words[place:]
    match random.randint(0, 5):
        case 0:
            return [*before, random.choice(("--", "-", "", "@r.txt", "${X}", "-\0")), *after]
        case 1:
            return [*before, *after[1:]]
        case 2:
            return [*before, *after[:1], *after]
        case 3:
            return [*before, *reversed(after)]
        case 4:
            return [*before, *(spliced(word, random) for word in after)]
        case _:
            return [*before, hostile(random), *after]


def _joined(words: list[str], random: Random) -> str:
    return shlex.join(words) if random.random() < 0.7 else " ".join(words)
