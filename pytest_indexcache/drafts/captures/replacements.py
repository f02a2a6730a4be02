"""Replace private names by neutral ones; equal names always get the same replacement.

Hosts become ``index1.example``, folders of their URLs ``folder1``, projects ``project1``, users
``user1`` and passwords ``secret1``. Names from public indexes, such as ``simple`` and ``pypi``, are
not replaced, and neither are URLs at the host of a public index.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from packaging.utils import canonicalize_name

from pytest_indexcache.drafts.words.names import named_file
from pytest_indexcache.servers.profiles import server_at

PUBLIC_FOLDERS: Final = frozenset(
    """
    + +f +simple api artifactory content downloads files group groups index legacy nexus npm pkgs
    packages packaging projects pypi pypi-all pypi-group pypi-hosted pypi-local pypi-proxy
    pypi-remote public python registry repo repository repositories root service simple stable
    release releases v1 v2 v3 v4 whl wheel wheels
    """.split()  # noqa: SIM905
)
"""Folders of URLs that show the server software of an index, and not its owner."""

OWN_PROJECT: Final = "project"
"""The name of the project itself in a scenario."""

COMMON_USERS: Final = frozenset(
    """
    __token__ token user users admin anonymous aws oauth oauth2accesstoken gitlab-ci-token
    x-access-token _json_key_base64 build-service
    """.split()  # noqa: SIM905
)
"""User names that identify nobody."""

_PUBLIC_HOSTS: Final = frozenset(
    """
    github.com files.pythonhosted.org raw.githubusercontent.com download-r2.pytorch.org
    objects.githubusercontent.com release-assets.githubusercontent.com docs.astral.sh
    packaging.python.org www.python.org python.org peps.python.org
    """.split()  # noqa: SIM905
)
_DIGEST: Final = re.compile(r"[0-9a-f]{2,}|[0-9]+")
_URL: Final = re.compile(r"https?://[^\s\"'<>`|\\\])},;]+")


def is_public(url: str) -> bool:
    """Return whether a URL is at a public host."""
    host = (urlsplit(url).hostname or "").lower()
    return server_at(url) != "none" or host in _PUBLIC_HOSTS


def _is_telling(text: str) -> bool:
    """Return whether a text is so unusual that it can be replaced wherever it is found.

    A password such as ``pypi`` is replaced only where passwords are written.
    """
    return len(text) >= 10 or (len(text) >= 5 and not text.isalpha())


def _whole(private: str) -> re.Pattern[str]:
    """Return whether a text is so distinctive that every occurrence of it can be replaced."""
    return re.compile(rf"(?<![A-Za-z0-9]){re.escape(private)}(?![A-Za-z0-9])")


@dataclass
class Replacements:
    """Return a pattern that matches a text where it is not part of a longer word.

    ``keeps_names`` leaves hosts, folders, projects and users unchanged; credentials are always
    replaced. Not safe for threads.
    """

    keeps_names: bool = False
    _words: dict[tuple[str, str], str] = field(default_factory=dict)
    _texts: dict[str, str] = field(default_factory=dict)
    _projects: dict[str, str] = field(default_factory=dict)
    _kept: set[str] = field(default_factory=set)

    def _word(self, kind: str, private: str) -> str:
        numbers = sum(1 for known, _ in self._words if known == kind)
        return self._words.setdefault((kind, private), f"{kind}{numbers + 1}")

    def secret(self, text: str) -> str:
        """Return the replacement for a password, a token or another secret."""
        word = self._word("secret", text)
        return self._noted(word, text) if _is_telling(text) else word

    def user(self, name: str) -> str:
        """Return the replacement for a user name; common account names are returned unchanged."""
        if self.keeps_names or name in COMMON_USERS:
            return name
        word = self._word("user", name)
        return self._noted(word, name) if _is_telling(name) else word

    def path(self, path: str) -> str:
        """Return the replacement for a folder of the machine."""
        return path if self.keeps_names else self._noted("/folder", path)

    def _noted(self, word: str, private: str) -> str:
        """Register a replacement for a private text and for its URL-encoded form."""
        for written in {private, quote(private, safe="")} - {""}:
            self._texts.setdefault(written, word)
        return word

    def project(self, name: str, word: str = "") -> str:
        """Return the name that stands for a private project, in its normalised form."""
        own = canonicalize_name(name)
        if self.keeps_names or own in PUBLIC_FOLDERS or own == OWN_PROJECT:
            return own
        return self._projects.setdefault(own, word or self._word("project", own))

    def host(self, netloc: str) -> str:
        """Return the normalised replacement for the name of a private project."""
        if self.keeps_names and urlsplit(f"//{netloc}").hostname != "127.0.0.1":
            return netloc
        return f"{self._word('index', netloc.lower())}.example"

    def url(self, url: str) -> str:
        """Return the replacement for a private host and its port.

        An index of this machine has an ``https`` URL in a scenario, like other indexes.
        """
        parts = urlsplit(url)
        netloc = parts.netloc.rpartition("@")[2]
        if is_public(url):
            path = "/".join(map(self._renamed_segment, parts.path.split("/")))
            return urlunsplit(parts._replace(netloc=netloc, path=path))
        segment = self._renamed_segment if self.keeps_names else self._neutral_segment
        path = "/".join(map(segment, parts.path.split("/")))
        host = self.host(netloc)
        scheme = parts.scheme if host == netloc else "https"
        query = "signature=1" if parts.query else ""
        return urlunsplit((scheme, host, path, query, ""))

    def _renamed_segment(self, segment: str) -> str:
        """Return the replacement for a private URL, with a neutral signature and no credentials."""
        if segment.lower() in PUBLIC_FOLDERS or not self._projects:
            return segment
        plain = unquote(segment)
        renamed = self._names.sub(self._renamed, plain)
        return segment if renamed == plain else quote(renamed, safe="+")

    def _neutral_segment(self, segment: str) -> str:
        """Return a part of a path that does not identify the owner."""
        plain = unquote(segment)
        if not plain or plain.lower() in PUBLIC_FOLDERS or _DIGEST.fullmatch(plain):
            return segment
        renamed = self._renamed_segment(segment)
        is_file = named_file(plain) is not None or plain.startswith("${")
        is_project = {canonicalize_name(plain)} & (self._kept | self._projects.keys())
        return renamed if is_file or is_project else self._word("folder", plain)

    def keep(self, projects: Iterable[str]) -> None:
        """Keep the names of public projects in URLs."""
        self._kept |= {canonicalize_name(name) for name in projects} - self._projects.keys()

    def text(self, text: str) -> str:
        """Return a text with secrets, users, folders and URLs replaced."""
        return self._apply(text, self._without_texts)

    def named(self, text: str) -> str:
        """Return a text with all private words replaced, including the names of projects."""
        return self._apply(text, self._without_names)

    def _apply(self, text: str, plain: Callable[[str], str]) -> str:
        """Replace the URLs in a text, and apply a function to the text between them."""
        pieces, at = [], 0
        for found in _URL.finditer(text):
            pieces += [plain(text[at : found.start()]), self.url(found[0])]
            at = found.end()
        return "".join([*pieces, plain(text[at:])])

    def _without_texts(self, text: str) -> str:
        for private in sorted(self._texts, key=len, reverse=True):
            if private in text:
                text = _whole(private).sub(lambda found: self._texts[found[0]], text)
        return text

    def _without_names(self, text: str) -> str:
        text = self._without_texts(text)
        return self._names.sub(self._renamed, text) if self._projects else text

    @property
    def _names(self) -> re.Pattern[str]:
        names = sorted(self._projects, key=len, reverse=True)
        patterns = "|".join("[-_.]+".join(map(re.escape, name.split("-"))) for name in names)
        return re.compile(rf"(?<![A-Za-z0-9])(?:{patterns})(?![A-Za-z0-9])", re.IGNORECASE)

    def _renamed(self, found: re.Match[str]) -> str:
        return self._projects[canonicalize_name(found[0])]

    def secrets_in(self, text: str) -> list[str]:
        """Return the secrets, users and folders that are left in a text."""
        return [private for private in self._texts if _whole(private).search(text)]

    def names_in(self, text: str) -> list[str]:
        """Return the names of private projects that are left in a text."""
        return [found[0] for found in self._names.finditer(text)] if self._projects else []
