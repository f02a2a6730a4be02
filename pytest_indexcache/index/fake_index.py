"""A single fake index: it answers requests for pages and files, and steps can change it."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import replace
from threading import Lock
from typing import Any, Final

from pytest_indexcache.errors import FakeIndexError
from pytest_indexcache.index.answers.answers import (
    answer,
    challenge,
    condition_rules,
    delivered,
    refusal,
)
from pytest_indexcache.index.answers.faults import Faults
from pytest_indexcache.index.answers.routes import Router
from pytest_indexcache.index.edge.edge_cache import EdgeCache
from pytest_indexcache.index.edge.warming import warmed_urls, warming_fields
from pytest_indexcache.index.exchanges.conditions import is_not_modified
from pytest_indexcache.index.offers import changes
from pytest_indexcache.index.offers.layout import Layout, Location
from pytest_indexcache.index.offers.offer import Offer
from pytest_indexcache.index.offers.published import FIRST_DAY, PublishedFile
from pytest_indexcache.index.offers.publisher import Publisher
from pytest_indexcache.index.offers.resources import Resource
from pytest_indexcache.messages import Headers, HostPort, Request, Response, Subject
from pytest_indexcache.scenario.tables.changes import (
    ComeBack,
    Delete,
    Fail,
    GoDown,
    Mend,
    Publish,
    Purge,
    Replace,
    SetHeaders,
    SetUsers,
    Warm,
    Yank,
)
from pytest_indexcache.scenario.tables.fields import moment_of
from pytest_indexcache.scenario.tables.indexes import Index
from pytest_indexcache.scenario.tables.steps import Change

_CHANGES: Final[Mapping[type, Callable[[Offer, Any, float], Offer]]] = {
    Publish: changes.published,
    Replace: changes.replaced,
    Yank: changes.yanked,
    Delete: changes.deleted,
    SetHeaders: changes.with_headers,
    SetUsers: changes.with_users,
}


class FakeIndex:
    """A fake index, built from an ``[indexes.NAME]`` table in a scenario.

    It does not have a clock: ``now`` is the time in seconds since the epoch, and defaults to the
    date of the initial files. The same requests after the same changes always receive the same
    responses. Any number of threads can call :meth:`handle` while another thread calls
    :meth:`apply`.

    :raises FakeIndexError: if an index cannot exist in the way that the scenario describes it
    """

    def __init__(self, name: str, index: Index, now: float = FIRST_DAY) -> None:
        self.name = name
        self._index = index
        self._layout = Layout(name, index)
        publisher = Publisher(name, index, self._layout)
        self._router = Router(publisher)
        self._faults = Faults(name)
        self._offer = Offer.first(publisher, now)
        self._earlier: Offer | None = None
        self._edge = EdgeCache(index.edge) if index.edge is not None else None
        self._origins = self._first_origins() | self._offer.origins
        self._is_up = True
        self._changing = Lock()

    def _first_origins(self) -> frozenset[HostPort]:
        urls = (self._index.url, self._layout.files_folder, self._index.signed_urls)
        return frozenset(HostPort.of(url) for url in urls if url)

    @property
    def page_host(self) -> str:
        """The host that serves the pages."""
        return self._layout.base.host

    @property
    def base(self) -> Location:
        """The location of the folder with the pages."""
        return self._layout.base

    @property
    def origins(self) -> frozenset[HostPort]:
        """The hosts and ports that serve pages and files now, or did so at an earlier time."""
        return self._origins

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts that serve pages and files now, or did so at an earlier time."""
        return frozenset(origin.host for origin in self._origins)

    @property
    def is_reachable(self) -> bool:
        """Whether the hosts accept connections; with a CDN edge, they always do."""
        return self._is_up or self._edge is not None

    @property
    def offer(self) -> Offer:
        """Everything that the index currently offers."""
        return self._offer

    def go_back_to(self, offer: Offer) -> None:
        """Restore an earlier offer, to undo a change that turned out to be impossible."""
        with self._changing:
            self._offer = offer

    @property
    def files(self) -> Mapping[Location, PublishedFile]:
        """The files that are currently on the index, keyed by location."""
        return self._offer.files

    def match_specificity(self, location: Location) -> int:
        """Return how specifically the index matches a location; a negative number means no match.

        A location on the index's host but outside its folders does not match.
        """
        return self._router.match_specificity(self._offer, location)

    def handle(self, request: Request, now: float) -> Response:
        """Answer a request, by way of the CDN edge if the index has one.

        The subject of the response says which project, file or page was requested.
        """
        if self._edge is None:
            return self._answered(request, now)
        return self._edge.handle(request, now, self._answered)

    def _answered(self, request: Request, now: float) -> Response:
        offer = self._offer
        location = Location.of(request.url)
        target = self._router.find(offer, request, location, now)
        subject = target.subject
        if not self._is_up:
            return delivered(refusal(502, replace(subject, fault="down"), now), request, None)
        refused = self._refused(offer, request, location, subject, now)
        target = refused or target
        fields = _fields(target, request, now)
        status = _status(target, request, fields)
        fault = self._faults.take(request, subject, status)
        if fault is not None and fault.how in ("status", "reset", "close"):
            target = refusal(fault.status, subject, now)
        elif fault is not None and fault.how == "stale" and self._earlier and not refused:
            target = self._router.find(self._earlier, request, location, now)
            fields = _fields(target, request, now)
        if isinstance(target, Resource):
            target = answer(target, request, fields, now, fault)
        return delivered(target, request, fault)

    def _refused(
        self, offer: Offer, request: Request, location: Location, subject: Subject, now: float
    ) -> Response | None:
        if offer.users and location.host == self.page_host and not _is_user(request, offer.users):
            if self._index.anonymous_redirect and "Authorization" not in request.headers:
                place = self._index.anonymous_redirect
                return self._router.sent_elsewhere(place, offer, subject, now)
            return challenge(self.name, subject, now)
        head = self._index.head
        if request.method == "GET" or (request.method == "HEAD" and head is True):
            return None
        if request.method == "HEAD" and head is not False and head != 405:
            return refusal(head, subject, now)
        allowed = self._index.answers.allow if head is True else "GET"
        fields = (("Allow", allowed),) if allowed != "none" else ()
        return refusal(405, subject, now, fields=fields)

    def apply(self, change: Change, now: float = FIRST_DAY) -> None:
        """Change the index; requests that are already in progress still see the old state.

        :raises FakeIndexError: if the index does not have the project, release or file to be
            changed
        """
        with self._changing:
            if isinstance(change, Fail):
                self._fail(change)
            elif isinstance(change, Mend):
                self._faults.clear()
            elif isinstance(change, GoDown | ComeBack):
                self._move(is_up=isinstance(change, ComeBack))
            else:
                offer = _CHANGES[type(change)](self._offer, change, now)
                self._offer, self._earlier = offer, self._offer
                self._origins |= self._offer.origins

    def apply_to_edge(self, step: Purge | Warm, now: float) -> None:
        """Purge or warm the CDN edge in front of the index.

        :raises FakeIndexError: if the index does not have a CDN edge
        """
        if self._edge is None:
            hint = f"give it an empty table [indexes.{self.name}.edge]"
            raise FakeIndexError(self.name, "it has no edge", hint)
        if isinstance(step, Purge):
            self._edge.purge(step)
            return
        at = min(moment_of(step.at, now), now) if step.at is not None else now
        headers = warming_fields(step, self._offer.users)
        for url in warmed_urls(step, self._offer):
            self._edge.handle(Request("GET", url, headers), at, self._answered)

    def _fail(self, fault: Fail) -> None:
        if fault.how == "stale" and self._earlier is None:
            hint = "publish, replace, yank or delete something before it"
            raise FakeIndexError(self.name, "nothing has changed yet, so nothing is stale", hint)
        self._faults.add(fault)

    def _move(self, *, is_up: bool) -> None:
        if is_up == self._is_up:
            state, other = ("up", "go-down") if is_up else ("down", "come-back")
            hint = f"leave this out, or put {other} before it"
            raise FakeIndexError(self.name, f"it is already {state}", hint)
        self._is_up = is_up


def _fields(target: Resource | Response, request: Request, now: float) -> Headers:
    return Headers() if isinstance(target, Response) else target.fields(now, request.method)


def _status(target: Resource | Response, request: Request, fields: Headers) -> int:
    """Return the status that the response would have without a fault.

    For a range request, the result is 200 and not 206.
    """
    if isinstance(target, Response):
        return target.status
    return 304 if is_not_modified(request, fields, condition_rules(target)) else 200


def _is_user(request: Request, users: Mapping[str, str]) -> bool:
    """Return whether a request contains the user name and password of a known user (RFC 7617)."""
    scheme, _, credentials = (request.headers.get("Authorization") or "").partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        name, _, password = b64decode(credentials.strip(), validate=True).decode().partition(":")
    except ValueError:
        return False
    return users.get(name) == password
