"""The immutable state of an index between two changes: its projects and their pages."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final
from urllib.parse import urlsplit

from pytest_indexcache.errors import FakeIndexError
from pytest_indexcache.index.documents.contents import Digests
from pytest_indexcache.index.documents.pages import (
    project_html,
    project_json,
    root_html,
    root_json,
)
from pytest_indexcache.index.documents.wheels import WheelSpec
from pytest_indexcache.index.offers.header_choices import check_profile, overlaid, profile_of
from pytest_indexcache.index.offers.layout import Location, quoted
from pytest_indexcache.index.offers.published import PublishedFile, modified_at
from pytest_indexcache.index.offers.publisher import Moment, Publisher
from pytest_indexcache.index.offers.resources import Resource, representation
from pytest_indexcache.messages import HTML, JSON_V1, BytesContent, HostPort, Kind, Subject
from pytest_indexcache.scenario.tables.fields import HeaderChoice
from pytest_indexcache.servers.profiles import ServerProfile

PageKey = tuple[str | None, str, bool]
"""The key for a page: project (None for the root page), media type, and whether it is gzipped."""


@dataclass(frozen=True)
class Listing:
    """The files of a project in the order in which they were published.

    ``revision`` is the number of changes to the index up to and including the last one that changed
    this project.
    """

    files: tuple[PublishedFile, ...]
    revision: int = 0


NOTHING: Final = Listing(())
"""The listing for a project that the index does not have."""


@dataclass(frozen=True)
class Offer:
    """Everything that an index can serve at one point in time.

    ``headers`` contains the header fields for the index, and ``own_headers`` those for individual
    projects. ``page_headers`` combines both; the project's fields take precedence. ``revision`` is
    the number of changes so far.
    """

    publisher: Publisher
    listings: Mapping[str, Listing]
    headers: HeaderChoice
    page_headers: Mapping[str, HeaderChoice]
    own_headers: Mapping[str, HeaderChoice]
    users: Mapping[str, str]
    revision: int = 0
    _pages: dict[PageKey, Resource] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def first(cls, publisher: Publisher, now: float) -> Offer:
        """Return the initial offer of an index; ``now`` is the time at which the play starts.

        :raises FakeIndexError: if an index cannot exist in the way that the scenario describes
            it
        """
        index = publisher.index
        for name, page in index.pages.items():
            if page.serves and page.redirect:
                raise FakeIndexError(
                    publisher.name,
                    f"page {name} both redirects and serves another project",
                    path=("pages", name, "redirect"),
                )
        own = {name: page.headers for name, page in index.pages.items()}
        merged = {name: overlaid(index.headers, choice) for name, choice in own.items()}
        check_profile(publisher.name, index.headers, "headers")
        for name, choice in merged.items():
            check_profile(publisher.name, choice, "pages", name, "headers")
        listings = {}
        for project, releases in index.packages.items():
            files: list[PublishedFile] = []
            for version, release in releases.items():
                try:
                    headers = merged.get(project, index.headers)
                    files += publisher.publish(project, version, release, headers, Moment(now))
                except FakeIndexError as error:
                    raise error.below("packages", project, version) from None
            listings[project] = Listing(tuple(files))
        offer = cls(publisher, listings, index.headers, merged, own, index.users)
        file = offer.misplaced
        if file is not None:
            raise offer.no_room(file).below("packages", file.project, file.version)
        return offer

    @property
    def misplaced(self) -> PublishedFile | None:
        """The last file that has the same URL as an earlier file, or None if all URLs differ."""
        if len(self.files) == sum(len(listing.files) for listing in self.listings.values()):
            return None
        first: dict[Location, PublishedFile] = {}
        every = [file for listing in self.listings.values() for file in listing.files]
        return [file for file in every if first.setdefault(file.location, file) is not file][-1]

    def no_room(self, file: PublishedFile) -> FakeIndexError:
        """Return the error for a file that has the same URL as a different file."""
        other = next(
            listed_file
            for listing in self.listings.values()
            for listed_file in listing.files
            if listed_file.location == file.location
        )
        return FakeIndexError(
            self.publisher.name,
            f"{file.filename} cannot be at {file.url}: {other.filename} of {other.project} "
            f"{other.version} is there",
            "give them other tags, build tags or URLs",
        )

    @cached_property
    def files(self) -> dict[Location, PublishedFile]:
        """The files, keyed by location."""
        return {file.location: file for listing in self.listings.values() for file in listing.files}

    @cached_property
    def signed_files(self) -> dict[Location, PublishedFile]:
        """The files, keyed by the location of their signed URL; empty if URLs are not signed."""
        folder = self.publisher.index.signed_urls
        if folder is None:
            return {}
        host, path = Location.of(folder)
        return {
            Location(host, f"{path.rstrip('/')}/{file.filename}"): file
            for file in self.files.values()
        }

    @property
    def places(self) -> frozenset[Location]:
        """The locations of all files, including those of signed URLs."""
        return frozenset((*self.files, *self.signed_files))

    @cached_property
    def origins(self) -> frozenset[HostPort]:
        """The hosts and ports that serve files."""
        return frozenset(HostPort.of(file.url) for file in self.files.values())

    @property
    def profile(self) -> ServerProfile:
        """The header profile of the index."""
        return profile_of(self.headers)

    def headers_of(self, project: str) -> HeaderChoice:
        """Return the header fields for a project's page and for files added to the project."""
        return self.page_headers.get(project, self.headers)

    def has_page(self, project: str) -> bool:
        """Return whether a page is served at a project's URL, even if it is another project's."""
        return self._served(project) in self.listings

    def page(self, project: str | None, media_type: str, *, compressed: bool) -> Resource:
        """Return the page for a project, or the root page.

        The page for an unknown project contains no files. Pages are only rendered once and then
        kept in the offer.
        """
        key = (project, media_type, compressed)
        page = self._pages.get(key)
        if page is None:
            page = self._pages[key] = self._rendered(key, self._body(key))
        return page

    def urls(self) -> Iterator[tuple[Kind, str]]:
        """Yield the URL of every page and file, with its kind."""
        index = self.publisher.index
        yield Kind.PAGE, self._page_url(None)
        for project in [] if index.flat else sorted({*self.listings, *index.pages}):
            yield Kind.PAGE, self._page_url(project)
        for listing in self.listings.values():
            yield from _urls_of_files(listing)

    def urls_of(self, project: str) -> Iterator[tuple[Kind, str]]:
        """Yield the kind and URL of a project's page and of its files; the page may not exist."""
        yield Kind.PAGE, self._page_url(None if self.publisher.index.flat else project)
        if project in self.listings:
            yield from _urls_of_files(self.listings[project])

    def _page_url(self, project: str | None) -> str:
        path = quoted(self.publisher.layout.page_path(project))
        return urlsplit(self.publisher.index.url)._replace(path=path).geturl()

    def _served(self, project: str | None) -> str | None:
        page = self.publisher.index.pages.get(project) if project else None
        return page.serves if page and page.serves else project

    def _body(self, key: PageKey) -> bytes:
        project, media_type, _ = key
        layout, index = self.publisher.layout, self.publisher.index
        served = self._served(project)
        if served is None and not index.flat:
            names = {*self.listings, *(name for name, page in index.pages.items() if page.serves)}
            titles = [(name, self._title(name)) for name in sorted(names)]
            if media_type == JSON_V1:
                return root_json(titles, index.answers)
            return root_html(titles, index.answers)
        path = layout.page_path(project)
        listed = [file.listed(layout.href(file.url, path)) for file in self._listed(served)]
        if media_type == JSON_V1:
            return project_json(served or self.publisher.name, listed, index.answers)
        title = self._title(served) if served else self.publisher.name
        return project_html(title, listed, index.answers)

    def _listed(self, project: str | None) -> Iterable[PublishedFile]:
        if project is not None:
            return self.listings.get(project, NOTHING).files
        return [file for listing in self.listings.values() for file in listing.files]

    def _title(self, project: str) -> str:
        page = self.publisher.index.pages.get(project)
        return (page.title if page else None) or project

    def _rendered(self, key: PageKey, body: bytes) -> Resource:
        project, media_type, compressed = key
        index = self.publisher.index
        content = BytesContent(gzip.compress(body, mtime=0) if compressed else body)
        served = self._served(project)
        revision = self.listings.get(served, NOTHING).revision if served else self.revision
        modified = modified_at(revision, project or "")
        answers = index.answers
        vary = ["Accept"] if len(set(index.formats)) > 1 and not index.flat else []
        vary += ["Accept-Encoding"] if index.gzip else []
        # A profile may have its own Content-Type for legacy HTML
        fixed = [] if media_type == HTML else [("Content-Type", media_type)]
        fixed += [("Content-Encoding", "gzip")] if compressed else []
        described = f"{HTML}; charset=UTF-8" if media_type == HTML else media_type
        return Resource(
            group="pages",
            content=content,
            representation=representation(
                described, content.length, Digests(content), modified, "index.html"
            ),
            headers=self.headers_of(project) if project else self.headers,
            subject=Subject(Kind.PAGE, self.publisher.name, project, None, content.length),
            fixed=tuple(fixed),
            vary=tuple(vary) if answers.vary else (),
            answers=answers,
        )


def _urls_of_files(listing: Listing) -> Iterator[tuple[Kind, str]]:
    for file in listing.files:
        kind = Kind.WHEEL if isinstance(file.spec, WheelSpec) else Kind.SDIST
        yield kind, file.url + file.suffix.query
        if file.sends_metadata:
            yield Kind.METADATA, f"{file.url}.metadata"
