"""Changes to what an index offers; each function returns a new offer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from pytest_indexcache.errors import FakeIndexError
from pytest_indexcache.index.offers.header_choices import changed, check_profile, overlaid
from pytest_indexcache.index.offers.offer import Listing, Offer
from pytest_indexcache.index.offers.published import PublishedFile
from pytest_indexcache.index.offers.publisher import OPTIONS, Moment, reason_of
from pytest_indexcache.scenario.tables.changes import (
    Delete,
    Publish,
    Replace,
    SetHeaders,
    SetUsers,
    Yank,
)
from pytest_indexcache.scenario.tables.fields import HeaderChoice
from pytest_indexcache.scenario.tables.filenames import filenames
from pytest_indexcache.scenario.tables.indexes import File, Release

Files = tuple[PublishedFile, ...]

_NAMING: Final = frozenset({"kind", "tag", "build_tag", "filename"})
_OF_PAGES: Final = frozenset({"hashes", "listed", "metadata", "upload_time", "url", "yanked"})


def published(offer: Offer, change: Publish, now: float) -> Offer:
    """Return the offer after a release has been published, or files added to an existing one."""
    project, version = change.project, change.version
    headers, moment = offer.headers_of(project), _moment(offer, now)
    try:
        files = offer.publisher.publish(project, version, change.contents, headers, moment)
    except FakeIndexError as error:
        raise error.below("contents") from None
    listing = offer.listings.get(project, Listing(()))
    known = {file.filename for file in listing.files}
    for file in files:
        if file.filename in known:
            raise _error(
                offer, f"{file.filename} already exists", 'to have other bytes, do = "replace"'
            )
    return _with_files(offer, project, listing.files + files)


def replaced(offer: Offer, change: Replace, now: float) -> Offer:
    """Return the offer after a release's files have been replaced by files with the same names.

    If only properties that are shown on the page change, the files keep their bytes.
    """
    contents = change.contents
    if not (_speaks_of_page(contents) or "build" in contents.model_fields_set):
        contents = contents.model_copy(update={"build": "replaced"})
    old = _release(offer, change.project, change.version)
    try:
        new = _republished(offer, old, contents, _moment(offer, now))
    except FakeIndexError as error:
        raise error.below("contents") from None
    if all(_is_same(file, new.get(file.filename, file)) for file in old):
        raise _error(
            offer,
            f"{change.project} {change.version} would have the same {_matter(contents)} as before",
            'give contents another build, such as build = "second"',
        )
    files = offer.listings[change.project].files
    return _with_files(
        offer,
        change.project,
        tuple(new.get(file.filename, file) if file in old else file for file in files),
    )


def _speaks_of_page(contents: Release) -> bool:
    """Return whether all the keys set in ``contents`` affect only the page or the URLs of files."""
    said = contents.model_fields_set - {"files"}
    said |= {key for file in contents.files for key in file.model_fields_set - _NAMING}
    return bool(said) and said <= _OF_PAGES


def _matter(contents: Release) -> str:
    return "entry on the page" if _speaks_of_page(contents) else "bytes"


def _is_same(old: PublishedFile, new: PublishedFile) -> bool:
    """Return whether installers would see no difference between two states of a file."""
    return (
        repr(old.spec) == repr(new.spec)
        and (old.location, old.suffix) == (new.location, new.suffix)
        and old.listed("") == new.listed("")
        and (old.sends_metadata, old.metadata) == (new.sends_metadata, new.metadata)
    )


def _republished(
    offer: Offer, old: Files, contents: Release, moment: Moment
) -> dict[str, PublishedFile]:
    """Return a release's files, keyed by filename, after applying the keys in ``contents``."""
    by_name = {file.filename: file for file in old}
    update = {key: getattr(contents, key) for key in contents.model_fields_set - {"files"}}
    changes: dict[str, File | None] = dict.fromkeys(by_name)
    if contents.files:
        names = filenames(old[0].project, old[0].version, contents)
        changes = dict(zip(names, contents.files, strict=True))
    new = {}
    for name, file in changes.items():
        if name not in by_name:
            raise _not_there(offer, name)
        own = {key: getattr(file, key) for key in file.model_fields_set & OPTIONS} if file else {}
        before = by_name[name]
        headers = overlaid(before.headers, contents.headers)
        release = before.release.model_copy(update={**update, **own})
        if file and "builds" in file.model_fields_set:
            before = replace(before, file=before.file.model_copy(update={"builds": file.builds}))
        after = offer.publisher.publish_again(
            before, release, overlaid(headers, file.headers) if file else headers, moment
        )
        if after.filename not in by_name:
            raise _not_there(offer, after.filename)
        if "yanked" not in {**update, **own}:
            after = replace(after, yanked=before.yanked)
        if repr(after.spec) == repr(before.spec):
            said_time = "upload_time" in {**update, **own}
            uploaded = after.uploaded if said_time else before.uploaded
            after = replace(after, revision=before.revision, uploaded=uploaded)
        new[name] = after
    return new


def _not_there(offer: Offer, name: str) -> FakeIndexError:
    text = f"{name} is not there, so it cannot be replaced"
    return _error(offer, text, 'to add a file, do = "publish"')


def yanked(offer: Offer, change: Yank, _now: float) -> Offer:
    """Return the offer after a release, or one of its files, has been yanked."""
    old = _named(offer, change)
    return _with_each(
        offer,
        change.project,
        lambda file: replace(file, yanked=reason_of(change.reason)) if file in old else file,
    )


def deleted(offer: Offer, change: Delete, _now: float) -> Offer:
    """Return the offer after a project, a release or a file has been deleted."""
    if change.version is None:
        if change.file is not None:
            raise _error(offer, "delete has a file, but no version", "name the version")
        if change.project not in offer.listings:
            raise _no_project(offer, change.project)
        listings = {k: v for k, v in offer.listings.items() if k != change.project}
        return _next(offer, listings=listings)
    old = _named(offer, change)
    files = offer.listings[change.project].files
    return _with_files(offer, change.project, tuple(file for file in files if file not in old))


def with_headers(offer: Offer, change: SetHeaders, _now: float) -> Offer:
    """Return the offer with changed header fields for future responses."""
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
            f"set-headers of {project} {version} has fields for pages, but a release has no page",
            "leave out the version, or the pages",
        )
    old = _release(offer, project, version)
    listing = offer.listings[project]
    files = tuple(
        replace(file, headers=changed(file.headers, headers)) if file in old else file
        for file in listing.files
    )
    return _with_listing(offer, project, replace(listing, files=files))


def with_users(offer: Offer, change: SetUsers, _now: float) -> Offer:
    """Return the offer after its users have been replaced."""
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


def _named(offer: Offer, change: Yank | Delete) -> Files:
    """Return the files that a change applies to: a single file, or all files of a release."""
    files = _release(offer, change.project, change.version or "")
    found = tuple(file for file in files if change.file in (None, file.filename))
    if not found:
        names = ", ".join(file.filename for file in files)
        text = f"there is no file {change.file} of {change.project} {change.version}"
        raise _error(offer, text, f"it has {names}")
    return found


def _moment(offer: Offer, now: float) -> Moment:
    return Moment(now, offer.revision + 1, is_played=True)


def _no_project(offer: Offer, project: str) -> FakeIndexError:
    projects = ", ".join(offer.listings) or "none"
    return _error(offer, f"there is no project {project}", f"it has {projects}")


def _error(offer: Offer, problem: str, hint: str = "") -> FakeIndexError:
    return FakeIndexError(offer.publisher.name, problem, hint)
