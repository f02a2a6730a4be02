"""Replace private words in requirements, commands and lockfiles."""

from __future__ import annotations

import re
import shlex
from typing import Final

from packaging.utils import canonicalize_name

from pytest_indexcache.drafts.captures.privacy.marks import marked, outside_marks, unmarked_text
from pytest_indexcache.drafts.captures.privacy.replacements import Replacements
from pytest_indexcache.scenario.commands import command_parts

_REQUIREMENT: Final = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(?P<extras>\s*\[[^\]]*\])?"
    r"(?P<range>\s*(?:$|(?:[<>=~^(@]|!=)[^;]*|(?=;)))(?P<marker>;.*)?"
)
_EXTRA: Final = re.compile(r"""(?P<sign>extra\s*[=!]=\s*["'])(?P<name>[^"']+)""")
_NODE: Final = re.compile(
    r"""(?P<before>platform_node\s*[=!<>]=?\s*["'])[^"']*(?P<after>["'])"""
    r"""|(?P<first>["'])[^"']*(?P<last>["']\s*[=!<>]=?\s*platform_node\b)"""
)
_VERSION: Final = re.compile(r"[^\s,()<>=!~^]+")
_OPTION: Final = re.compile(
    r"(?P<option>--[A-Za-z][A-Za-z0-9-]*|-[A-Za-z])(?P<sign>=?)(?P<value>.*)", re.DOTALL
)
_HASH: Final = re.compile(r"(?:sha256|sha384|sha512|md5):[0-9a-f]+")

_PLACEHOLDER: Final = re.compile(r"\$\{(sha256|md5|size|url):([^}\n]+)\}")
_HEADER: Final = re.compile(r"^\[+(?P<name>[^\]\n]+)\]+\s*$")
_KEY: Final = re.compile(r'^(?P<name>"[^"\n]+"|[A-Za-z0-9_.-]+)(?=\s*=)')
_STRING: Final = re.compile(r'(?:(?P<key>[\w-]+)(?P<sign>\s*=\s*))?"(?P<value>[^"\n]*)"')
_LOCK_WORDS: Final = frozenset(
    """
    content-hash content_hash directory editable extra file files hash index kind lock-version
    marker markers name optional package path python-versions reference registry requires-python
    size source strategy subdirectory type upload-time url version virtual
    """.split()  # noqa: SIM905
)
"""Keys of the lockfile formats. In tables of dependencies, they are names of projects instead."""

_JUDGED: Final = frozenset(
    """
    content-hash content_hash hash python-versions requires-python requires_python
    lock-version type strategy sha256 md5
    """.split()  # noqa: SIM905
)
"""Keys of lockfiles whose values cannot be private."""


def label_text(label: str, replacements: Replacements) -> str:
    """Return the name of an extra or group with names of private projects replaced."""
    return replacements.text(label)


def marker_text(marker: str, replacements: Replacements) -> str:
    """Return an environment marker with private words in extras and the machine's name replaced."""
    marker = _NODE.sub(_any_node, marker)
    pieces: list[str] = []
    at = 0
    for found in _EXTRA.finditer(marker):
        pieces += [
            marked(marker[at : found.start("name")]),
            label_text(found["name"], replacements),
        ]
        at = found.end()
    return "".join([*pieces, marked(marker[at:])])


def _any_node(found: re.Match[str]) -> str:
    """Return a comparison with ``platform_node`` that contains an invented machine name."""
    before, after = found["before"] or found["first"], found["after"] or found["last"]
    return f"{before}host1{after}"


def requirement_text(requirement: str, replacements: Replacements) -> str:
    """Return a requirement with private words in its name, extras, version and marker replaced."""
    found = _REQUIREMENT.fullmatch(requirement.strip())
    if found is None:
        return replacements.text(requirement)
    is_known = canonicalize_name(found["name"]) in replacements.names
    name = (replacements.names.whole if is_known else replacements.text)(found["name"])
    extras = replacements.text(found["extras"]) if found["extras"] else ""
    place = found["range"]
    if place.lstrip().startswith("@"):
        place = replacements.text(place)
    else:
        place = _VERSION.sub(lambda it: replacements.names.version(it[0]), place)
    return f"{name}{extras}{place}{marker_text(found['marker'] or '', replacements)}"


def line_text(line: str, replacements: Replacements) -> str:
    """Return a line of a requirements file with private words replaced."""
    if line.lstrip().startswith("-"):
        return _words(line, replacements)
    found = re.search(r"\s+(?=--)|\s*\\$", line)
    end = found.start() if found is not None else len(line)
    return f"{requirement_text(line[:end], replacements)}{_words(line[end:], replacements)}"


def command_text(installer: str, words: str, replacements: Replacements) -> str:
    """Return a command line with private words in its arguments and option values replaced."""
    split = shlex.split(words)
    parts = command_parts(installer, words)
    own = 1 + len(parts.subcommand.name.split()) if parts is not None else 1
    return " ".join(
        _shell_word(marked(word) if number < own else option_text(word, replacements))
        for number, word in enumerate(split)
    )


def option_text(word: str, replacements: Replacements) -> str:
    """Return an argument or option of a command with private words in its value replaced."""
    found = _OPTION.fullmatch(word)
    if found is None:
        return requirement_text(word, replacements)
    value = found["value"]
    if not found["sign"] or not value:
        return f"{marked(found['option'])}{replacements.text(value)}"
    option = marked(f"{found['option']}=")
    if _HASH.fullmatch(value):
        return f"{option}{marked(value)}"
    return f"{option}{requirement_text(value, replacements)}"


def lockfile_text(text: str, replacements: Replacements) -> str:
    """Return a lockfile with private words replaced, and without comments."""
    lines, section = [], ""
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        header = _HEADER.match(line)
        section = header["name"] if header is not None else section
        lines.append(_locked_line(line, section, replacements))
    return "".join(f"{line}\n" for line in lines)


def _shell_word(word: str) -> str:
    """Quote a word for a shell if necessary; the word may contain marks."""
    plain = unmarked_text(word)
    quoted = shlex.quote(plain)
    if quoted == plain:
        return word
    return f"'{word}'" if "'" not in plain else shlex.quote(word)


def _words(text: str, replacements: Replacements) -> str:
    return "".join(
        each if not each.strip() else option_text(each, replacements)
        for each in re.split(r"(\s+)", text)
    )


def _locked_line(line: str, section: str, replacements: Replacements) -> str:
    names = replacements.names
    line = _PLACEHOLDER.sub(lambda it: marked(f"${{{it[1]}:{names.filename(it[2])}}}"), line)
    are_projects = section.endswith(".dependencies")
    if are_projects or line.partition("=")[0].strip() not in _LOCK_WORDS:
        line = _KEY.sub(lambda it: _quoted(it[0], replacements), line)

    def replaced(found: re.Match[str]) -> str:
        key = found["key"] or ""
        value = outside_marks(found["value"], lambda part: _locked_value(key, part, replacements))
        return f'{found["key"] or ""}{found["sign"] or ""}"{value}"'

    return _STRING.sub(replaced, line)


def _locked_value(key: str, value: str, replacements: Replacements) -> str:
    if key in _JUDGED:
        return marked(value)
    value = _NODE.sub(_any_node, value)
    if key in ("version", "specifier"):
        return replacements.names.version(value)
    if key in ("marker", "markers"):
        return marker_text(value, replacements)
    return requirement_text(value, replacements) if value else ""


def _quoted(key: str, replacements: Replacements) -> str:
    plain = key.strip('"')
    quote = '"' if plain != key else ""
    return f"{quote}{replacements.names.whole(plain)}{quote}"
