"""The behaviour of an index, as observed in its answers to the battery.

Most properties are None if the answers do not reveal the behaviour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.parser import HeaderParser
from functools import cached_property

from pytest_indexcache.messages import HTML_V1, JSON_V1, Headers
from pytest_indexcache.probes.battery.asking import ServerAnswer
from pytest_indexcache.probes.battery.pages import ProbedFile, ProbedPage, plain_body, read_page
from pytest_indexcache.probes.battery.places import Places
from pytest_indexcache.probes.battery.search import first_of


@dataclass(frozen=True)
class Seen:
    """The answers to the battery, keyed by question, and the redirect that leads to the wheel."""

    places: Places
    answers: Mapping[str, ServerAnswer]
    redirect: ServerAnswer | None = None

    def status(self, question: str) -> int | None:
        """Return the status of the answer to a question, or None if there is no answer."""
        answer = self.answers.get(question)
        return None if answer is None else answer.status

    def field(self, question: str, name: str) -> str:
        """Return a header field of the answer to a question, or an empty string if missing."""
        answer = self.answers.get(question)
        return "" if answer is None else answer.field(name)

    def headers(self, question: str) -> Headers:
        """Return the header fields in the answer to a question; empty if there is no answer."""
        answer = self.answers.get(question)
        return Headers() if answer is None else answer.headers

    @cached_property
    def html(self) -> ProbedPage | None:
        """The project's page as HTML, or None if the index does not serve HTML."""
        return self._page("page, text/html", "html")

    @cached_property
    def json(self) -> ProbedPage | None:
        """The project's page as JSON (PEP 691), or None if the index does not serve JSON."""
        return self._page("page, JSON v1", "json")

    def _page(self, question: str, form: str) -> ProbedPage | None:
        answer = self.answers.get(question)
        page = answer and read_page(answer)
        return page if page and page.form == form else None

    @property
    def pages(self) -> tuple[ProbedPage, ...]:
        """The project's page in all formats that the index serves."""
        return tuple(page for page in (self.html, self.json) if page)

    @property
    def wheel(self) -> ServerAnswer | None:
        """The answer to the plain request for the wheel, which has no conditions and no range."""
        return self.answers.get("wheel")

    def listed_wheel(self, page: ProbedPage) -> ProbedFile | None:
        """Return the entry for the requested wheel on a page, or else for the first wheel on it."""
        name = (self.places.wheel or "").partition("?")[0].rpartition("/")[2].replace("%2B", "+")
        named = [file for file in page.files if file.filename == name]
        return named[0] if named else first_of(page.files, ".whl")

    @property
    def announces_metadata(self) -> bool | None:
        """Whether a page announces core metadata for the wheel."""
        listed = [self.listed_wheel(page) for page in self.pages]
        files = [file for file in listed if file]
        return any(file.metadata for file in files) if files else None

    @property
    def required_python(self) -> str:
        """Requires-Python in the wheel's core metadata, or an empty string if not received."""
        answer = self.answers.get("core metadata")
        if answer is None or answer.status != 200:
            return ""
        fields = HeaderParser().parsestr(plain_body(answer).decode("utf-8", "replace"))
        return str(fields.get("Requires-Python", ""))

    def honours(self, target: str, condition: str) -> bool | None:
        """Return whether the index sends a 304 if a request's condition is met; None if unknown."""
        status = self.status(f"{target}, its own {condition}")
        return None if status is None else status == 304

    @property
    def ranges(self) -> bool | None:
        """Whether the index answers a range request for the wheel with a 206."""
        status = self.status("wheel, first bytes")
        return None if status is None else status == 206

    @property
    def suffix_status(self) -> int | None:
        """The status of the answer to a request for the wheel's last bytes (a suffix range)."""
        return self.status("wheel, last bytes")

    @property
    def type_of_html(self) -> bool | None:
        """Whether HTML is sent with the media type of PEP 691 to clients that request this type."""
        kind = self.field("page, HTML v1", "content-type")
        return None if self.html is None or not kind else kind.startswith(HTML_V1)

    @property
    def type_of_json(self) -> bool | None:
        """Whether JSON is sent with the media type of PEP 691."""
        kind = self.field("page, JSON v1", "content-type")
        return None if self.json is None else kind.startswith(JSON_V1)

    @property
    def compresses(self) -> bool | None:
        """Whether pages are compressed if the client accepts gzip."""
        if "page, gzip" not in self.answers:
            return None
        questions = ("page, gzip", "page, JSON and gzip")
        return any("gzip" in self.field(question, "content-encoding") for question in questions)
