"""Render page templates, with every string escaped and made printable."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final

import jinja2
from markupsafe import Markup

from pytest_indexcache.printable import printable

_ROOM: Final = "pytest_indexcache.reports"


@cache
def environment() -> jinja2.Environment:
    """Return the Jinja environment, which escapes strings for HTML and makes them printable."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader(_ROOM, "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=lambda value: printable(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def template_text(name: str) -> Markup:
    """Return the text of a stylesheet or script, marked as safe to embed in HTML."""
    text = files(_ROOM).joinpath("templates", name).read_text(encoding="utf-8")
    return Markup(f"\n{text}")  # noqa: S704 - a file of this package


def content_hash(text: str) -> str:
    """Return the Content-Security-Policy source that allows a style or script with this text."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
