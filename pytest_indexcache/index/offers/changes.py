"""Changes to what an index offers: each makes a new offer of the old one; pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pytest_indexcache.errors import FakeIndexError
from pytest_indexcache.index.offers.header_choices import changed, check_profile, overlaid
from pytest_indexcache.index.offers.offer import Listing, Offer
from pytest_indexcache.index.offers.published import PublishedFile, reason_of
from pytest_indexcache.scenario.tables.changes import (
    Delete,
    Publish,
    Replace,
    SetHeaders,
    SetUsers,
    Yank,
)
from pytest_indexcache.scenario.tables.indexes import HeaderChoice, Release

Files = tuple[PublishedFile, ...]


def published(offer: Offer, change: Publish) -> Offer:
    """Return the offer with a release, or with more files of one."""
    project, version = change.project, change.version
    headers, revision = offer.headers_of(project), offer.revision + 1
    try:
        files = offer.publisher.publish(project, version, change.contents, headers, revision)
    except FakeIndexError as error:
        raise error.below("contents") from None
    listing = offer.listings.get(project, Listing(()))
    known = {file.filename for file in listing.files}
    for file in files:
        if file.filename in known:
            raise _error(
                offer, f"{file.filename} is there already", 'to have other bytes, do = "replace"'
            )
    return _with_files(offer, project, listing.files + files)


def replaced(offer: Offer, change: Replace) -> Offer:
    """Return the offer with other files under the names of those of a release."""
    contents = change.contents
    if "build" not in contents.model_fields_set:
        contents = contents.model_copy(update={"build": "replaced"})
    old = _release(offer, change.project, change.version)
    try:
        new = _republished(offer, old, contents)
    except FakeIndexError as error:
        raise error.below("contents") from None
    names = {file.filename for file in old}
    for file in new:
        if file.filename not in names:
            raise _error(
                offer,
                f"{file.filename} is not there, so it cannot be replaced",
                'to add a file, do = "publish"',
            )
    before = {file.filename: repr(file.spec) for file in old}
    if all(before[file.filename] == repr(file.spec) for file in new):
        raise _error(
            offer,
            f"{change.project} {change.version} would have the same bytes as before",
            'give contents another build, such as build = "second"',
        )
    now = {file.filename: file for file in new}
    return _with_files(
        offer,
        change.project,
        tuple(
            now.get(file.filename, file) if file in old else file
            for file in offer.listings[change.project].files
        ),
    )


def _republished(offer: Offer, old: Files, contents: Release) -> Files:
    """Return a release's files as its new contents have them, which name what differs."""
    revision = offer.revision + 1
    if contents.files:
        project, version = old[0].project, old[0].version
        headers = offer.headers_of(project)
        return offer.publisher.publish(project, version, contents, headers, revision)
    update = {name: getattr(contents, name) for name in contents.model_fields_set}
    return tuple(
        offer.publisher.publish_again(
            file,
            file.release.model_copy(update=update),
            overlaid(file.headers, contents.headers),
            revision,
        )
        for file in old
    )


def yanked(offer: Offer, change: Yank) -> Offer:
    """Return the offer with a release yanked."""
    old = _release(offer, change.project, change.version)
    return _with_each(
        offer,
        change.project,
        lambda file: replace(file, yanked=reason_of(change.reason)) if file in old else file,
    )


def deleted(offer: Offer, change: Delete) -> Offer:
    """Return the offer without a release, or without a project."""
    if change.version is None:
        if change.project not in offer.listings:
            raise _no_project(offer, change.project)
        listings = {k: v for k, v in offer.listings.items() if k != change.project}
        return _next(offer, listings=listings)
    old = _release(offer, change.project, change.version)
    files = offer.listings[change.project].files
    return _with_files(offer, change.project, tuple(file for file in files if file not in old))


def with_headers(offer: Offer, change: SetHeaders) -> Offer:
    """Return the offer with other header fields, which hold for what is sent from now on."""
    check_profile(offer.publisher.name, change.headers, "headers")
    if change.project is None and change.version is None:
        return _with_index_headers(offer, change.headers)
    if change.project is None:
        raise _error(offer, "set-headers has a version, but no project", "name the project")
    if change.version is None:
        return _with_project_headers(offer, change.project, change.headers)
    return _with_release_headers(offer, change.project, change.version, change.headers)


def _with_index_headers(offer: Offer, headers: HeaderChoice) -> Offer:
    return _next(
        offer,
        headers=changed(offer.headers, headers),
        page_headers={
            name: changed(choice, headers) for name, choice in offer.page_headers.items()
        },
        listings={
            project: replace(listing, files=_changed_files(listing.files, headers))
            for project, listing in offer.listings.items()
        },
    )


def _with_project_headers(offer: Offer, project: str, headers: HeaderChoice) -> Offer:
    if project not in offer.listings and project not in offer.publisher.index.pages:
        raise _no_project(offer, project)
    listings = dict(offer.listings)
    if project in listings:
        files = _changed_files(listings[project].files, headers)
        listings[project] = replace(listings[project], files=files)
    merged = changed(offer.headers_of(project), headers)
    own = changed(offer.own_headers.get(project, HeaderChoice()), headers)
    return _next(
        offer,
        listings=listings,
        page_headers={**offer.page_headers, project: merged},
        own_headers={**offer.own_headers, project: own},
    )


def _with_release_headers(offer: Offer, project: str, version: str, headers: HeaderChoice) -> Offer:
    if headers.pages:
        raise _error(
            offer,
            f"set-headers of {project} {version} has fields for pages, which a release has not",
            "leave out the version, or the pages",
        )
    old = _release(offer, project, version)
    listing = offer.listings[project]
    files = tuple(
        replace(file, headers=changed(file.headers, headers)) if file in old else file
        for file in listing.files
    )
    return _with_listing(offer, project, replace(listing, files=files))


def with_users(offer: Offer, change: SetUsers) -> Offer:
    """Return the offer for other users."""
    return _next(offer, users=change.users)


def _changed_files(files: Files, change: HeaderChoice) -> Files:
    return tuple(replace(file, headers=changed(file.headers, change)) for file in files)


def _with_each(
    offer: Offer, project: str, alter: Callable[[PublishedFile], PublishedFile]
) -> Offer:
    return _with_files(offer, project, tuple(map(alter, offer.listings[project].files)))


def _with_files(offer: Offer, project: str, files: Files) -> Offer:
    return _with_listing(offer, project, Listing(files, offer.revision + 1))


def _with_listing(offer: Offer, project: str, listing: Listing) -> Offer:
    return _next(offer, listings={**offer.listings, project: listing})


def _next(offer: Offer, **changes: Any) -> Offer:
    following = replace(offer, **changes, revision=offer.revision + 1, _pages={})
    file = following.misplaced
    if file is not None:
        raise following.no_room(file)
    return following


def _release(offer: Offer, project: str, version: str) -> Files:
    if project not in offer.listings:
        raise _no_project(offer, project)
    files = offer.listings[project].files
    found = tuple(file for file in files if file.version == version)
    if not found:
        versions = ", ".join(dict.fromkeys(file.version for file in files)) or "none"
        raise _error(offer, f"there is no release {version} of {project}", f"it has {versions}")
    return found


def _no_project(offer: Offer, project: str) -> FakeIndexError:
    projects = ", ".join(offer.listings) or "none"
    return _error(offer, f"there is no project {project}", f"it has {projects}")


def _error(offer: Offer, problem: str, hint: str = "") -> FakeIndexError:
    return FakeIndexError(offer.publisher.name, problem, hint)
