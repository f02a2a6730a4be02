"""The header fields that an index sends with each kind of resource."""

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
    """The header fields that an index sends: those of a server, with changes.

    A field set to ``false`` is not sent.
    """

    profile: ServerName | None = None
    """The server whose fields are sent; by default the server of the index."""
    pages: HeaderFields = {}
    """Fields of simple pages that replace or extend the fields of the server."""
    metadata: FileHeaderFields = {}
    """Fields of core metadata files that replace or extend the fields of the server."""
    files: FileHeaderFields = {}
    """Fields of wheels and sdists that replace or extend the fields of the server."""
    head: FileHeaderFields = {}
    """Fields of responses to HEAD that differ from the responses to GET."""
    not_modified: FileHeaderFields = {}
    """Fields of 304 responses that replace or extend the fields repeated from the 200."""
    redirects: FileHeaderFields = {}
    """Fields of redirects to pages and to files."""


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
