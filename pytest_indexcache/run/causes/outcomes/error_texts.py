"""Extract the error message from an installer's output."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_indexcache.run.causes.facts.history import History

LONGEST: Final = 600
"""The maximum length of a quoted error message, in characters."""

_COMMAND: Final = re.compile(r"^\$ .*\n", re.MULTILINE)
_URL_HASH: Final = re.compile(r"(?<=\S)#(?:md5|sha\d+)=[0-9a-f]+")
_ESCAPES: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True)
class ErrorText:
    """The reason that an installer gave for its failure.

    ``text`` is a single line, into which wrapped lines and chained errors have been joined. It
    contains no progress messages, hints or traceback frames. ``hints`` is the advice that the
    installer printed with the error.
    """

    text: str
    hints: tuple[str, ...] = ()


Chain = list[str]
"""An error message, followed by the messages of the errors that led to it."""

Reading = tuple[list[Chain], list[str]]
"""The errors and the hints in an installer's output."""


def installer_error(installer: str, output: str) -> ErrorText | None:
    """Return the error message in the output of a step, or None if there is none.

    ``installer`` is the installer's name. ``output`` is the output of all commands of the step, of
    which only the last one is examined.
    """
    last = _COMMAND.split(_URL_HASH.sub("", _ESCAPES.sub("", output)))[-1]
    lines = _without_frames([line.rstrip() for line in last.splitlines()])
    chains, hints = _READERS.get(installer, _of_reference)(lines)
    text = "; ".join(_distinct(": ".join(_distinct(map(_trimmed, chain))) for chain in chains))
    return ErrorText(_shortened(text), tuple(hints)) if text else None


def _trimmed(part: str) -> str:
    return part.strip().rstrip(":;")


def _distinct(parts: Iterable[str]) -> Iterator[str]:
    """Yield the parts, except empty parts and parts that repeat the end of the previous part."""
    said = ""
    for part in parts:
        if part and not said.endswith(part):
            said = part
            yield part


def _shortened(text: str) -> str:
    """Shorten a long text by removing its middle, which is the least informative part."""
    if len(text) <= LONGEST:
        return text
    half = LONGEST // 2 - 1
    return f"{text[:half].rstrip()} … {text[-half:].lstrip()}"


def _joined(lines: Iterable[str]) -> str:
    return " ".join(" ".join(lines).split())


_EXCEPTION: Final = re.compile(r"(\w+\.)*_?[A-Z]\w*[a-z]\w*(: .*|:?$)")
"""Matches the line with the exception at the end of a traceback.

It does not match the second line of a wrapped path.
"""


def _without_frames(lines: Sequence[str]) -> list[str]:
    """Remove the frames from tracebacks, but keep the exceptions."""
    kept: list[str] = []
    depth: int | None = None
    for line in lines:
        text = line.lstrip(" │|")
        indent = len(line) - len(text)
        if text.startswith("Traceback (most recent call last)"):
            depth = indent
        elif depth is None:
            kept.append(line)
        elif not text or (indent <= depth and _EXCEPTION.match(text)):
            depth = None
            kept.append(line)
    return kept


# -- uv --------------------------------------------------------------------------------------------

_UV_START: Final = re.compile(
    r"error: |\s*× |(thread )?.* panicked at|The (?:lockfile at|package) `"
)
"""Matches the first line of an error from uv.

uv 0.9 prints some errors without ``error:``.
"""
_UV_PART: Final = re.compile(r"\s*(?:(?:error|Caused by|cause):|×|[├╰]─▶)\s*")
_UV_HINT: Final = re.compile(r"[\s│]*(?:hint|help):\s*")
_BOX: Final = re.compile(r"^[\s│]+")


def _of_uv(lines: Sequence[str]) -> Reading:
    """Parse uv's output: ``error: …`` and ``Caused by: …``, or ``× …`` and ``╰─▶ …``."""
    start = next((n for n, line in enumerate(lines) if _UV_START.match(line)), len(lines))
    parts: list[list[str]] = []
    hints: list[list[str]] = []
    current: list[str] = []
    for line in lines[start:]:
        if _UV_HINT.match(line):
            current = [_UV_HINT.sub("", line, count=1)]
            hints.append(current)
        elif _UV_PART.match(line) or not parts:
            current = [_UV_PART.sub("", line, count=1)]
            parts.append(current)
        elif line not in ("", "Usage:") or not current:
            current.append(_BOX.sub("", line))
    return [[_joined(part) for part in parts]], [_joined(hint) for hint in hints]


# -- pip -------------------------------------------------------------------------------------------

_PIP_ERROR: Final = re.compile(r"\s*(?:ERROR|error): ?")
_PIP_PART: Final = re.compile(r"[\s│]*(?:×|╰─>)\s*")
_PIP_NOISE: Final = re.compile(
    r"\s*(?:WARNING|DEPRECATION|NOTICE|\[notice\]|note|hint): |\s*\[end of output\]|\s*URL: "
)
_PIP_HINT: Final = re.compile(r"\s*(?:note|hint): ")
_PIP_ADVICE: Final = re.compile(
    r" ?If you have updated the package versions.*tampered with them\.|: for help visit \S+"
)
_PIP_CODE: Final = re.compile(r"Exception:?$|[a-z]+(-[a-z]+)+$")
"""Matches a line that only names a kind of error, such as ``subprocess-exited-with-error``."""


def _of_pip(lines: Sequence[str]) -> Reading:
    """Parse pip's output: ``ERROR: …`` and the indented lines below it, or ``× …`` and ``╰─>``."""
    chains: list[list[list[str]]] = []
    hints: list[str] = []
    is_error = False
    for line in lines:
        if _PIP_ERROR.match(line):
            is_error = True
            chains.append([[_PIP_ADVICE.sub("", _PIP_ERROR.sub("", line, count=1))]])
        elif _PIP_NOISE.match(line):
            hints.extend([_PIP_HINT.sub("", line)] if _PIP_HINT.match(line) else [])
            is_error = is_error and not line.startswith("WARNING")
        elif chains and _PIP_PART.match(line):
            is_error = True
            chains[-1].append([_PIP_PART.sub("", line, count=1)])
        elif is_error and _EXCEPTION.match(line):
            chains[-1].append([line])
        elif is_error and (line.startswith(" ") or not line):
            chains[-1][-1].append(_BOX.sub("", line))
        else:
            is_error = False
    read = [[_joined(part) for part in chain] for chain in chains]
    return [[part for part in chain if not _PIP_CODE.match(part)] for chain in read], hints


# -- poetry ----------------------------------------------------------------------------------------

_POETRY_PROGRESS: Final = re.compile(
    r"(Updating|Resolving|Installing) dependencies|Writing lock file|Package operations: |"
    r"[-•] (Installing|Updating|Downgrading|Removing) |No dependencies|Creating virtualenv|"
    r"Using virtualenv|Warning: |The \"poetry|The `|Using version|Skipping virtualenv|$"
)
_POETRY_END: Final = re.compile(
    r"at [/~]|(Probable )?Causes:|Solutions:|Note: |You can |Cannot install |\* |https?://|"
    r"This error originates from"
)
_POETRY_IDLE: Final = re.compile(r"This is likely not a Poetry issue\.")
_MARGIN: Final = re.compile(r"^[\s|]+")


def _of_poetry(lines: Sequence[str]) -> Reading:
    """Parse Poetry's output: the paragraphs that follow its progress messages.

    The source code and the advice at the end are omitted.
    """
    part: list[str] = []
    for paragraph in _paragraphs([_MARGIN.sub("", line) for line in lines]):
        if _POETRY_END.match(paragraph):
            if part:
                break
        elif part or not _POETRY_PROGRESS.match(paragraph):
            part.append(re.sub(r"^Error: ", "", paragraph))
    return [[text for text in part if not _POETRY_IDLE.match(text)]], []


def _paragraphs(lines: Sequence[str]) -> Iterator[str]:
    """Yield the paragraphs of a string, each joined into one line."""
    paragraph: list[str] = []
    for line in [*lines, ""]:
        if line and not _POETRY_END.match(line):
            paragraph.append(line)
            continue
        if paragraph:
            yield _joined(paragraph)
        paragraph = [line] if line else []
    if paragraph:
        yield _joined(paragraph)


# -- pdm -------------------------------------------------------------------------------------------

_PDM_GROUP: Final = re.compile(r"(\w+) (\S+) failed:$")
_PDM_ERROR: Final = re.compile(r"(?:ERROR: |WARNING: (?=Unable )|\[\w+\]: )")
"""Matches the start of an error from pdm.

Before pdm 2.13, a failed resolution was reported as a warning.
"""
_PDM_OTHER: Final = re.compile(
    r"(INFO|STATUS|WARNING|ERRORS|SUCCESS): ?|See .* detailed debug log|\s*\W? ?\d:\d\d:\d\d|"
    r"\s*[✖✔] |Please |To fix this, |See https?://|"
    r"The above exception|During handling|Traceback:|A possible solution|$"
)


def _of_pdm(lines: Sequence[str]) -> Reading:
    """Parse pdm's output: exceptions from failed operations, or ``ERROR: …`` and ``[Error]: …``."""
    operations: dict[str, list[str]] = {}
    errors: list[list[str]] = []
    current: list[str] | None = None
    name = ""
    for line in lines:
        if group := _PDM_GROUP.match(line):
            name, current = f"{group[1]} {group[2]} failed", None
        elif name and _EXCEPTION.match(line):
            operations[name] = current = [line]
        elif _PDM_ERROR.match(line):
            current = [_PDM_ERROR.sub("", line, count=1)]
            errors.append(current)
        elif _PDM_OTHER.match(line):
            current = None
        elif current is not None:
            current.append(line)
    if operations:
        return [[name, _joined(text)] for name, text in operations.items()], []
    found = [_joined(error) for error in errors] or _warnings(lines)
    return [
        [text] for text in found if not any(o != text and o.startswith(text) for o in found)
    ], []


def _warnings(lines: Sequence[str]) -> list[str]:
    found = [line.removeprefix("WARNING: ") for line in lines if line.startswith("WARNING: ")]
    return [text for text in found if not text.startswith("Add '-v'")][-1:]


# -- the reference ---------------------------------------------------------------------------------


def _of_reference(lines: Sequence[str]) -> Reading:
    """Parse the reference installer's output: ``error: ...`` and the lines below it.

    The lines from ``hint: ...`` onwards are returned separately.
    """
    start = next((n for n, line in enumerate(lines) if line.startswith("error: ")), len(lines))
    said = list(lines[start:])
    end = next((n for n, line in enumerate(said) if line.lstrip().startswith("hint: ")), len(said))
    hints = [line.lstrip().removeprefix("hint: ") for line in said[end:] if line]
    return [[_joined(said[:end]).removeprefix("error: ")]], hints


_READERS: Final[Mapping[str, Callable[[Sequence[str]], Reading]]] = {
    "uv": _of_uv,
    "pip": _of_pip,
    "poetry": _of_poetry,
    "pdm": _of_pdm,
}


def error_of(history: History) -> str:
    """Return the installer's error message in the failed step, or an empty string."""
    error = installer_error(history.current.installer, history.seen.output)
    return error.text if error else ""
