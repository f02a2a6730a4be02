"""Random workspace files: files from real reports with forbidden content added."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

import tomli_w

from .hostile import PLAUSIBLE, hostile, spliced

_CORPUS: Final = Path(__file__).with_name("corpus")
_KEYS: Final = (
    *("path", "url", "index", "file", "git", "target", "prefix", "cache-dir", "system", "source"),
    *("log_dir", "plugins", "scripts", "hooks", "build", "script", "python", "build-backend"),
    *("backend-path", "requires", "dependencies", "find-links", "index-url", "no-proxy", "members"),
    *("http-proxy", "keyring-provider", "readme", "license", "license-files", "entry-points"),
    *("dynamic", "options", "env_file", "version", "include", "from", "subdirectory", "editable"),
    *("directory", "archive", "vcs", "registry", "virtual", "wheels", "sdist", "extends", "name"),
    *("custom-compile-command", "output-file", "python-install-mirror", "location", "use_uv"),
    *("default", "explicit", "marker", "virtualenvs", "certificates", "repositories", "config"),
)
_LINES: Final = (
    *("-r ", "-c ", "-e ", "-i ", "-f ", "--index-url=", "--extra-index-url ", "--find-links="),
    *("--editable=", "--requirement=", "-r", "-e", "six @ ", "six[x]@", "--hash=", "", "  ", "# "),
    *("--global-option=", "--config-settings ", "--trusted-host ", "--src ", "six \\\n", "\\\n"),
    *("six --", "six -", "@", "--pre ", "--no-binary ", "--cert=", "--proxy ", "--use-feature="),
)


class GivenFile(NamedTuple):
    """A file of a scenario, with its name in the project's folder and its text."""

    name: str
    text: str


@cache
def corpus() -> tuple[GivenFile, ...]:
    """Return files from real reports, which pass the checks."""
    paths = sorted(_CORPUS.iterdir())
    return tuple(GivenFile(_name(path), path.read_text("utf-8")) for path in paths)


def _name(path: Path) -> str:
    return "pyproject.toml" if path.stem.startswith("pyproject-") else path.name


def given_file(random: Random) -> GivenFile:
    """Make one of the files with a few changes to its values or its text."""
    name, text = random.choice(corpus())
    for _ in range(random.choice((1, 1, 2, 4))):
        if name.endswith(".txt"):
            text = _with_other_line(text, random)
        elif random.random() < 0.85:
            text = _with_other_value(text, random)
        else:
            text = _with_other_text(text, random)
    return GivenFile(name, text)


def _with_other_line(text: str, random: Random) -> str:
    if random.random() < 0.1:
        return _with_other_text(text, random)
    lines = text.split("\n")
    place = random.randrange(len(lines))
    plausible = random.choice(random.choice(list(PLAUSIBLE.values())))
    value = hostile(random) if random.random() < 0.6 else plausible
    line = f"{random.choice(_LINES)}{value}"
    lines[place : place + random.randint(0, 1)] = [line]
    return random.choice(("\n", "\n", "\n", "\r\n")).join(lines)


def _with_other_text(text: str, random: Random) -> str:
    start = random.randrange(len(text) + 1)
    match random.randint(0, 3):
        case 0:
            return text[:start] + text[start + random.randint(1, 40) :]
        case 1:
            return text[:start] + text[start : start + 40] + text[start:]
        case 2:
            return text[:start] + hostile(random) + text[start:]
        case _:
            return spliced(text, random)


def _with_other_value(text: str, random: Random) -> str:
    try:
        return tomli_w.dumps(changed_document(tomllib.loads(text), random))
    except (ValueError, TypeError, RecursionError):
        return text


def changed_document(document: dict[str, Any], random: Random) -> dict[str, Any]:
    """Make a document in which one value is changed, missing or added."""
    changed = copy.deepcopy(document)
    places = list(_places(changed))
    if not places:
        return changed
    holder, key = random.choice(places)
    if random.random() < 0.25 and isinstance(holder, dict):
        holder[random.choice((*_KEYS, key, hostile(random)))] = _value(random)
    elif random.random() < 0.1:
        del holder[key]
    else:
        holder[key] = _value(random, holder[key])
    return changed


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each table or array with each of its keys or indices."""
    keys = list(value) if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


def _value(random: Random, old: Any = None) -> Any:
    choice = random.random()
    if isinstance(old, str) and choice < 0.3:
        return spliced(old, random)
    if choice < 0.65:
        return hostile(random)
    if choice < 0.8:
        return random.choice(random.choice(list(PLAUSIBLE.values())))
    if choice < 0.9:
        return {random.choice(_KEYS): hostile(random)}
    return random.choice(([hostile(random)], [old or "six"], True, 1, [{"path": hostile(random)}]))
