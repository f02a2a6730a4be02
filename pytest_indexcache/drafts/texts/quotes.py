"""Quote lines of a log in comments, without credentials, user names or local paths."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from pytest_indexcache.drafts.words.names import URL, public_url

_ASSIGNMENT: Final = re.compile(
    r"(?<![\w-])([A-Za-z_]\w*)=(?!=|https?://)(?:\"[^\"]*\"|'[^']*'|[^\s\"']+)"
)
_LOCAL_URL: Final = re.compile(r"file:/*(?P<path>[^\s\"'`)]*)")
_PATH: Final = re.compile(r"(?<![\w:/.…>])(?:~|[A-Za-z]:[\\/]|/(?=[^\s/]))[^\s\"',;`()]*")
_COMMON_USERS: Final = frozenset(
    """
    admin administrator agent app build builder circleci default docker git home jenkins lib
    package packages project public python root runner shared test ubuntu user users vagrant venv
    vscode work workspace
    """.split()  # noqa: SIM905
)
_SHORTEST_USER: Final = 3


class Quotes:
    """Replaces private parts of quoted lines.

    Paths become ``/folder1``, user names ``user1``, and values of variables ``…``. URLs lose their
    user name, password, query and fragment. The same name always gets the same replacement.
    """

    def __init__(self, users: Iterable[str] = ()) -> None:
        names = [name for name in users if len(name) >= _SHORTEST_USER]
        names = [name for name in names if name.lower() not in _COMMON_USERS]
        self._users = {name: f"user{number}" for number, name in enumerate(names, start=1)}
        self._folders: dict[str, str] = {}

    def quoted(self, text: str) -> str:
        """Return a log line or a command with its private parts replaced."""
        text = _LOCAL_URL.sub(lambda found: f"file://{self._folder(found['path'])}", text)
        text = URL.sub(_public, text)
        text = _ASSIGNMENT.sub(r"\1=…", text)
        for name in [name for name in self._users if name in text]:
            whole = rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])"
            text = re.sub(whole, self._users[name], text)
        return _PATH.sub(lambda found: self._folder(found[0]), text)

    def _folder(self, path: str) -> str:
        if re.fullmatch(r"/folder\d+", path):
            return path
        for name, word in self._users.items():
            path = path.replace(name, word)
        return self._folders.setdefault(path.strip("/~"), f"/folder{len(self._folders) + 1}")


def _public(found: re.Match[str]) -> str:
    """Return a matched URL without private parts, followed by any punctuation in the match."""
    url = found[0].rstrip(",;.)")
    return (public_url(url) or "https://…") + found[0][len(url) :]
