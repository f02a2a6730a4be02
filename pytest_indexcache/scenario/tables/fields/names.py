"""The names of projects, releases, files, modules, extras, users and variables."""

from __future__ import annotations

import keyword
import re
from math import prod
from typing import Annotated, Any, Literal

from packaging.utils import canonicalize_name, is_normalized_name
from packaging.version import InvalidVersion, Version
from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from pytest_indexcache.scenario.tables.fields.places import check_file_url
from pytest_indexcache.scenario.tables.fields.table import T, apart, read_by, said
from pytest_indexcache.scenario.words import limits
from pytest_indexcache.scenario.words.limits import bounded
from pytest_indexcache.scenario.words.plain_texts import (
    read_marker,
    read_requirement,
    read_specifier,
)
from pytest_indexcache.scenario.words.wording import shown

_NAME = r"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$"
_WHEEL_TAG = r"^[A-Za-z0-9_.]+-[A-Za-z0-9_.]+-[A-Za-z0-9_.]+$"
_BUILD_TAG = r"^[0-9][A-Za-z0-9_.]*$"
_FILE_NAME = r"[A-Za-z0-9][A-Za-z0-9._+!-]*\.(?:whl|tar\.gz)"
_RANGE = r"([^\s…]*?)([0-9]{1,9})\s*(?:…|\.\.\.)\s*([^\s…]*?)([0-9]{1,9})"
_LABEL = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
_PYTHON = r"^3(\.[0-9]{1,3}){1,2}$"
_IDENTIFIERS = r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$"
_ATTRIBUTE = rf"{_IDENTIFIERS[:-1]}(\(\))?$"
_VISIBLE = r"^[!%&(-\[\]^_a-z{|}~]+$"
_VARIABLE = r"^[A-Z][A-Z0-9_]*$"


def is_project_name(text: str) -> bool:
    """Return whether a string is a valid project name (PEP 508)."""
    return len(text) <= limits.NAME and re.fullmatch(_NAME, text) is not None


def _project_name(text: str) -> str:
    if not is_project_name(bounded(text, limits.NAME)):
        raise ValueError(f"{shown(text)} is not a project's name (PEP 508)")
    return canonicalize_name(text)


def _project_pattern(text: str) -> str:
    if is_file_pattern(bounded(text)) and re.fullmatch(r"[\w.+!*?-]+", text, re.ASCII):
        return text
    name = canonicalize_name(text)
    if not is_normalized_name(name.replace("*", "x").replace("?", "x")):
        raise ValueError(
            f"{shown(text)} is neither a project's name, nor a file's, nor a pattern of them"
        )
    return name


def is_file_pattern(text: str) -> bool:
    """Return whether a key in ``downloads`` is a pattern for filenames, not for project names."""
    return text.endswith((".whl", ".tar.gz"))


def _version(text: str) -> str:
    try:
        return str(Version(bounded(text, limits.VERSION)))
    except InvalidVersion:
        pass
    versions_of(text)  # If this raises, its message is more specific.
    raise ValueError(f"{shown(text)} is not a version (PEP 440)")


def versions_of(key: str) -> tuple[str, ...]:
    """Return the versions that a key stands for: a range such as ``1.0 … 1.40``, or a single one.

    :raises ValueError: if the ends differ in more than the last number, or are too far apart
    """
    match = re.fullmatch(_RANGE, bounded(key, limits.VERSION))
    if match is None:
        return (key,)
    stem, first, other, last = match.groups()
    if stem != other or int(first) > int(last):
        raise ValueError(f'{shown(key)} is not a range of versions such as "1.0 … 1.40"')
    if int(last) - int(first) >= limits.RANGE:
        raise ValueError(f"{shown(key)} stands for more than {limits.RANGE:,} versions")
    return tuple(f"{stem}{number}" for number in range(int(first), int(last) + 1))


def _identity(text: str) -> Version | str:
    try:
        return Version(text)
    except ValueError:  # InvalidVersion, and numbers that are too long for Python
        return text


def _range_of(key: str) -> tuple[str, ...]:
    """Expand a range of versions; return an invalid key unchanged, so validation reports it."""
    try:
        return versions_of(key)
    except ValueError:
        return (key,)


def _each_version(value: Any) -> Any:
    """Give each version in a range the value of the range, unless the version has its own key."""
    if not isinstance(value, dict):
        return value
    ranges = {key: _range_of(key) for key in value if isinstance(key, str)}
    own = {_identity(key) for key, versions in ranges.items() if versions == (key,)}
    expanded: dict[Any, Any] = {}
    for key, inner in value.items():
        for version in ranges.get(key, (key,)):
            if version == key or _identity(version) not in own:
                if version in expanded:
                    text = f"version {version} is in two ranges"
                    raise PydanticCustomError("same_key", "{text}", {"text": text, "key": key})
                expanded[version] = inner
    return expanded


def _filename(text: str) -> str:
    if not re.fullmatch(_FILE_NAME, bounded(text, limits.NAME)) or ".." in text:
        raise ValueError(f"{shown(text)} is not the name of a wheel or of an sdist")
    return text


def _specifier(text: str) -> str:
    read_by(read_specifier, text)
    return text


def _requirement(text: str) -> str:
    requirement = read_by(read_requirement, text)
    bounded(requirement.name, limits.NAME)
    if requirement.url is not None:
        check_file_url(requirement.url)
    return text


def _marker(text: str) -> str:
    read_by(read_marker, text)
    return text


def _identifier_path(text: str) -> str:
    if not re.fullmatch(_IDENTIFIERS, bounded(text)) or any(
        map(keyword.iskeyword, text.split("."))
    ):
        raise ValueError(f"{shown(text)} is not a dotted name of Python")
    return text


def _attribute_path(text: str) -> str:
    _identifier_path(text.removesuffix("()"))
    if re.search(r"\b__(?!version__|build__)", text):
        raise ValueError(f"{shown(text)}: names that begin with '__' are special to Python")
    return text


def _label(text: str) -> str:
    if not re.fullmatch(_LABEL, bounded(text)):
        raise ValueError(
            f"{shown(text)} is not a name: letters, digits, '.', '_' and '-', a letter or digit "
            "first"
        )
    return text


def _variable(text: str) -> str:
    if not re.fullmatch(_VARIABLE, bounded(text)):
        raise ValueError(f"{shown(text)} is not a variable such as UV_DEFAULT_INDEX")
    return text


def _python_version(text: str) -> str:
    if not re.fullmatch(_PYTHON, text):
        raise ValueError(f'{shown(text)} is not a Python such as "3.12" or "3.12.1"')
    return text


def _wheel_tag(text: str) -> str:
    if not re.fullmatch(_WHEEL_TAG, bounded(text)):
        raise ValueError(f"{shown(text)} is not a wheel's tag such as py3-none-any")
    # PEP 425: each part can be a set of tags, separated by dots; all are combined.
    if prod(part.count(".") + 1 for part in text.split("-")) > limits.TAGS:
        raise ValueError(f"{shown(text)} stands for more than {limits.TAGS} tags")
    return text


def _build_tag(text: str) -> str:
    if not re.fullmatch(_BUILD_TAG, bounded(text)):
        raise ValueError(f"{shown(text)} is not a wheel's build tag such as 1: a digit comes first")
    return text


def _user_name(text: str) -> str:
    if not re.fullmatch(r"[!-9;-~]+", bounded(text)):
        raise ValueError(
            f"{shown(text)} is not a user's name: visible ASCII without colons (RFC 7617)"
        )
    return text


def _password(text: str) -> str:
    # Other characters are special in a netrc file, in a requirements file or to a shell.
    if not re.fullmatch(_VISIBLE, bounded(text, limits.NAME)):
        raise ValueError(
            f"{shown(text)} is not a password of visible ASCII without quotation marks, "
            "backslashes, '#' or '$'"
        )
    return text


ProjectName = Annotated[str, AfterValidator(_project_name), said("project", _NAME)]
ProjectPattern = Annotated[str, AfterValidator(_project_pattern), said("project, file, pattern")]
VersionText = Annotated[str, AfterValidator(_version), said("version")]
FileName = Annotated[str, AfterValidator(_filename), said("file name")]
SpecifierText = Annotated[str, AfterValidator(_specifier), said("version specifier")]
RequirementText = Annotated[str, AfterValidator(_requirement), said("requirement")]
MarkerText = Annotated[str, AfterValidator(_marker), said("environment marker")]
IdentifierPath = Annotated[
    str, AfterValidator(_identifier_path), said("dotted name of Python", _IDENTIFIERS)
]
AttributePath = Annotated[
    str, AfterValidator(_attribute_path), said("dotted name of Python, perhaps ()", _ATTRIBUTE)
]
WheelTag = Annotated[str, AfterValidator(_wheel_tag), said("wheel tag", _WHEEL_TAG)]
BuildTag = Annotated[str, AfterValidator(_build_tag), said("build tag", _BUILD_TAG)]
Label = Annotated[str, AfterValidator(_label), said("name", _LABEL)]
VariableName = Annotated[str, AfterValidator(_variable), said("variable", _VARIABLE)]
PythonVersion = Annotated[str, AfterValidator(_python_version), said("Python", _PYTHON)]
UserName = Annotated[str, AfterValidator(_user_name), said("user")]
Password = Annotated[str, AfterValidator(_password), said("password", _VISIBLE)]
ByProject = Annotated[dict[ProjectName, T], apart(canonicalize_name, "project")]
ByPattern = Annotated[dict[ProjectPattern, T], apart(_project_pattern, "project or pattern")]
ByVersion = Annotated[
    dict[VersionText, T], apart(Version, "version"), BeforeValidator(_each_version)
]
ByExtra = Annotated[dict[Label, T], apart(canonicalize_name, "name (PEP 685)")]

Resolution = Literal["highest", "lowest", "lowest-direct"]
"""Which of the matching releases to choose; `lowest-direct` only affects direct requirements."""
LinkMode = Literal["copy", "hardlink", "symlink"]
"""How an installer puts files from its cache into a venv."""
CachedKind = Literal["page", "metadata", "wheel", "unpacked"]
