"""Results as one HTML page."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

from pytest_indexcache.reports.html_report import (
    MOST_CHARACTERS,
    MOST_EXCHANGES,
    html_report,
    last_lines,
)
from pytest_indexcache.run.plays.results import Change, CheckKind, PlayResult, Verdict

VOID = {"meta", "link", "input", "br"}


class Page(HTMLParser):
    """Reads a page: its tags, which must be balanced, its attributes, and its visible text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag and its attributes."""
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the tag that was opened last."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.texts.append(data)

    def values(self, name: str) -> list[str]:
        """Return the values of an attribute."""
        return [value for _, one, value in self.attributes if one == name]

    @property
    def text(self) -> str:
        """The texts, with single spaces."""
        return " ".join(" ".join(self.texts).split())


def test_page_shows_the_matrix_and_each_play(failed: PlayResult, passed: PlayResult) -> None:
    """Cells lead to plays; a play has its steps, checks, causes, exchanges, files and output."""
    page = Page(html_report([failed, passed]))
    for shown in (
        "1 failed, 1 passed",
        "3 requests, 3 downloads, nominally 9.0 GiB played on 2023-11-14",
        "scenario uv==0.8.11 (wire) uv==0.9.0 (wire) pytorch/uv-1 failed at step 2 passed",
        "2 sync in a new venv 1 download, 1 request not as expected",
        "uv sync --reinstall",
        "downloads.a 0 1 a-1-py3-none-any.whl was downloaded again: it said no-store",
        "GET 200 wheel pypi a-1-py3-none-any.whl 9 B conditional, no-store",
        "project/pyproject.toml [project]",
        "what the installer said Resolved 1 package",
        "installer uv==0.8.11, release 0.8.11",
        "time 1.25 s",
    ):
        assert shown in page.text, shown
    targets = [link.removeprefix("#") for link in page.values("href") if link.startswith("#")]
    assert targets == ["play-1", "play-2"]
    assert set(targets) <= set(page.values("id"))


def test_other_release_of_a_step_and_an_unasked_crash_are_shown(failed: PlayResult) -> None:
    """A step names the release that played it if it is another, and a play its crash at the top."""
    reason = "step 2: uv 0.8.11 crashed: thread 'main' panicked at src/lib.rs"
    first, second = failed.steps
    steps = (replace(first, release="0.4.0"), replace(second, release="0.8.11"))
    page = Page(html_report([replace(failed, steps=steps, reason=reason)]))
    assert "1 sync , played by 0.4.0" in page.text
    assert ", played by 0.8.11" not in page.text
    assert page.text.index(reason) < page.text.index("A title")


def test_only_what_broke_is_unfolded(failed: PlayResult, passed: PlayResult) -> None:
    """The step that failed is open, with the installer's words; all else waits for a click."""
    page = html_report([failed, passed])
    assert re.findall(r'<details class="(\w+) \w+" open>', page) == ["step"]
    assert page.count('<details class="file" open>') == 1
    broken = replace(passed, verdict=Verdict.ERROR, reason="step 2: it broke")
    assert re.findall(r'<details class="(\w+) \w+" open>', html_report([broken])) == ["step"]


def test_plays_are_filtered_by_verdict(failed: PlayResult, passed: PlayResult) -> None:
    """Each verdict that is there has a box, whose rule hides its plays."""
    page = html_report([passed, failed])
    boxes = re.findall(r'type="checkbox" id="show-(\w+)" checked> (\d+) (\w+)<', page)
    assert boxes == [("passed", "1", "passed"), ("failed", "1", "failed")]
    for verdict in ("passed", "failed"):
        rule = f"body:has(#show-{verdict}:not(:checked)) .play.{verdict} {{ display: none; }}"
        assert rule in page
        assert f'<details class="play {verdict}">' in page


def test_what_needs_a_look_comes_first(failed: PlayResult, passed: PlayResult) -> None:
    """Worse before known, and both before what is as it should be."""
    known = replace(failed, installer="known", change=Change.SAME, known="failed at step 2")
    worse = replace(failed, installer="worse", change=Change.WORSE, known="passed")
    page = html_report([passed, known, worse])
    assert re.findall(r'<span class="player">(\S+) ', page) == ["worse", "known", "uv==0.9.0"]
    assert "worse: it says passed" in page


def test_page_needs_nothing_else(failed: PlayResult, passed: PlayResult) -> None:
    """No script and no resource, and a policy that would stop both."""
    page = Page(html_report([failed, passed]))
    assert "script" not in page.tags
    assert not page.values("src")
    links = {value for value in page.values("href") if not value.startswith("#")}
    assert links == {"data:,", "https://example.org/1"}
    assert "@import" not in page.text
    assert "url(" not in page.text
    assert any("default-src 'none'" in value for value in page.values("content"))


def test_texts_of_strangers_stay_texts(hostile: PlayResult) -> None:
    """No tag, attribute or invisible sign of theirs has an effect; no link but to the web."""
    text = html_report([hostile])
    page = Page(text)
    assert "script" not in page.tags
    assert "<script>alert(1)</script> \\x1b[31m \\u202e & \"'` | ](" in page.text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert {value for value in page.values("href") if "script" in value} == set()
    assert set(page.tags) >= {"table", "details", "pre"}


def test_report_of_nothing_says_so() -> None:
    """An empty page would look like a mistake."""
    assert "No scenario was played." in Page(html_report([])).text


def test_long_plays_are_cut(failed: PlayResult) -> None:
    """Of many exchanges and long outputs a part is shown, and the rest counted."""
    step = replace(
        failed.steps[1], exchanges=failed.steps[1].exchanges * 5000, output="0123456789\n" * 100_000
    )
    page = html_report([replace(failed, steps=(step,))])
    assert f"… and {5000 - MOST_EXCHANGES} more requests" in page
    assert "characters are left out here" in page
    assert len(page) < 150_000


def test_the_end_of_an_output_is_shown() -> None:
    """What went wrong stands at the end; a short output is whole."""
    assert last_lines("a\nb\n") == ["a", "b"]
    shown = last_lines("x" * MOST_CHARACTERS + "end")
    assert shown[0] == "… 3 characters are left out here"
    assert shown[1].endswith("end")
    many = last_lines("\n".join(str(number) for number in range(1000)))
    assert many[-1] == "999"
    assert len(many) == 301


def test_a_wait_before_a_step_stands_beside_its_counts(failed: PlayResult) -> None:
    """A page says how long the scenario let pass before a step."""
    first, *others = failed.steps
    waited = replace(failed, steps=(replace(first, waited=1.1), *others))
    assert html_report([waited]).count("after a wait of 1.1 s") == 1
    assert "after a wait" not in html_report([failed])


def test_cause_of_several_checks_stands_once_on_the_page(failed: PlayResult) -> None:
    """Checks with the same cause are rows above it."""
    step = failed.steps[1]
    (check,) = [check for check in step.checks if not check.held]
    other = replace(check, kind=CheckKind.REQUESTS, subject="wheel")
    twice = replace(step, checks=(*step.checks, other))
    page = Page(html_report([replace(failed, steps=(failed.steps[0], twice))]))
    assert "downloads.a 0 1 requests.wheel 0 1 a-1-py3-none-any.whl was downloaded" in page.text
    assert page.text.count("was downloaded again") == 1
