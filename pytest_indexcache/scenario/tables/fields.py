"""The kinds of values that a scenario file may hold, each checked as it is read."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Hashable
from functools import partial
from math import prod
from typing import Annotated, Any, Literal, Self, TypeVar
from urllib.parse import urlsplit

from packaging.utils import canonicalize_name, is_normalized_name
from packaging.version import InvalidVersion, Version
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    Strict,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from pytest_indexcache.headers import FieldValue, check_field, check_name, check_value
from pytest_indexcache.scenario.tables import limits
from pytest_indexcache.scenario.tables.limits import bounded
from pytest_indexcache.scenario.tables.plain_texts import (
    check_path,
    check_url,
    read_marker,
    read_requirement,
    read_specifier,
)
from pytest_indexcache.scenario.tables.wording import shown


def key_of(field: str) -> str:
    """Return the key in a file for a field of the model: ``requires-python``."""
    return field.rstrip("_").replace("_", "-")


T = TypeVar("T")


class Table(BaseModel):
    """A table of a scenario file: frozen, strict about types, without room for unknown keys."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=key_of,
        populate_by_name=True,
        use_attribute_docstrings=True,
        defer_build=True,
    )

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """Return the table itself: it is frozen, and defaults would be copied for each release."""
        return self


_NAME = r"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$"
_URL = r"^https?://[^\s?#]+$"
_SIZE = r"^\s*([0-9]{1,12}(\.[0-9]{1,6})?)\s*([KkMmGg][Ii]?)?[Bb]\s*$"
_COMPARED = r"<=|>=|<|>|==|!="
_COMPARISON = rf"^(any|({_COMPARED})\s*[0-9]{{1,12}})$"
_WHEEL_TAG = r"^[A-Za-z0-9_.]+-[A-Za-z0-9_.]+-[A-Za-z0-9_.]+$"
_BUILD_TAG = r"^[0-9][A-Za-z0-9_.]*$"
_LABEL = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
_FOLDER = r"^[A-Za-z0-9_][A-Za-z0-9._-]*$"
_WAIT = r"^[0-9]{1,4}(\.[0-9]{1,3})? ?(ms|s)$"
_PYTHON = r"^3\.[0-9]{1,3}$"
_IDENTIFIERS = r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$"
_ATTRIBUTE = rf"{_IDENTIFIERS[:-1]}(\(\))?$"
_VARIABLE = r"^[A-Z][A-Z0-9_]*$"
_HEADER_NAME = r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"


def _project_name(text: str) -> str:
    if not re.fullmatch(_NAME, bounded(text, limits.NAME)):
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
    """Say whether a key of ``downloads`` is about files by name, rather than about projects."""
    return text.endswith((".whl", ".tar.gz"))


def _version(text: str) -> str:
    try:
        return str(Version(bounded(text, limits.VERSION)))
    except InvalidVersion:
        raise ValueError(f"{shown(text)} is not a version (PEP 440)") from None


def _specifier(text: str) -> str:
    _read(read_specifier, text)
    return text


def _requirement(text: str) -> str:
    requirement = _read(read_requirement, text)
    bounded(requirement.name, limits.NAME)
    if requirement.url is not None:
        _file_url(requirement.url)
    return text


def _marker(text: str) -> str:
    _read(read_marker, text)
    return text


def _read(read: Callable[[str], T], text: str) -> T:
    try:
        return read(bounded(text))
    except ValueError as error:
        raise ValueError(f"{shown(text)} {error}") from None


def _web_url(text: str) -> str:
    _read(check_url, text)
    return text


def _file_url(text: str) -> str:
    _web_url(text.partition("#")[0])
    return text


def _index_url(text: str) -> str:
    parts = urlsplit(_web_url(text))
    if parts.query or parts.fragment:
        raise ValueError(
            f"{shown(text)} has a query or a fragment, which the URL of an index has not"
        )
    return text


def _redirect(text: str) -> str:
    is_path = text.startswith("/") and not text.startswith("//")
    _web_url(f"https://host{text}" if is_path else text)
    return text


def _inner_path(text: str) -> str:
    _read(partial(check_path, longest_name=limits.NAME), text)
    return text


def _requirements_path(text: str) -> str:
    is_checked = re.fullmatch(r".*\.(?:txt|in)|(?:.*/)?pylock(?:\.[^/]+)?\.toml", text)
    if not is_checked or re.search(r"(?:^|/)\.(?!\.?/)", text):
        # Of other files nobody checks the contents; and uv writes through a link, such as the
        # Python of a venv.
        raise ValueError(
            f"{shown(text)} is not a .txt or .in file, or a pylock.toml, in a folder that is not "
            "hidden"
        )
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
        raise ValueError(f"{shown(text)}: names that begin with '__' mean something to Python")
    return text


def _label(text: str) -> str:
    if not re.fullmatch(_LABEL, bounded(text)):
        raise ValueError(
            f"{shown(text)} is not a name: letters, digits, '.', '_' and '-', a letter or digit "
            "first"
        )
    return text


def _folder_name(text: str) -> str:
    if not re.fullmatch(_FOLDER, bounded(text, limits.NAME)):
        raise ValueError(f"{shown(text)} is not the name of a folder in the workspace")
    return text


def _variable(text: str) -> str:
    if not re.fullmatch(_VARIABLE, bounded(text)):
        raise ValueError(f"{shown(text)} is not a variable such as UV_DEFAULT_INDEX")
    return text


def _python_version(text: str) -> str:
    if not re.fullmatch(_PYTHON, text):
        raise ValueError(f'{shown(text)} is not a Python such as "3.12"')
    return text


_UNITS = {"B": 1, "KB": 1000, "MB": 1000**2, "GB": 1000**3}
_UNITS |= {"KIB": 1024, "MIB": 1024**2, "GIB": 1024**3}


def size_in_bytes(text: str) -> int:
    """Return the number of bytes that ``"175.4 MiB"`` says; raise ValueError otherwise."""
    match = re.fullmatch(_SIZE, bounded(text))
    if not match:
        raise ValueError(f'{shown(text)} is not a size such as "175.4 MiB"')
    return round(float(match[1]) * _UNITS[f"{match[3] or ''}B".upper()])


def seconds_of(text: str) -> float:
    """Return the seconds that ``"1.1 s"`` or ``"50 ms"`` says; raise ValueError otherwise."""
    match = re.fullmatch(r"([0-9.]+) ?(m?)s", text) if re.fullmatch(_WAIT, text) else None
    if not match:
        raise ValueError(f'{shown(text)} is not a time such as "1.1 s" or "50 ms"')
    return float(match[1]) / (1000 if match[2] else 1)


def _wait(text: str) -> str:
    if seconds_of(text) > limits.WAIT:
        raise ValueError(f"{shown(text)} is too long: a step waits {limits.WAIT:g} s at most")
    return text


def _size(text: str) -> str:
    size_in_bytes(text)
    return text


def _padding(text: str) -> str:
    if size_in_bytes(text) >= 4 * 1024**3:
        raise ValueError(f"{shown(text)} is too much: wheels here are smaller than 4 GiB")
    return text


def _comparison(text: str) -> str:
    if not re.fullmatch(_COMPARISON, bounded(text)):
        raise ValueError(f'{shown(text)} is no count: give a number, "any", or such as "<= 2"')
    return text


def _amount(text: str) -> str:
    match = re.fullmatch(rf"({_COMPARED})?(.+)", text)
    size_in_bytes(match[2] if match else text)
    return text


def _wheel_tag(text: str) -> str:
    if not re.fullmatch(_WHEEL_TAG, bounded(text)):
        raise ValueError(f"{shown(text)} is not a wheel's tag such as py3-none-any")
    # PEP 425: dots make a set of tags, and the sets are multiplied.
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


def _header_fields(
    fields: dict[str, FieldValue], *, of_file: bool = False
) -> dict[str, FieldValue]:
    for name, value in fields.items():
        check_field(name, value, of_file=of_file)
    return fields


def _header_name(text: str) -> str:
    check_name(text)
    return text


def _header_line(text: str) -> str:
    check_value(text)
    return text


def _plain_header_line(text: str) -> str:
    check_value(text.replace("$", ""))
    return text


def _apart(identity: Callable[[str], Hashable], what: str) -> WrapValidator:
    """Refuse a table in which two keys mean the same: one would silently hide the other."""

    def check(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        checked = handler(value)
        first: dict[Hashable, str] = {}
        for key in value:
            other = first.setdefault(identity(key), key)
            if other != key:
                text = f"{shown(other)} and {shown(key)} are the same {what}"
                raise PydanticCustomError("same_key", "{text}", {"text": text, "key": key})
        return checked

    return WrapValidator(check)


def wrong_kind(expected: str) -> PydanticCustomError:
    """Return the error that a value is of none of the kinds that may stand in its place."""
    return PydanticCustomError("wrong_kind", "{expected}", {"expected": expected})


def _said(kind: str, pattern: str | None = None) -> Any:
    """Return what tells editors and readers the kind of a text; the checks tell the loader."""
    extra: dict[str, Any] = {"$comment": kind} | ({"pattern": pattern} if pattern else {})
    return Field(json_schema_extra=extra)


Many = Annotated[tuple[T, ...], Strict(False)]
Line = Annotated[str, Field(max_length=limits.TEXT)]
OwnText = Annotated[str, Field(max_length=limits.OWN_TEXT)]
ProjectName = Annotated[str, AfterValidator(_project_name), _said("project", _NAME)]
ProjectPattern = Annotated[str, AfterValidator(_project_pattern), _said("project, file, pattern")]
VersionText = Annotated[str, AfterValidator(_version), _said("version")]
SpecifierText = Annotated[str, AfterValidator(_specifier), _said("version specifier")]
RequirementText = Annotated[str, AfterValidator(_requirement), _said("requirement")]
MarkerText = Annotated[str, AfterValidator(_marker), _said("environment marker")]
WebUrl = Annotated[str, AfterValidator(_web_url), _said("URL", r"^https?://\S+$")]
FileUrl = Annotated[str, AfterValidator(_file_url), _said("URL of a file", r"^https?://\S+$")]
IndexUrl = Annotated[str, AfterValidator(_index_url), _said("URL", _URL)]
Redirect = Annotated[
    str, AfterValidator(_redirect), _said("URL or path", r"^(https?:/)?/[^/\s]\S*$")
]
InnerPath = Annotated[
    str, AfterValidator(_inner_path), _said("path in the workspace", r"^[^/~\\:-][^\\:]*$")
]
RequirementsPath = Annotated[
    InnerPath,
    AfterValidator(_requirements_path),
    _said("path of a .txt or .in file, or of a pylock.toml"),
]
IdentifierPath = Annotated[
    str, AfterValidator(_identifier_path), _said("dotted name of Python", _IDENTIFIERS)
]
AttributePath = Annotated[
    str, AfterValidator(_attribute_path), _said("dotted name of Python, perhaps ()", _ATTRIBUTE)
]
Size = Annotated[str, AfterValidator(_size), _said("size", _SIZE)]
Padding = Annotated[Size, AfterValidator(_padding)]
Wait = Annotated[str, AfterValidator(_wait), _said("time", _WAIT)]
WheelTag = Annotated[str, AfterValidator(_wheel_tag), _said("wheel tag", _WHEEL_TAG)]
BuildTag = Annotated[str, AfterValidator(_build_tag), _said("build tag", _BUILD_TAG)]
Label = Annotated[str, AfterValidator(_label), _said("name", _LABEL)]
FolderName = Annotated[str, AfterValidator(_folder_name), _said("folder's name", _FOLDER)]
VariableName = Annotated[str, AfterValidator(_variable), _said("variable", _VARIABLE)]
PythonVersion = Annotated[str, AfterValidator(_python_version), _said("Python", _PYTHON)]
UserName = Annotated[str, AfterValidator(_user_name), _said("user")]
Comparison = Annotated[str, AfterValidator(_comparison), _said("comparison", _COMPARISON)]
ByProject = Annotated[dict[ProjectName, T], _apart(canonicalize_name, "project")]
ByPattern = Annotated[dict[ProjectPattern, T], _apart(_project_pattern, "project or pattern")]
ByVersion = Annotated[dict[VersionText, T], _apart(Version, "version")]
ByExtra = Annotated[dict[Label, T], _apart(canonicalize_name, "name (PEP 685)")]
Count = Annotated[int, Field(ge=0)] | Comparison
Amount = (
    Annotated[int, Field(ge=0)] | Annotated[str, AfterValidator(_amount), _said("size, compared")]
)
HeaderName = Annotated[str, AfterValidator(_header_name), _said("header field", _HEADER_NAME)]
HeaderLine = Annotated[str, AfterValidator(_header_line), _said("text of a header field")]
HeaderValue = HeaderLine | Literal[False] | Many[HeaderLine]
HeaderFields = Annotated[
    dict[HeaderName, HeaderValue],
    _apart(str.lower, "header field"),
    AfterValidator(_header_fields),
]
FileHeaderFields = Annotated[HeaderFields, AfterValidator(partial(_header_fields, of_file=True))]
CacheControlText = Annotated[str, AfterValidator(_plain_header_line), _said("Cache-Control")]
Scalar = Line | int | float | bool | None
