"""Replace private words with invented ones, always the same one for the same word.

Hosts become ``index1.example``, folders in their URLs ``folder1``, projects ``project1``, users
``user1``, passwords ``secret1``, extras ``extra1`` and dependency groups ``group1``. URLs on public
hosts and common words such as ``simple`` are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from packaging.utils import canonicalize_name

from pytest_indexcache.drafts.captures.privacy.labels import (
    LabelKind,
    PrivateLabels,
    encoded_label,
)
from pytest_indexcache.drafts.captures.privacy.marks import (
    marked,
    outside_marks,
    unmarked_text,
)
from pytest_indexcache.drafts.captures.privacy.private_names import PrivateNames
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
"""Parts of URLs that may reveal the server software, but not the owner of an index."""

OWN_PROJECT: Final = "project"
"""The name that a scenario gives to the user's project."""

COMMON_USERS: Final = frozenset(
    """
    __token__ token user users admin anonymous aws oauth oauth2accesstoken gitlab-ci-token
    x-access-token _json_key_base64 build-service
    """.split()  # noqa: SIM905
)
"""User names that do not identify anybody."""

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
    """Return whether the host of a URL is public."""
    host = (urlsplit(url).hostname or "").lower()
    return server_at(url) != "none" or host in _PUBLIC_HOSTS


def _is_telling(text: str) -> bool:
    """Return whether a string is unusual enough to be replaced everywhere.

    Other strings, such as the password ``pypi``, are replaced only where a password is expected.
    """
    return len(text) >= 10 or (len(text) >= 5 and not text.isalpha())


def _whole(private: str) -> re.Pattern[str]:
    """Return a pattern that matches a string unless it is part of a longer word."""
    return re.compile(rf"(?<![A-Za-z0-9]){re.escape(private)}(?![A-Za-z0-9])")


@dataclass
class Replacements:
    """Private words and their replacements.

    If ``keeps_names`` is true, only user names and passwords are replaced. Instances are not
    thread-safe.
    """

    keeps_names: bool = False
    names: PrivateNames = field(default_factory=PrivateNames)
    labels: PrivateLabels = field(default_factory=PrivateLabels)
    _words: dict[tuple[str, str], str] = field(default_factory=dict)
    _texts: dict[str, str] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)
    _indexes: set[str] = field(default_factory=set)

    def _word(self, kind: str, private: str) -> str:
        """Return the replacement for a word, such as ``user2``; each new word gets a new number."""
        known = self._words.get((kind, private))
        if known is not None:
            return known
        used = {word for (name, _), word in self._words.items() if name == kind} | self._taken
        number = 1
        while f"{kind}{number}" in used:
            number += 1
        return self._words.setdefault((kind, private), f"{kind}{number}")

    def reserve(self, names: Iterable[str]) -> None:
        """Exclude the names of real projects from the possible replacements."""
        self._taken |= {canonicalize_name(name) for name in names}

    def secret(self, text: str) -> str:
        """Return the replacement for a password, a token or another secret."""
        word = self._word("secret", text)
        return self._noted(word, text) if _is_telling(text) else word

    def user(self, name: str) -> str:
        """Return the replacement for a user name; common account names are returned unchanged."""
        if name in COMMON_USERS:
            return name
        word = self._word("user", name)
        return self._noted(word, name) if _is_telling(name) else word

    def path(self, path: str) -> str:
        """Return the replacement for a folder on this machine; the root folder is not replaced."""
        is_kept = self.keeps_names or not path.strip("/.")
        return path if is_kept else self._noted("/folder", path)

    def _noted(self, word: str, private: str) -> str:
        """Register a replacement for a string and for its URL-encoded form, and return it."""
        for written in {private, quote(private, safe="")} - {""}:
            self._texts.setdefault(written, word)
        return word

    def project(self, name: str, word: str = "") -> str:
        """Return the replacement for the name of a private project.

        ``word`` is used as the replacement if it is given and the name is new.
        """
        own = canonicalize_name(name)
        if self.keeps_names or own in PUBLIC_FOLDERS or own == OWN_PROJECT:
            return own
        return self.names.words.setdefault(own, word or self._word("project", own))

    def label(self, label: str, kind: LabelKind) -> str:
        """Return the replacement for the name of an extra or of a dependency group.

        If a label equals the name of a private project, it gets the project's replacement.
        """
        own = canonicalize_name(label)
        if own in self.names:
            return self.names.words.get(own, label)
        if self.keeps_names:
            return self.named(label)
        encoded = encoded_label(own, self._renamed_project, partial(self.label, kind=kind))
        if encoded is not None:
            return encoded
        word = self.labels.label(label, kind)
        return self._noted(word, label) if word != label and _is_telling(label) else word

    def _renamed_project(self, name: str) -> str:
        """Return the name that the scenario uses for a project; public names are kept."""
        return self.names.words.get(name, name)

    def keep(self, projects: Iterable[str]) -> None:
        """Register public projects, whose names are not replaced."""
        names = {canonicalize_name(name) for name in projects}
        self.names.public |= names - self.names.words.keys()

    def index(self, url: str) -> None:
        """Register the URL of an index; if the host is private, it is replaced everywhere."""
        plain = url.rstrip("/")
        self._indexes.add(plain)
        if not is_public(plain) and not self.keeps_names:
            netloc = urlsplit(plain).netloc.rpartition("@")[2]
            host = urlsplit(plain).hostname or ""
            for written in {netloc.lower(), host}:
                if "." in written or _is_telling(written):
                    self._texts.setdefault(written, self.host(netloc))

    def host(self, netloc: str) -> str:
        """Return the replacement for a private host and its port."""
        if self.keeps_names and urlsplit(f"//{netloc}").hostname != "127.0.0.1":
            return netloc
        return f"{self._word('index', netloc.lower())}.example"

    def url(self, url: str) -> str:
        """Return the replacement for a URL, without credentials.

        A query is replaced as well. URLs of local indexes become ``https`` URLs.
        """
        parts = urlsplit(url)
        netloc = parts.netloc.rpartition("@")[2]
        if is_public(url):
            own = urlunsplit((parts.scheme, netloc, parts.path, "", ""))
            base = max(
                (index for index in self._indexes if f"{own}/".startswith(f"{index}/")), default=""
            )
            kept = urlsplit(base).path
            path = "/".join(map(self._renamed_segment, parts.path[len(kept) :].split("/")))
            return urlunsplit(parts._replace(netloc=netloc, path=kept + path))
        segment = self._renamed_segment if self.keeps_names else self._neutral_segment
        path = "/".join(map(segment, parts.path.split("/")))
        host = self.host(netloc)
        scheme = parts.scheme if host == netloc else "https"
        query = "signature=1" if parts.query else ""
        return urlunsplit((scheme, host, path, query, ""))

    def _renamed_segment(self, segment: str) -> str:
        """Return a path segment of a URL with the name of a private project replaced."""
        plain = unquote(segment)
        if plain.lower() in PUBLIC_FOLDERS or not self.names.words:
            return segment
        renamed = unmarked_text(self.names.filename(plain))
        return segment if renamed == plain else quote(renamed, safe="+" if "+" in segment else "")

    def _neutral_segment(self, segment: str) -> str:
        """Return the replacement for a path segment in a URL on a private host."""
        plain = unquote(segment)
        if not plain or plain.lower() in PUBLIC_FOLDERS:
            return segment
        is_file = named_file(plain) is not None or plain.startswith("${")
        if is_file or canonicalize_name(plain) in self.names:
            return self._renamed_segment(segment)
        return segment if _DIGEST.fullmatch(plain) else self._word("folder", plain)

    def text(self, text: str) -> str:
        """Return the text with all private words replaced, and with marks around safe parts."""
        text = unmarked_text(text)
        pieces, at = [], 0
        for found in _URL.finditer(text):
            pieces += [text[at : found.start()], self._marked_url(found[0])]
            at = found.end()
        whole = outside_marks("".join([*pieces, text[at:]]), self._without_texts)
        return outside_marks(whole, self.names.tokens)

    def named(self, text: str) -> str:
        """Return the text with all private words replaced, without marks."""
        return unmarked_text(self.text(text))

    def _marked_url(self, url: str) -> str:
        """Return the replacement for a URL, marked unless it may still contain a private word."""
        replaced = self.url(url)
        return replaced if is_public(replaced) and self._secrets(replaced) else marked(replaced)

    def _without_texts(self, text: str) -> str:
        for private in sorted(self._secrets(text), key=len, reverse=True):
            text = outside_marks(text, partial(self._without_text, private))
        return text

    def _without_text(self, private: str, text: str) -> str:
        return _whole(private).sub(lambda _: marked(self._texts[private]), text)

    def _secrets(self, text: str) -> list[str]:
        """Return the private words in text, except project names."""
        found = [private for private in self._texts if private in text]
        return [private for private in found if canonicalize_name(private) not in self.names]

    def credentials_in(self, text: str) -> list[str]:
        """Return the passwords and user names in ``text``, except short or common words."""
        known = {private for kind, private in self._words if kind in ("secret", "user")}
        return [private for private in self.secrets_in(text) if private in known]

    def without_credentials(self, text: str) -> str:
        """Return the text with the passwords and user names in it replaced, without marks."""
        for private in sorted(self.credentials_in(text), key=len, reverse=True):
            text = _whole(private).sub(self._texts[private], text)
        return text

    def secrets_in(self, text: str) -> list[str]:
        """Return the secrets, user names, hosts and folders that remain in ``text``."""
        return [private for private in self._secrets(text) if _whole(private).search(text)]

    def names_in(self, text: str) -> list[str]:
        """Return the names of private projects in text."""
        return self.names.found_in(text)
