"""Find the title, the URL and the installer's release in the prose of a thread."""

from __future__ import annotations

import re
from typing import Final

_ISSUE: Final = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+/(?:issues|pull|discussions)/\d+")
_OWN_KEY: Final = re.compile(
    rf"^(?:url|html_url|issue|link|permalink|source): *['\"<]?({_ISSUE.pattern})['\">]?\s*$",
    re.MULTILINE | re.IGNORECASE,
)
"""A pattern for the URL of the issue in front matter."""

_RELEASE: Final = re.compile(
    r"^[^\w\n]{0,8}(?:\*{0,2}(?:uv )?versions?\*{0,2}:?[\s`]{1,6})?"
    r"(?:(?P<name>uv|pip|poetry|pdm) (?:version:? )?)?"
    r"v?(?P<version>\d+\.\d+(?:\.\d+)*)(?:[\s.`,]|$)",
    re.MULTILINE | re.IGNORECASE,
)
"""A pattern for a line with an installer's release, as in a filled-in issue form."""

_VERSION_HEADING: Final = re.compile(r"(?:^|[#*\n] ?)(?:uv )?version[:*]*$")
_HEAD_LINES: Final = 5
_MOST_LINKS: Final = 3
_INLINE: Final = re.compile(r"`(?P<command>(?:uv|pip3?|poetry|pdm|python3? -m pip) [^`\n]{1,200})`")


def title_of(text: str) -> str:
    """Return the first heading of a string, or an empty string."""
    found = re.search(r"^# +(\S.*)$", text, re.MULTILINE)
    return found[1].strip() if found else ""


def own_issue(text: str) -> str:
    """Return the URL of the issue itself, from front matter or the first lines, or "".

    Links further down are assumed to lead to other issues.
    """
    if named := _OWN_KEY.search(text):
        return named[1]
    lines = [line.strip() for line in text.splitlines() if line.strip()][:_HEAD_LINES]
    for line in lines:
        if found := _ISSUE.search(line):
            rest = line.replace(found[0], "").strip("<>()[]#*_:. ")
            return found[0] if line.startswith("#") or not rest else ""
    return ""


def linked_issues(text: str, own: str) -> tuple[str, ...]:
    """Return the first URLs of other issues in text, up to ``_MOST_LINKS``."""
    links = dict.fromkeys(_ISSUE.findall(text))
    return tuple(link for link in links if link != own)[:_MOST_LINKS]


def named_release(text: str) -> str:
    """Return the installer's release that the prose names, such as ``uv 0.6.8``, or ""."""
    for line in _RELEASE.finditer(text):
        before = text[: line.start()].rstrip()[-40:].lower()
        is_headed = bool(_VERSION_HEADING.search(before)) or "version" in line[0].lower()
        if line["name"] or is_headed:
            return f"{(line['name'] or 'uv').lower()} {line['version']}"
    return ""


def inline_commands(text: str) -> list[str]:
    """Return the installer commands in inline code."""
    return [found["command"] for found in _INLINE.finditer(text)]
