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
"""The kinds of requests that a fault is limited to."""


class Replacement(Table):
    """A string to replace in a file, wherever it occurs."""

    old: Line = Field(min_length=1)
    """The old text."""
    new: Line
    """The new text."""


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
    """The user's access to indexes from this step on, by name; it replaces the previous access."""
    local_projects: ByProject[LocalProject] = {}
    """Local projects to replace as a whole."""
    local_files: dict[LocalFilePath, LocalFile] = {}
    """Wheels and sdists to replace as a whole."""
    files: dict[InnerPath, OwnText] = {}
    """Files of the workspace, verbatim."""
    replace_text: dict[InnerPath, Replacement] = {}
    """Strings to replace in files of the workspace, including those that an installer wrote."""
    touch: Many[InnerPath] = ()
    """Files of the workspace whose modification time becomes now; their contents are kept."""
    remove: Many[InnerPath] = ()
    """Files of the workspace to delete."""
    project_files: dict[Label, OwnText] = {}
    """Project files, verbatim, by installer."""


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
    """A glob below the cache's folder, instead of `what`: ``**/*.whl``."""
    how: Annotated[
        Literal["truncate", "zero", "garbage", "remove"],
        BeforeValidator(_named_today),
    ]
    """The damage to each file: it is cut in half, filled with zeros or other bytes, or deleted.

    Venvs are not damaged, nor are files such as ``*.pth`` and ``RECORD``, in which a Python or an
    installer looks up folders. A file is never cut in the middle of the workspace's path.
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
    """The index."""


class Publish(IndexStep):
    """A release appears, or files are added to a release."""

    do: Literal["publish"]
    project: ProjectName
    """The project."""
    version: VersionText
    """The release's version."""
    contents: Release = Release()
    """The release or the files to publish."""


class Replace(IndexStep):
    """A release's files are replaced: the names stay the same, the bytes differ."""

    do: Literal["replace"]
    project: ProjectName
    """The project."""
    version: VersionText
    """The release's version."""
    contents: Release = Release(build="replaced")
    """The differences from the old files; the build is ``replaced`` unless another is given.

    Files that are not listed are not replaced; without a list, all are.
    """


class Yank(IndexStep):
    """A release is yanked (PEP 592)."""

    do: Literal["yank"]
    project: ProjectName
    """The project."""
    version: VersionText
    """The release's version."""
    file: Line | None = None
    """The name of one file of the release; by default all of its files."""
    reason: Line = ""
    """The reason for yanking."""


class Delete(IndexStep):
    """A release, or a whole project, is deleted."""

    do: Literal["delete"]
    project: ProjectName
    """The project."""
    version: VersionText | None = None
    """The release's version; by default the whole project."""
    file: Line | None = None
    """The name of one file of the release; by default all of its files."""


class SetHeaders(IndexStep):
    """The index sends different header fields from this step on."""

    do: Literal["set-headers"]
    headers: ChosenHeaders
    """The server whose fields replace all fields, or single fields that change."""
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
    bytes of the same length, and ``wrong-length`` one byte too many. ``not-modified`` sends a 304
    without validators, even to an unconditional request. ``ignore-range`` sends the whole file if a
    part is requested, ``first-range`` the first bytes instead of the part, ``long-range`` all bytes
    from the start of the part, and ``wrong-range`` the part with the Content-Range of another part.
    ``stale`` sends the answer from before the last change of the index, as the edge of a CDN may.
    """
    status: Annotated[int, Field(ge=300, le=599)] = 503
    """The status, for ``status``."""
    times: Annotated[int, Field(ge=1)] | Literal["all"] = 1
    """The number of requests that fail; only requests to which the fault applies are counted."""
    kind: AnsweredKind = "any"
    """The kind of requests that fail."""
    project: ProjectName | None = None
    """The project for which requests fail; by default any."""
    version: VersionText | None = None
    """The release for whose files requests fail; by default any."""
    file: Line | None = None
    """The file for which requests fail, including requests for its metadata; by default any."""
    method: Literal["GET", "HEAD"] | None = None
    """The method of the requests that fail; by default any."""
    after: Size = "10 B"
    """The number of bytes after which ``cut`` ends the body, or ``slow`` pauses it.

    Without this key, ``slow`` waits before it answers.
    """
    seconds: Annotated[float, Field(ge=0, le=10)] = 0.2
    """The seconds to wait, for ``slow``."""


class Mend(IndexStep):
    """Requests succeed again: this ends a ``fail``."""

    do: Literal["mend"]


class EdgeStep(StepBase):
    """A change to the edge of an index."""

    index: Line
    """The index."""
    kind: Literal["page", "metadata", "wheel", "sdist", "any"] = "any"
    """The kind of answers; `any` means all of them."""


class Purge(EdgeStep):
    """The edge deletes stored responses."""

    do: Literal["purge"]
    project: ProjectName | None = None
    """The project whose answers the edge deletes, with the pages that list it; by default all."""
    format: Literal["html", "json"] | None = None
    """The format of the pages that the edge deletes; other answers are kept. By default both."""
    gzip: bool | None = None
    """Whether the edge deletes compressed answers, or uncompressed ones; by default both."""


class Warm(EdgeStep):
    """Another client requests a project's page and files, so that the edge stores the responses."""

    do: Literal["warm"]
    project: ProjectName
    """The project."""
    format: Literal["html", "json"] = "json"
    """The format in which the page is asked for."""
    gzip: bool = True
    """Whether compressed answers are accepted."""
    at: Moment | None = None
    """The time of the request: a date and time, or an age such as "5 minutes ago"; else now."""
