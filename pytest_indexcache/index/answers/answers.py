"""Turn a resource or an error into the response to a request."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pytest_indexcache.index.answers.faults import delivery_of, spoiled
from pytest_indexcache.index.documents.contents import PartContent
from pytest_indexcache.index.exchanges.conditions import (
    ConditionRules,
    Part,
    is_not_modified,
    is_range_applicable,
    requested_part,
)
from pytest_indexcache.index.offers.resources import Resource
from pytest_indexcache.messages import (
    BytesContent,
    Content,
    Headers,
    Request,
    Response,
    Subject,
    http_date,
)
from pytest_indexcache.scenario.tables.changes import Fail
from pytest_indexcache.scenario.tables.fields import HeaderFields
from pytest_indexcache.servers.fields import Representation, apply_fields


def answer(
    resource: Resource, request: Request, headers: Headers, now: float, fault: Fail | None
) -> Response:
    """Return the response to a GET or HEAD request for a resource: 200, 206, 304 or 416.

    ``headers`` are the header fields that a 200 response would contain. ``fault`` is the fault to
    apply to the response, or None.
    """
    how = fault.how if fault else None
    if how == "not-modified":
        unvalidated = resource.fields_of_304(headers, now).without("ETag", "Last-Modified")
        return Response(304, unvalidated, subject=resource.subject)
    if is_not_modified(request, headers, condition_rules(resource)):
        return Response(304, resource.fields_of_304(headers, now), subject=resource.subject)
    content = spoiled(resource.content, resource.other, fault)
    if content.length != resource.content.length:
        headers = headers.set("Content-Length", str(content.length))
    part = None
    if resource.ranges and how != "ignore-range" and _has_range(request, headers, resource):
        part = requested_part(request, content.length, resource.answers)
    if part is None:
        return Response(200, headers, content, subject=resource.subject)
    if isinstance(part, int):
        return _refused_range(part, resource, content.length, now)
    return _partial(resource, content, headers, part, now, how)


def condition_rules(resource: Resource) -> ConditionRules:
    """Return the rules by which the index evaluates conditional requests for a resource."""
    answers = resource.answers
    is_page = resource.group == "pages"
    conditions = answers.page_conditions if is_page else answers.file_conditions
    return ConditionRules(conditions, answers.exact_dates)


def _has_range(request: Request, headers: Headers, resource: Resource) -> bool:
    # RFC 9110 14.2: "A server MUST ignore a Range header field received with a request method
    # that is unrecognized or for which range handling is not defined": that is all but GET
    methods = ("GET", "HEAD") if resource.answers.head_ranges else ("GET",)
    if request.method not in methods:
        return False
    return not resource.answers.if_range or is_range_applicable(request, headers)


def _refused_range(status: int, resource: Resource, length: int, now: float) -> Response:
    fields = (("Content-Range", f"bytes */{length}"),) if status == 416 else ()
    return refusal(status, resource.subject, now, fields=fields)


def _partial(
    resource: Resource,
    content: Content,
    headers: Headers,
    part: Part,
    now: float,
    how: str | None,
) -> Response:
    start, stop = part
    if start >= stop:
        return _refused_range(416, resource, content.length, now)
    if how == "first-range":
        start, stop = 0, stop - start
    elif how == "long-range":
        stop = content.length
    cut = PartContent(content, start, stop)
    said = start + 1 if how == "wrong-range" else start
    headers = headers.set("Content-Length", str(cut.length)).set(
        "Content-Range", f"bytes {said}-{said + cut.length - 1}/{content.length}"
    )
    return Response(206, headers, cut, subject=resource.subject)


_LOGIN: Final = b"""<!DOCTYPE html>
<html><head><title>Sign in</title></head><body><h1>Sign in</h1>
<form method="post" action="/login"><input name="user"><input name="password" type="password">
<a href="/login/forgotten">Forgot your password?</a></form></body></html>
"""
_REASONS: Final = {
    400: "the request cannot be read",
    401: "a user and a password are needed",
    403: "forbidden",
    404: "not found",
    405: "the method is not allowed",
    406: "no format that is accepted can be sent",
    410: "gone",
    416: "the range lies outside",
}


def refusal(
    status: int,
    subject: Subject,
    now: float,
    *,
    fields: tuple[tuple[str, str], ...] = (),
    chosen: HeaderFields | None = None,
) -> Response:
    """Return an error response with a one-line message, or a redirect without a body.

    ``fields`` and ``chosen`` are header fields to add.
    """
    text = b"" if 300 <= status < 400 else f"{_REASONS.get(status, 'failed')}\n".encode()
    return _plain(status, "text/plain", text, subject, now, fields, chosen)


def redirect(
    status: int, place: str, subject: Subject, now: float, chosen: HeaderFields
) -> Response:
    """Return a redirect to the URL ``place``; ``chosen`` are header fields to add."""
    return refusal(status, subject, now, fields=(("Location", place),), chosen=chosen)


def login_page(subject: Subject, now: float, chosen: HeaderFields | None) -> Response:
    """Return an HTML login form with status 200, which is sent instead of the requested page."""
    return _plain(200, "text/html", _LOGIN, subject, now, (), chosen)


def _plain(
    status: int,
    media_type: str,
    text: bytes,
    subject: Subject,
    now: float,
    fields: tuple[tuple[str, str], ...],
    chosen: HeaderFields | None,
) -> Response:
    headers = Headers(
        (
            ("Date", http_date(now)),
            ("Content-Type", f"{media_type}; charset=UTF-8"),
            ("Content-Length", str(len(text))),
            *fields,
        )
    )
    if status == 304:
        headers = headers.without("Content-Type", "Content-Length")
    if chosen:
        nothing = Representation(media_type, len(text), "", "", "", now)
        headers = apply_fields(headers, chosen, nothing, now)
    return Response(status, headers, BytesContent(text), subject=replace(subject, nominal_bytes=0))


def challenge(
    realm: str, subject: Subject, now: float, chosen: HeaderFields | None = None
) -> Response:
    """Return a 401 that requests a user name and password (RFC 9110 §11.6.1, RFC 7617)."""
    fields = (("WWW-Authenticate", f'Basic realm="{realm}"'),)
    return refusal(401, subject, now, fields=fields, chosen=chosen)


def delivered(response: Response, request: Request, fault: Fail | None) -> Response:
    """Return the response to send: with the fault applied, and without a body for HEAD."""
    if request.method == "HEAD":
        response = replace(response, content=BytesContent())
    if fault is None:
        return response
    return replace(
        response,
        delivery=delivery_of(fault, response.content.length),
        subject=replace(response.subject, fault=fault.how),
    )
