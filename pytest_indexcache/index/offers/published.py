"""Files that an index has: what a scenario says of a release, turned into wheels and sdists."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from packaging.utils import canonicalize_name

from pytest_indexcache.errors import FakeIndexError
from pytest_indexcache.index.documents.contents import Digests
from pytest_indexcache.index.documents.pages import Listed
from pytest_indexcache.index.documents.sdists import SdistSpec, build_sdist
from pytest_indexcache.index.documents.wheels import BuiltDistribution, WheelSpec, build_wheel
from pytest_indexcache.index.offers.header_choices import check_profile, overlaid
from pytest_indexcache.index.offers.layout import Layout, Location
from pytest_indexcache.index.offers.resources import Resource, representation
from pytest_indexcache.messages import BytesContent, Content, Kind, Subject
from pytest_indexcache.scenario.tables.fields import size_in_bytes
from pytest_indexcache.scenario.tables.indexes import (
    File,
    FileOptions,
    HashChoice,
    HeaderChoice,
    Index,
    Release,
)

FIRST_DAY: Final = 1_704_067_200
"""1 January 2024: whatever an index had from the first was last modified within an hour of it."""

HOUR: Final = 3600
"""Between two changes to an index an hour passes, so far as dates of modification tell."""


_PURE_WHEEL: Final = File()
_OPTIONS: Final = FileOptions.model_fields.keys()


def modified_at(revision: int, name: str) -> float:
    """Return when something was last modified, in seconds since the epoch.

    It depends on nothing but the name and the number of changes to the index until then.
    """
    return FIRST_DAY + revision * HOUR + zlib.crc32(name.encode()) % HOUR


@dataclass(frozen=True)
class PublishedFile:
    """A file of a release, where it lies and how it is listed and sent.

    ``headers`` is all that was chosen for it, the index's own choice at the bottom. ``file`` and
    ``release`` are what the scenario says, with the file's options laid over its release's.
    ``yanked`` is the reason, perhaps empty, None where the file is not yanked.
    """

    index: str
    project: str
    spec: WheelSpec | SdistSpec
    file: File
    release: Release
    url: str
    hashes: HashChoice
    has_metadata: bool
    headers: HeaderChoice
    ranges: bool = True
    revision: int = 0
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
        """Where the file lies."""
        return Location.of(self.url)

    @cached_property
    def distribution(self) -> BuiltDistribution:
        """The file itself, made when it is first needed."""
        return _built(self.spec)

    @cached_property
    def resource(self) -> Resource:
        """What is sent for the file's URL."""
        content = self.distribution.content
        size = self.release.size
        nominal = content.length if size is None else size_in_bytes(size)
        is_wheel = isinstance(self.spec, WheelSpec)
        return self._resource(
            Kind.WHEEL if is_wheel else Kind.SDIST, content, self.distribution.digests, nominal
        )

    @cached_property
    def metadata_resource(self) -> Resource:
        """What is sent for the file's core metadata (PEP 658)."""
        metadata = BytesContent(self.distribution.metadata)
        digests = self.distribution.metadata_digests
        return self._resource(Kind.METADATA, metadata, digests, metadata.length)

    def _resource(self, kind: Kind, content: Content, digests: Digests, nominal: int) -> Resource:
        is_metadata = kind is Kind.METADATA
        name = f"{self.filename}.metadata" if is_metadata else self.filename
        return Resource(
            group="metadata" if is_metadata else "files",
            content=content,
            representation=representation(
                "application/octet-stream",
                content.length,
                digests,
                modified_at(self.revision, self.filename),
                name,
            ),
            headers=self.headers,
            subject=Subject(kind, self.index, self.project, name, nominal),
            ranges=self.ranges,
            other=self._other_metadata if is_metadata else self._other_content,
        )

    def _other_content(self) -> Content:
        """Return another build of the same length: all that is wrong with it is its hash."""
        build = self.spec.build or " "
        other = build[:-1] + ("x" if build[-1] != "x" else "y")
        return _built(replace(self.spec, build=other)).content

    def _other_metadata(self) -> Content:
        return BytesContent(self.distribution.metadata.replace(b": 2.2\n", b": 2.1\n", 1))

    def listed(self, href: str) -> Listed:
        """Return how a simple page lists the file under a URL."""
        return Listed(
            filename=self.filename,
            href=href,
            version=self.version,
            size=self.distribution.content.length,
            uploaded=modified_at(self.revision, self.filename),
            hashes=self._hashes(),
            requires_python=self.spec.requires_python,
            yanked=self.yanked,
            metadata_hashes=self._metadata_hashes() if self.has_metadata else None,
        )

    def _hashes(self) -> tuple[tuple[str, str], ...]:
        if self.hashes == "none":
            return ()
        if self.hashes == "wrong":
            true = self.distribution.digests.sha256
            return (("sha256", Digests(BytesContent(true.encode())).sha256),)
        return ((self.hashes, getattr(self.distribution.digests, self.hashes)),)

    def _metadata_hashes(self) -> tuple[tuple[str, str], ...]:
        if self.hashes == "none":
            return ()
        return (("sha256", self.distribution.metadata_digests.sha256),)


def _built(spec: WheelSpec | SdistSpec) -> BuiltDistribution:
    return build_wheel(spec) if isinstance(spec, WheelSpec) else build_sdist(spec)


@dataclass(frozen=True)
class Publisher:
    """Makes the files of releases for one index."""

    name: str
    index: Index
    layout: Layout

    def publish(
        self, project: str, version: str, release: Release, headers: HeaderChoice, revision: int
    ) -> tuple[PublishedFile, ...]:
        """Return the files of a release; ``headers`` is what is chosen for the whole project.

        :raises FakeIndexError: when a file cannot be made as the release says
        """
        published = []
        for number, file in enumerate(release.files or (_PURE_WHEEL,)):
            own = {name: getattr(file, name) for name in file.model_fields_set & _OPTIONS}
            options = release.model_copy(update=own) if own else release
            chosen = overlaid(overlaid(headers, release.headers), file.headers)
            try:
                published.append(self._publish(project, version, file, options, chosen, revision))
            except FakeIndexError as error:
                raise error.below(*(("files", number) if release.files else ())) from None
        return tuple(published)

    def publish_again(
        self, file: PublishedFile, release: Release, headers: HeaderChoice, revision: int
    ) -> PublishedFile:
        """Return what stands in a file's place when its release becomes another.

        :raises FakeIndexError: when the file cannot be made as the release says
        """
        return self._publish(file.project, file.version, file.file, release, headers, revision)

    def _publish(
        self,
        project: str,
        version: str,
        file: File,
        release: Release,
        headers: HeaderChoice,
        revision: int,
    ) -> PublishedFile:
        try:
            spec = self._spec(project, version, file, release)
        except ValueError as error:
            raise FakeIndexError(self.name, f"{project} {version}: {error}") from None
        check_profile(self.name, headers)
        apart = self.index.metadata and file.kind == "wheel"
        return PublishedFile(
            index=self.name,
            project=project,
            spec=spec,
            file=file,
            release=release,
            url=self._url(project, spec.filename, release.url),
            hashes=release.hashes or self.index.hashes,
            has_metadata=apart if release.metadata is None else release.metadata,
            headers=headers,
            ranges=self.index.ranges,
            revision=revision,
            yanked=None if release.yanked is False else reason_of(release.yanked),
        )

    def _url(self, project: str, filename: str, given: str | None) -> str:
        url = self.layout.file_url(project, filename, given)
        if self.index.hrefs == "relative" and not self.layout.is_near(url):
            raise FakeIndexError(
                self.name,
                f"{filename}: no relative href leads to {url}, which is on another host",
                'leave out hrefs = "relative", or the URL of the file',
                ("url",) if given else (),
            )
        return url

    def _spec(
        self, project: str, version: str, file: File, release: Release
    ) -> WheelSpec | SdistSpec:
        page = self.index.pages.get(project)
        title = (page.title if page else None) or project
        if title != project and canonicalize_name(title) != project:
            raise ValueError(f"the title {title!r} is another project's name")
        said: dict[str, Any] = {
            "name": title,
            "version": version,
            "requires": release.requires,
            "extras": tuple(release.extras.items()),
            "requires_python": release.requires_python,
            "attributes": tuple(release.attributes.items()),
            "build": release.build or self.name,
            "padding": size_in_bytes(release.padding) if release.padding else 0,
            "damage": release.damage,
        }
        if file.kind == "sdist":
            if file.model_fields_set & {"tag", "build_tag"}:
                raise ValueError("an sdist has neither a tag nor a build tag")
            return SdistSpec(**said)
        return WheelSpec(**said, tag=release.tag, build_tag=file.build_tag)


def reason_of(yanked: bool | str) -> str:
    """Return why a release is yanked, as pages say it."""
    return yanked if isinstance(yanked, str) else ""
