"""Generate the files of the releases that are published on an index."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from packaging.utils import canonicalize_name
from packaging.version import Version

from pytest_indexcache.errors import FakeIndexError
from pytest_indexcache.index.documents.sdists import BuiltWheel, SdistSpec
from pytest_indexcache.index.documents.wheels import WheelSpec
from pytest_indexcache.index.offers.header_choices import check_profile, overlaid
from pytest_indexcache.index.offers.layout import Layout
from pytest_indexcache.index.offers.published import PublishedFile, UrlSuffix, modified_at
from pytest_indexcache.scenario.tables.fields import (
    HeaderChoice,
    moment_of,
    read_release,
    size_in_bytes,
)
from pytest_indexcache.scenario.tables.indexes import (
    File,
    FileOptions,
    Index,
    Release,
)

_PURE_WHEEL: Final = File()
OPTIONS: Final = FileOptions.model_fields.keys()
"""The names of options that can be set for a file as well as for its release."""


@dataclass(frozen=True)
class Moment:
    """The time at which a file is published.

    ``now`` is in seconds since the epoch; ``revision`` is the number of earlier changes to the
    index. ``is_played`` is false for files that exist initially.
    """

    now: float
    revision: int = 0
    is_played: bool = False

    def uploaded(self, said: datetime | str | None, filename: str) -> float:
        """Return the upload time of a file in seconds since the epoch.

        ``said`` is the time given in the scenario. By default, initial files have a time on 1
        January 2024, and other files have the time at which they are published.
        """
        if said is not None:
            return moment_of(said, self.now)
        return self.now if self.is_played else modified_at(0, filename)


@dataclass(frozen=True)
class Publisher:
    """Generates the files of releases on one index."""

    name: str
    index: Index
    layout: Layout

    def publish(
        self, project: str, version: str, release: Release, headers: HeaderChoice, moment: Moment
    ) -> tuple[PublishedFile, ...]:
        """Return the files of a release; ``headers`` contains the header fields for its project.

        :raises FakeIndexError: if a file cannot be generated with the properties of the release
        """
        published = []
        for number, file in enumerate(release.files or (_PURE_WHEEL,)):
            own = {name: getattr(file, name) for name in file.model_fields_set & OPTIONS}
            options = release.model_copy(update=own) if own else release
            chosen = overlaid(overlaid(headers, release.headers), file.headers)
            try:
                published.append(self._publish(project, version, file, options, chosen, moment))
            except FakeIndexError as error:
                raise error.below(*(("files", number) if release.files else ())) from None
        return tuple(published)

    def publish_again(
        self, file: PublishedFile, release: Release, headers: HeaderChoice, moment: Moment
    ) -> PublishedFile:
        """Return the new state of a file after its release has changed.

        :raises FakeIndexError: if the file cannot be generated with the properties of the release
        """
        return self._publish(file.project, file.version, file.file, release, headers, moment)

    def _publish(
        self,
        project: str,
        version: str,
        file: File,
        release: Release,
        headers: HeaderChoice,
        moment: Moment,
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
            url=self._url(project, version, spec.filename, release.url),
            suffix=UrlSuffix.of(release.url),
            hashes=release.hashes or self.index.hashes,
            has_metadata=apart if release.metadata is None else release.metadata is not False,
            headers=headers,
            ranges=self.index.ranges,
            answers=self.index.answers,
            revision=moment.revision,
            uploaded=moment.uploaded(release.upload_time, spec.filename),
            yanked=None if release.yanked is False else reason_of(release.yanked),
        )

    def _url(self, project: str, version: str, filename: str, given: str | None) -> str:
        url = self.layout.file_url(project, version, filename, given)
        if self.index.hrefs == "relative" and not self.layout.is_near(url):
            raise FakeIndexError(
                self.name,
                f"{filename}: a relative href cannot lead to {url}, which is on another host",
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
            "called": _filename(project, version, file),
        }
        if file.kind == "wheel" and file.builds.model_fields_set:
            raise ValueError("a wheel is not built: builds is for an sdist")
        if file.kind == "sdist":
            if file.model_fields_set & {"tag", "build_tag"}:
                raise ValueError("an sdist has neither a tag nor a build tag")
            return SdistSpec(**said, built=BuiltWheel(**file.builds.model_dump()))
        return WheelSpec(**said, tag=release.tag, build_tag=file.build_tag)


def _filename(project: str, version: str, file: File) -> str | None:
    """Return the filename that is set for a file, or None.

    :raises ValueError: if the filename is that of another kind of file or of another release
    """
    name = file.filename
    if name is None:
        return None
    release = read_release(name)
    if release is None or release.is_wheel != (file.kind == "wheel"):
        raise ValueError(f"{name!r} is not the name of a {file.kind}")
    if (release.project, release.version) != (project, Version(version)):
        raise ValueError(f"{name!r} is the name of a file of another project or release")
    return name


def reason_of(yanked: bool | str) -> str:
    """Return the yank reason as it is written on pages, or an empty string if none is given."""
    return yanked if isinstance(yanked, str) else ""
