"""The expectations of a step: requests to the indexes, and the state of the venv afterwards."""

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
"""A count for each project, filename or pattern; no other projects or files are expected."""

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
    """The strings that the installer must print, or must not print."""

    contains: Many[Line] = ()
    """Strings that the output must contain."""
    lacks: Many[Line] = ()
    """Strings that the output must not contain."""


class Locked(Table):
    """The entries of a project in the lockfile."""

    version: VersionText | Many[VersionText] | None = None
    """The project's version, or all of its versions."""
    files: Many[FilePattern] | None = None
    """The names of all files that the lockfile lists for the project, or patterns for them."""
    urls: Many[Line] | None = None
    """The URLs of all files that the lockfile lists for the project; `*` stands for any string."""
    hashes: bool | Literal["offered"] | Many[HashText] | None = None
    """The hashes of the project's files in the lockfile: algorithms, or complete hashes.

    With `true` or `false`, each file must or must not have a hash. With `"offered"`, the hashes
    must be those of the files that the indexes have at this step.
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

    A key that is left out is not checked, except for ``exit`` and ``satisfied``.
    """

    exit: (
        Literal["success", "failure", "crash", "hang", "limit", "usage", "any"]
        | Annotated[int, Field(ge=0, le=255)]
    ) = "success"
    """How the command ends, or its exit code.

    With `failure`, the installer must end with an error message. Other failures are distinguished:
    `crash` (panic, traceback, signal), `hang` (it did not end in time), `limit` (it used too many
    processes, too much memory or disk, or printed too much) and `usage` (it does not know an
    argument or a key).
    """
    satisfied: bool = True
    """Whether the venv must contain everything that a successful step should install.

    This applies to `sync`, `install`, `run` and `add`; `false` switches the check off.
    """
    downloads: Count | Tally | None = None
    """The number of complete wheels and sdists that were sent, in total or for each project.

    Keys can also be filenames. ``{}`` means none. ``"*" = "any"`` allows others. ``"nvidia-*" = 1``
    means that at least one matching project was downloaded, and none of them twice.
    """
    bytes_: AnyAmount | ByPattern[AnyAmount] | None = None
    """The number of bytes of wheels and sdists that were sent, including incomplete bodies.

    It is a total, or a number for each project or filename: `bytes = { torch = "<= 5 MiB" }`.
    ``{}`` means none.
    """
    requests: Count | dict[RequestKind, Count] | None = None
    """The number of requests of each kind; a kind that is left out is not checked."""
    fields: dict[RequestKind, dict[HeaderName, FieldWish]] = {}
    """Header fields that each request of a kind must have (`true`) or must not have (`false`).

    A string is a pattern for the value, in which `*` stands for any string. For fields that
    identify the client, such as `authorization` and `user-agent`, only the presence can be
    expected.
    """
    requests_to: dict[Line, dict[RequestKind, Count]] = {}
    """The number of requests of each kind, for each index."""
    past_edge: Count | dict[RequestKind, Count] | None = None
    """The number of requests of each kind that edges sent on to their indexes.

    Edges answered all other requests from their stored responses.
    """
    revalidated: Count | Tally | None = None
    """The number of 304 responses, in total or for each project or filename."""
    nominal: Amount | None = None
    """The total nominal size (the key `size`) of all downloads: "<= 1 MiB"."""
    cached: Count | dict[CachedKind, Count | Tally] | None = None
    """The number of entries in the installer's cache after the step, in total or for each kind.

    A kind that is left out is not checked. Each kind has a count, or a count for each project or
    filename: `cached = { wheel = { torch = 1, "*" = "any" }, page = {} }`. `page` are simple pages
    and `metadata` is the core metadata of releases. `wheel` are wheels and sdists, including wheels
    built from sdists. `unpacked` are unpacked wheels. An entry with several copies counts once.
    """
    cache_bytes: Amount | None = None
    """The total size of all files in the installer's cache after the step: "<= 1 MiB"."""
    installed: Versions = {}
    """The projects that the venv must contain, with their versions; other projects are allowed."""
    installed_count: Annotated[int, Field(ge=0)] | None = None
    """The number of projects in the venv."""
    absent: Many[ProjectPattern] = ()
    """Projects that the venv must not contain."""
    added: Versions | Annotated[int, Field(ge=0)] | None = None
    """All projects that the step added to the venv, with their versions, or their number."""
    removed: Versions | Annotated[int, Field(ge=0)] | None = None
    """All projects that the step removed from the venv, with their versions, or their number."""
    reinstalled: Versions | Annotated[int, Field(ge=0)] | None = None
    """All projects that the step reinstalled at the same version, or their number.

    A project that now has a different origin counts as `removed` and `added`.
    """
    venv_files: dict[InnerPath, bool | Count] = {}
    """Files that the venv must contain (`true` or a number) or must not contain (`false`).

    Each key is a pattern for the path: `"lib/python*/site-packages/six.py" = true`. ``**`` stands
    for any number of folders.
    """
    editable: ByProject[bool] = {}
    """Whether a project is installed editable (PEP 660)."""
    origin: ByProject[Literal["index", "path", "editable", "url"]] = {}
    """The origin of an installed project, as PEP 610 records it."""
    builds_of: ByProject[Line] = {}
    """The `build` of each installed release, which distinguishes two builds of the same version."""
    lockfile: Literal["unchanged", "changed"] | None = None
    """Whether the step leaves the bytes of the lockfile unchanged."""
    locked: ByProject[
        Annotated[Locked, BeforeValidator(_version_alone, json_schema_input_type=str | Locked)],
    ] = {}
    """The entries of projects in the lockfile; after `compile`, in the requirements file."""
    builds: ByProject[Count] | None = None
    """The number of times that a project's build backend made a distribution during the step."""
    imports: dict[IdentifierPath, Scalar] = {}
    """The values of names that the venv's Python imports: ``"torch.version.cuda" = "12.8"``."""
    check: bool | None = None
    """Whether the requirements of all installed projects are met, as in ``pip check``."""
    output: Output | None = None
    """Strings in the installer's output."""

    @property
    def tallies(self) -> Iterator[tuple[tuple[str, ...], Mapping[str, Count | AnyAmount]]]:
        """Each table of counts for projects, filenames or patterns, with its key."""
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
        """Whether the file states no expectation for the step."""
        return not self.model_fields_set
