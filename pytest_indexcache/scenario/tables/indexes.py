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
"""The URL of the folder of files for each index host that does not serve files beside its pages."""


class MetadataApart(Table):
    """Core metadata that is served separately and differs from the metadata in the file."""

    hash: Literal["sha256", "none", "wrong"] | None = None
    """The hash of this metadata on the page; by default sha256, if the file has a hash there."""
    missing: bool = False
    """Whether the page announces metadata that the index does not have."""
    is_junk: bool = Field(default=False, alias="junk")
    """Whether the index sends other bytes instead of metadata."""
    name: ProjectName | None = None
    """The name in this metadata; by default the name in the file's metadata."""
    version: VersionText | None = None
    """The version in this metadata; by default the version in the file's metadata."""
    requires: Many[RequirementText] = ()
    """The requirements in this metadata; by default the requirements in the file's metadata."""
    requires_python: SpecifierText | Literal[False] | None = None
    """The Requires-Python in this metadata, or ``false`` for no Requires-Python."""


SAYS: Final = frozenset({"name", "version", "requires", "requires_python"})
"""Fields in which separately served metadata may differ from the metadata in the file."""


class PageEntry(Table):
    """The properties of a file's entry on a simple page that differ from the file."""

    requires_python: SpecifierText | Literal[False] | None = None
    """The Requires-Python on the page, or ``false`` for no Requires-Python."""
    size: Size | Literal[False] | None = None
    """The size on JSON pages, or ``false`` for no size."""


class Built(Table):
    """The properties of a wheel built from an sdist that differ from the sdist."""

    name: ProjectName | None = None
    """The wheel's name."""
    version: VersionText | None = None
    """The wheel's version."""
    tag: WheelTag | None = None
    """The wheel's compatibility tag; by default ``py3-none-any``."""
    own_python: bool = False
    """Whether the wheel supports only the Python that builds it: ``cp312-none-any``."""
    requires: Many[RequirementText] = ()
    """The requirements of the build itself: ``requires`` of ``[build-system]`` (PEP 518)."""


class FileOptions(Table):
    """Options of a file, or of every file of a release."""

    tag: WheelTag = "py3-none-any"
    """The wheel's compatibility tag; it is only a name, as the contents are pure Python."""
    size: Size | None = None
    """The nominal size, such as that of the real file: "175.4 MiB"; the sent file is small."""
    padding: Padding | None = None
    """Bytes that are actually added to the file; they are generated while it is sent."""
    headers: Annotated[ChosenHeaders, AfterValidator(_of_file)] = HeaderChoice()
    """Header fields of this file only."""
    hashes: Hashes | None = None
    """One or several hashes of the file on the simple page; by default as set for the index.

    HTML has room for the first hash only.
    """
    url: HrefUrl | None = None
    """The URL of the file; with a trailing slash, the URL of its folder.

    A query is treated as a signature: a request with a different query gets a 403. A fragment
    replaces the hash in HTML.
    """
    metadata: bool | MetadataApart | None = None
    """Whether the core metadata is served separately (PEP 714); by default as set for the index.

    A table lists the fields in which this metadata differs from the file.
    """
    listed: PageEntry = PageEntry()
    """The properties of the file's entry on the simple page that differ from the file."""
    damage: Literal["bad-crc", "short-record", "not-a-zip"] | None = None
    """The defect of the archive."""
    upload_time: Moment | None = None
    """The time of the upload: a date with its time, or an age such as "3 days ago".

    The default is 1 January 2024. For files that a step publishes or replaces, it is the time of
    the step.
    """
    yanked: bool | Line = False
    """Whether the file is yanked (PEP 592), or the reason why."""
    build: Line | None = None
    """The value of ``__build__`` in the module, which distinguishes builds of a release."""


class File(FileOptions):
    """One file of a release that has several."""

    kind: Literal["wheel", "sdist"] = "wheel"
    """Whether the file is a wheel or an sdist."""
    build_tag: BuildTag | None = None
    """The wheel's build tag, such as ``1``."""
    filename: FileName | None = None
    """The filename; by default, it is made from the project, the version and the tags.

    Another filename does not change the tag in the metadata of a wheel.
    """
    builds: Built = Built()
    """The properties of the wheel that is built from this sdist."""


class Release(FileOptions):
    """A release of a project on an index: by default one pure wheel."""

    requires: Many[RequirementText] = ()
    """The requirements of the release (Requires-Dist)."""
    extras: ByExtra[Many[RequirementText]] = {}
    """The requirements of each extra."""
    requires_python: SpecifierText | None = None
    """The versions of Python that the release supports (Requires-Python)."""
    attributes: dict[AttributePath, Scalar] = {}
    """Values in the importable module, such as ``"version.cuda" = "12.8"``.

    A name that ends with ``()`` is a function, and the value is its result.
    """
    files: Many[File] = ()
    """The files, if the release is not one pure wheel; each inherits the release's options."""

    @property
    def urls(self) -> Iterator[str]:
        """The URLs that the scenario sets explicitly for files of the release."""
        yield from (part.url for part in (self, *self.files) if part.url)


class Page(Table):
    """A simple page with unusual content or header fields."""

    serves: ProjectName | None = None
    """The project whose page is served under this project's name."""
    redirect: Redirect | None = None
    """The target to which the page redirects: an absolute URL, or a path on the same host."""
    title: Line | None = None
    """The spelling of the project's name on the page and in metadata, such as ``Jinja2``."""
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

    It stores responses as Cache-Control permits, and revalidates stale ones at the index. It
    answers ranges from the complete responses that it has stored.
    """

    key: Many[Literal["accept", "accept-encoding", "authorization", "query"]] = ("query",)
    """The parts of a request that select a stored response, in addition to the fields in Vary.

    By default, this is only the query. Two values of Accept count as equal if they ask for the same
    format.
    """
    lifetime: Lifetimes = {}
    """The seconds for which the edge reuses a stored response, regardless of Cache-Control.

    A number applies to all kinds of responses. By default, the lifetime is taken from s-maxage,
    max-age or Expires in the response.
    """
    reload: bool = False
    """Whether `no-cache` or `max-age` in a request can prevent reuse; CDNs ignore them."""
    strips: Many[HeaderName] = ()
    """Header fields that the edge removes from responses: `["etag", "age"]`."""
    mistakes: Many[Literal["ignores-vary", "keeps-gzip", "mixes-304"]] = ()
    """The bugs of the edge.

    `ignores-vary` sends the first stored variant to all clients. `keeps-gzip` never revalidates
    compressed responses and does not delete them in a purge. `mixes-304` answers a conditional
    request that matches any variant of a page with a 304 for the latest stored variant.
    """


def _names_server(headers: Any) -> bool:
    """Return whether a value of ``headers`` names a server."""
    if isinstance(headers, dict):
        return headers.get("profile") is not None
    return not isinstance(headers, HeaderChoice) or headers.profile is not None


def _overlaid(
    below: Mapping[str, Any],
    above: Mapping[str, Any],
    inner: Iterable[str] = ("answers", "headers"),
) -> dict[str, Any]:
    """Merge two tables; keys of ``above`` take precedence, also within the ``inner`` tables."""
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
    """The real URL of the folder of pages: ``https://download.pytorch.org/whl/cpu``."""
    upstream: UpstreamUrl | None = None
    """The URL of a running server on this machine (loopback) that answers for the index.

    Requests are passed on to it and recorded. `packages` then lists the releases that the server is
    assumed to have.
    """
    server: ServerName | None = None
    """The server that the index imitates, in header fields, formats, ranges and so on.

    Each other key of the index overrides one property. The default is the server known to run at
    the host, or ``none``. If only ``headers`` names a server, only its header fields are used.
    """
    headers: ChosenHeaders = HeaderChoice()
    """Header fields that differ from the server's, or the name of another server."""
    answers: Answers = Answers()
    """Differences between the answers of the index and those of its server."""
    packages: ByProject[ByVersion[Release]] = {}
    """The releases, keyed by project and version."""
    pages: ByProject[Page] = {}
    """Pages with unusual content or header fields."""
    default: bool = False
    """Whether this is the default index.

    If no index is marked, the default is an index at pypi.org, or else the only index that is not
    explicit.
    """
    files_url: IndexUrl | None = None
    """The URL of the folder of files; by default, files are in the folder of pages."""
    hrefs: Literal["absolute", "relative", "rooted"] | None = None
    """The form of URLs in pages; by default relative if pages and files are on the same host."""
    formats: Many[Literal["html", "json"]] = ("html", "json")
    """The formats of simple pages that the index can send (PEP 503, PEP 691)."""
    metadata: bool = True
    """Whether core metadata is served separately (PEP 658, PEP 714)."""
    hashes: Hashes = ("sha256",)
    """One or several hashes of each file on pages; by default ``sha256``."""
    flat: bool = False
    """Whether the index is a single page that lists the files of all projects (find-links)."""
    unknown_status: UnknownStatus | None = None
    """The answer for a project that the index does not have; by default that of its server, or 404.

    `empty-page` is a page without files, and `login-page` is an HTML page with a login form. Both
    have status 200; a missing file still gets a 404.
    """
    unknown_redirect: IndexUrl | None = None
    """An index to which unknown projects are redirected, as GitLab does."""
    anonymous_redirect: IndexUrl | None = None
    """An index to which requests without credentials are redirected, instead of a 401."""
    ranges: bool = True
    """Whether range requests are supported (RFC 9110 §14)."""
    head: bool | HeadStatus = True
    """Whether HEAD is supported; if not, the status of the refusal (`false` means 405)."""
    gzip: bool = True
    """Whether pages are compressed for clients that accept gzip."""
    signed_urls: IndexUrl | None = None
    """A URL to which requests for files are redirected, with a different signature each time."""
    users: dict[UserName, Line] = {}
    """Users and their passwords; a request without valid credentials gets a 401."""
    edge: Edge | None = None
    """A shared cache between installers and the index; `{}` is a cache without bugs."""

    @model_validator(mode="before")
    @classmethod
    def _with_server(cls, data: Any) -> Any:
        """Return the data of an index, with the keys of its server as defaults."""
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
        """The URL of the folder of files; None if files are in the folder of pages."""
        return self.files_url or FILE_FOLDERS.get(urlsplit(self.url).hostname or "")

    @property
    def urls(self) -> Iterator[str]:
        """The URLs at which the index serves pages and files."""
        yield from (url for url in (self.url, self.folder_of_files, self.signed_urls) if url)
        if (self.answers.files_path or "").startswith("https://"):
            yield f"https://{urlsplit(self.answers.files_path or '').netloc}/"
        for releases in self.packages.values():
            for release in releases.values():
                yield from release.urls
