"""Steps that no installer runs: changes to an index, to files and to the cache."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from pytest_indexcache.scenario.tables.fields import (
    ByProject,
    CachedKind,
    ChosenHeaders,
    FolderName,
    InnerPath,
    Label,
    Line,
    LocalFilePath,
    Many,
    Moment,
    OwnText,
    ProjectName,
    Size,
    Table,
    UserName,
    VersionText,
)
from pytest_indexcache.scenario.tables.indexes import Release
from pytest_indexcache.scenario.tables.project import (
    Access,
    LocalFile,
    LocalProject,
    Project,
    Sources,
)
from pytest_indexcache.scenario.tables.verbs import StepBase

FaultKind: TypeAlias = Literal[
    "status",
    "reset",
    "close",
    "cut",
    "wrong-hash",
    "wrong-length",
    "not-modified",
    "ignore-range",
    "first-range",
    "long-range",
    "wrong-range",
    "stale",
    "slow",
]
"""The ways in which a request can fail, as described in docs/scenario.md."""

AnsweredKind: TypeAlias = Literal["page", "metadata", "wheel", "sdist", "json", "any"]
"""The kinds of requests to which a fault or a change of the edge can be limited."""


class Replacement(Table):
    """A string to replace in a file, wherever it occurs."""

    old: Line = Field(min_length=1)
    """The text to find."""
    new: Line
    """The text to insert instead."""


class Edit(StepBase):
    """Change the project file, its sources, a local project, or other files."""

    do: Literal["edit"]
    folder: FolderName = "project"
    """The project's folder in the workspace."""
    project: Project = Project()
    """Keys of ``[project]`` that change."""
    sources: Sources | None = None
    """The sources from this step on."""
    access: dict[Line, Access] = {}
    """The user's logins and URLs for indexes; they replace earlier ones for the same indexes."""
    local_projects: ByProject[LocalProject] = {}
    """Local projects to write; each replaces the earlier project of the same name."""
    local_files: dict[LocalFilePath, LocalFile] = {}
    """Wheels and sdists to write; each replaces the earlier file at the same path."""
    files: dict[InnerPath, OwnText] = {}
    """The verbatim text of files in the workspace, keyed by path."""
    replace_text: dict[InnerPath, Replacement] = {}
    """Strings to replace in files of the workspace, including those that an installer wrote."""
    touch: Many[InnerPath] = ()
    """Files of the workspace whose modification time becomes now; their contents are kept."""
    remove: Many[InnerPath] = ()
    """Files of the workspace to delete."""
    project_files: dict[Label, OwnText] = {}
    """The verbatim text of project files, keyed by installer."""


def _named_today(how: Any) -> Any:
    return "zero" if how == "overwrite" else how  # the first name of this kind of damage


class Damage(StepBase):
    """Break entries of the installer's cache."""

    do: Literal["damage"]
    what: CachedKind | None = None
    """The kind of cache entries to damage; `unpacked` are the files of a wheel."""
    project: ProjectName | None = None
    """The project whose entries are damaged; by default all projects."""
    entries: InnerPath | None = None
    """A glob of the files to damage in the cache's folder (``**/*.whl``), if `what` is left out."""
    how: Annotated[
        Literal["truncate", "zero", "garbage", "remove"],
        BeforeValidator(_named_today),
    ]
    """The damage to each file: it is cut in half, filled with zeros or other bytes, or deleted.

    Venvs are not damaged, nor are files such as ``*.pth`` and ``RECORD``, which contain paths. A
    file is not cut in half if its middle lies within the path of the workspace.
    """

    @property
    def target(self) -> str:
        """A description of the damaged entries: ``the wheel of foo``, or the glob."""
        if self.what is None:
            return self.entries or ""
        name = "unpacked files" if self.what == "unpacked" else self.what
        return f"the {name} of {self.project or 'each project'}"


class IndexStep(StepBase):
    """A change to an index between two steps of the installer."""

    index: Line
    """The name of the index that changes."""


class Publish(IndexStep):
    """A release appears, or files are added to a release."""

    do: Literal["publish"]
    project: ProjectName
    """The project to which the release belongs."""
    version: VersionText
    """The release's version."""
    contents: Release = Release()
    """The release or the files to publish."""


class Replace(IndexStep):
    """A release's files are replaced: the names stay the same, the bytes differ."""

    do: Literal["replace"]
    project: ProjectName
    """The project whose release is replaced."""
    version: VersionText
    """The release's version."""
    contents: Release = Release(build="replaced")
    """The keys of the release that change; by default only ``build``, which becomes ``replaced``.

    If files are listed, only these files are replaced; otherwise, all files are.
    """


class Yank(IndexStep):
    """A release is yanked (PEP 592)."""

    do: Literal["yank"]
    project: ProjectName
    """The project whose release is yanked."""
    version: VersionText
    """The version of the release to yank."""
    file: Line | None = None
    """The name of one file of the release; by default all of its files."""
    reason: Line = ""
    """The reason for yanking."""


class Delete(IndexStep):
    """A release, or a whole project, is deleted."""

    do: Literal["delete"]
    project: ProjectName
    """The project to delete, either as a whole or in part."""
    version: VersionText | None = None
    """The version of the release to delete; by default, the whole project is deleted."""
    file: Line | None = None
    """The name of one file of the release; by default all of its files."""


class SetHeaders(IndexStep):
    """The index sends different header fields from this step on."""

    do: Literal["set-headers"]
    headers: ChosenHeaders
    """The name of a server whose header fields are sent from now on, or the fields that change."""
    project: ProjectName | None = None
    """The project whose files get the fields; by default every project."""
    version: VersionText | None = None
    """The release whose files get the fields."""


class SetUsers(IndexStep):
    """Users and passwords change."""

    do: Literal["set-users"]
    users: dict[UserName, Line]
    """Users and their passwords; an empty table lets everybody read."""


class GoDown(IndexStep):
    """The index's host becomes unreachable."""

    do: Literal["go-down"]


class ComeBack(IndexStep):
    """The index's host is reachable again."""

    do: Literal["come-back"]


class Fail(IndexStep):
    """The next requests fail."""

    do: Literal["fail"]
    how: FaultKind
    """The kind of failure.

    ``close`` closes the connection properly, but without an answer. ``wrong-hash`` sends different
    bytes of the same length. ``wrong-length`` sends one byte too many. ``not-modified`` sends a 304
    without validators, even to an unconditional request. ``stale`` sends the answer from before the
    last change of the index, as the edge of a CDN may.

    Four kinds concern range requests. ``ignore-range`` sends the whole file. ``first-range`` sends
    the first bytes of the file. ``long-range`` sends all bytes from the start of the range.
    ``wrong-range`` sends the requested bytes with the Content-Range of other bytes.
    """
    status: Annotated[int, Field(ge=300, le=599)] = 503
    """The status code of the response if `how` is ``status``."""
    times: Annotated[int, Field(ge=1)] | Literal["all"] = 1
    """The number of requests that fail; only requests to which the fault applies are counted."""
    kind: AnsweredKind = "any"
    """The kind of requests that fail."""
    project: ProjectName | None = None
    """The project for which requests fail; by default any project."""
    version: VersionText | None = None
    """The release for whose files requests fail; by default any release."""
    file: Line | None = None
    """The file for which requests fail, including requests for its metadata; by default any."""
    method: Literal["GET", "HEAD"] | None = None
    """The method of the requests that fail; by default both."""
    after: Size = "10 B"
    """The number of bytes after which ``cut`` ends the body, or ``slow`` pauses within it.

    Without this key, ``slow`` waits before it answers.
    """
    seconds: Annotated[float, Field(ge=0, le=10)] = 0.2
    """The number of seconds for which ``slow`` waits."""


class Mend(IndexStep):
    """End the effect of ``fail``: requests succeed again."""

    do: Literal["mend"]


class EdgeStep(StepBase):
    """A change to the edge of an index."""

    index: Line
    """The name of the index that has the edge."""
    kind: Literal["page", "metadata", "wheel", "sdist", "any"] = "any"
    """The kind of answers that the step concerns; `any` means all kinds."""


class Purge(EdgeStep):
    """The edge deletes stored responses."""

    do: Literal["purge"]
    project: ProjectName | None = None
    """The project whose answers the edge deletes, with any root page; by default all projects."""
    format: Literal["html", "json"] | None = None
    """The format of the pages that the edge deletes; other answers are kept. By default both."""
    gzip: bool | None = None
    """Whether the edge deletes only compressed or only uncompressed answers; by default both."""


class Warm(EdgeStep):
    """Another client requests a project's page and files, so that the edge stores the responses."""

    do: Literal["warm"]
    project: ProjectName
    """The project whose page and files are requested."""
    format: Literal["html", "json"] = "json"
    """The format in which the page is requested."""
    gzip: bool = True
    """Whether the client accepts compressed answers."""
    at: Moment | None = None
    """The time of the request: a date and time, or an age such as "5 minutes ago"; default: now."""
