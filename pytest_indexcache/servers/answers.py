"""Properties of an index's responses in which known servers differ."""

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
"""The answer for a project that an index does not have: a status, or a page with status 200."""
HeadStatus = Literal[400, 401, 403, 404, 405, 500, 501, 503]
"""A status with which an index refuses HEAD although it answers GET."""
_PLACEHOLDER = r"\{(filename|project|version|folder|digest(:[0-9]{1,2}-[0-9]{1,2})?)\}"
_FILES_PATH = rf"^(https://[a-z0-9.-]+(/|\{{folder\}})|(\.\./){{0,9}})([A-Za-z0-9+._/-]|{_PLACEHOLDER}){{1,300}}$"
FilesPath = Annotated[str, Field(pattern=_FILES_PATH)]


class Answers(BaseModel):
    """Properties in which the responses of servers differ.

    The defaults are those of the index's server, or else those of PyPI.
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
    """The version of the simple API in JSON pages."""
    html_version: Literal["1.0", "1.1", "none"] = "1.1"
    """The version of the simple API in HTML pages (PEP 629)."""
    html_type: bool = True
    """Whether the type ``application/vnd.pypi.simple.v1+html`` is sent if a client requests it."""
    latest: bool = True
    """Whether the index knows the media types of the latest formats, such as ``…latest+json``."""
    unacceptable: Literal[200, 406] = 406
    """The status if the index offers no format that the client accepts; with 200 it sends HTML."""
    tells: PageData = (
        "requires-python",
        "yanked",
        "size",
        "upload-time",
        "versions",
    )
    """The data in pages besides names, URLs and hashes.

    `size`, `upload-time` and `versions` are only in JSON.
    """
    metadata_names: Literal["both", "both-in-html", "core-metadata"] = "both"
    """Whether core metadata is announced under its former name too (PEP 714)."""
    metadata_hashes: bool = True
    """Whether pages include the hash of core metadata."""
    vary: bool = True
    """Whether the Vary field of pages names the request fields that select format and coding."""
    chunked: bool = False
    """Whether pages are sent in chunks, without Content-Length."""
    slash: Literal[200, 301, 302, 303, 307, 308, 404] = 301
    """The answer to a page's URL without the final slash; 200 sends the page itself."""
    slash_for: Literal["all", "browsers"] = "all"
    """The clients to which `slash` applies; all other clients get the page.

    With ``browsers``, pip, uv and clients that request JSON get the page.
    """
    unnormalised: Literal[200, 301, 302, 307, 308, 404, 500] = 301
    """The answer to a project name that is not normalised (PEP 503)."""
    page_conditions: Validators = ("etag", "date")
    """The conditions that are evaluated in requests for pages; without any, no 304 is sent."""
    file_conditions: Validators = ("etag", "date")
    """The conditions that are evaluated in requests for files and core metadata."""
    exact_dates: bool = False
    """Whether If-Modified-Since must equal Last-Modified exactly, as nginx requires by default."""
    suffix_ranges: Literal[200, 206, 404, 416, 501] = 206
    """The answer to a range of the last bytes, such as ``bytes=-16384``."""
    long_suffix: Literal[206, 416] = 206
    """The answer to a range of last bytes that is longer than the file."""
    several_ranges: Literal["whole", "first", 416] = "whole"
    """The answer to a request for several ranges."""
    wrong_ranges: Literal[200, 400, 416] = 200
    """The answer to an invalid range."""
    head_ranges: bool = False
    """Whether a HEAD with a range is answered like a GET, which violates RFC 9110 §14.2."""
    if_range: bool = True
    """Whether If-Range is evaluated; if not, the range is sent even if the file has changed."""
    redirect: Literal[301, 302, 303, 307, 308] = 302
    """The status of redirects: for ``signed-urls``, for pages and for unknown projects."""
    sdist_type: Literal[
        "application/octet-stream", "application/x-tar", "application/x-tar+gzip"
    ] = "application/octet-stream"
    """The Content-Type of sdists if the header fields of files do not include it."""
    allow: Literal["GET", "GET, HEAD", "GET, HEAD, OPTIONS", "none"] = "GET, HEAD"
    """The Allow field of a 405."""
    files_path: FilesPath | None = None
    """The path of a file relative to the root page, or its URL.

    In ``../packages/{digest:0-2}/{filename}``, for example, ``digest`` is computed from the name,
    so that a replaced file keeps its URL. ``folder`` is the path of the root page.
    """


AS_PYPI: Final = Answers()
"""The answers of an index without a known server."""
