"""The header fields that an index sends with each kind of response."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from pytest_indexcache.scenario.tables.fields.header_fields import FileHeaderFields, HeaderFields
from pytest_indexcache.scenario.tables.fields.table import Table, wrong_kind
from pytest_indexcache.servers import profile_names

ServerName = Annotated[
    str, Field(json_schema_extra={"$comment": "server", "enum": list(profile_names())})
]


class HeaderChoice(Table):
    """The header fields that an index sends: those of a known server, with changes.

    A field that is set to ``false`` is not sent.
    """

    profile: ServerName | None = None
    """The server whose header fields are sent; by default the server that the index imitates."""
    pages: HeaderFields = {}
    """Header fields for simple pages, in addition to or instead of the server's."""
    metadata: FileHeaderFields = {}
    """Header fields for core metadata files, in addition to or instead of the server's."""
    files: FileHeaderFields = {}
    """Header fields for wheels and sdists, in addition to or instead of the server's."""
    head: FileHeaderFields = {}
    """Header fields in responses to HEAD that differ from the response to GET."""
    not_modified: FileHeaderFields = {}
    """Header fields in 304 responses, in addition to or instead of those repeated from the 200."""
    redirects: FileHeaderFields = {}
    """Header fields in redirects to pages and files."""


def _profile_alone(value: Any) -> Any:
    if isinstance(value, str):
        return {"profile": value}
    if not isinstance(value, dict | HeaderChoice):
        raise wrong_kind("a server's name or a table")
    return value


ChosenHeaders = Annotated[
    HeaderChoice,
    BeforeValidator(_profile_alone, json_schema_input_type=ServerName | HeaderChoice),
]
