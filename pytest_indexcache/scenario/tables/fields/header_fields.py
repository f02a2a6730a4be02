"""The types of header fields in a scenario, whose names, values and placeholders are checked."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

from pydantic import AfterValidator

from pytest_indexcache.scenario.tables.fields.table import Many, apart, said
from pytest_indexcache.servers import FieldValue, check_field, check_name, check_value

_HEADER_NAME = r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"


def _header_fields(
    fields: dict[str, FieldValue], *, of_file: bool = False
) -> dict[str, FieldValue]:
    for name, value in fields.items():
        check_field(name, value, of_file=of_file)
    return fields


def _header_name(text: str) -> str:
    check_name(text)
    return text


def _header_line(text: str) -> str:
    check_value(text)
    return text


def _plain_header_line(text: str) -> str:
    check_value(text.replace("$", ""))
    return text


HeaderName = Annotated[str, AfterValidator(_header_name), said("header field", _HEADER_NAME)]
HeaderLine = Annotated[str, AfterValidator(_header_line), said("text of a header field")]
HeaderValue = HeaderLine | Literal[False] | Many[HeaderLine]
HeaderFields = Annotated[
    dict[HeaderName, HeaderValue],
    apart(str.lower, "header field"),
    AfterValidator(_header_fields),
]
FileHeaderFields = Annotated[HeaderFields, AfterValidator(partial(_header_fields, of_file=True))]
CacheControlText = Annotated[str, AfterValidator(_plain_header_line), said("Cache-Control")]
