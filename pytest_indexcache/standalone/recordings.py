"""Record the responses of fake indexes as plain data, so that a script can repeat them."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Any, Final
from urllib.parse import quote, urlsplit, urlunsplit

from pytest_indexcache.errors import CommandError
from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.messages import (
    HTML,
    HTML_V1,
    JSON_V1,
    Headers,
    Kind,
    Request,
    Response,
)
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.changes import Fail, Mend
from pytest_indexcache.scenario.tables.fields import human_size, size_in_bytes
from pytest_indexcache.standalone.program.answers import SIGNATURE, UNKNOWN
from pytest_indexcache.system.urls import without_credentials

MOST_BYTES: Final = 20 << 20
"""The maximum total size of the recorded bodies; a larger script does not fit into an issue."""

FORMS: Final[Mapping[str, str]] = {"json": JSON_V1, "v1+html": HTML_V1, "html": HTML}
"""Maps keys to the media types in which each page is recorded.

The script uses the first media type whose key occurs in the Accept field of a request.
"""

_NEVER_SENT: Final = ("content-length", "connection", "transfer-encoding")
"""Header fields that are not recorded, because the script's server generates them."""

Answer = dict[str, Any]


def _credentials(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode('ascii')}"


_NOBODY: Final = {"Authorization": _credentials("nobody", "no-password")}
"""Credentials of a user who does not exist, to record the response to a failed login."""


def _located(urls: Mapping[str, Any], missing: Mapping[str, Any]) -> dict[str, Any]:
    """Return recorded responses keyed by URL, with user names and passwords removed from URLs."""
    return {
        "urls": {without_credentials(url): answers for url, answers in urls.items()},
        "missing": {without_credentials(url): answer for url, answer in missing.items()},
    }


@dataclass
class Recorder:
    """Records the responses from a scenario's indexes.

    ``bodies`` maps SHA-256 digests to bodies in base64. ``agent`` is sent as the User-Agent.
    ``now`` is the indexes' current time, in seconds since the epoch.
    """

    scenario: Scenario
    agent: str
    now: float = field(default_factory=time.time)
    bodies: dict[str, str] = field(default_factory=dict)
    _size: int = 0

    def record(self, indexes: FakeIndexes) -> dict[str, Any]:
        """Return the indexes' responses, keyed by URL, and their responses for unknown projects.

        :raises CommandError: if all bodies together are larger than ``MOST_BYTES``
        """
        found: dict[str, Any] = {}
        for name in self.scenario.indexes:
            for kind, url in indexes[name].offer.urls():
                found |= self._of_url(indexes, name, kind, url)
            for url in self._release_urls(indexes, name):
                answer = self._recorded(indexes, name, url, {})
                found |= {url: {"any": answer}} if answer["status"] == 200 else {}
            if self.scenario.indexes[name].signed_urls:
                found |= self._signed(indexes, name, found)
        missing = {
            self._base(name): self._answer(indexes, name, f"{self._base(name)}{UNKNOWN}/")
            for name in self.scenario.indexes
        }
        hosts = {host for name in self.scenario.indexes for host in indexes[name].hosts}
        return {
            **_located(found, missing),
            "users": {name: dict(indexes[name].offer.users) for name in self.scenario.indexes},
            "unreachable": sorted(host for host in hosts if not indexes.is_reachable(host)),
        }

    def _signed(
        self, indexes: FakeIndexes, name: str, found: Mapping[str, Mapping[str, Answer]]
    ) -> dict[str, Any]:
        """Return the responses at signed file URLs, both with a valid signature and without any."""
        signed: dict[str, Any] = {}
        for answer in [form for forms in found.values() for form in forms.values()]:
            for key, target in answer["headers"]:
                place, is_signed, _ = target.partition(SIGNATURE)
                if key.lower() == "location" and is_signed and answer["index"] == name:
                    signed[place] = {"any": self._recorded(indexes, name, place, {})}
                    signed[place + SIGNATURE] = {"any": self._recorded(indexes, name, target, {})}
        return signed

    def record_fault(self, indexes: FakeIndexes, fault: Fail) -> dict[str, Any]:
        """Return a fault as plain data, with the responses that it changes.

        The fault is active on the indexes only during the recording.
        """
        name, base = fault.index, self._base(fault.index)
        always = fault.model_copy(update={"times": "all", "method": None})
        indexes.apply(always, self.now)
        found: dict[str, Any] = {}
        for kind, url in indexes[name].offer.urls():
            found |= self._of_url(indexes, name, kind, url)
        if self.scenario.indexes[name].signed_urls:
            found |= self._signed(indexes, name, found)
        missing = {base: self._answer(indexes, name, f"{base}{UNKNOWN}/")}
        indexes.apply(Mend(do="mend", index=name), self.now)
        spoiled = {
            url: forms
            for url, forms in found.items()
            if any(answer["fault"] for answer in forms.values())
        }
        missed = {url: answer for url, answer in missing.items() if answer["fault"]}
        return {
            "index": name,
            "how": fault.how,
            "left": None if fault.times == "all" else fault.times,
            "method": fault.method,
            "after": size_in_bytes(fault.after),
            "pauses": "after" in fault.model_fields_set,
            "seconds": fault.seconds,
            **_located(spoiled, missed),
        }

    def _base(self, name: str) -> str:
        return self.scenario.indexes[name].url.rstrip("/") + "/"

    def _release_urls(self, indexes: FakeIndexes, name: str) -> Iterator[str]:
        """Yield the URL of each release's JSON document, as on pypi.org."""
        place = urlsplit(self.scenario.indexes[name].url)
        for project, listing in indexes[name].offer.listings.items():
            for version in dict.fromkeys(file.version for file in listing.files):
                path = f"/pypi/{quote(project)}/{quote(version)}/json"
                yield urlunsplit((place.scheme, place.netloc, path, "", ""))

    def _of_url(self, indexes: FakeIndexes, name: str, kind: Kind, url: str) -> dict[str, Any]:
        if kind is not Kind.PAGE:
            return {url: {"any": self._recorded(indexes, name, url, {})}}
        forms = {
            word: self._recorded(indexes, name, url, {"Accept": media})
            for word, media in FORMS.items()
        }
        other = url.rstrip("/") if url.endswith("/") else f"{url}/"
        return {url: forms, other: {"any": self._recorded(indexes, name, other, {})}}

    def _recorded(
        self, indexes: FakeIndexes, name: str, url: str, fields: Mapping[str, str]
    ) -> Answer:
        """Return the responses to GET, HEAD, conditional and range requests for a URL."""
        answer = self._answer(indexes, name, url, fields)
        own = {key.lower(): value for key, value in answer["headers"]}
        asked = {
            "if-none-match": {"If-None-Match": own.get("etag", "")},
            "if-modified-since": {"If-Modified-Since": own.get("last-modified", "")},
            "range": {"Range": "bytes=0-0"},
        }
        user = self._authorization(indexes, name)
        for key, more in asked.items():
            if all(more.values()):
                given = {**user, **fields, **more}
                response = indexes.handle(self._request("GET", url, given), self.now)
                answer["fault"] = answer["fault"] or response.subject.fault
                if response.status in (304, 206):
                    answer[key] = self._plain(response)
        head = indexes.handle(self._request("HEAD", url, {**user, **fields}), self.now)
        answer["head"] = self._plain(head)
        return answer

    def _request(self, method: str, url: str, fields: Mapping[str, str]) -> Request:
        return Request(method, url, Headers.of({"User-Agent": self.agent, **fields}))

    def _authorization(self, indexes: FakeIndexes, name: str) -> dict[str, str]:
        """Return the Authorization field for an index's first user, or an empty dict."""
        user = next(iter(indexes[name].offer.users.items()), None)
        return {} if user is None else {"Authorization": _credentials(*user)}

    def _answer(
        self, indexes: FakeIndexes, name: str, url: str, fields: Mapping[str, str] | None = None
    ) -> Answer:
        given = {**self._authorization(indexes, name), **(fields or {})}
        response = indexes.handle(self._request("GET", url, given), self.now)
        subject = response.subject
        return {
            **self._plain(response),
            **self._refusals(indexes, name, url, fields or {}),
            "body": self._kept(response),
            "fault": subject.fault,
            "kind": str(subject.kind),
            "index": name,
            "project": subject.project,
            "file": subject.filename,
            "nominal": subject.nominal_bytes,
        }

    def _refusals(
        self, indexes: FakeIndexes, name: str, url: str, fields: Mapping[str, str]
    ) -> Answer:
        """Return the responses to a request without credentials and to one with wrong credentials.

        The result is empty if the URL can be read without credentials.
        """
        if not indexes[name].offer.users:
            return {}
        refused = {}
        for key, more in (("anonymous", {}), ("stranger", _NOBODY)):
            response = indexes.handle(self._request("GET", url, {**fields, **more}), self.now)
            refused[key] = {**self._plain(response), "body": self._kept(response)}
        return refused if refused["stranger"]["status"] == 401 else {}

    def _plain(self, response: Response) -> Answer:
        fields = [
            [key, self._moment(key, value)]
            for key, value in response.headers
            if key.lower() not in _NEVER_SENT
        ]
        return {"status": response.status, "headers": fields}

    def _moment(self, name: str, value: str) -> str:
        """Return the value of a header field; for Date and Expires, the seconds from now."""
        if name.lower() not in ("date", "expires"):
            return value
        try:
            return f"+{parsedate_to_datetime(value).timestamp() - self.now:.0f}"
        except ValueError:
            return value

    def _kept(self, response: Response) -> str:
        """Add a response's body to ``bodies``, and return its digest."""
        length = response.content.length
        self._size += length
        if self._size > MOST_BYTES:
            raise CommandError(
                f"the files have more than {human_size(MOST_BYTES)}, too much for a script",
                "remove padding from the scenario, or name fewer releases",
            )
        body = b"".join(response.content.chunks(0, length))
        digest = sha256(body).hexdigest()
        self.bodies.setdefault(digest, base64.b64encode(body).decode("ascii"))
        return digest
