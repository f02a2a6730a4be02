"""Steps that do not run an installer: changes to an index, to files and to the cache."""

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
"""The ways in which a request can fail; they are described in docs/scenario.md."""

AnsweredKind: TypeAlias = Literal["page", "metadata", "wheel", "sdist", "json", "any"]
"""The kinds of requests to which a fault or a change to the CDN edge can be limited."""


class Replacement(Table):
    """A string to be replaced in a file, wherever it occurs."""

    old: Line = Field(min_length=1)
    """The text to find."""
    new: Line
    """The text to insert instead."""


class Edit(StepBase):
    """Change the project file, its sources, a local project or other files."""

    do: Literal["edit"]
    folder: FolderName = "project"
    """The project's folder in the workspace."""
    project: Project = Project()
    """The keys of ``[project]`` to change."""
    sources: Sources | None = None
    """The sources that are used from this step on."""
    access: dict[Line, Access] = {}
    """The user's logins and URLs for indexes; each replaces an earlier one for the same index."""
    local_projects: ByProject[LocalProject] = {}
    """Local projects to write; each replaces an earlier project with the same name."""
    local_files: dict[LocalFilePath, LocalFile] = {}
    """Wheels and sdists to write; each replaces an earlier file with the same path."""
    files: dict[InnerPath, OwnText] = {}
    """Files to write in the workspace, as verbatim text keyed by path."""
    replace_text: dict[InnerPath, Replacement] = {}
    """Strings to replace in files in the workspace, including files that an installer wrote."""
    touch: Many[InnerPath] = ()
    """Files in the workspace whose modification time is set to now; their contents are kept."""
    remove: Many[InnerPath] = ()
    """Files in the workspace to delete."""
    project_files: dict[Label, OwnText] = {}
    """Project files for individual installers, as verbatim text keyed by installer."""


def _named_today(how: Any) -> Any:
    return "zero" if how == "overwrite" else how  # the first name of this kind of damage


class Damage(StepBase):
    """Damage entries in the installer's cache."""

    do: Literal["damage"]
    what: CachedKind | None = None
    """The kind of cache entries to damage; `unpacked` means the unpacked files of wheels."""
    project: ProjectName | None = None
    """The project whose entries are damaged; by default, all projects."""
    entries: InnerPath | None = None
    """If `what` is not given, a glob such as ``**/*.whl`` for the files to damage in the cache."""
    how: Annotated[
        Literal["truncate", "zero", "garbage", "remove"],
        BeforeValidator(_named_today),
    ]
    """How each file is damaged: cut in half, overwritten with zeros or random bytes, or deleted.

    Venvs are not damaged, and neither are files that contain paths, such as ``*.pth`` and
    ``RECORD``. A file is not cut in half if the cut would be inside the path of the workspace.
    """

    @property
    def target(self) -> str:
        """A description of the damaged entries: ``the wheel of foo``, or the glob."""
        if self.what is None:
            return self.entries or ""
        name = "unpacked files" if self.what == "unpacked" else self.what
        return f"the {name} of {self.project or 'each project'}"


class IndexStep(StepBase):
    """A change to an index between two runs of an installer."""

    index: Line
    """The name of the index to change."""


class Publish(IndexStep):
    """Publish a release, or add files to an existing one."""

    do: Literal["publish"]
    project: ProjectName
    """The project that the release belongs to."""
    version: VersionText
    """The version of the release to publish."""
    contents: Release = Release()
    """The release or the files to publish."""


class Replace(IndexStep):
    """Replace the files of a release with files that have the same names but different bytes."""

    do: Literal["replace"]
    project: ProjectName
    """The project whose release is replaced."""
    version: VersionText
    """The version of the release to replace."""
    contents: Release = Release(build="replaced")
    """The keys of the release to change; by default only ``build``, which becomes ``replaced``.

    If files are listed, only these are replaced; otherwise, all files are.
    """


class Yank(IndexStep):
    """Yank a release (PEP 592)."""

    do: Literal["yank"]
    project: ProjectName
    """The project whose release is yanked."""
    version: VersionText
    """The version of the release to yank."""
    file: Line | None = None
    """The name of a single file to yank; by default, all files of the release are yanked."""
    reason: Line = ""
    """The reason why the release is yanked."""


class Delete(IndexStep):
    """Delete a release or a whole project."""

    do: Literal["delete"]
    project: ProjectName
    """The project to delete, or the project whose release is deleted."""
    version: VersionText | None = None
    """The version of the release to delete; by default, the whole project is deleted."""
    file: Line | None = None
    """The name of a single file to delete; by default, all files of the release are deleted."""


class SetHeaders(IndexStep):
    """Change the header fields that the index sends from this step on."""

    do: Literal["set-headers"]
    headers: ChosenHeaders
    """The header fields to change, or the name of a server whose fields are sent from now on."""
    project: ProjectName | None = None
    """The project whose page and files are sent with these fields; by default, all projects."""
    version: VersionText | None = None
    """The only release whose files are sent with these fields; by default, every release."""


class SetUsers(IndexStep):
    """Change the user names and passwords that the index accepts."""

    do: Literal["set-users"]
    users: dict[UserName, Line]
    """User names and passwords; if the table is empty, everybody can read the index."""


class GoDown(IndexStep):
    """Make the index's host unreachable."""

    do: Literal["go-down"]


class ComeBack(IndexStep):
    """Make the index's host reachable again."""

    do: Literal["come-back"]


class Fail(IndexStep):
    """Make the next requests to the index fail."""

    do: Literal["fail"]
    how: FaultKind
    """The kind of failure.

    ``close`` closes the connection properly, but without a response. ``wrong-hash`` sends different
    bytes of the same length. ``wrong-length`` sends one byte too many. ``not-modified`` sends a 304
    without validators, even if the request is unconditional. ``stale`` sends the response from
    before the last change to the index, as a CDN edge may do.

    Four kinds apply to range requests. ``ignore-range`` sends the whole file. ``first-range`` sends
    the first bytes of the file instead. ``long-range`` sends all bytes from the start of the range
    to the end of the file. ``wrong-range`` sends the requested bytes, but with a Content-Range for
    other bytes.
    """
    status: Annotated[int, Field(ge=300, le=599)] = 503
    """The status code of the response if `how` is ``status``."""
    times: Annotated[int, Field(ge=1)] | Literal["all"] = 1
    """How many requests fail; only requests to which the fault applies are counted."""
    kind: AnsweredKind = "any"
    """The kind of requests that fail."""
    project: ProjectName | None = None
    """The project to which the failure is limited; by default, requests for any project fail."""
    version: VersionText | None = None
    """The release to whose files the failure is limited; by default, files of any release fail."""
    file: Line | None = None
    """The file to which the failure is limited, including its metadata; by default, any file."""
    method: Literal["GET", "HEAD"] | None = None
    """The method of the requests that fail; by default, both methods."""
    after: Size = "10 B"
    """The number of bytes after which ``cut`` ends the body, or ``slow`` pauses.

    If this key is missing, ``slow`` waits before it sends the response.
    """
    seconds: Annotated[float, Field(ge=0, le=10)] = 0.2
    """How long ``slow`` waits, in seconds."""


class Mend(IndexStep):
    """End a ``fail`` step: requests to the index succeed again."""

    do: Literal["mend"]


class EdgeStep(StepBase):
    """A change to the CDN edge in front of an index."""

    index: Line
    """The name of the index behind the CDN edge."""
    kind: Literal["page", "metadata", "wheel", "sdist", "any"] = "any"
    """The kind of responses that the step applies to; `any` means all kinds."""


class Purge(EdgeStep):
    """Delete stored responses from the CDN edge."""

    do: Literal["purge"]
    project: ProjectName | None = None
    """The project whose responses are deleted, as well as root pages; by default, all projects."""
    format: Literal["html", "json"] | None = None
    """The format of the pages to delete; by default, both. Responses other than pages are kept."""
    gzip: bool | None = None
    """Whether to delete only compressed or only uncompressed responses; by default, both."""


class Warm(EdgeStep):
    """Let another client request a project's page and files, so that the CDN edge stores them."""

    do: Literal["warm"]
    project: ProjectName
    """The project whose page and files are requested."""
    format: Literal["html", "json"] = "json"
    """The format in which the page is requested."""
    gzip: bool = True
    """Whether the client accepts compressed responses."""
    at: Moment | None = None
    """The time of the request: a date and time, or an age such as "5 minutes ago"; default: now."""
