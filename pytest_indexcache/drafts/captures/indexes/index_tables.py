"""Write the ``[indexes]`` tables of a captured scenario."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlsplit, urlunsplit

from packaging.utils import parse_wheel_filename
from packaging.version import InvalidVersion, Version

from pytest_indexcache.drafts.captures.indexes.core_metadata import (
    core_requirements,
    known_requirements,
)
from pytest_indexcache.drafts.captures.indexes.fallbacks import fallback_url
from pytest_indexcache.drafts.captures.indexes.header_fields import (
    common_fields,
    own_fields,
    scenario_fields,
    sent_fields,
)
from pytest_indexcache.drafts.captures.indexes.index_answers import answer_keys, index_keys
from pytest_indexcache.drafts.captures.indexes.seen import (
    SeenFile,
    SeenIndex,
    SeenResponse,
    is_pypi,
)
from pytest_indexcache.messages import Kind
from pytest_indexcache.servers.profiles import server_at

SIGNATURE: Final = "signature=1"
"""The query that stands for a real signature in file URLs."""

_FILES: Final = (Kind.WHEEL, Kind.SDIST)
_PURE: Final = "py3-none-any"


def index_table(
    seen: SeenIndex, files: Sequence[SeenFile], known: Collection[str]
) -> dict[str, Any]:
    """Return the table of an index.

    ``files`` are the files that were requested from it. ``known`` are all projects that were
    requested from any index.
    """
    own = seen.index
    table: dict[str, Any] = {"url": own.url}
    if own.is_default and not is_pypi(own.url):
        table["default"] = True
    if server_at(own.url) == "none":
        table["server"] = "none"
    if own.login is not None and _demands_login(seen):
        table["users"] = {own.login[0] or "user": own.login[1] or "password"}
    signed = _signed_folder(seen)
    if signed:
        table["signed-urls"] = signed
    folder = _one_folder(files)
    if folder:
        table["files-url"] = folder
    table |= index_keys(seen)
    fallbacks = [
        (url, response.status) for response in seen.responses if (url := fallback_url(response))
    ]
    if fallbacks:
        table["unknown-redirect"] = fallbacks[0][0]
    answers = answer_keys(seen)
    if fallbacks:
        answers["redirect"] = fallbacks[0][1]
    if answers:
        table["answers"] = answers
    headers, pages = _headers(seen)
    if headers:
        table["headers"] = headers
    if pages:
        table["pages"] = pages
    table["packages"] = _packages(seen, files, known, folder)
    return table


def _demands_login(seen: SeenIndex) -> bool:
    return any(
        each.status in (401, 403) and "Authorization" not in each.request for each in seen.responses
    ) or all("Authorization" in each.request for each in seen.responses)


def _signed_folder(seen: SeenIndex) -> str:
    """Return the URL of the folder of files that need a signed URL.

    If the index redirected no request for a file to a signed URL, the result is an empty string.
    """
    for each in seen.of(*_FILES):
        location = each.headers.get("Location")
        if location and 300 <= each.status < 400 and urlsplit(location).query:
            return _folder(location)
    return ""


def _folder(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, f"{parts.path.rpartition('/')[0]}/", "", ""))


def _one_folder(files: Sequence[SeenFile]) -> str:
    """Return the URL of the folder that contains all files, or "" if there are several folders."""
    folders = {_folder(file.entry.url) for file in files}
    if len(folders) != 1 or len(files) < 2 or len({file.entry.project for file in files}) < 2:
        return ""
    return folders.pop().rstrip("/")


def _headers(seen: SeenIndex) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the ``headers`` table, and a table of the pages whose header fields differ from it."""
    groups = {"pages": (Kind.PAGE,), "metadata": (Kind.METADATA,), "files": _FILES}
    headers: dict[str, Any] = {}
    pages: dict[str, Any] = {}
    is_known = server_at(seen.index.url) != "none"
    for name, kinds in groups.items():
        answers = seen.of(*kinds, statuses=(200, 206), method="GET")
        told = [scenario_fields(answer.headers, of_file=name == "files") for answer in answers]
        if not told:
            continue
        common = common_fields(told)
        # A fake index sends Accept-Ranges unless its headers say that it is not sent.
        silent = ("accept-ranges",) if name != "pages" else ()
        headers[name] = sent_fields(common, common if is_known else silent)
        if name == "pages":
            pages = _own_pages(answers, common)
    headers |= _of_head(seen, headers.get("files", {}))
    again = [
        scenario_fields(response.headers, of_file=False)
        for response in seen.responses
        if response.status == 304
    ]
    if again:
        headers["not-modified"] = dict(common_fields(again))
    moved = [
        response
        for response in seen.responses
        if 300 <= response.status < 400 and response.status != 304
    ]
    if moved:
        told = [scenario_fields(response.headers, of_file=False) for response in moved]
        headers["redirects"] = sent_fields(common_fields(told))
    return {name: fields for name, fields in headers.items() if fields}, pages


def _of_head(seen: SeenIndex, common: Mapping[str, str | bool]) -> dict[str, Any]:
    """Return the header fields in which HEAD responses differ from ``common``."""
    answers = seen.of(*_FILES, statuses=(200,), method="HEAD")
    told = common_fields([scenario_fields(answer.headers, of_file=False) for answer in answers])
    own = own_fields(told, common)
    own.pop("age", None)
    return {"head": own} if own else {}


def _own_pages(answers: Iterable[SeenResponse], common: Mapping[str, str | bool]) -> dict[str, Any]:
    pages: dict[str, Any] = {}
    for each in answers:
        fields = own_fields(scenario_fields(each.headers, of_file=False), common)
        fields.pop("age", None)  # it differs in each response
        if each.subject.project and fields:
            pages[each.subject.project] = {"headers": {"pages": fields}}
    return pages


def _packages(
    seen: SeenIndex, files: Sequence[SeenFile], known: Collection[str], folder: str
) -> dict[str, Any]:
    packages: dict[str, Any] = {project: {} for project in seen.pages}
    grouped: dict[tuple[str, str], list[SeenFile]] = {}
    for file in files:
        grouped.setdefault((file.entry.project, file.entry.version), []).append(file)
    for project, version in sorted(grouped, key=_in_order):
        release = _release(seen, grouped[project, version], known, folder)
        packages.setdefault(project, {})[version] = release
    return packages


def _in_order(key: tuple[str, str]) -> tuple[str, Version]:
    try:
        return key[0], Version(key[1])
    except InvalidVersion:
        return key[0], Version("0")


def _release(
    seen: SeenIndex, files: Sequence[SeenFile], known: Collection[str], folder: str
) -> dict[str, Any]:
    metadata = next((file.metadata for file in files if file.metadata), "")
    told = core_requirements(metadata, known)
    release: dict[str, Any] = {}
    if told.requires:
        release["requires"] = list(told.requires)
    if told.extras:
        release["extras"] = told.extras
    python = next(
        (seen_file.entry.requires_python for seen_file in files if seen_file.entry.requires_python),
        "",
    )
    if python or told.requires_python:
        release["requires-python"] = python or told.requires_python
    tables = [_file_table(seen, file, folder) for file in files]
    for file, table in zip(files, tables, strict=True):
        requires = known_requirements(file.build_requires, known)
        if requires:
            table["builds"] = {"requires": requires}
    if len(tables) == 1 and not {"kind", "filename", "build-tag"} & tables[0].keys():
        return release | tables[0]
    return release | {"files": tables}


def _file_table(seen: SeenIndex, file: SeenFile, folder: str) -> dict[str, Any]:
    entry = file.entry
    table: dict[str, Any] = {}
    usual = f"{entry.project.replace('-', '_')}-{entry.version}"
    if entry.filename.endswith(".whl"):
        build, tag = _tags(entry.filename)
        table |= {"tag": tag} if tag != _PURE else {}
        table |= {"build-tag": build} if build else {}
        usual = f"{usual}-{build}-{tag}.whl" if build else f"{usual}-{tag}.whl"
    else:
        table["kind"] = "sdist"
        usual = f"{usual}.tar.gz"
    if usual != entry.filename:
        table["filename"] = entry.filename
    size = entry.size or _length(seen, entry.filename)
    if size:
        table["size"] = f"{size} B"
        if file.is_read_by_ranges:
            table["padding"] = f"{size} B"
    beside = folder or (f"{seen.index.url.rstrip('/')}/{entry.project}/")
    table |= _place(entry.url, entry.filename, beside)
    if entry.yanked is not None:
        table["yanked"] = True  # the reason is free text
    if entry.upload_time:
        table["upload-time"] = entry.upload_time.partition(".")[0].removesuffix("Z") + "Z"
    is_announced = index_keys(seen).get("metadata", entry.has_metadata)
    if entry.filename in seen.entries and entry.has_metadata != is_announced:
        table["metadata"] = entry.has_metadata
    return table


def _tags(filename: str) -> tuple[str, str]:
    *front, python, abi, platform = filename.removesuffix(".whl").split("-")
    build = parse_wheel_filename(filename)[2]
    return (front[2] if build and len(front) > 2 else ""), f"{python}-{abi}-{platform}"


def _length(seen: SeenIndex, filename: str) -> int:
    lengths = (
        each.subject.nominal_bytes
        for each in seen.of(*_FILES, statuses=(200, 206), method="GET")
        if each.subject.filename == filename
    )
    return max(lengths, default=0)


def _place(url: str, filename: str, folder: str) -> dict[str, str]:
    """Return the ``url`` key for a file.

    If the file is at its usual URL in ``folder``, the result is an empty dict.
    """
    parts = urlsplit(url)
    own = _folder(url)
    is_usual = parts.path.rpartition("/")[2] in (filename, quote(filename))
    if is_usual and not parts.query and folder and own.rstrip("/") == folder.rstrip("/"):
        return {}
    place = own if is_usual else urlunsplit(parts._replace(query="", fragment=""))
    if not parts.query:
        return {"url": place}
    whole = urlunsplit(parts._replace(query=SIGNATURE, fragment=""))
    return {"url": whole}
