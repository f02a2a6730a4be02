"""Replace private words in requirements, commands and lockfiles."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from typing import Final

from packaging.utils import canonicalize_name

from pytest_indexcache.drafts.captures.privacy.labels import LABEL_OPTIONS, LabelKind
from pytest_indexcache.drafts.captures.privacy.marks import marked, outside_marks, unmarked_text
from pytest_indexcache.drafts.captures.privacy.replacements import Replacements
from pytest_indexcache.scenario.commands import command_parts

_REQUIREMENT: Final = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(?P<extras>\s*\[[^\]]*\])?"
    r"(?P<range>\s*(?:$|(?:[<>=~^(@]|!=)[^;]*|(?=;)))(?P<marker>;.*)?"
)
_LABEL: Final = re.compile(
    r"""\bextra\s*[=!]=\s*\\?["'](?P<extra>[^"'\\]+)"""
    r"""|["'](?P<reversed>[A-Za-z0-9._-]+)\\?["']\s*(?:[=!]=\s*extra\b|(?:not\s+)?in\s+extras\b)"""
    r"""|["'](?P<group>[A-Za-z0-9._-]+)\\?["']\s*(?:not\s+)?in\s+dependency_groups\b"""
)
_NODE: Final = re.compile(
    r"""(?P<before>platform_node\s*[=!<>]=?\s*\\?["'])[^"'\\]*(?P<after>\\?["'])"""
    r"""|(?P<first>["'])[^"'\\]*(?P<last>\\?["']\s*[=!<>]=?\s*platform_node\b)"""
)
"""A comparison with ``platform_node``; in Poetry lockfiles, its quotation marks are escaped."""

_PATH: Final = re.compile(r"(?P<path>[^\[\]]*/[^\[\]]*|\.)(?P<extras>\[[A-Za-z0-9._,\s-]+\])")
_LABELS: Final = re.compile(r"[^\s,\[\]]+")
_VERSION: Final = re.compile(r"[^\s,()<>=!~^]+")
_OPTION: Final = re.compile(
    r"(?P<option>--[A-Za-z][A-Za-z0-9-]*|-dG|-[A-Za-z])(?P<sign>=?)(?P<value>.*)", re.DOTALL
)
_HASH: Final = re.compile(r"(?:sha256|sha384|sha512|md5):[0-9a-f]+")

_PLACEHOLDER: Final = re.compile(r"\$\{(sha256|md5|size|url):([^}\n]+)\}")
_HEADER: Final = re.compile(r"^\[+(?P<name>[^\]\n]+)\]+\s*$")
_KEY: Final = re.compile(r'^(?P<name>"[^"\n]+"|[A-Za-z0-9_.-]+)(?=\s*=)')
_STRING: Final = re.compile(r'(?:(?P<key>[\w-]+)(?P<sign>\s*=\s*))?"(?P<value>(?:[^"\\\n]|\\.)*)"')
_LABEL_LIST: Final = re.compile(
    r"\b(?P<key>extras?|provides-extras|groups|dependency-groups|default-groups)"
    r"(?P<sign>\s*=\s*\[)(?P<labels>[^\[\]]*)(?=\])"
)
_LABEL_SECTION: Final = re.compile(
    r"(?:.*\.)?(?:(?P<extra>optional-dependencies|extras)|dev-dependencies|requires-dev)"
)
_MARKERS_BY_GROUP: Final = re.compile(r"^markers\s*=\s*\{")
_GROUP_KEY: Final = re.compile(r'(?:(?<=\{)|(?<=[{,]\s))[A-Za-z0-9_.-]+(?=\s*=\s*")')
_IS_MARKER: Final = re.compile(
    r"""\(*\s*(?:extra|os_name|(?:python|platform|implementation|sys)_\w+)\s*"""
    r"""(?:[<>=!~]=?|(?:not\s+)?in\b)\s*\\?["']"""
)
_LOCK_WORDS: Final = frozenset(
    """
    content-hash content_hash directory editable extra file files hash index kind lock-version
    marker markers name optional package path python-versions reference registry requires-python
    size source strategy subdirectory type upload-time url version virtual
    """.split()  # noqa: SIM905
)
"""Keys in lockfile formats, which are kept unless they are project names in a dependency table."""

_JUDGED: Final = frozenset(
    """
    content-hash content_hash hash python-versions requires-python requires_python
    lock-version type strategy sha256 md5
    """.split()  # noqa: SIM905
)
"""Keys in lockfiles whose values cannot be private."""


def label_text(label: str, replacements: Replacements, kind: LabelKind = "extra") -> str:
    """Return the name of an extra or of a group, replaced unless it is kept."""
    return marked(replacements.label(unmarked_text(label), kind))


def conflict_text(text: str, replacements: Replacements) -> str:
    """Return an entry of a conflict set with its extra or group replaced.

    An entry is the name of an extra, or of a group after ``group:``, such as ``group:dev``.
    """
    start, sign, group = text.rpartition("group:")
    if not sign:
        return label_text(text, replacements, "extra")
    return f"{marked(start + sign)}{label_text(group, replacements, 'group')}"


def _labels(text: str, replacements: Replacements, kind: LabelKind) -> str:
    """Replace labels that are separated by commas, spaces or brackets."""
    return _LABELS.sub(lambda match: label_text(match[0], replacements, kind), text)


def marker_text(marker: str, replacements: Replacements) -> str:
    """Return an environment marker with private extras, groups and values replaced."""
    marker = replacements.without_credentials(_NODE.sub(_any_node, marker))
    pieces: list[str] = []
    at = 0
    for found in _LABEL.finditer(marker):
        name = next(key for key, value in found.groupdict().items() if value is not None)
        kind: LabelKind = "group" if name == "group" else "extra"
        pieces += [
            marked(marker[at : found.start(name)]),
            label_text(found[name], replacements, kind),
        ]
        at = found.end(name)
    return "".join([*pieces, marked(marker[at:])])


def _any_node(found: re.Match[str]) -> str:
    """Return a comparison with ``platform_node`` that contains an invented machine name."""
    before, after = found["before"] or found["first"], found["after"] or found["last"]
    return f"{before}host1{after}"


def requirement_text(requirement: str, replacements: Replacements) -> str:
    """Return a requirement with private words in its name, extras, version and marker replaced."""
    found = _REQUIREMENT.fullmatch(requirement.strip())
    if found is None:
        path = _PATH.fullmatch(requirement.strip())
        if path is None:
            return replacements.text(requirement)
        extras = _labels(path["extras"], replacements, "extra")
        return f"{replacements.text(path['path'])}{extras}"
    is_known = canonicalize_name(found["name"]) in replacements.names
    name = (replacements.names.whole if is_known else replacements.text)(found["name"])
    extras = _labels(found["extras"] or "", replacements, "extra")
    place = found["range"]
    if place.lstrip().startswith("@"):
        place = replacements.text(place)
    else:
        place = _VERSION.sub(lambda match: replacements.names.version(match[0]), place)
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
    fixed = [marked(word) for word in split[:own]]
    given = command_words(installer, split[own:], replacements)
    return " ".join(map(_shell_word, [*fixed, *given]))


def command_words(installer: str, words: Sequence[str], replacements: Replacements) -> list[str]:
    """Return the words after a subcommand, with its arguments and option values replaced."""
    return list(_command_words(installer, words, replacements))


def _command_words(
    installer: str, words: Sequence[str], replacements: Replacements
) -> Iterator[str]:
    options = LABEL_OPTIONS.get(installer, {})
    expected: LabelKind | None = None
    for number, word in enumerate(words):
        if word == "--":
            yield from (option_text(each, replacements) for each in words[number:])
            return
        found = _OPTION.fullmatch(word)
        kind = options.get(found["option"]) if found is not None else None
        if expected is not None:
            yield _label_value(word, replacements, expected)
            expected = None
        elif found is None or kind is None:
            yield option_text(word, replacements)
        elif found["value"]:
            value = _label_value(found["value"], replacements, kind)
            yield f"{marked(found['option'] + found['sign'])}{value}"
        else:
            yield marked(word)
            expected = kind


def _label_value(value: str, replacements: Replacements, kind: LabelKind) -> str:
    """Return the value of an option with its labels replaced; uv and pip allow ``path:group``."""
    path, sign, labels = value.rpartition(":")
    return f"{replacements.text(path)}{marked(sign)}{_labels(labels, replacements, kind)}"


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
    line = _PLACEHOLDER.sub(
        lambda match: marked(f"${{{match[1]}:{names.filename(match[2])}}}"), line
    )
    line = _LABEL_LIST.sub(lambda match: _label_list(match, replacements), line)
    are_markers = _MARKERS_BY_GROUP.match(line) is not None
    if are_markers:
        line = _GROUP_KEY.sub(lambda match: label_text(match[0], replacements, "group"), line)
    of_labels = _LABEL_SECTION.fullmatch(section)
    if of_labels is not None:
        kind: LabelKind = "extra" if of_labels["extra"] else "group"
        line = _KEY.sub(lambda match: _quoted_label(match[0], replacements, kind), line)
    are_projects = section.endswith(".dependencies")
    if of_labels is None and (are_projects or line.partition("=")[0].strip() not in _LOCK_WORDS):
        line = _KEY.sub(lambda match: _quoted(match[0], replacements), line)

    def replaced(found: re.Match[str]) -> str:
        key = "markers" if are_markers else found["key"] or ""
        value = outside_marks(found["value"], lambda part: _locked_value(key, part, replacements))
        return f'{found["key"] or ""}{found["sign"] or ""}"{value}"'

    return _STRING.sub(replaced, line)


def _locked_value(key: str, value: str, replacements: Replacements) -> str:
    if key in _JUDGED:
        return marked(value)
    if key in ("extra", "group"):
        return label_text(value, replacements, "group" if key == "group" else "extra")
    value = _NODE.sub(_any_node, value)
    if key in ("version", "specifier"):
        return replacements.names.version(value)
    if key in ("marker", "markers") or _IS_MARKER.match(value):
        return marker_text(value, replacements)
    return requirement_text(value, replacements) if value else ""


def _label_list(found: re.Match[str], replacements: Replacements) -> str:
    """Return a list of extras or groups in a lockfile, with its labels replaced."""
    kind: LabelKind = "group" if "groups" in found["key"] else "extra"
    labels = re.sub(
        r'(?<=")[^"\n]+(?=")',
        lambda match: (
            label_text(match[0], replacements, kind) if match[0].strip(" ,") else match[0]
        ),
        found["labels"],
    )
    return f"{found['key']}{found['sign']}{labels}"


def _quoted_label(key: str, replacements: Replacements, kind: LabelKind) -> str:
    plain = key.strip('"')
    quote = '"' if plain != key else ""
    return f"{quote}{label_text(plain, replacements, kind)}{quote}"


def _quoted(key: str, replacements: Replacements) -> str:
    plain = key.strip('"')
    quote = '"' if plain != key else ""
    return f"{quote}{replacements.names.whole(plain)}{quote}"
