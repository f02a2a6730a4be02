"""Parse requirements: names with specifiers, URLs, and paths to folders and files."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from packaging.requirements import InvalidRequirement, Requirement

from pytest_indexcache.errors import UsageError
from pytest_indexcache.reference.project.requirements_file import demand_no_version_control, is_path
from pytest_indexcache.system.urls import local_path

_EXTRAS: Final = re.compile(r"\[([^\[\]]*)\]$")


NameOfFolder = Callable[[Path], str]
"""A function that returns the name of the project in a folder."""


def parse_requirement(text: str) -> Requirement:
    """Parse a requirement.

    :raises UsageError: if it is not valid (PEP 508), or refers to a version control repository
    """
    _demand_no_repository(text)
    try:
        return Requirement(text)
    except InvalidRequirement as error:
        first = str(error).partition("\n")[0]
        raise UsageError(f"{text!r} is not a requirement: {first}", hint="see PEP 508") from error


def locate_requirement(text: str, name_of: NameOfFolder) -> Requirement:
    """Parse a requirement, which may also be a path or a URL.

    :raises UsageError: if it is not valid, or is a path that does not exist
    """
    if is_path(text) and "@" not in text.partition("/")[0]:
        path, extras = split_path(text)
        if not path.exists():
            raise UsageError(f"there is no {path}", hint="check the path")
        name = name_of(path) if path.is_dir() else _name_of_file(path.name)
        return parse_requirement(f"{name}{extras} @ {path.as_uri()}")
    if re.match(r"https?://", text, re.IGNORECASE):
        filename = unquote(urlsplit(text).path.rpartition("/")[2])
        return parse_requirement(f"{_name_of_file(filename)} @ {text}")
    return parse_requirement(text)


def split_path(text: str) -> tuple[Path, str]:
    """Split a path from the extras that follow it; the path may be a file URL.

    :raises UsageError: if it is any other URL, or refers to a version control repository
    """
    extras = _EXTRAS.search(text)
    bare = text[: extras.start()] if extras else text
    if "://" in bare:
        _demand_no_repository(bare)
        path = local_path(bare)
        if path is None:
            raise UsageError(f"{text!r} is not a folder", hint="download it, and name its folder")
        return path, extras[0] if extras else ""
    return Path(bare).expanduser().absolute(), extras[0] if extras else ""


def _demand_no_repository(text: str) -> None:
    try:
        demand_no_version_control(text)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _name_of_file(filename: str) -> str:
    if filename.endswith(".whl"):
        return filename.partition("-")[0]
    return filename.rpartition("-")[0] or filename
