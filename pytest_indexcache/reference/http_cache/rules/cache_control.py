"""Parse Cache-Control (RFC 9111 5.2); a malformed directive never makes a response fresh."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pytest_indexcache.messages import Headers
from pytest_indexcache.reference.http_cache.rules.header_values import (
    parse_delta_seconds,
    split_list,
)

_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPED: Final = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Directives:
    """The Cache-Control directives of a message: names in lower case, arguments without quotes.

    If a directive occurs more than once, its first occurrence is used (RFC 9111 4.2.1).
    """

    arguments: Mapping[str, str | None]

    @classmethod
    def of(cls, headers: Headers) -> Directives:
        """Parse the Cache-Control of a message; unknown directives are kept but have no effect."""
        return _read(headers.get_all("Cache-Control"))

    def __contains__(self, name: object) -> bool:
        return name in self.arguments

    def seconds(self, name: str) -> int | None:
        """Return a directive's argument as a number of seconds; None if missing or invalid."""
        return parse_delta_seconds(self.arguments.get(name) or "")

    def is_unqualified(self, name: str) -> bool:
        """Return whether a directive is present without a list of field names, as in ``no-cache``.

        It then applies to the whole response.
        """
        return name in self.arguments and not self.field_names(name)

    def field_names(self, name: str) -> tuple[str, ...]:
        """Return the field names in a directive's argument, as in ``no-cache="set-cookie"``."""
        return tuple(split_list(self.arguments.get(name) or ""))


def _read(lines: tuple[str, ...]) -> Directives:
    arguments: dict[str, str | None] = {}
    for line in lines:
        for member in split_list(line):
            name, found, argument = member.partition("=")
            # a space beside "=" is not valid: the directive counts, its argument does not
            is_whole = not name.endswith((" ", "\t"))
            value = None if not found else _unquote(argument) if is_whole else ""
            arguments.setdefault(name.strip().lower(), value)
    return Directives(arguments)


def _unquote(argument: str) -> str:
    # RFC 9111 5.2: "recipients ought to accept both forms", token and quoted-string
    quoted = _QUOTED.fullmatch(argument)
    return _ESCAPED.sub(r"\1", quoted[1]) if quoted else argument
