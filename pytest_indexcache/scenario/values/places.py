"""Check paths: they must not point outside the workspace or to an installer's own files.

Each function returns whether a value is allowed, given the folders within its reach.
"""

from __future__ import annotations

import re
from posixpath import basename, normpath
from typing import Final

from pytest_indexcache.scenario.values.reach import Reach

ROOT: Final = "file:///${PROJECT_ROOT}/"
"""The placeholder that uv and PDM use for the URL of the project's folder."""

NAME: Final = r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?"
EXTRAS: Final = r"(?: ?\[[\w ,.-]*\])?"

# Not the name of a program that installers start: a venv's scripts come first on PATH.
SCRIPT: Final = (
    r"(?!(?i:python|pypy|graalpy|(?:git|hg|lsb_release|ldd|g?cc|env|sh|bash|uname|uv|pip)$))"
    r"[A-Za-z][\w-]*"
)

_OUTPUT: Final = r".*\.(?:txt|in|json|xml)|(?:.*/)?pylock(?:\.[^/]+)?\.toml"
_MANIFEST: Final = re.compile(r"(?:.*/)?manifest\.in", re.IGNORECASE)


def is_path(value: str, reach: Reach) -> bool:
    """Return whether a path stays inside the workspace."""
    return reach.holds(value)


def is_subfolder(value: str, reach: Reach) -> bool:
    """Return whether a path points to a folder below the folder that it starts from."""
    return ".." not in value and reach.holds(value)


def is_visible(value: str, reach: Reach) -> bool:
    """Return whether a path stays inside the workspace and does not contain a hidden folder.

    The cache, the home folder and most venvs are hidden folders. A file that a command writes there
    could damage their contents, or be mistaken for one of the installer's files.
    """
    return reach.holds(value) and not re.search(r"(?:^|/)\.(?!\.?(?:/|$))", value)


def is_output(value: str, reach: Reach) -> bool:
    """Return whether a path is allowed as the output file of a command.

    It must have the suffix of a requirements file, a lockfile or a report. uv reads the output file
    first if it exists, and a file without a suffix could be a venv's link to Python.
    """
    is_named = re.fullmatch(_OUTPUT, value) and not _MANIFEST.fullmatch(value)
    return value == "-" or bool(is_named and is_visible(value, reach))


def is_venv(value: str, reach: Reach) -> bool:
    """Return whether a value is a path in the workspace, not a plain name to look up on PATH."""
    return (value.startswith(".") or "/" in value) and reach.holds(value)


def is_new_project(value: str, reach: Reach) -> bool:
    """Return whether a new project, and a script with its name, can be created in a folder.

    The name is the last component of the resolved path: ``.`` stands for the folder in which the
    command runs.
    """
    names = (basename(normpath(f"{folder}/{value}")) for folder in reach.folders)
    return is_visible(value, reach) and all(re.fullmatch(SCRIPT, name) for name in names)


def is_glob(value: str, reach: Reach) -> bool:
    """Return whether a pattern can only match paths inside the workspace."""
    return reach.holds(re.sub(r"[][*?,!^]", "x", value))


def is_below_project(value: str, reach: Reach) -> bool:
    """Return whether a value is a file URL that begins with the placeholder of uv and PDM.

    pip does not support the placeholder, and uv supports it only in requirements. Everywhere else,
    it is read as a folder in the root directory, and from there ``..`` could lead anywhere.
    """
    below = value.removeprefix(ROOT)
    return value.startswith(ROOT) and ".." not in below and reach.holds(below)


def is_editable_line(value: str, reach: Reach) -> bool:
    """Return whether a value consists of ``-e`` and a path, as in PDM's lists of dependencies."""
    path = re.sub(rf"#egg={NAME}{EXTRAS}$", "", value.removeprefix("-e "), flags=re.ASCII)
    return value.startswith("-e ") and (is_below_project(path, reach) or reach.holds(path))


def is_lockfile(value: str, reach: Reach) -> bool:
    """Return whether a value is the path of a lockfile that is checked by the rules for PDM."""
    is_read = re.fullmatch(r".*\.lock|(?:.*/)?pylock(?:\.[^/]+)?\.toml", value)
    # The contents of these are checked as their own installers read them.
    is_of_another = re.fullmatch(r"(?:.*/)?(?:uv|poetry)\.lock", value.lower())
    return bool(is_read) and not is_of_another and is_visible(value, reach)


def is_requirements_file(value: str, reach: Reach) -> bool:
    """Return whether a value is the path of a file whose contents are checked as requirements."""
    is_read = re.fullmatch(r".*\.(?:txt|in)|(?:.*/)?(?:pyproject|pylock(?:\.[^/]+)?)\.toml", value)
    return bool(is_read) and not _MANIFEST.fullmatch(value) and is_visible(value, reach)
