"""The server's side of a scenario: indexes, pages, releases, files and their header fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from pytest_indexcache.scenario.tables.fields import (
    AttributePath,
    BuildTag,
    ByExtra,
    ByProject,
    ByVersion,
    ChosenHeaders,
    FileName,
    HeaderChoice,
    HeaderName,
    HrefUrl,
    IndexUrl,
    Line,
    Many,
    Moment,
    Padding,
    ProjectName,
    Redirect,
    RequirementText,
    Scalar,
    ServerName,
    Size,
    SpecifierText,
    Table,
    UserName,
    VersionText,
    WheelTag,
    key_of,
    wrong_kind,
)
from pytest_indexcache.servers import load_profile, profile_names, server_at
from pytest_indexcache.servers.answers import Answers, HeadStatus, UnknownStatus

HashChoice = Literal["sha256", "sha512", "md5", "none", "wrong"]


def _hashes(value: Any) -> Any:
    choices = (value,) if isinstance(value, str) else value
    if not isinstance(choices, list | tuple):
        raise wrong_kind("the name of a hash or an array of names")
    if not choices or (len(choices) > 1 and {"none", "wrong"} & set(map(str, choices))):
        raise ValueError("give at least one hash; 'none' and 'wrong' stand alone")
    return choices


Hashes = Annotated[
    Many[HashChoice],
    BeforeValidator(_hashes, json_schema_input_type=HashChoice | list[HashChoice]),
]


def _of_file(choice: HeaderChoice) -> HeaderChoice:
    if choice.pages:
        raise ValueError("a file has no page: give these fields to the index or to pages.PROJECT")
    return choice


FILE_FOLDERS: Final = {
    "pypi.org": "https://files.pythonhosted.org/packages",
    "test.pypi.org": "https://test-files.pythonhosted.org/packages",
}
"""Where the files of an index at this host lie, if not beside its pages."""


class MetadataApart(Table):
    """Core metadata that is served apart, and is not as it is in the file."""

    hash: Literal["sha256", "none", "wrong"] | None = None
    """The hash that the page names for it; sha256 unless the page names no hash for the file."""
    missing: bool = False
    """Whether the page announces it, and it is not there."""
    is_junk: bool = Field(default=False, alias="junk")
    """Whether it is no metadata at all."""
    name: ProjectName | None = None
    """Another name."""
    version: VersionText | None = None
    """Another version."""
    requires: Many[RequirementText] = ()
    """Another Requires-Dist."""
    requires_python: SpecifierText | Literal[False] | None = None
    """Another Requires-Python; ``false`` for none."""


SAYS: Final = frozenset({"name", "version", "requires", "requires_python"})
"""What metadata that is served apart may say otherwise than the file."""


class PageEntry(Table):
    """What a simple page says of a file, where that is not what the file is."""

    requires_python: SpecifierText | Literal[False] | None = None
    """Requires-Python; ``false`` for none."""
    size: Size | Literal[False] | None = None
    """The size in pages of JSON; ``false`` for none."""


class Built(Table):
    """The wheel that the backend of an sdist makes, where it is not as the sdist says."""

    name: ProjectName | None = None
    """Its name."""
    version: VersionText | None = None
    """Its version."""
    tag: WheelTag | None = None
    """Its compatibility tag; ``py3-none-any`` unless given."""
    own_python: bool = False
    """Whether its tag is of the Python alone that builds it, such as ``cp312-none-any``."""


class FileOptions(Table):
    """What can be said of a file, or of every file of a release."""

    tag: WheelTag = "py3-none-any"
    """The wheel's compatibility tag; it is a name only, the contents are pure Python."""
    size: Size | None = None
    """Nominal size, what the file would have weighed in the real world: "175.4 MiB"."""
    padding: Padding | None = None
    """Bytes that are really added to the file, made while they are sent."""
    headers: Annotated[ChosenHeaders, AfterValidator(_of_file)] = HeaderChoice()
    """Header fields of this file alone."""
    hashes: Hashes | None = None
    """The hash that the simple page names, or several, where they differ from the index's.

    HTML has room for the first alone.
    """
    url: HrefUrl | None = None
    """Where the file really lies; with a trailing slash it is the folder.

    A query is a signature: with another one the file is refused with 403. A fragment stands in
    HTML in the place of the hash.
    """
    metadata: bool | MetadataApart | None = None
    """Whether the core metadata is served apart (PEP 714), if other than the index does.

    Or what is other in it than in the file.
    """
    listed: PageEntry = PageEntry()
    """What the simple page says of the file, where that is not what the file is."""
    damage: Literal["bad-crc", "short-record", "not-a-zip"] | None = None
    """How the archive is broken."""
    upload_time: Moment | None = None
    """When it was uploaded: a date with its time, or such as "3 days ago".

    Unless given it is 1 January 2024; what a step publishes or replaces was uploaded just then.
    """
    yanked: bool | Line = False
    """Whether it is yanked (PEP 592), or the reason why."""
    build: Line | None = None
    """The marker inside the distribution that tells one build of a release from another."""


class File(FileOptions):
    """One file of a release that has several."""

    kind: Literal["wheel", "sdist"] = "wheel"
    """Whether it is a wheel or an sdist."""
    build_tag: BuildTag | None = None
    """The wheel's build tag, such as ``1``."""
    filename: FileName | None = None
    """The file's name, where it is not the usual one; inside a wheel stands its ``tag``."""
    builds: Built = Built()
    """The wheel that an sdist becomes."""


class Release(FileOptions):
    """A release of a project on an index: one pure wheel unless ``files`` says otherwise."""

    requires: Many[RequirementText] = ()
    """Requires-Dist."""
    extras: ByExtra[Many[RequirementText]] = {}
    """What each extra requires."""
    requires_python: SpecifierText | None = None
    """Requires-Python."""
    attributes: dict[AttributePath, Scalar] = {}
    """Values that the importable module has, such as ``"version.cuda" = "12.8"``.

    With ``()`` at the end of its name it is what a function returns.
    """
    files: Many[File] = ()
    """The files, where it is not one pure wheel; each inherits what the release says."""

    @property
    def urls(self) -> Iterator[str]:
        """The URLs of files that it names itself."""
        yield from (part.url for part in (self, *self.files) if part.url)


class Page(Table):
    """A simple page that is out of the ordinary."""

    serves: ProjectName | None = None
    """Another project, whose page is served under this name."""
    redirect: Redirect | None = None
    """Where the page redirects to: an absolute URL, or a path on the index's host."""
    title: Line | None = None
    """The name as the page and the metadata spell it, such as ``Jinja2``."""
    headers: ChosenHeaders = HeaderChoice()
    """Header fields of this page, and of the project's files."""


Seconds = Annotated[int, Field(ge=0, le=2**31 - 1)]
_GROUPS: Final = ("pages", "metadata", "files")


def _for_all(value: Any) -> Any:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return dict.fromkeys(_GROUPS, value) if is_number else value


Lifetimes = Annotated[
    dict[Literal["pages", "metadata", "files"], Seconds],
    BeforeValidator(
        _for_all,
        json_schema_input_type=Seconds | dict[Literal["pages", "metadata", "files"], Seconds],
    ),
]


class Edge(Table):
    """A shared cache between installers and an index: the edge of a CDN, or a proxy (RFC 9111).

    It stores what Cache-Control permits, and asks the index again with the validators of what is
    stale. Of what it has whole it answers ranges, too.
    """

    key: Many[Literal["accept", "accept-encoding", "authorization", "query"]] = ("query",)
    """What it tells requests for one path apart by, beside the fields that Vary names.

    The query alone unless given. Values of Accept are the same if they ask for the same format.
    """
    lifetime: Lifetimes = {}
    """For how many seconds it reuses what it stores, whatever Cache-Control says.

    A number is for all. What is left out it takes from s-maxage, max-age or Expires of the answer.
    """
    reload: bool = False
    """Whether it asks the index if a request says `no-cache` or `max-age`; CDNs do not."""
    strips: Many[HeaderName] = ()
    """Header fields of answers that do not get through it: `["etag", "age"]`."""
    mistakes: Many[Literal["ignores-vary", "keeps-gzip", "mixes-304"]] = ()
    """What it does wrong.

    `ignores-vary` sends the form that came first to everybody. `keeps-gzip` never asks again for
    what it has compressed, nor forgets it in a purge. `mixes-304` answers a condition that holds
    for any form of a page with the 304 of the form that it stored last.
    """


def _names_server(headers: Any) -> bool:
    """Whether header fields are those of a server that they name."""
    if isinstance(headers, dict):
        return headers.get("profile") is not None
    return not isinstance(headers, HeaderChoice) or headers.profile is not None


def _overlaid(
    below: Mapping[str, Any],
    above: Mapping[str, Any],
    inner: Iterable[str] = ("answers", "headers"),
) -> dict[str, Any]:
    """Lay the keys of a table over others, and so inside the tables of these names."""
    given = {key_of(key).lower(): key for key in above}
    merged = {key: value for key, value in below.items() if key not in given} | dict(above)
    for key in inner:
        lower, upper = below.get(key), above.get(given.get(key, key))
        if isinstance(lower, dict) and isinstance(upper, dict):
            merged[given[key]] = _overlaid(lower, upper, lower)
    return merged


class Index(Table):
    """An index: the server's side of a scenario."""

    url: IndexUrl
    """The real URL, under which the pages stand: ``https://download.pytorch.org/whl/cpu``."""
    server: ServerName | None = None
    """The server that it is like: header fields, formats, ranges, conditions and all else.

    Each key beside it overrides one thing. Unless given, it is the server that is known to be at
    the host, or ``none``; if ``headers`` name a server, its header fields and nothing else.
    """
    headers: ChosenHeaders = HeaderChoice()
    """Header fields that differ from the server's, or the name of the server that sends them."""
    answers: Answers = Answers()
    """How requests are answered, where it differs from the server's."""
    packages: ByProject[ByVersion[Release]] = {}
    """Project, version, release."""
    pages: ByProject[Page] = {}
    """Pages that are out of the ordinary."""
    default: bool = False
    """Whether it is the default index; an index at pypi.org is, unless another one says so."""
    files_url: IndexUrl | None = None
    """The folder in which the files lie, where it is not beside the pages."""
    hrefs: Literal["absolute", "relative", "rooted"] | None = None
    """How pages refer to files; relative where host and files allow it."""
    formats: Many[Literal["html", "json"]] = ("html", "json")
    """The formats of simple pages that the index can send (PEP 503, PEP 691)."""
    metadata: bool = True
    """Whether core metadata is served apart (PEP 658, PEP 714)."""
    hashes: Hashes = ("sha256",)
    """The hash that pages name for each file, or several; ``sha256`` unless given."""
    flat: bool = False
    """Whether it is one page with the files of all projects (find-links)."""
    unknown_status: UnknownStatus | None = None
    """The answer for a project that the index has not; the server's or 404.

    `empty-page` is a page without files, `login-page` a page of HTML at which a person logs in.
    Both have status 200; where a file is missing they are a 404.
    """
    unknown_redirect: IndexUrl | None = None
    """An index to which unknown projects are redirected, as GitLab does."""
    anonymous_redirect: IndexUrl | None = None
    """An index to which requests without a user are redirected, in place of a 401."""
    ranges: bool = True
    """Whether ranges are answered (RFC 9110 §14)."""
    head: bool | HeadStatus = True
    """Whether HEAD is answered, or the status with which it is refused; `false` is 405."""
    gzip: bool = True
    """Whether pages are compressed for those who accept it."""
    signed_urls: IndexUrl | None = None
    """A place to which files are redirected, under a signature that changes each time."""
    users: dict[UserName, Line] = {}
    """Users and their passwords; without one of them the index answers with 401."""
    edge: Edge | None = None
    """A shared cache between installers and the index; `{}` makes no mistake."""

    @model_validator(mode="before")
    @classmethod
    def _with_server(cls, data: Any) -> Any:
        """Add the keys that its server gives it to those that the file gives."""
        if not isinstance(data, dict):
            return data
        headers = data.get("headers", {})
        server = data.get("server")
        if server is None and not _names_server(headers) and isinstance(data.get("url"), str):
            server = server_at(data["url"])
        if server not in profile_names():
            return data
        if isinstance(headers, dict) and not _names_server(headers):
            headers = {**headers, "profile": server}
        return _overlaid(load_profile(server).index, {**data, "headers": headers})

    @property
    def folder_of_files(self) -> str | None:
        """The URL of the folder in which the files lie, where it is not beside the pages."""
        return self.files_url or FILE_FOLDERS.get(urlsplit(self.url).hostname or "")

    @property
    def urls(self) -> Iterator[str]:
        """The URLs at which it has pages and files."""
        yield from (url for url in (self.url, self.folder_of_files, self.signed_urls) if url)
        if (self.answers.files_path or "").startswith("https://"):
            yield f"https://{urlsplit(self.answers.files_path or '').netloc}/"
        for releases in self.packages.values():
            for release in releases.values():
                yield from release.urls
