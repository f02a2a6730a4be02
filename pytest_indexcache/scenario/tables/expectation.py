"""The expectations of a step: the requests to the indexes, and the venv after the step."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from pytest_indexcache.scenario.tables.fields import (
    Amount,
    ByPattern,
    ByProject,
    CachedKind,
    Count,
    HeaderLine,
    HeaderName,
    IdentifierPath,
    InnerPath,
    Line,
    Many,
    ProjectPattern,
    Scalar,
    Table,
    VersionText,
    is_file_pattern,
    wrong_kind,
)
from pytest_indexcache.scenario.words.limits import bounded
from pytest_indexcache.scenario.words.wording import shown

RequestKind = Literal[
    "page",
    "metadata",
    "wheel",
    "sdist",
    "json",
    "other",
    "head",
    "range",
    "conditional",
    "revalidated",
    "failed",
    "refused",
    "total",
]
Tally = ByPattern[Count]
"""A count for each project, filename or pattern; no other projects or files may occur."""

Versions = ByProject[VersionText]
AnyAmount = Literal["any"] | Amount


FieldWish = bool | HeaderLine


def _file_pattern(text: str) -> str:
    if not is_file_pattern(text):
        raise ValueError(
            f"{shown(text)} is not the name of a wheel or an sdist, nor a pattern such as *.whl"
        )
    return text


def _hash(text: str) -> str:
    algorithm, colon, digest = bounded(text).partition(":")
    is_digest = re.fullmatch(r"[0-9a-f]+", digest) if colon else True
    if algorithm not in hashlib.algorithms_guaranteed or not is_digest:
        raise ValueError(
            f"{shown(text)} is neither an algorithm such as sha256, nor a hash such as "
            "sha256:0123abcd"
        )
    return text


FilePattern = Annotated[
    ProjectPattern,
    AfterValidator(_file_pattern),
    Field(json_schema_extra={"$comment": "file, pattern"}),
]
HashText = Annotated[
    str, AfterValidator(_hash), Field(json_schema_extra={"$comment": "algorithm, hash"})
]


class Output(Table):
    """Strings that the installer must or must not print."""

    contains: Many[Line] = ()
    """Strings that the output must contain."""
    lacks: Many[Line] = ()
    """Strings that the output must not contain."""


class Locked(Table):
    """A project's entries in the lockfile."""

    version: VersionText | Many[VersionText] | None = None
    """The version of the project, or all versions if the lockfile contains several."""
    files: Many[FilePattern] | None = None
    """All filenames that the lockfile lists for the project, or patterns that match them."""
    urls: Many[Line] | None = None
    """All URLs that the lockfile lists for the project; `*` matches any string."""
    hashes: bool | Literal["offered"] | Many[HashText] | None = None
    """The hashes that the lockfile lists for the project's files: algorithms, or complete hashes.

    With `true`, every file must have a hash; with `false`, no file may have one. With
    `"offered"`, the hashes must be those of the files that the indexes serve during this step.
    """
    index: Line | None = None
    """The name of the index that the project comes from."""


def _version_alone(value: Any) -> Any:
    if isinstance(value, str):
        return {"version": value}
    if not isinstance(value, dict | Locked):
        raise wrong_kind("a version or a table")
    return value


class Expectation(Table):
    """The expectations of a step.

    Nothing is checked for a key that is left out, except for ``exit`` and ``satisfied``.
    """

    exit: (
        Literal["success", "failure", "crash", "hang", "limit", "usage", "any"]
        | Annotated[int, Field(ge=0, le=255)]
    ) = "success"
    """How the command ends, or its exit code.

    With `failure`, the installer must end with an error message. Other kinds of failure have
    values of their own: `crash` (panic, traceback, signal), `hang` (the installer did not end in
    time), `limit` (it used too many processes or too much memory or disk space, or printed too
    much) and `usage` (it does not recognize an argument or a key).
    """
    satisfied: bool = True
    """Whether the venv must contain everything that the step should install if it succeeds.

    This applies to `sync`, `install`, `run` and `add`; `false` switches the check off.
    """
    downloads: Count | Tally | None = None
    """The number of wheels and sdists that were sent completely, in total or for each project.

    Keys can also be filenames. ``{}`` means that nothing was downloaded. ``"*" = "any"`` allows all
    other downloads. ``"nvidia-*" = 1`` means that at least one matching project was downloaded, and
    none of these projects twice.
    """
    bytes_: AnyAmount | ByPattern[AnyAmount] | None = None
    """The number of bytes of wheels and sdists that were sent, including incomplete downloads.

    The value is a total, or a number for each project or filename:
    `bytes = { torch = "<= 5 MiB" }`. ``{}`` means that nothing was sent.
    """
    requests: Count | dict[RequestKind, Count] | None = None
    """The number of requests of each kind; kinds that are left out are not checked."""
    fields: dict[RequestKind, dict[HeaderName, FieldWish]] = {}
    """Header fields that every request of a kind must have (`true`) or must not have (`false`).

    A string is a pattern for the value; `*` in it matches any string. Only `true` or `false` can be
    used for fields that identify the client, such as `authorization` and `user-agent`.
    """
    requests_to: dict[Line, dict[RequestKind, Count]] = {}
    """The number of requests of each kind, for individual indexes."""
    past_edge: Count | dict[RequestKind, Count] | None = None
    """The number of requests of each kind that CDN edges forwarded to their indexes.

    CDN edges answered all other requests from their stored responses.
    """
    revalidated: Count | Tally | None = None
    """The number of 304 responses, in total or for each project or filename."""
    nominal: Amount | None = None
    """The total nominal size (the key `size` of files) of all downloads, such as "<= 1 MiB"."""
    cached: Count | dict[CachedKind, Count | Tally] | None = None
    """The number of entries in the installer's cache after the step, in total or for each kind.

    Kinds that are left out are not checked. Each kind has a count, or a count for each project or
    filename: `cached = { wheel = { torch = 1, "*" = "any" }, page = {} }`. `page` means simple
    pages, and `metadata` the core metadata of releases. `wheel` means wheels and sdists, including
    wheels that were built from sdists. `unpacked` means unpacked wheels. An entry with several
    copies is counted once.
    """
    cache_bytes: Amount | None = None
    """The total size of the files in the installer's cache after the step, such as "<= 1 MiB"."""
    installed: Versions = {}
    """Projects that the venv must contain, with their versions; it may also contain others."""
    installed_count: Annotated[int, Field(ge=0)] | None = None
    """The number of projects that are installed in the venv."""
    absent: Many[ProjectPattern] = ()
    """Projects that the venv must not contain."""
    added: Versions | Annotated[int, Field(ge=0)] | None = None
    """All projects that the step added to the venv, with their versions, or just their number."""
    removed: Versions | Annotated[int, Field(ge=0)] | None = None
    """All projects that the step removed from the venv, with their versions, or their number."""
    reinstalled: Versions | Annotated[int, Field(ge=0)] | None = None
    """All projects that the step reinstalled at the same version, or just their number.

    If the origin of a project changed, the project counts as `removed` and `added` instead.
    """
    venv_files: dict[InnerPath, bool | Count] = {}
    """Files that the venv must contain (`true` or a number) or must not contain (`false`).

    Each key is a pattern for a path: `"lib/python*/site-packages/six.py" = true`. ``**`` matches
    any number of folders.
    """
    editable: ByProject[bool] = {}
    """For each project, whether it is installed in editable mode (PEP 660)."""
    origin: ByProject[Literal["index", "path", "editable", "url"]] = {}
    """The origin of an installed project, as recorded in the venv (PEP 610)."""
    builds_of: ByProject[Line] = {}
    """The `build` of each installed release, which distinguishes builds of the same version."""
    lockfile: Literal["unchanged", "changed"] | None = None
    """Whether the step must change the lockfile, or must leave every byte of it unchanged."""
    locked: ByProject[
        Annotated[Locked, BeforeValidator(_version_alone, json_schema_input_type=str | Locked)],
    ] = {}
    """A project's entries in the lockfile or, after `compile`, in the requirements file."""
    builds: ByProject[Count] | None = None
    """How many times a project's build backend was run to build a distribution during the step."""
    imports: dict[IdentifierPath, Scalar] = {}
    """The values that Python imports in the venv, such as ``"torch.version.cuda" = "12.8"``."""
    check: bool | None = None
    """Whether the requirements of all installed projects are satisfied, as in ``pip check``."""
    output: Output | None = None
    """Strings that the installer must or must not print."""

    @property
    def tallies(self) -> Iterator[tuple[tuple[str, ...], Mapping[str, Count | AnyAmount]]]:
        """Yield each table of counts for projects, filenames or patterns, and its key path."""
        for key, tally in (
            ("downloads", self.downloads),
            ("revalidated", self.revalidated),
            ("bytes", self.bytes_),
        ):
            if isinstance(tally, Mapping):
                yield (key,), tally
        for kind, tally in self.cached.items() if isinstance(self.cached, Mapping) else ():
            if isinstance(tally, Mapping):
                yield ("cached", kind), tally

    @property
    def is_empty(self) -> bool:
        """Whether the file contains no expectation for the step."""
        return not self.model_fields_set
