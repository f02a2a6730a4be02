"""All files of a site."""

from __future__ import annotations

import json
import posixpath
import re
from html.parser import HTMLParser
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from pytest_indexcache.reports.page.site import SiteContent, SiteScenario, site_files

from ...plays import FAILED, play
from .scenarios import scenario

EVIL = "</title><script>alert(1)</script> \u202e \x1b[31m ]]> & \" ' {{ 7*7 }}"
ATOM = "{http://www.w3.org/2005/Atom}"


def hostile() -> SiteScenario:
    """Return a scenario in which every string tries to inject markup."""
    value = scenario(
        title=EVIL,
        description=f"</pre>{EVIL}",
        issue="https://example.org/?a=%3Cb%3E",
        measured={"uv": "0.1 - 0.9, 2 releases; 2026-11-30", "x.y": EVIL},
        affected={"uv": ">=0.5"},
    ).scenario
    return SiteScenario(f"../{EVIL}.toml", value, EVIL, (play("a", f"uv=={EVIL}", FAILED),))


def files(*scenarios: SiteScenario, url: str = "") -> dict[str, bytes]:
    """Build a site."""
    return dict(site_files(SiteContent(scenarios, "1.0", url=url)))


@pytest.fixture(scope="module")
def site() -> dict[str, bytes]:
    """Return a site with a plain and a hostile scenario."""
    plain = scenario(
        "pages/plain",
        play("plain", "uv==0.8", FAILED),
        tags=["offline"],
        indexes={"pypi": {"url": "https://pypi.org/simple"}},
        measured={"uv": "0.1 - 0.9, 2 releases; 2026-11-30"},
        affected={"uv": "<0.9"},
        fixed_by={"uv": "https://example.org/pull/1"},
    )
    return files(plain, hostile())


class Page(HTMLParser):
    """The elements of a page, and the targets of its links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.handlers: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record an element."""
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        self.handlers += [name for name, _ in attrs if name.startswith("on") or name == "style"]


def test_every_link_leads_to_a_file(site: dict[str, bytes]) -> None:
    """Every link of a page leads to a file of the site."""
    for place in [place for place in site if place.endswith(".html")]:
        for link in Page(site[place].decode()).links:
            if not urlsplit(link).scheme:
                target = posixpath.normpath(posixpath.join(posixpath.dirname(place), link))
                assert target in site, f"{place} links to {target}"


def test_json_stands_beside_each_page(site: dict[str, bytes]) -> None:
    """Each page has a JSON file with the same data beside it."""
    pages = [place for place in site if place.endswith(".html")]
    assert len(pages) > 5
    for place in pages:
        assert json.loads(site[place.removesuffix(".html") + ".json"])
    uv = json.loads(site["installers/uv.json"])
    assert (uv["newest"], uv["text"]) == ("0.9", "1 reproduced")


def test_text_of_strangers_stays_text(site: dict[str, bytes]) -> None:
    """No title, name or release can add an element or script, or reverse the text around it."""
    for place, content in site.items():
        text = content.decode()
        if place.endswith(".html"):
            page = Page(text)
            scripts = page.tags.count("script")
            assert scripts == (1 if place == "index.html" else 0)
            assert not page.handlers
            assert "49" not in re.findall(r"\{\{ 7\*7 \}\}|\b49\b", text)
        if place.endswith((".svg", ".xml")):
            ElementTree.fromstring(text)
            assert "<script" not in text
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert not place.startswith(("/", ".."))


def test_page_asks_nothing_of_a_network(site: dict[str, bytes]) -> None:
    """The content security policy of a page permits only the site's style, script and badges."""
    for place, content in site.items():
        if place.endswith(".html"):
            assert b"default-src 'none'; style-src 'self'; script-src 'self'" in content


def test_same_content_has_the_same_bytes() -> None:
    """A build does not depend on the clock, the machine or the order of a set."""
    assert files(hostile(), scenario()) == files(hostile(), scenario())


def test_feed_is_atom() -> None:
    """The feed contains the elements that RFC 4287 requires, and absolute links to a known URL."""
    one = scenario(measured={"uv": "0.9; 2026-11-30"}, affected={"uv": ">=0.9"})
    feed = ElementTree.fromstring(files(one, url="https://example.org/x/")["feed.xml"])
    for name in ("id", "title", "updated", "author"):
        assert feed.find(f"{ATOM}{name}") is not None
    (entry,) = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}updated") == "2026-11-30T00:00:00Z"
    assert entry.findtext(f"{ATOM}id", "").startswith("urn:uuid:")
    link = entry.find(f"{ATOM}link")
    assert link is not None
    assert link.get("href") == "https://example.org/x/scenarios/pages/a.html"


def test_badge_names_the_newest_release() -> None:
    """A badge shows the bugs of the newest release, even if a release of unknown age fails."""
    one = scenario(measured={"uv": "0.8 - 0.9, 2 releases; 2026-11-30"}, affected={"uv": ">=0.9"})
    assert b"uv 0.9: 1 reproduced" in files(one)["badges/uv.svg"]
    other = scenario("pages/b", play("b", "pip==26.3", FAILED))
    assert b"pip 26.3: 0 reproduced, 1 failed" in files(other)["badges/pip.svg"]


def test_site_of_nothing_has_an_index() -> None:
    """A site without scenarios has a start page that says so, and the pages of servers."""
    made = files()
    assert b"There is no scenario" in made["index.html"]
    assert "servers/pypi.html" in made
