"""Replace the names of private projects in filenames, versions and other text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

from packaging.utils import canonicalize_name

from pytest_indexcache.drafts.captures.privacy.marks import marked, outside_marks, unmarked_text
from pytest_indexcache.drafts.words.names import is_version, named_file

_TOKEN: Final = re.compile(r"[A-Za-z0-9]+(?:[-_.]+[A-Za-z0-9]+)*")
_FILE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!%-]*\.(?:whl|tar\.gz|zip)(?![A-Za-z0-9])")
_LOCAL: Final = re.compile(r"\+([A-Za-z0-9]+(?:[-_.][A-Za-z0-9]+)*)")
_WILDCARD: Final = re.compile(r"[*?\[]")
_LETTER: Final = re.compile(r"[A-Za-z0-9]")
_PUBLIC_LOCAL: Final = re.compile(r"(?:cpu|xpu|cu[0-9]+|rocm[0-9.]*|git[0-9a-f]*|[0-9.]+)")
"""A pattern for local versions that reveal no owner, such as ``cpu`` or ``cu128``."""


@dataclass
class PrivateNames:
    """The names of private projects with their replacements, and the names of public projects.

    All names are normalised (PEP 503). ``locals`` maps private local versions, such as ``acme.7``
    in ``1.0+acme.7``, to replacements. Instances are not thread-safe.
    """

    words: dict[str, str] = field(default_factory=dict)
    public: set[str] = field(default_factory=set)
    locals: dict[str, str] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.words or name in self.public

    def whole(self, name: str) -> str:
        """Return a project's name enclosed in marks, after replacing it if it is private."""
        return marked(self.words.get(canonicalize_name(unmarked_text(name)), name))

    def filename(self, filename: str) -> str:
        """Return the name of a wheel or sdist with a private project and local version replaced."""
        named = named_file(filename)
        pattern = "[-_.]+".join(map(re.escape, named.project.split("-"))) if named else "(?!)"
        found = re.match(rf"(?:{pattern})(?=-)", filename, re.IGNORECASE)
        if named is None or found is None:
            return self.tokens(filename)
        rest = filename[found.end() + 1 :]
        if named.filename.endswith(".whl"):
            version, tail = rest.partition("-")[0], rest[rest.find("-") :]
        else:
            version = re.sub(r"\.(?:tar\.gz|zip)$", "", rest)
            tail = rest[len(version) :]
        project = (self.whole if named.project in self else self.tokens)(found[0])
        return f"{project}-{self.version(version)}{marked(tail)}"

    def version(self, version: str) -> str:
        """Return a version or specifier with a private local version replaced."""
        return marked(_LOCAL.sub(self._local, version))

    def _local(self, found: re.Match[str]) -> str:
        """Return the replacement for a private local version; return a public one unchanged."""
        local = re.sub("[-_]", ".", found[1].lower())
        if not self.words or _PUBLIC_LOCAL.fullmatch(local):
            return found[0]
        return f"+{self.locals.setdefault(local, f'local{len(self.locals) + 1}')}"

    def tokens(self, text: str) -> str:
        """Return the text with private names replaced where they are whole words."""
        if not self.words:
            return text
        text = outside_marks(text, lambda part: _FILE.sub(self._file, part))
        return outside_marks(text, lambda part: _TOKEN.sub(self._token, part))

    def matching(self, pattern: str) -> list[str]:
        """Return the names that replace a pattern such as ``acme-*``.

        A pattern that matches private projects becomes the list of the names that it matches, with
        the private ones replaced. A pattern that matches only public projects is kept. A pattern
        that matches no known project becomes a name that matches nothing.
        """
        if not self.words or not _WILDCARD.search(pattern) or not _LETTER.search(pattern):
            return [self.whole(pattern)]
        known = sorted(self.words.keys() | self.public)
        found = [name for name in known if fnmatchcase(name, pattern.lower().replace("_", "-"))]
        private = [name for name in found if name in self.words]
        if found and not private:
            return [marked(pattern)]
        return [self.whole(name) for name in found] or [marked("unknown-project")]

    def found_in(self, text: str) -> list[str]:
        """Return the names of private projects that occur in text, as spelled in the text."""
        tokens = [found[0] for found in _TOKEN.finditer(text)]
        return [token for token in tokens if canonicalize_name(token) in self.words]

    def _file(self, found: re.Match[str]) -> str:
        return self.filename(found[0]) if named_file(found[0]) is not None else found[0]

    def _token(self, found: re.Match[str]) -> str:
        token = found[0]
        name = canonicalize_name(token)
        if name in self.words:
            return marked(self.words[name])
        if name in self.public or is_version(token):
            return marked(token)
        return self._parts.sub(lambda part: self.whole(part[0]), token)

    @property
    def _parts(self) -> re.Pattern[str]:
        names = sorted(self.words, key=len, reverse=True)
        patterns = "|".join("[-_.]+".join(map(re.escape, name.split("-"))) for name in names)
        return re.compile(rf"(?<![A-Za-z0-9])(?:{patterns})(?![A-Za-z0-9])", re.IGNORECASE)
