"""The JSON document about a release at ``/pypi/NAME/VERSION/json``, which poetry requests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from email.parser import BytesParser
from typing import Any, Final

from packaging.version import InvalidVersion, Version

from pytest_indexcache.index.documents.contents import Digests
from pytest_indexcache.index.offers.layout import Layout, Location
from pytest_indexcache.index.offers.offer import Offer
from pytest_indexcache.index.offers.published import PublishedFile, modified_at
from pytest_indexcache.index.offers.resources import Resource, representation
from pytest_indexcache.messages import BytesContent, Kind, Subject

_HOSTS: Final = frozenset({"pypi.org", "test.pypi.org"})


def release_of(layout: Layout, location: Location) -> tuple[str, Version] | None:
    """Return the project and version in the URL of a release's JSON document; None for other URLs.

    Source: https://docs.pypi.org/api/json/ (2026-08).
    """
    if location.host != layout.base.host or location.host not in _HOSTS:
        return None
    match location.path.split("/"):
        case ["", "pypi", project, text, "json"]:
            try:
                return project, Version(text)
            except InvalidVersion:
                return None
    return None


def release_json(offer: Offer, project: str, version: Version) -> Resource | None:
    """Return the JSON document about a release, or None if the index does not have the release."""
    listing = offer.listings.get(project)
    files = [file for file in listing.files if Version(file.version) == version] if listing else []
    if not files or listing is None:
        return None
    content = BytesContent(json.dumps(_document(files)).encode())
    return Resource(
        group="pages",
        content=content,
        representation=representation(
            "application/json",
            content.length,
            Digests(content),
            modified_at(listing.revision, project),
            "json",
        ),
        headers=offer.headers_of(project),
        subject=Subject(Kind.JSON, offer.publisher.name, project, None, content.length),
        fixed=(("Content-Type", "application/json"),),
    )


def _document(files: Sequence[PublishedFile]) -> dict[str, Any]:
    metadata = BytesParser().parsebytes(files[0].distribution.metadata, headersonly=True)
    reasons = [file.yanked for file in files]
    yanked = None if None in reasons else reasons[0]
    info = {
        "name": metadata["Name"],
        "version": metadata["Version"],
        "summary": "",
        "requires_dist": metadata.get_all("Requires-Dist"),
        "requires_python": metadata["Requires-Python"],
        "yanked": yanked is not None,
        "yanked_reason": yanked or None,
    }
    return {"info": info, "urls": [_file(file) for file in files]}


def _file(file: PublishedFile) -> dict[str, Any]:
    uploaded = datetime.fromtimestamp(file.uploaded, UTC)
    digests = file.distribution.digests
    return {
        "filename": file.filename,
        "packagetype": "bdist_wheel" if file.filename.endswith(".whl") else "sdist",
        "url": file.url + file.suffix.query,
        "size": file.distribution.content.length,
        "digests": {"md5": digests.md5, "sha256": digests.sha256},
        "requires_python": file.spec.requires_python,
        "upload_time_iso_8601": uploaded.isoformat().replace("+00:00", "Z"),
        "yanked": file.yanked is not None,
        "yanked_reason": file.yanked or None,
    }
