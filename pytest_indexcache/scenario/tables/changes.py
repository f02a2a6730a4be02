"""What happens between two steps of an installer: to an index, to files, to the cache."""

from __future__ import annotations

from typing import Annotated, Any, Literal

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


class Replacement(Table):
    """A text in a file that becomes another, wherever it stands there."""

    old: Line = Field(min_length=1)
    """The text as it is."""
    new: Line
    """What stands in its place."""


class Edit(StepBase):
    """Change the project file, its sources, a local project, or other files."""

    do: Literal["edit"]
    folder: FolderName = "project"
    """The project's folder in the workspace."""
    project: Project = Project()
    """Keys of ``[project]`` that change."""
    sources: Sources | None = None
    """The sources from now on."""
    access: dict[Line, Access] = {}
    """How the user reaches indexes from now on, by name, whole."""
    local_projects: ByProject[LocalProject] = {}
    """Local projects that change, whole."""
    local_files: dict[LocalFilePath, LocalFile] = {}
    """Wheels and sdists that change, whole."""
    files: dict[InnerPath, OwnText] = {}
    """Files of the workspace, word for word."""
    replace_text: dict[InnerPath, Replacement] = {}
    """Texts in files of the workspace, also in those that an installer wrote, that change."""
    touch: Many[InnerPath] = ()
    """Files of the workspace that are modified just now, and stay as they are."""
    remove: Many[InnerPath] = ()
    """Files of the workspace that disappear."""
    project_files: dict[Label, OwnText] = {}
    """Project files, word for word, by installer."""


def _named_today(how: Any) -> Any:
    return "zero" if how == "overwrite" else how  # what zeros were called first


class Damage(StepBase):
    """Break entries of the installer's cache."""

    do: Literal["damage"]
    what: CachedKind | None = None
    """What is broken, wherever the installer keeps it; `unpacked` are the files of a wheel."""
    project: ProjectName | None = None
    """The project whose entries are broken; those of all unless given."""
    entries: InnerPath | None = None
    """A glob below the cache's folder, instead of `what`: ``**/*.whl``."""
    how: Annotated[
        Literal["truncate", "zero", "garbage", "remove"],
        BeforeValidator(_named_today),
    ]
    """What is done to each file: it is cut in half, has zeros or other bytes, or is taken away.

    Venvs stay whole, and files by which a Python or an installer finds folders, such as ``*.pth``
    and ``RECORD``; a file is not cut within the path of the workspace.
    """

    @property
    def target(self) -> str:
        """What is broken, in words: ``the wheel of foo``, or the glob."""
        if self.what is None:
            return self.entries or ""
        name = "unpacked files" if self.what == "unpacked" else self.what
        return f"the {name} of {self.project or 'each project'}"


class IndexStep(StepBase):
    """Something that happens to an index between two of an installer's steps."""

    index: Line
    """The index."""


class Publish(IndexStep):
    """A release appears, or files are added to one."""

    do: Literal["publish"]
    project: ProjectName
    """The project."""
    version: VersionText
    """The release's version."""
    contents: Release = Release()
    """What is published."""


class Replace(IndexStep):
    """A release's files are replaced: the same names, other bytes."""

    do: Literal["replace"]
    project: ProjectName
    """The project."""
    version: VersionText
    """The release's version."""
    contents: Release = Release(build="replaced")
    """What differs from before; the build is ``replaced`` unless another is given.

    Where it lists files, those alone are replaced.
    """


class Yank(IndexStep):
    """A release is yanked (PEP 592)."""

    do: Literal["yank"]
    project: ProjectName
    """The project."""
    version: VersionText
    """The release's version."""
    file: Line | None = None
    """The name of one file of the release; all of them unless given."""
    reason: Line = ""
    """Why."""


class Delete(IndexStep):
    """A release, or a whole project, disappears."""

    do: Literal["delete"]
    project: ProjectName
    """The project."""
    version: VersionText | None = None
    """The release's version; the whole project where it is left out."""
    file: Line | None = None
    """The name of one file of the release; all of them unless given."""


class SetHeaders(IndexStep):
    """The index sends other header fields from now on."""

    do: Literal["set-headers"]
    headers: ChosenHeaders
    """The server whose fields are sent from now on, all afresh, or what differs from now on."""
    project: ProjectName | None = None
    """The project whose files they concern; all unless given."""
    version: VersionText | None = None
    """The release whose files they concern."""


class SetUsers(IndexStep):
    """Users and passwords change."""

    do: Literal["set-users"]
    users: dict[UserName, Line]
    """Users and their passwords; none means that everybody may read."""


class GoDown(IndexStep):
    """The index's host cannot be reached any more."""

    do: Literal["go-down"]


class ComeBack(IndexStep):
    """The index's host can be reached again."""

    do: Literal["come-back"]


class Fail(IndexStep):
    """The next requests fail."""

    do: Literal["fail"]
    how: Literal[
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
    """In what way.

    ``close`` ends the connection in order, and without an answer. ``wrong-hash`` sends other bytes
    of the same length, ``wrong-length`` a byte too many, ``not-modified`` a 304 without validators
    whether it was asked for or not, ``ignore-range`` the whole to whoever asks for a part.
    ``first-range`` sends the first bytes in place of the part, ``long-range`` all from its start
    on, ``wrong-range`` the part with a Content-Range of another one. ``stale`` answers as before
    the last change of the index, as the edge of a CDN may.
    """
    status: Annotated[int, Field(ge=300, le=599)] = 503
    """The status, for ``status``."""
    times: Annotated[int, Field(ge=1)] | Literal["all"] = 1
    """How many requests fail; only those count that the fault can befall."""
    kind: Literal["page", "metadata", "wheel", "sdist", "json", "any"] = "any"
    """Which requests fail."""
    project: ProjectName | None = None
    """The project whose requests fail; any unless given."""
    version: VersionText | None = None
    """The release whose files' requests fail; any unless given."""
    file: Line | None = None
    """The file whose requests fail, and those for its metadata; any unless given."""
    method: Literal["GET", "HEAD"] | None = None
    """The method of the requests that fail; any unless given."""
    after: Size = "10 B"
    """After how many bytes the body is cut, for ``cut``; or waits, for ``slow``, which otherwise
    waits before it answers."""
    seconds: Annotated[float, Field(ge=0, le=10)] = 0.2
    """How long to wait, for ``slow``."""


class Mend(IndexStep):
    """No request fails any more: what ``fail`` began is over."""

    do: Literal["mend"]


class EdgeStep(StepBase):
    """Something that happens to the edge of an index."""

    index: Line
    """The index."""
    kind: Literal["page", "metadata", "wheel", "sdist", "any"] = "any"
    """Which answers; `any` are all of them."""


class Purge(EdgeStep):
    """The edge forgets what it stored."""

    do: Literal["purge"]
    project: ProjectName | None = None
    """The project whose answers it forgets, and the pages that list it; all unless given."""
    format: Literal["html", "json"] | None = None
    """The format of the pages that it forgets, and of pages alone; all unless given."""
    gzip: bool | None = None
    """Whether it forgets what is compressed, or what is not; both unless given."""


class Warm(EdgeStep):
    """Somebody else asks for a project's page and files, so that the edge stores the answers."""

    do: Literal["warm"]
    project: ProjectName
    """The project."""
    format: Literal["html", "json"] = "json"
    """The format in which the page is asked for."""
    gzip: bool = True
    """Whether compressed answers are accepted."""
    at: Moment | None = None
    """When that was: a date with its time, or such as "5 minutes ago". Unless given it is now."""
