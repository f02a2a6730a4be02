"""Read and write requirements files in pip's format, such as those that ``compile`` writes."""

from __future__ import annotations

import codecs
import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pytest_indexcache.errors import UsageError
from pytest_indexcache.reference.words.packages import Pin

NO_VARIABLES: Final[Mapping[str, str]] = {}
"""An empty mapping of variables, which leaves every ``${NAME}`` unchanged."""

_VARIABLE: Final = re.compile(r"\$\{([A-Z0-9_]+)\}")
_COMMENT: Final = re.compile(r"(^|\s)#.*$")
_LOCKFILE: Final = re.compile(r"pylock(\.[^.]+)?\.toml")
_HASH: Final = re.compile(r"\s--hash[= ]([a-z0-9]+):([0-9A-Fa-f]+)(?=\s|$)")
_LONG_MARKS: Final = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class RequirementLine:
    """A requirement as written, with the hashes that are accepted for its wheel or sdist.

    ``hashes`` maps each algorithm to the accepted digests.
    """

    text: str
    hashes: Mapping[str, frozenset[str]] = field(default_factory=dict)


def read_requirements(
    path: Path, variables: Mapping[str, str] = NO_VARIABLES, *, constrains: bool = False
) -> RequirementsFile:
    """Read a requirements file, and any files that it names with ``-r`` and ``-c``.

    As in pip, ``${NAME}`` is replaced with the variable's value if ``variables`` contains it. With
    ``constrains``, the requirements in the file are constraints, as they are with ``-c``.

    :raises UsageError: if a file is missing, or if a line is not valid
    """
    file = RequirementsFile(variables)
    file.read(path.absolute(), constrains=constrains)
    return file


_LONG: Final = {
    "-r": "--requirement",
    "-c": "--constraint",
    "-e": "--editable",
    "-i": "--index-url",
    "-f": "--find-links",
}
_VALUED: Final = (*_LONG.values(), "--extra-index-url", "--no-binary", "--only-binary")
_FLAGS: Final = ("--no-index", "--require-hashes", "--pre", "--prefer-binary")
_OPTION: Final = re.compile(r"([^\s=]+)[\s=]?(.*)")
_VERSION_CONTROL: Final = re.compile(
    r"(?:^|@\s*)(?:(?:git|hg|svn|bzr)(?:\+|://)|git@[^/:]+:(?!//))"
)


@dataclass
class RequirementsFile:
    """The contents of a requirements file and of the files that it includes.

    ``constraints`` are the requirements in files included with ``-c``. ``values`` maps the long
    names of options to their values; ``flags`` are the options without a value. Relative paths have
    been resolved against the folder of the file that contains them.
    """

    variables: Mapping[str, str]
    requirements: list[RequirementLine] = field(default_factory=list)
    constraints: list[RequirementLine] = field(default_factory=list)
    values: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in _VALUED})
    flags: set[str] = field(default_factory=set)
    _open: list[str] = field(default_factory=list)

    def read(self, path: Path, *, constrains: bool) -> None:
        """Read a file and add its contents."""
        place = os.path.realpath(path)
        if place in self._open:
            raise UsageError(f"{path} includes itself")
        if is_lockfile(path):
            raise UsageError(
                f"{path} is a lockfile, not a requirements file",
                hint="install it separately, by install -r or sync-requirements -r",
            )
        try:
            text = _decoded(path.read_bytes())
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{path}: cannot be read: {error}") from error
        self._open.append(place)
        for number, line in _logical_lines(text):
            try:
                self._read_line(self._expand(line), path.parent, constrains=constrains)
            except ValueError as error:
                raise UsageError(f"{path}:{number}: {error}") from error
        self._open.pop()

    def _read_line(self, line: str, folder: Path, *, constrains: bool) -> None:
        if not line.startswith("-"):
            hashes: dict[str, frozenset[str]] = {}
            for algorithm, digest in _HASH.findall(line):
                hashes[algorithm] = hashes.get(algorithm, frozenset()) | {digest.lower()}
            text = _HASH.sub("", line).strip()
            demand_no_version_control(text)
            if constrains:
                self.constraints.append(RequirementLine(text, hashes))
            else:
                self.requirements.append(
                    RequirementLine(absolute_requirement(text, folder), hashes)
                )
            return
        name, value = _OPTION.findall(line)[0]
        name, value = _LONG.get(name, name), " ".join(shlex.split(value))
        if name in _FLAGS and not value:
            self.flags.add(name)
        elif name not in _VALUED or not value:
            raise ValueError(f"{line!r} is not understood")
        elif name in ("--requirement", "--constraint"):
            if "://" in value:
                raise ValueError(
                    f"{value} is a URL: requirements files are read only from this disk"
                )
            self.read(folder / value, constrains=constrains or name == "--constraint")
        else:
            demand_no_version_control(value)
            is_place = name in ("--editable", "--find-links") and "://" not in value
            self.values[name].append(str(folder / value) if is_place else value)

    def _expand(self, line: str) -> str:
        """Replace each variable with its value; leave variables that are not set unchanged."""
        return _VARIABLE.sub(lambda found: self.variables.get(found[1], found[0]), line)


def _decoded(data: bytes) -> str:
    """Decode the contents of a file, without the byte order mark that Windows editors add."""
    encoding = next((name for mark, name in _LONG_MARKS if data.startswith(mark)), "utf-8-sig")
    return data.decode(encoding)


def demand_no_version_control(text: str) -> None:
    """Raise ValueError if a requirement refers to a version control repository."""
    if _VERSION_CONTROL.search(text):
        raise ValueError(
            f"{text!r} names a repository: only files and folders can be installed, not git"
        )


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield each logical line without its comment, preceded by the number of its first line."""
    parts: list[str] = []
    first = 1
    for number, line in enumerate(text.splitlines(), 1):
        first = first if parts else number
        is_continued = line.endswith("\\") and not line.lstrip().startswith("#")
        parts.append(_COMMENT.sub("", line[:-1] if is_continued else line))
        if not is_continued:
            joined = " ".join(parts).strip()
            if joined:
                yield first, joined
            parts = []
    if joined := " ".join(parts).strip():
        yield first, joined


def is_lockfile(path: Path) -> bool:
    """Return whether the filename is a lockfile's: pylock.toml or pylock.NAME.toml (PEP 751)."""
    return _LOCKFILE.fullmatch(path.name) is not None


def is_path(text: str) -> bool:
    """Return whether a requirement is a path, and not a name or a URL."""
    if "://" in text:
        return text[:5].lower() == "file:"  # RFC 3986 3.1: "schemes are case-insensitive"
    return text.startswith((".", "/", "~")) or "\\" in text or text.endswith(".whl")


def absolute_requirement(text: str, folder: Path) -> str:
    """Return a requirement, with a relative path in it made absolute."""
    if "://" in text or not is_path(text):
        return text
    return str((folder / Path(text).expanduser()).resolve())


def write_requirements(pins: tuple[Pin, ...], hashes: Callable[[Pin], tuple[str, ...]]) -> str:
    """Return the text of a requirements file with these pins.

    ``hashes`` returns the hashes of a pin, written ``sha256:HEX``.
    """
    lines = ["# Compiled by pytest-indexcache"]
    for pin in pins:
        found = hashes(pin)
        line = " \\\n    ".join([_write_pin(pin), *(f"--hash={text}" for text in found)])
        lines.append(line)
    return "\n".join([*lines, ""])


def _write_pin(pin: Pin) -> str:
    if pin.origin.kind == "editable":
        return f"-e {pin.origin.location}"
    if pin.origin.kind == "path":
        return f"{pin.name} @ {Path(pin.origin.location).as_uri()}"
    if pin.origin.kind == "url":
        return f"{pin.name} @ {pin.origin.location}"
    return f"{pin.name}=={pin.version}"
