"""Properties in which the responses of known servers differ."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, Strict

Validator = Literal["etag", "date"]
Validators = Annotated[tuple[Validator, ...], Strict(False)]
PageData = Annotated[
    tuple[Literal["requires-python", "yanked", "size", "upload-time", "versions"], ...],
    Strict(False),
]
UnknownStatus = Literal[401, 403, 404, 410, "empty-page", "login-page"]
"""The response for a project that the index does not have: an error, or a page with status 200."""
HeadStatus = Literal[400, 401, 403, 404, 405, 500, 501, 503]
"""A status code with which an index refuses HEAD, although it supports GET."""
_PLACEHOLDER = r"\{(filename|project|version|folder|digest(:[0-9]{1,2}-[0-9]{1,2})?)\}"
_FILES_PATH = rf"^(https://[a-z0-9.-]+(/|\{{folder\}})|(\.\./){{0,9}})([A-Za-z0-9+._/-]|{_PLACEHOLDER}){{1,300}}$"
FilesPath = Annotated[str, Field(pattern=_FILES_PATH)]


class Answers(BaseModel):
    """Properties in which the responses of servers differ.

    The defaults are those of the imitated server, or else those of PyPI.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=lambda name: name.replace("_", "-"),
        populate_by_name=True,
        use_attribute_docstrings=True,
    )

    api_version: Literal["1.0", "1.1"] = "1.1"
    """The version of the simple API that JSON pages state."""
    html_version: Literal["1.0", "1.1", "none"] = "1.1"
    """The version of the simple API that HTML pages state (PEP 629)."""
    html_type: bool = True
    """Whether ``application/vnd.pypi.simple.v1+html`` is sent to clients that request this type."""
    latest: bool = True
    """Whether the index supports media types for the latest version, such as ``…latest+json``."""
    unacceptable: Literal[200, 406] = 406
    """The status if a client accepts none of the index's formats; with 200, HTML is sent."""
    tells: PageData = (
        "requires-python",
        "yanked",
        "size",
        "upload-time",
        "versions",
    )
    """The data that pages contain in addition to names, URLs and hashes.

    `size`, `upload-time` and `versions` are only in JSON pages.
    """
    metadata_names: Literal["both", "both-in-html", "core-metadata"] = "both"
    """Whether core metadata is also announced under its former name (PEP 714)."""
    metadata_hashes: bool = True
    """Whether pages contain the hash of the core metadata."""
    vary: bool = True
    """Whether pages have a Vary field with the request fields that select the format and coding."""
    chunked: bool = False
    """Whether pages are sent in chunks, without a Content-Length."""
    slash: Literal[200, 301, 302, 303, 307, 308, 404] = 301
    """The response to a page URL without its trailing slash; with 200, the page itself is sent."""
    slash_for: Literal["all", "browsers"] = "all"
    """The clients for which `slash` is used; all other clients receive the page.

    With ``browsers``, pip, uv and clients that request JSON receive the page.
    """
    unnormalised: Literal[200, 301, 302, 307, 308, 404, 500] = 301
    """The response to a request with a project name that is not normalised (PEP 503)."""
    page_conditions: Validators = ("etag", "date")
    """The conditions that are evaluated in requests for pages; with none, no 304 is sent."""
    file_conditions: Validators = ("etag", "date")
    """The conditions that are evaluated in requests for files and core metadata."""
    exact_dates: bool = False
    """Whether If-Modified-Since must be exactly equal to Last-Modified, as in nginx by default."""
    suffix_ranges: Literal[200, 206, 404, 416, 501] = 206
    """The response to a request for the last bytes, such as ``bytes=-16384``."""
    long_suffix: Literal[206, 416] = 206
    """The response to a request for the last bytes if their number exceeds the size of the file."""
    several_ranges: Literal["whole", "first", 416] = "whole"
    """The response to a request for several ranges: the whole file, the first range, or a 416."""
    wrong_ranges: Literal[200, 400, 416] = 200
    """The response to a request with an invalid range: the whole file (200), or an error status."""
    head_ranges: bool = False
    """Whether ranges in HEAD requests are treated as in GET requests, against RFC 9110 §14.2."""
    if_range: bool = True
    """Whether If-Range is evaluated; if not, the range is sent even after the file has changed."""
    redirect: Literal[301, 302, 303, 307, 308] = 302
    """The status code of redirects for pages, unknown projects and ``signed-urls``."""
    sdist_type: Literal[
        "application/octet-stream", "application/x-tar", "application/x-tar+gzip"
    ] = "application/octet-stream"
    """The Content-Type of sdists, unless the header fields for files contain one."""
    allow: Literal["GET", "GET, HEAD", "GET, HEAD, OPTIONS", "none"] = "GET, HEAD"
    """The Allow field of 405 responses."""
    files_path: FilesPath | None = None
    """The path of a file relative to the root page, or its URL.

    In ``../packages/{digest:0-2}/{filename}``, for example, ``digest`` is computed from the
    filename, so a replaced file keeps its URL. ``folder`` is the path of the root page.
    """


AS_PYPI: Final = Answers()
"""The properties of an index that imitates no particular server."""
