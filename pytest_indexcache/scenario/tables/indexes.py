"""The server side of a scenario: indexes, with their pages, releases, files and header fields."""

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
    UpstreamUrl,
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
"""For each index host whose files are on another host, the URL of the folder with these files."""


class MetadataApart(Table):
    """Core metadata that is served separately and differs from the metadata inside the file."""

    hash: Literal["sha256", "none", "wrong"] | None = None
    """The hash of this metadata on the page; by default sha256, or none if the file has no hash."""
    missing: bool = False
    """Whether the page announces metadata that the index does not serve."""
    is_junk: bool = Field(default=False, alias="junk")
    """Whether the index sends other bytes instead of metadata."""
    name: ProjectName | None = None
    """The project name in this metadata; by default, the one in the file's own metadata."""
    version: VersionText | None = None
    """The version in this metadata; by default, the one in the file's own metadata."""
    requires: Many[RequirementText] = ()
    """The requirements in this metadata; by default, those in the file's own metadata."""
    requires_python: SpecifierText | Literal[False] | None = None
    """The Requires-Python in this metadata, or ``false`` to leave it out."""


SAYS: Final = frozenset({"name", "version", "requires", "requires_python"})
"""The fields in which separately served metadata can differ from the metadata inside the file."""


class PageEntry(Table):
    """How a file's entry on a simple page differs from the file itself."""

    requires_python: SpecifierText | Literal[False] | None = None
    """The Requires-Python on the page, or ``false`` to leave it out."""
    size: Size | Literal[False] | None = None
    """The size on JSON pages, or ``false`` to leave it out."""


class Built(Table):
    """How a wheel that is built from an sdist differs from the sdist."""

    name: ProjectName | None = None
    """The project name of the wheel."""
    version: VersionText | None = None
    """The version of the wheel."""
    tag: WheelTag | None = None
    """The wheel's compatibility tag; by default ``py3-none-any``."""
    own_python: bool = False
    """Whether the wheel only supports the Python that builds it, through its tag.

    With Python 3.12, for example, the tag is ``cp312-none-any``.
    """
    requires: Many[RequirementText] = ()
    """The requirements for building: ``requires`` in ``[build-system]`` (PEP 518)."""


class FileOptions(Table):
    """Options for one file, or for all files of a release."""

    tag: WheelTag = "py3-none-any"
    """The wheel's compatibility tag; the contents are pure Python whatever the tag is."""
    size: Size | None = None
    """The nominal size, such as "175.4 MiB" for the real file; the generated file is small."""
    padding: Padding | None = None
    """The size of the padding that is really added; it is generated while the file is sent."""
    headers: Annotated[ChosenHeaders, AfterValidator(_of_file)] = HeaderChoice()
    """Header fields for this file only."""
    hashes: Hashes | None = None
    """The hashes of the file on the simple page, one or several; by default those of the index.

    An HTML page can only contain the first hash.
    """
    url: HrefUrl | None = None
    """The URL of the file; if it ends with a slash, the URL of the file's folder.

    A query is treated as a signature: requests with a different query are answered with a 403. In
    HTML, a fragment replaces the hash.
    """
    metadata: bool | MetadataApart | None = None
    """Whether the core metadata is served separately (PEP 714); by default as set for the index.

    A table contains the fields in which this metadata differs from the file's own metadata.
    """
    listed: PageEntry = PageEntry()
    """How the file's entry on the simple page differs from the file itself."""
    damage: Literal["bad-crc", "short-record", "not-a-zip"] | None = None
    """How the archive is damaged."""
    upload_time: Moment | None = None
    """The time of upload: a date with a time, or an age such as "3 days ago".

    The default is 1 January 2024; for a file that a step publishes or replaces, it is the time of
    the step.
    """
    yanked: bool | Line = False
    """Whether the file is yanked (PEP 592); a string is the reason why it was yanked."""
    build: Line | None = None
    """The value of ``__build__`` in the module, which distinguishes builds of the same release."""


class File(FileOptions):
    """One file of a release with several files."""

    kind: Literal["wheel", "sdist"] = "wheel"
    """Whether the file is a wheel or an sdist."""
    build_tag: BuildTag | None = None
    """The build tag in the wheel's filename, such as ``1``."""
    filename: FileName | None = None
    """The filename; by default, it is generated from the project, the version and the tags.

    A different filename does not change the tag in the wheel's metadata.
    """
    builds: Built = Built()
    """How the wheel that is built from this sdist differs from the sdist."""


class Release(FileOptions):
    """A release of a project on an index; by default, it has a single pure Python wheel."""

    requires: Many[RequirementText] = ()
    """The requirements of the release (Requires-Dist)."""
    extras: ByExtra[Many[RequirementText]] = {}
    """The requirements of each extra."""
    requires_python: SpecifierText | None = None
    """The Python versions that the release supports (Requires-Python)."""
    attributes: dict[AttributePath, Scalar] = {}
    """Values in the importable module, such as ``"version.cuda" = "12.8"``.

    If a name ends with ``()``, it is a function that returns the value.
    """
    files: Many[File] = ()
    """The files, unless there is only one pure Python wheel; they inherit the release's options."""

    @property
    def urls(self) -> Iterator[str]:
        """All URLs that the scenario sets explicitly for files of the release."""
        yield from (part.url for part in (self, *self.files) if part.url)


class Page(Table):
    """A simple page with unusual content or unusual header fields."""

    serves: ProjectName | None = None
    """The project whose page is served under this name."""
    redirect: Redirect | None = None
    """The target that the page redirects to: an absolute URL, or a path on the same host."""
    title: Line | None = None
    """The spelling of the project's name on the page and in metadata, such as ``Jinja2``."""
    headers: ChosenHeaders = HeaderChoice()
    """Header fields for this page and for the project's files."""


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
    """A shared cache between installers and an index: a CDN edge or a proxy (RFC 9111).

    It stores responses if Cache-Control permits this, and revalidates stale ones with the index. It
    answers range requests from complete responses that it has stored.
    """

    key: Many[Literal["accept", "accept-encoding", "authorization", "query"]] = ("query",)
    """The parts of a request that select a stored response, in addition to the fields in Vary.

    By default, this is only the query. Two values of Accept are considered equal if they request
    the same format.
    """
    lifetime: Lifetimes = {}
    """How long the CDN edge reuses a stored response, in seconds, whatever Cache-Control says.

    A number applies to all kinds of responses. By default, the lifetime is taken from s-maxage,
    max-age or Expires in the response.
    """
    reload: bool = False
    """Whether `no-cache` or `max-age` in a request prevents reuse; CDNs usually ignore them."""
    strips: Many[HeaderName] = ()
    """Header fields that the CDN edge removes from responses: `["etag", "age"]`."""
    mistakes: Many[Literal["ignores-vary", "keeps-gzip", "mixes-304"]] = ()
    """Bugs that the CDN edge has.

    `ignores-vary` sends the variant that was stored first to all clients. `keeps-gzip` never
    revalidates compressed responses, and a purge does not delete them. `mixes-304` answers a
    conditional request that matches any variant of a page with a 304 for the variant stored last.
    """


def _names_server(headers: Any) -> bool:
    """Return whether the value of ``headers`` contains the name of a server."""
    if isinstance(headers, dict):
        return headers.get("profile") is not None
    return not isinstance(headers, HeaderChoice) or headers.profile is not None


def _overlaid(
    below: Mapping[str, Any],
    above: Mapping[str, Any],
    inner: Iterable[str] = ("answers", "headers"),
) -> dict[str, Any]:
    """Merge two tables; keys in ``above`` take precedence, also inside the ``inner`` tables."""
    given = {key_of(key).lower(): key for key in above}
    merged = {key: value for key, value in below.items() if key not in given} | dict(above)
    for key in inner:
        lower, upper = below.get(key), above.get(given.get(key, key))
        if isinstance(lower, dict) and isinstance(upper, dict):
            merged[given[key]] = _overlaid(lower, upper, lower)
    return merged


class Index(Table):
    """An index, which is the server side of a scenario."""

    url: IndexUrl
    """The real URL of the folder with the pages, such as ``https://pypi.org/simple``."""
    upstream: UpstreamUrl | None = None
    """The URL of a server running on this machine (loopback) that answers requests to the index.

    Requests are forwarded to it and recorded. `packages` then lists the releases that the server is
    assumed to have.
    """
    server: ServerName | None = None
    """The server that the index imitates in its header fields, formats, range responses and so on.

    Every other key of the index overrides one property. The default is the server that is known to
    run on the host, or ``none``. If only ``headers`` gives the name of a server, only its header
    fields are used.
    """
    headers: ChosenHeaders = HeaderChoice()
    """Header fields that differ from the imitated server's, or the name of another server."""
    answers: Answers = Answers()
    """How the responses of the index differ from those of the imitated server."""
    packages: ByProject[ByVersion[Release]] = {}
    """The releases, keyed by project and version."""
    pages: ByProject[Page] = {}
    """Pages with unusual content or unusual header fields."""
    default: bool = False
    """Whether this is the default index.

    If no index is marked as the default, it is an index at pypi.org, or else the only index that is
    not explicit.
    """
    files_url: IndexUrl | None = None
    """The URL of the folder with the files; by default, it is the same as for pages."""
    hrefs: Literal["absolute", "relative", "rooted"] | None = None
    """The form of file URLs on pages; by default relative, or absolute if the host is different."""
    formats: Many[Literal["html", "json"]] = ("html", "json")
    """The formats in which the index can serve simple pages (PEP 503, PEP 691)."""
    metadata: bool = True
    """Whether core metadata is served separately (PEP 658, PEP 714)."""
    hashes: Hashes = ("sha256",)
    """The hashes that pages contain for each file, one or several; by default ``sha256``."""
    flat: bool = False
    """Whether the index is a single page that lists the files of all projects (find-links)."""
    unknown_status: UnknownStatus | None = None
    """The response for an unknown project; by default that of the imitated server, or a 404.

    `empty-page` is a page without files, and `login-page` is an HTML page with a login form. Both
    have status 200. A missing file is always answered with a 404.
    """
    unknown_redirect: IndexUrl | None = None
    """The index to which requests for unknown projects are redirected, as GitLab does."""
    anonymous_redirect: IndexUrl | None = None
    """The index to which requests without credentials are redirected, instead of sending a 401."""
    ranges: bool = True
    """Whether range requests are supported (RFC 9110 §14)."""
    head: bool | HeadStatus = True
    """Whether HEAD is supported; if not, the status code that is sent (`false` means 405)."""
    gzip: bool = True
    """Whether pages are compressed if the client accepts gzip."""
    signed_urls: IndexUrl | None = None
    """A URL to which requests for files are redirected; each redirect contains a new signature."""
    users: dict[UserName, Line] = {}
    """User names and passwords; requests without valid credentials are answered with a 401."""
    edge: Edge | None = None
    """A shared cache between installers and the index; `{}` stands for a cache without bugs."""

    @model_validator(mode="before")
    @classmethod
    def _with_server(cls, data: Any) -> Any:
        """Add the keys of the imitated server as defaults to the data of an index."""
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
        """The URL of the folder with the files, or None if it is the same as for pages."""
        return self.files_url or FILE_FOLDERS.get(urlsplit(self.url).hostname or "")

    @property
    def urls(self) -> Iterator[str]:
        """The URLs from which the index serves pages and files."""
        yield from (url for url in (self.url, self.folder_of_files, self.signed_urls) if url)
        if (self.answers.files_path or "").startswith("https://"):
            yield f"https://{urlsplit(self.answers.files_path or '').netloc}/"
        for releases in self.packages.values():
            for release in releases.values():
                yield from release.urls
