"""Files on an index: wheels and sdists that are generated from the releases in a scenario."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from pytest_indexcache.index.documents.contents import Digests
from pytest_indexcache.index.documents.pages import Listed
from pytest_indexcache.index.documents.sdists import SdistSpec, build_sdist
from pytest_indexcache.index.documents.wheels import BuiltDistribution, WheelSpec, build_wheel
from pytest_indexcache.index.offers.layout import Location
from pytest_indexcache.index.offers.resources import Resource, representation
from pytest_indexcache.messages import BytesContent, Content, Kind, Subject
from pytest_indexcache.scenario.tables.fields import HeaderChoice, size_in_bytes
from pytest_indexcache.scenario.tables.indexes import (
    SAYS,
    File,
    HashChoice,
    MetadataApart,
    Release,
)
from pytest_indexcache.servers.answers import AS_PYPI, Answers

FIRST_DAY: Final = 1_704_067_200
"""1 January 2024 in seconds since the epoch; initial files are dated within an hour of it."""

HOUR: Final = 3600
"""The time in seconds by which each change to an index advances its Last-Modified dates."""


class UrlSuffix(NamedTuple):
    """The query and fragment in a file's URL, including ``?`` and ``#``."""

    query: str = ""
    fragment: str = ""

    @classmethod
    def of(cls, url: str | None) -> UrlSuffix:
        """Split the query and fragment off a URL, and return them."""
        parts = urlsplit(url or "")
        query = f"?{parts.query}" if parts.query else ""
        return cls(query, f"#{parts.fragment}" if parts.fragment else "")


NO_SUFFIX: Final = UrlSuffix()


def modified_at(revision: int, name: str) -> float:
    """Return when a resource was last modified, in seconds since the epoch.

    This only depends on the name and on ``revision``, which is the number of changes to the index
    so far.
    """
    return FIRST_DAY + revision * HOUR + zlib.crc32(name.encode()) % HOUR


@dataclass(frozen=True)
class PublishedFile:
    """A file of a release, with its URL, its entry on the page and its header fields.

    ``headers`` combines the header fields of the file, its release, its project and the index.
    ``file`` and ``release`` are tables in the scenario; options in ``file`` take precedence.
    ``suffix`` contains the query and fragment that pages append to the URL. ``uploaded`` is in
    seconds since the epoch. ``yanked`` is the reason why the file was yanked, possibly empty, or
    None if it was not yanked.
    """

    index: str
    project: str
    spec: WheelSpec | SdistSpec
    file: File
    release: Release
    url: str
    hashes: tuple[HashChoice, ...]
    has_metadata: bool
    headers: HeaderChoice
    ranges: bool = True
    answers: Answers = AS_PYPI
    revision: int = 0
    suffix: UrlSuffix = NO_SUFFIX
    uploaded: float = FIRST_DAY
    yanked: str | None = None

    @property
    def filename(self) -> str:
        """The filename."""
        return self.spec.filename

    @property
    def version(self) -> str:
        """The version of the release that the file belongs to."""
        return self.spec.version

    @cached_property
    def location(self) -> Location:
        """The location of the file's URL."""
        return Location.of(self.url)

    @property
    def named_hash(self) -> HashChoice:
        """The first hash that pages contain for the file: an algorithm, ``none`` or ``wrong``."""
        return self.hashes[0]

    @property
    def sends_metadata(self) -> bool:
        """Whether the core metadata is really served separately, and not only announced."""
        return self.has_metadata and not self._apart.missing

    @property
    def _apart(self) -> MetadataApart:
        said = self.release.metadata
        return said if isinstance(said, MetadataApart) else MetadataApart()

    @cached_property
    def distribution(self) -> BuiltDistribution:
        """The wheel or sdist; it is generated when it is first needed."""
        return _built(self.spec)

    @cached_property
    def resource(self) -> Resource:
        """The resource to serve at the file's URL."""
        content = self.distribution.content
        size = self.release.size
        nominal = content.length if size is None else size_in_bytes(size)
        is_wheel = isinstance(self.spec, WheelSpec)
        return self._resource(
            Kind.WHEEL if is_wheel else Kind.SDIST, content, self.distribution.digests, nominal
        )

    @cached_property
    def metadata_resource(self) -> Resource:
        """The resource to serve at the URL of the file's core metadata (PEP 658)."""
        metadata = BytesContent(self.metadata)
        return self._resource(Kind.METADATA, metadata, Digests(metadata), metadata.length)

    @cached_property
    def metadata(self) -> bytes:
        """The core metadata that is served separately; it may differ from that in the file."""
        apart = self._apart
        if apart.is_junk:
            return b"This is not core metadata.\n"
        said = apart.model_fields_set & SAYS
        if not said:
            return self.distribution.metadata
        other: dict[str, Any] = {key: getattr(apart, key) or None for key in said}
        if "requires" in said:
            other["requires"] = apart.requires
        return replace(self.spec, **other).metadata()

    def _resource(self, kind: Kind, content: Content, digests: Digests, nominal: int) -> Resource:
        is_metadata = kind is Kind.METADATA
        name = f"{self.filename}.metadata" if is_metadata else self.filename
        return Resource(
            group="metadata" if is_metadata else "files",
            content=content,
            representation=representation(
                self.answers.sdist_type if kind is Kind.SDIST else "application/octet-stream",
                content.length,
                digests,
                modified_at(self.revision, self.filename),
                name,
            ),
            headers=self.headers,
            subject=Subject(kind, self.index, self.project, name, nominal),
            ranges=self.ranges,
            answers=self.answers,
            other=self._other_metadata if is_metadata else self._other_content,
        )

    def _other_content(self) -> Content:
        """Return content with the same length but different bytes, and so with another hash."""
        build = self.spec.build or " "
        other = build[:-1] + ("x" if build[-1] != "x" else "y")
        return _built(replace(self.spec, build=other)).content

    def _other_metadata(self) -> Content:
        return BytesContent(self.metadata.replace(b": 2.2\n", b": 2.1\n", 1))

    def listed(self, href: str) -> Listed:
        """Return the file's entry for a simple page, with ``href`` as the link."""
        listed = self.release.listed
        requires_python = self.spec.requires_python
        if "requires_python" in listed.model_fields_set:
            requires_python = listed.requires_python or None
        size: int | None = self.distribution.content.length
        if listed.size is not None:
            size = size_in_bytes(listed.size) if listed.size else None
        return Listed(
            filename=self.filename,
            href=href + self.suffix.query,
            fragment=self.suffix.fragment,
            version=self.version,
            size=size,
            uploaded=self.uploaded,
            hashes=self._hashes(),
            requires_python=requires_python,
            yanked=self.yanked,
            metadata_hashes=self._metadata_hashes() if self.has_metadata else None,
        )

    def _hashes(self) -> tuple[tuple[str, str], ...]:
        return _named_digests(self.hashes, self.distribution.digests)

    def _metadata_hashes(self) -> tuple[tuple[str, str], ...]:
        chosen = self._apart.hash
        if chosen is None:
            has_hash = self.named_hash != "none" and self.answers.metadata_hashes
            chosen = "sha256" if has_hash else "none"
        return _named_digests((chosen,), Digests(BytesContent(self.metadata)))


def _named_digests(
    choices: tuple[HashChoice, ...], digests: Digests
) -> tuple[tuple[str, str], ...]:
    """Return pairs of an algorithm and a digest; for ``wrong``, the digest does not match."""
    if choices == ("none",):
        return ()
    if choices == ("wrong",):
        return (("sha256", Digests(BytesContent(digests.sha256.encode())).sha256),)
    return tuple((name, getattr(digests, name)) for name in choices)


def _built(spec: WheelSpec | SdistSpec) -> BuiltDistribution:
    return build_wheel(spec) if isinstance(spec, WheelSpec) else build_sdist(spec)
