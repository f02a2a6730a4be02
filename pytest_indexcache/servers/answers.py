"""How an index answers, in what servers are known to differ."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, Strict

Validator = Literal["etag", "date"]
Validators = Annotated[tuple[Validator, ...], Strict(False)]
Told = Annotated[
    tuple[Literal["requires-python", "yanked", "size", "upload-time", "versions"], ...],
    Strict(False),
]
UnknownStatus = Literal[401, 403, 404, 410, "empty-page", "login-page"]
"""The answer for a project that an index has not: a status, or a page with status 200."""
HeadStatus = Literal[400, 401, 403, 404, 405, 500, 501, 503]
"""A status with which an index refuses HEAD that answers GET."""
_PLACEHOLDER = r"\{(filename|project|version|folder|digest(:[0-9]{1,2}-[0-9]{1,2})?)\}"
_FILES_PATH = rf"^(https://[a-z0-9.-]+(/|\{{folder\}})|(\.\./){{0,9}})([A-Za-z0-9+._/-]|{_PLACEHOLDER}){{1,300}}$"
FilesPath = Annotated[str, Field(pattern=_FILES_PATH)]


class Answers(BaseModel):
    """How an index answers where servers differ; unless given as the server does, else as PyPI."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=lambda name: name.replace("_", "-"),
        populate_by_name=True,
        use_attribute_docstrings=True,
    )

    api_version: Literal["1.0", "1.1"] = "1.1"
    """The version of the simple API that JSON pages name."""
    html_version: Literal["1.0", "1.1", "none"] = "1.1"
    """The version that HTML pages name (PEP 629)."""
    html_type: bool = True
    """Whether HTML that is asked for as ``application/vnd.pypi.simple.v1+html`` is called so."""
    latest: bool = True
    """Whether the names of the newest formats are known, such as ``…latest+json``."""
    unacceptable: Literal[200, 406] = 406
    """The status where no format is accepted that can be sent; with 200 it is HTML."""
    tells: Told = (
        "requires-python",
        "yanked",
        "size",
        "upload-time",
        "versions",
    )
    """What pages tell of files beside names, URLs and hashes; the last three are of JSON."""
    metadata_names: Literal["both", "both-in-html", "core-metadata"] = "both"
    """Whether core metadata is announced under its former name too (PEP 714)."""
    metadata_hashes: bool = True
    """Whether pages name the hash of core metadata."""
    vary: bool = True
    """Whether Vary of pages names the fields by which a format and a coding were chosen."""
    chunked: bool = False
    """Whether pages are sent in chunks, without Content-Length."""
    slash: Literal[200, 301, 302, 303, 307, 308, 404] = 301
    """The answer to a page's URL without the slash at its end; with 200 it is the page."""
    slash_for: Literal["all", "browsers"] = "all"
    """Who gets it: with ``browsers`` pip, uv and those who ask for JSON get the page."""
    unnormalised: Literal[200, 301, 302, 307, 308, 404, 500] = 301
    """The answer to a project's name that is not normalised (PEP 503)."""
    page_conditions: Validators = ("etag", "date")
    """The conditions that are heeded of requests for pages; without any there is no 304."""
    file_conditions: Validators = ("etag", "date")
    """The same for files and core metadata."""
    exact_dates: bool = False
    """Whether If-Modified-Since has to be the very date of Last-Modified, as with nginx."""
    suffix_ranges: Literal[200, 206, 404, 416, 501] = 206
    """The answer to a range of the last bytes, such as ``bytes=-16384``."""
    long_suffix: Literal[206, 416] = 206
    """The answer where more of the last bytes are asked for than there are."""
    several_ranges: Literal["whole", "first", 416] = "whole"
    """The answer to several ranges at once."""
    wrong_ranges: Literal[200, 400, 416] = 200
    """The answer to a range that cannot be read."""
    head_ranges: bool = False
    """Whether a range of HEAD is answered as one of GET, against RFC 9110 §14.2."""
    if_range: bool = True
    """Whether If-Range is heeded; if not, the range is sent of whatever is there."""
    redirect: Literal[301, 302, 303, 307, 308] = 302
    """The status of redirects: of ``signed-urls``, of a page and of an unknown project."""
    sdist_type: Literal[
        "application/octet-stream", "application/x-tar", "application/x-tar+gzip"
    ] = "application/octet-stream"
    """The Content-Type of sdists, where the fields of files name none."""
    allow: Literal["GET", "GET, HEAD", "GET, HEAD, OPTIONS", "none"] = "GET, HEAD"
    """The field Allow of a 405."""
    files_path: FilesPath | None = None
    """Where files lie, from the root page or as a URL: ``../packages/{digest:0-2}/{filename}``.

    ``digest`` is made of the name, so that a file which is replaced keeps its place; ``folder`` is
    the path of the root page.
    """


AS_PYPI: Final = Answers()
"""How an index answers of which nothing else is known."""
