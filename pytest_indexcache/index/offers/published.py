"""Files on an index: wheels and sdists generated from the releases of a scenario."""

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
"""1 January 2024. An index's initial contents were last modified within an hour of this time."""

HOUR: Final = 3600
"""The difference in Last-Modified between two changes to an index: one hour."""


class UrlSuffix(NamedTuple):
    """The query and fragment of a file's URL, including ``?`` and ``#``."""

    query: str = ""
    fragment: str = ""

    @classmethod
    def of(cls, url: str | None) -> UrlSuffix:
        """Return the query and fragment of a URL."""
        parts = urlsplit(url or "")
        query = f"?{parts.query}" if parts.query else ""
        return cls(query, f"#{parts.fragment}" if parts.fragment else "")


NO_SUFFIX: Final = UrlSuffix()


def modified_at(revision: int, name: str) -> float:
    """Return the time of a resource's last modification, in seconds since the epoch.

    The time depends only on the name and on ``revision``, the number of changes to the index so
    far.
    """
    return FIRST_DAY + revision * HOUR + zlib.crc32(name.encode()) % HOUR


@dataclass(frozen=True)
class PublishedFile:
    """A file of a release, with its URL, its entry on the page and its header fields.

    ``headers`` are the file's own header fields combined with the header fields of its release,
    project and index. ``file`` and ``release`` are the scenario's tables; options in ``file``
    override options in ``release``. ``suffix`` is the query and fragment that pages append to the
    URL. ``uploaded`` is in seconds since the epoch. ``yanked`` is the reason for yanking, possibly
    empty; None if the file is not yanked.
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
        """The file's name."""
        return self.spec.filename

    @property
    def version(self) -> str:
        """The version of the release."""
        return self.spec.version

    @cached_property
    def location(self) -> Location:
        """The location of the file."""
        return Location.of(self.url)

    @property
    def named_hash(self) -> HashChoice:
        """The first choice for the file's hash on pages: an algorithm, ``none`` or ``wrong``."""
        return self.hashes[0]

    @property
    def sends_metadata(self) -> bool:
        """Whether the core metadata is actually served separately, not only announced."""
        return self.has_metadata and not self._apart.missing

    @property
    def _apart(self) -> MetadataApart:
        said = self.release.metadata
        return said if isinstance(said, MetadataApart) else MetadataApart()

    @cached_property
    def distribution(self) -> BuiltDistribution:
        """The wheel or sdist, generated when it is first needed."""
        return _built(self.spec)

    @cached_property
    def resource(self) -> Resource:
        """The resource at the file's URL."""
        content = self.distribution.content
        size = self.release.size
        nominal = content.length if size is None else size_in_bytes(size)
        is_wheel = isinstance(self.spec, WheelSpec)
        return self._resource(
            Kind.WHEEL if is_wheel else Kind.SDIST, content, self.distribution.digests, nominal
        )

    @cached_property
    def metadata_resource(self) -> Resource:
        """The resource of the file's core metadata (PEP 658)."""
        metadata = BytesContent(self.metadata)
        return self._resource(Kind.METADATA, metadata, Digests(metadata), metadata.length)

    @cached_property
    def metadata(self) -> bytes:
        """The separately served core metadata, which may differ from the metadata in the file."""
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
        """Return different bytes of the same length, so that only the hash differs."""
        build = self.spec.build or " "
        other = build[:-1] + ("x" if build[-1] != "x" else "y")
        return _built(replace(self.spec, build=other)).content

    def _other_metadata(self) -> Content:
        return BytesContent(self.metadata.replace(b": 2.2\n", b": 2.1\n", 1))

    def listed(self, href: str) -> Listed:
        """Return the file's entry on a simple page that links to it at ``href``."""
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
    """Return pairs of algorithm and digest; ``wrong`` gives a digest that does not match."""
    if choices == ("none",):
        return ()
    if choices == ("wrong",):
        return (("sha256", Digests(BytesContent(digests.sha256.encode())).sha256),)
    return tuple((name, getattr(digests, name)) for name in choices)


def _built(spec: WheelSpec | SdistSpec) -> BuiltDistribution:
    return build_wheel(spec) if isinstance(spec, WheelSpec) else build_sdist(spec)
