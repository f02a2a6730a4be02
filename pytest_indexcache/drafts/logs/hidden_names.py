"""Replace redacted names in a log, such as ``https://<our-index>/simple/``, with valid ones."""

from __future__ import annotations

import re
from typing import Final

_WORD: Final = r"[A-Za-z][\w .-]{0,60}"
_HIDDEN: Final = re.compile(rf"<({_WORD})>|\{{({_WORD})\}}|\[({_WORD})\]|(\*{{2,}})")
_URL: Final = re.compile(
    rf"(?P<scheme>https?://)(?P<host>(?:<{_WORD}>|\{{{_WORD}\}}|\[{_WORD}\]|\*{{2,}}"
    r"|[^\s/<>{}\[\]*`\"'(),])+)"
    rf"(?P<path>(?:/(?:<{_WORD}>|\{{{_WORD}\}}|\[{_WORD}\]|\*{{2,}}|[^\s<>{{}}\[\]*`\"'])*)?)"
)
_NAME: Final = re.compile(r"(?<![\w:.'\"])(?:<([A-Za-z][\w-]{0,60})>|\{([A-Z][A-Z0-9_]{0,60})\})")


def with_names(line: str) -> tuple[str, tuple[str, ...]]:
    """Replace redacted names in a line with invented ones; return the line and the redacted texts.

    A redacted host gets a name below ``.example`` (RFC 2606). User names and passwords are removed.
    """
    if not any(mark in line for mark in "<{[*"):
        return line, ()
    hidden: list[str] = []

    def name_of(found: re.Match[str]) -> str:
        hidden.append(found[0])
        return _name(next(filter(None, found.groups()), ""))

    def url_of(found: re.Match[str]) -> str:
        host = found["host"].rpartition("@")[2]
        named = _HIDDEN.sub(name_of, host)
        if named != host and "." not in named.partition(":")[0]:
            name, colon, port = named.partition(":")
            named = f"{name}.example{colon}{port}"
        return f"{found['scheme']}{named}{_HIDDEN.sub(name_of, found['path'])}"

    text = _NAME.sub(name_of, _URL.sub(url_of, line))
    return text, tuple(dict.fromkeys(hidden))


def _name(text: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", text.lower())) or "hidden"
