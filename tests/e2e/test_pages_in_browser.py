"""The report page and the site in a browser: filters, keyboard, widths, and no errors."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest

from pytest_indexcache.cli import main

sync_api = pytest.importorskip("playwright.sync_api", reason="needs pytest-indexcache[browser]")
axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="needs pytest-indexcache[browser]"
)
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium is on PATH")

WIDTHS = (390, 2000)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the URLs of a report with two installers, and of a site of the catalogue."""
    folder = tmp_path_factory.mktemp("pages")
    installers = ("reference", "reference:obey-no-store")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--indexcache-scenarios"]
    command += ["-k", "15303 or wrong-bytes", "--indexcache-report", "report.html"]
    command += [f"--indexcache-installer={name}" for name in installers]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout
    assert main(["site", str(folder / "site")]) == 0
    places = {"report": folder / "report.html", "site": folder / "site" / "index.html"}
    return {name: place.as_uri() for name, place in places.items()}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Start a browser for all tests."""
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield opened
        opened.close()


@pytest.fixture
def tab(browser: Any) -> Iterator[Any]:
    """Open a tab; any error of its console or scripts fails the test."""
    opened = browser.new_page(viewport={"width": 1200, "height": 900})
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    yield opened
    opened.close()
    assert wrong == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["report", "site"])
def test_body_is_no_wider_than_the_window(
    tab: Any, pages: dict[str, str], name: str, width: int
) -> None:
    """Wide tables scroll within their own box, and a page never scrolls sideways."""
    tab.set_viewport_size({"width": width, "height": 900})
    tab.goto(pages[name])
    root = "document.documentElement"
    assert tab.evaluate(f"{root}.scrollWidth - {root}.clientWidth") == 0
    assert tab.locator("#matrix tr").count() > 1


def test_filter_of_the_report_is_kept_in_the_url(tab: Any, pages: dict[str, str]) -> None:
    """The report's filter is stored in the URL, and restored from it."""
    tab.goto(f"{pages['report']}#verdict=failed")
    rows, text = tab.locator("#matrix tr"), tab.locator("#text")
    sync_api.expect(rows).to_have_count(1)
    sync_api.expect(tab.locator('input[value="passed"]')).not_to_be_checked()
    text.fill("wrong-bytes")
    sync_api.expect(tab).to_have_url(re.compile("text=wrong-bytes"))
    sync_api.expect(rows).to_have_count(0)
    tab.reload()
    sync_api.expect(text).to_have_value("wrong-bytes")
    tab.locator("button[type=reset]").click()
    sync_api.expect(rows).not_to_have_count(0)


def test_play_of_the_report_is_unfolded_by_keyboard(tab: Any, pages: dict[str, str]) -> None:
    """A play in the report can be unfolded with the keyboard, and then shows its checks."""
    tab.goto(f"{pages['report']}#verdict=failed")
    play = tab.locator("#plays details.play").first
    summary = play.locator("> summary")
    summary.focus()
    if play.get_attribute("open") is None:
        tab.keyboard.press("Enter")
    sync_api.expect(play.locator("tr.broken").first).to_contain_text("downloads.torch")
    tab.keyboard.press("Enter")
    sync_api.expect(play.locator("tr.broken").first).to_be_hidden()


def test_filter_of_the_site_is_kept_in_the_url(tab: Any, pages: dict[str, str]) -> None:
    """The site's filter shows and counts the matching rows, and is restored from the URL."""
    tab.goto(f"{pages['site']}#text=uv-15303-cpu")
    rows = tab.locator("#matrix tr:not([hidden])")
    sync_api.expect(rows).to_have_count(1)
    sync_api.expect(tab.locator("#shown")).to_contain_text("1 of ")
    tab.locator("#state").select_option("reproduced")
    tab.locator("#installer").select_option("poetry")
    sync_api.expect(rows).to_have_count(0)
    tab.reload()
    sync_api.expect(tab.locator("#state")).to_have_value("reproduced")
    sync_api.expect(rows).to_have_count(0)
    tab.locator("button[type=reset]").click()
    sync_api.expect(tab.locator("#matrix tr[hidden]")).to_have_count(0)
    sync_api.expect(tab).not_to_have_url(re.compile("state"))


KINDS_OF_PAGES = (
    "scenarios/*/*.html",
    "installers/*.html",
    "installers/*/*.html",
    "servers/*.html",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible(browser: Any, pages: dict[str, str], scheme: str) -> None:
    """No kind of page breaks a rule of axe for screen readers, keyboards and contrast."""
    site = Path(url2pathname(urlsplit(pages["site"]).path)).parent
    kinds = [next(site.glob(pattern)).as_uri() for pattern in KINDS_OF_PAGES]
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)
    tab = context.new_page()
    broken: dict[tuple[str, str], str] = {}
    for url in (*pages.values(), *kinds):
        tab.goto(url)
        violations = axe.Axe().run(tab).response["violations"]
        broken |= {(url, rule["id"]): rule["help"] for rule in violations}
    context.close()
    assert broken == {}


def test_site_is_read_without_a_script(browser: Any, pages: dict[str, str]) -> None:
    """Without JavaScript the site shows every row and no filter."""
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(pages["site"])
    assert tab.locator("#matrix tr").first.is_visible()
    assert not tab.locator("#filter").is_visible()
    context.close()
