"""URLs, and paths in the workspace."""

from __future__ import annotations

import re
from functools import partial
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator

from pytest_indexcache.scenario.tables.fields.release_names import release_of
from pytest_indexcache.scenario.tables.fields.table import read_by, said
from pytest_indexcache.scenario.words import limits
from pytest_indexcache.scenario.words.limits import bounded
from pytest_indexcache.scenario.words.plain_texts import check_path, check_url
from pytest_indexcache.scenario.words.wording import shown

NUMBER: Final = "{n}"
"""The placeholder in names of folders and venvs that becomes a different number in each copy.

A ``together`` step starts several copies of a step inside it if that step has the key ``times``.
"""

LOOPBACK_HOSTS: Final = ("127.0.0.1", "localhost", "::1")
"""The hosts that are allowed in the URL of an ``upstream`` server."""

_URL = r"^https?://[^\s?#]+$"
_LOOPBACK_URL = r"^http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/[^\s?#]*)?$"
_FOLDER = r"^[A-Za-z0-9_][A-Za-z0-9._-]*$"
_NUMBERED = r"^[A-Za-z0-9_][A-Za-z0-9._-]*(\{n\}[A-Za-z0-9._-]*)?$"

_EXTRAS = r"\[[A-Za-z0-9][A-Za-z0-9._-]*(?:, ?[A-Za-z0-9][A-Za-z0-9._-]*)*\]$"


def without_extras(place: str) -> str:
    """Return the path to an install target without its extras: ``lib`` for ``lib[web]``."""
    return re.sub(_EXTRAS, "", place)


def extras_of(place: str) -> str:
    """Return the extras of an install target with the brackets, or an empty string."""
    return place.removeprefix(without_extras(place))


def _install_place(text: str) -> str:
    return _inner_path(without_extras(text)) + extras_of(text)


def _web_url(text: str) -> str:
    read_by(check_url, text)
    return text


def check_file_url(text: str) -> str:
    """Validate a file URL, which may contain a query and a fragment, and return it."""
    _web_url(text.partition("#")[0])
    return text


def _href(text: str) -> str:
    address, _, fragment = text.partition("#")
    _web_url(address)
    # Other fragments select a folder in the archive; "subdirectory=.." would lead outside.
    if "#" in text and not re.fullmatch(r"(?:sha\d{1,3}|md5)=[0-9a-f]+|egg=[\w.-]+", fragment):
        raise ValueError(f"{shown(text)} has a fragment that is neither a hash nor an egg's name")
    return text


def _index_url(text: str) -> str:
    parts = urlsplit(_web_url(text))
    if parts.query or parts.fragment:
        raise ValueError(
            f"{shown(text)} has a query or a fragment, which the URL of an index cannot have"
        )
    return text


def _upstream_url(text: str) -> str:
    parts = urlsplit(_index_url(text))
    if parts.scheme != "http" or parts.hostname not in LOOPBACK_HOSTS or "@" in parts.netloc:
        raise ValueError(
            f"{shown(text)} is not a server on the loopback of this machine, such as "
            "http://127.0.0.1:3141/root/pypi/+simple; other hosts are named on the command line"
        )
    return text


def _redirect(text: str) -> str:
    is_path = text.startswith("/") and not text.startswith("//")
    _web_url(f"https://host{text}" if is_path else text)
    return text


def _inner_path(text: str) -> str:
    read_by(partial(check_path, longest_name=limits.NAME), text)
    return text


def _local_file_path(text: str) -> str:
    release_of(text)
    return text


def _requirements_path(text: str) -> str:
    is_checked = re.fullmatch(r".*\.(?:txt|in)|(?:.*/)?pylock(?:\.[^/]+)?\.toml", text)
    is_manifest = re.fullmatch(r"(?:.*/)?manifest\.in", text, re.IGNORECASE)
    if not is_checked or is_manifest or re.search(r"(?:^|/)\.(?!\.?/)", text):
        # Other files are not checked as requirements. Besides, uv writes through links, such as a
        # venv's link to Python.
        raise ValueError(
            f"{shown(text)} is not a .txt or .in file, or a pylock.toml, in a folder that is not "
            "hidden"
        )
    return text


def _folder_name(text: str, pattern: str = _FOLDER) -> str:
    if not re.fullmatch(pattern, bounded(text, limits.NAME)):
        raise ValueError(f"{shown(text)} is not the name of a folder in the workspace")
    return text


def _numbered_folder(text: str) -> str:
    return _folder_name(text, _NUMBERED)


WebUrl = Annotated[str, AfterValidator(_web_url), said("URL", r"^https?://\S+$")]
FileUrl = Annotated[str, AfterValidator(check_file_url), said("URL of a file", r"^https?://\S+$")]
HrefUrl = Annotated[str, AfterValidator(_href), said("URL of a file", r"^https?://\S+$")]
IndexUrl = Annotated[str, AfterValidator(_index_url), said("URL", _URL)]
UpstreamUrl = Annotated[str, AfterValidator(_upstream_url), said("URL on loopback", _LOOPBACK_URL)]
Redirect = Annotated[
    str, AfterValidator(_redirect), said("URL or path", r"^(https?:/)?/[^/\s]\S*$")
]
InnerPath = Annotated[
    str, AfterValidator(_inner_path), said("path in the workspace", r"^[^/~\\:-][^\\:]*$")
]
InstallPlace = Annotated[
    str,
    AfterValidator(_install_place),
    said("path in the workspace, with extras or without", r"^[^/~\\:-][^\\:]*$"),
]
LocalFilePath = Annotated[
    InnerPath, AfterValidator(_local_file_path), said("path of a wheel or of an sdist")
]
RequirementsPath = Annotated[
    InnerPath,
    AfterValidator(_requirements_path),
    said("path of a .txt or .in file, or of a pylock.toml"),
]
FolderName = Annotated[str, AfterValidator(_folder_name), said("folder's name", _FOLDER)]
NumberedFolder = Annotated[str, AfterValidator(_numbered_folder), said("folder's name", _NUMBERED)]
