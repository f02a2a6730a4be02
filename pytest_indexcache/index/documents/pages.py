"""Render simple pages as HTML and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any

from pytest_indexcache.servers.answers import AS_PYPI, Answers


@dataclass(frozen=True, slots=True)
class Listed:
    """The entry for a file on a simple page.

    ``href`` is a percent-encoded URL, absolute or relative to the page, without a fragment.
    ``fragment``, which starts with ``#``, replaces the usual ``#sha256=...`` in HTML.
    ``hashes`` and ``metadata_hashes`` contain pairs of an algorithm and a hexadecimal digest.
    ``metadata_hashes`` is None if the core metadata is not served separately (PEP 714). ``yanked``
    is the reason why the file was yanked, possibly empty, or None if it was not yanked (PEP 592).
    ``uploaded`` is in seconds since the epoch. ``size`` is in bytes, or None if the page does not
    show it.
    """

    filename: str
    href: str
    version: str
    size: int | None
    uploaded: float
    hashes: tuple[tuple[str, str], ...] = ()
    requires_python: str | None = None
    yanked: str | None = None
    metadata_hashes: tuple[tuple[str, str], ...] | None = None
    fragment: str = ""


def project_html(title: str, files: Iterable[Listed], answers: Answers = AS_PYPI) -> bytes:
    """Return a project's simple page as HTML (PEP 503, PEP 592, PEP 629, PEP 658, PEP 714)."""
    return _html(f"Links for {title}", [_anchor(file, answers) for file in files], answers)


def project_json(name: str, files: Sequence[Listed], answers: Answers = AS_PYPI) -> bytes:
    """Return a project's simple page as JSON (PEP 691, PEP 700); ``name`` is normalised."""
    versions = list(dict.fromkeys(file.version for file in files))
    return _json(
        {
            "name": name,
            **({"versions": versions} if "versions" in answers.tells else {}),
            "files": [_entry(file, answers) for file in files],
        },
        answers,
    )


def root_html(projects: Iterable[tuple[str, str]], answers: Answers = AS_PYPI) -> bytes:
    """Return the root page as HTML; ``projects`` contains pairs of normalised name and title."""
    lines = [f'<a href="{escape(name)}/">{escape(title)}</a>' for name, title in projects]
    return _html("Simple index", lines, answers)


def root_json(projects: Iterable[tuple[str, str]], answers: Answers = AS_PYPI) -> bytes:
    """Return the root page as JSON; ``projects`` contains pairs of normalised name and title."""
    return _json({"projects": [{"name": title} for _, title in projects]}, answers)


def _html(title: str, lines: Iterable[str], answers: Answers) -> bytes:
    version = answers.html_version
    meta = f'<meta name="pypi:repository-version" content="{version}">\n'
    head = (
        "<!DOCTYPE html>\n<html>\n<head>\n"
        f"{meta if version != 'none' else ''}"
        f"<title>{escape(title)}</title>\n</head>\n<body>\n<h1>{escape(title)}</h1>\n"
    )
    body = "".join(f"{line}<br>\n" for line in lines)
    return f"{head}{body}</body>\n</html>\n".encode()


def _anchor(file: Listed, answers: Answers) -> str:
    # PEP 503: "The URL SHOULD include a hash in the form of a URL fragment"
    fragment = "".join(f"#{algorithm}={digest}" for algorithm, digest in file.hashes[:1])
    attributes = {"href": file.href + (file.fragment or fragment)}
    if file.requires_python and "requires-python" in answers.tells:
        attributes["data-requires-python"] = file.requires_python
    if file.yanked is not None and "yanked" in answers.tells:
        attributes["data-yanked"] = file.yanked
    if file.metadata_hashes is not None:
        hashes = [f"{algorithm}={digest}" for algorithm, digest in file.metadata_hashes]
        # PEP 714: "Repositories SHOULD" serve both names
        names = ["data-dist-info-metadata"] if answers.metadata_names != "core-metadata" else []
        attributes |= dict.fromkeys([*names, "data-core-metadata"], hashes[0] if hashes else "true")
    written = " ".join(f'{name}="{escape(value)}"' for name, value in attributes.items())
    return f"<a {written}>{escape(file.filename)}</a>"


def _entry(file: Listed, answers: Answers) -> dict[str, Any]:
    uploaded = datetime.fromtimestamp(file.uploaded, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    optional: dict[str, Any] = {
        "upload-time": uploaded,
        # PEP 691: a boolean, or "an arbitrary string as a value"
        "yanked": file.yanked is not None and (file.yanked or True),
    }
    if file.size is not None:
        optional["size"] = file.size
    if file.requires_python:
        optional["requires-python"] = file.requires_python
    entry: dict[str, Any] = {
        "filename": file.filename,
        "url": file.href + file.fragment,
        "hashes": dict(file.hashes),
        **{key: value for key, value in optional.items() if key in answers.tells},
    }
    if file.metadata_hashes is not None:
        # PyPI sends the key from PEP 714, and a wrong key. With the correct key from PEP 691,
        # pip 22.3 to 23.1 would crash (https://github.com/pypa/pip/issues/12042).
        names = ["data-dist-info-metadata"] if answers.metadata_names == "both" else []
        value = dict(file.metadata_hashes) or True
        entry |= dict.fromkeys([*names, "core-metadata"], value)
    return entry


def _json(data: dict[str, Any], answers: Answers) -> bytes:
    text = json.dumps({"meta": {"api-version": answers.api_version}, **data})
    # A scenario may serve it as HTML, where a tag in a string would be parsed as markup.
    return text.replace("<", "\\u003c").encode()
