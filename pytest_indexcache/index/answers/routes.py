"""Find the resource that a request is for, or build the redirect or error response to send."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, quote, urlsplit

from packaging.utils import canonicalize_name

from pytest_indexcache.index.answers.answers import challenge, login_page, redirect, refusal
from pytest_indexcache.index.answers.release_json import release_json, release_of
from pytest_indexcache.index.answers.signatures import Signatures
from pytest_indexcache.index.exchanges.subjects import (
    METADATA,
    PROJECT_NAME,
    kind_of,
    project_of,
)
from pytest_indexcache.index.offers.header_choices import merged
from pytest_indexcache.index.offers.layout import Location, quoted
from pytest_indexcache.index.offers.negotiation import accepts_gzip, choose_media_type
from pytest_indexcache.index.offers.offer import Offer
from pytest_indexcache.index.offers.published import PublishedFile
from pytest_indexcache.index.offers.publisher import Publisher
from pytest_indexcache.index.offers.resources import Resource
from pytest_indexcache.messages import HTML, HTML_V1, JSON_V1, Kind, Request, Response, Subject
from pytest_indexcache.scenario.tables.fields import HeaderFields
from pytest_indexcache.servers.answers import UnknownStatus

_INSTALLERS = re.compile(r"(?:\S+ )*(?:distribute|pex|pip|setuptools|uv)/")


class Router:
    """Finds the resources that are requested from one index."""

    def __init__(self, publisher: Publisher) -> None:
        self._name = publisher.name
        self._index = publisher.index
        self._layout = publisher.layout
        self._signatures = Signatures(publisher.name)
        self._negotiates = len(set(self._index.formats)) > 1 and not self._index.flat
        self._formats = self._media_types()

    def _media_types(self) -> tuple[str, ...]:
        if self._index.flat or "json" not in self._index.formats:
            return (HTML,)
        if "html" not in self._index.formats:
            return (JSON_V1,)
        # As on pypi.org: a client without a preference gets HTML, which is the older format
        return (HTML, HTML_V1, JSON_V1)

    def match_specificity(self, offer: Offer, location: Location) -> int:
        """Return how specifically the index matches a location; negative means that it does not."""
        if location in offer.files or location in offer.signed_files:
            return len(location.path) + 2
        if self._is_page(location):
            return len(self._layout.base.path) + 1
        return -1

    def find(
        self, offer: Offer, request: Request, location: Location, now: float
    ) -> Resource | Response:
        """Return the requested resource, or a redirect or error response instead."""
        file = offer.files.get(location)
        if file is not None:
            return self._file(file, request, now)
        file = offer.signed_files.get(location)
        if file is not None:
            return self._unsigned(file, request, now)
        if location.path.endswith(METADATA):
            file = offer.files.get(location._replace(path=location.path[: -len(METADATA)]))
            if file is not None and file.sends_metadata:
                return file.metadata_resource
        if self._is_page(location):
            return self._page(offer, request, location, now)
        asked = release_of(self._layout, location)
        if asked is None:
            return self._missing(offer, location, now)
        found = release_json(offer, *asked)
        subject = Subject(Kind.JSON, self._name, canonicalize_name(asked[0]))
        return found or self._absent(offer, subject, now)

    def _is_page(self, location: Location) -> bool:
        host, path = self._layout.base
        if location.host != host or not location.path.startswith(path):
            return False
        return location.path[len(path) :].startswith("/") or location.path == path

    def _file(self, file: PublishedFile, request: Request, now: float) -> Resource | Response:
        if self._index.signed_urls:
            return self._signed(file, now)
        if file.suffix.query and f"?{urlsplit(request.url).query}" != file.suffix.query:
            return refusal(403, file.resource.subject, now)
        return file.resource

    def _signed(self, file: PublishedFile, now: float) -> Response:
        folder = (self._index.signed_urls or "").rstrip("/")
        url = f"{folder}/{quote(file.filename)}?signature={self._signatures.sign(file.filename)}"
        chosen = file.resource.headers.redirects
        status = self._index.answers.redirect
        return redirect(status, url, file.resource.subject, now, chosen)

    def _unsigned(self, file: PublishedFile, request: Request, now: float) -> Resource | Response:
        given = parse_qs(urlsplit(request.url).query).get("signature", [""])
        if self._signatures.knows(file.filename, given[0]):
            return file.resource
        return refusal(403, file.resource.subject, now)

    def _page(
        self, offer: Offer, request: Request, location: Location, now: float
    ) -> Resource | Response:
        path = location.path
        own_path = self._layout.page_path()
        if path == own_path:
            return self._represented(offer, request, None, now)
        if self._index.flat or path == self._layout.base.path:
            return self._root_without_slash(offer, request, location, now)
        name, slash, rest = path[len(own_path) :].partition("/")
        if rest or not PROJECT_NAME.fullmatch(name) or kind_of(name) is not Kind.OTHER:
            return self._missing(offer, location, now)
        project = canonicalize_name(name)
        # PEP 503: "Repositories MAY redirect unnormalized URLs to the canonical normalized URL"
        status = 200 if slash else self._slash_status(request)
        if project != name:
            status = self._index.answers.unnormalised
        if status == 200:
            return self._project(offer, request, project, now)
        if status < 400:
            place = quoted(self._layout.page_path(project))
            return self._moved(status, place, offer, project, now)
        return refusal(status, self._subject(project), now)

    def _slash_status(self, request: Request) -> int:
        """Return the status of the response to a page URL that lacks its trailing slash."""
        answers = self._index.answers
        if answers.slash_for == "browsers" and _is_installer(request):
            return 200
        return answers.slash

    def _project(
        self, offer: Offer, request: Request, project: str, now: float
    ) -> Resource | Response:
        page = self._index.pages.get(project)
        if page is not None and page.redirect:
            return self._moved(self._index.answers.redirect, page.redirect, offer, project, now)
        return self._represented(offer, request, project, now)

    def _represented(
        self, offer: Offer, request: Request, project: str | None, now: float
    ) -> Resource | Response:
        if project is not None and not (offer.has_page(project) or self._shows_nothing(offer)):
            return self._unknown(offer, project, now)
        media_type = self._media_type(request.headers.get("Accept"))
        # PEP 691: "instead return a 406 Not Acceptable response"
        if media_type is None:
            vary = (("Vary", "Accept"),) if self._index.answers.vary else ()
            return refusal(406, self._subject(project), now, fields=vary)
        wants_gzip = self._index.gzip and accepts_gzip(request.headers.get("Accept-Encoding"))
        return offer.page(project, media_type, compressed=wants_gzip)

    def _media_type(self, accept: str | None) -> str | None:
        if not self._negotiates:
            return self._formats[0]
        answers = self._index.answers
        chosen = choose_media_type(accept, self._formats, knows_latest=answers.latest)
        if chosen == HTML_V1 and not answers.html_type:
            return HTML
        return HTML if chosen is None and answers.unacceptable == 200 else chosen

    def _unknown(self, offer: Offer, project: str, now: float) -> Response:
        if self._index.unknown_redirect:
            place = f"{self._index.unknown_redirect.rstrip('/')}/{project}/"
            return self._moved(self._index.answers.redirect, place, offer, project, now)
        choice = offer.own_headers.get(project)
        chosen = choice.pages if choice else None
        if self._unknown_status(offer) == "login-page":
            return login_page(self._subject(project), now, chosen)
        return self._absent(offer, self._subject(project), now, chosen)

    def _absent(
        self, offer: Offer, subject: Subject, now: float, chosen: HeaderFields | None = None
    ) -> Response:
        """Return the error response for a missing resource: a 404 by default."""
        status = self._unknown_status(offer)
        if status == 401:
            return challenge(self._name, subject, now, chosen)
        return refusal(status if isinstance(status, int) else 404, subject, now, chosen=chosen)

    def _shows_nothing(self, offer: Offer) -> bool:
        """Return whether the index sends an empty page for an unknown project instead of a 404."""
        is_elsewhere = self._index.unknown_redirect is not None
        return self._unknown_status(offer) == "empty-page" and not is_elsewhere

    def _unknown_status(self, offer: Offer) -> UnknownStatus:
        return self._index.unknown_status or offer.profile.unknown_status

    def _root_without_slash(
        self, offer: Offer, request: Request, location: Location, now: float
    ) -> Resource | Response:
        own_path = self._layout.page_path()
        status = self._slash_status(request)
        if location.path != own_path.rstrip("/"):
            return self._missing(offer, location, now)
        if status == 200:
            return self._represented(offer, request, None, now)
        if status < 400:
            chosen = offer.headers.redirects
            return redirect(status, quoted(own_path), self._subject(None), now, chosen)
        return refusal(status, self._subject(None), now)

    def sent_elsewhere(self, place: str, offer: Offer, subject: Subject, now: float) -> Response:
        """Return a redirect to the index URL ``place``, or to the project's page below this URL."""
        page = f"{place.rstrip('/')}/{subject.project}/" if subject.project else place
        chosen = offer.headers_of(subject.project or "").redirects
        return redirect(self._index.answers.redirect, page, subject, now, chosen)

    def _moved(self, status: int, place: str, offer: Offer, project: str, now: float) -> Response:
        own = offer.own_headers.get(project)
        chosen = merged(own.pages if own else {}, offer.headers_of(project).redirects)
        return redirect(status, place, self._subject(project), now, chosen)

    def _missing(self, offer: Offer, location: Location, now: float) -> Response:
        filename = location.path.rpartition("/")[2]
        subject = Subject(kind_of(filename), self._name, project_of(filename), filename or None)
        return self._absent(offer, subject, now)

    def _subject(self, project: str | None) -> Subject:
        return Subject(Kind.PAGE, self._name, project)


def _is_installer(request: Request) -> bool:
    """Return whether Accept or User-Agent indicates an installer; devpi uses the same test."""
    if JSON_V1 in (request.headers.get("Accept") or ""):
        return True
    return bool(_INSTALLERS.match(request.headers.get("User-Agent") or ""))
