"""Results, written as one HTML page."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256

from pytest_indexcache.reports.page import html_report, matrix_html
from pytest_indexcache.reports.page.document import BLOCK, MOST_WITH_OUTPUT
from pytest_indexcache.run.matrix.results import in_brief
from pytest_indexcache.run.plays.results import PlayResult, Verdict

from ..plays import FAILED, HERE, PASSED, play
from .pages import ReadPage


def test_page_says_what_was_played_where_and_how(failed: PlayResult, passed: PlayResult) -> None:
    """The head of the page shows counts, traffic, day, machine, containment and command."""
    contained = replace(passed, containment="contained: landlock 7")
    page = ReadPage(html_report([failed, contained], HERE, "pytest --indexcache-scenarios"))
    assert "1 failed, 1 passed 3 requests, 3 downloads, nominally 9 GiB" in page.text
    for name, value in (
        ("played on", "2023-11-14"),
        ("platform", HERE.platform),
        ("Python", HERE.python),
        ("pytest-indexcache", HERE.harness),
        ("containment", "contained: landlock 7"),
        ("command", "pytest --indexcache-scenarios"),
    ):
        assert f"{name} {value}" in page.text


def test_index_has_scenarios_installers_ranges_and_causes(
    failed: PlayResult, passed: PlayResult
) -> None:
    """The index of the page lists scenarios, installers, ranges and causes, but no details."""
    newer = replace(passed, installer_version="0.9.0")
    tagged = [replace(result, tags=("pytorch",)) for result in (failed, newer)]
    index = ReadPage(html_report(tagged)).index
    assert index["families"] == ["uv"]
    (scenario,) = index["scenarios"]
    assert (scenario["name"], scenario["tags"]) == ("pytorch/uv-1", ["pytorch"])
    assert [(fold["short"], fold["span"], fold["cause"]) for fold in index["folds"]] == [
        ("failed at step 2", "0.8.11", 0),
        ("passed", "0.9.0", -1),
    ]
    (cause,) = index["causes"]
    assert cause["text"][1::2] == ["no-store"]
    assert (cause["count"], cause["open"]) == (1, True)


def test_play_has_its_own_details(failed: PlayResult, passed: PlayResult) -> None:
    """Each range of the matrix links to the details of its own play."""
    page = ReadPage(html_report([passed, failed]))
    for fold in page.index["folds"]:
        release, place, _ = fold["plays"][0]
        assert ["release", release] in page.details[place]["facts"]


def test_details_are_found_in_their_block(passed: PlayResult) -> None:
    """All blocks of details but the last are full, so that a script can compute a play's block."""
    results = [replace(passed, scenario=f"s{number}.toml") for number in range(BLOCK + 1)]
    page = ReadPage(html_report(results))
    blocks = [json.loads(text) for _, text in page.scripts[1:-1]]
    assert [len(block) for block in blocks] == [page.index["block"], 1]


def test_matrix_shows_the_counts_that_its_records_keep(failed: PlayResult) -> None:
    """A record without exchanges still shows its request counts."""
    record = play("uv-1", "uv==0.8.11", FAILED)
    page = ReadPage(matrix_html([replace(record, result=in_brief(failed))]))
    assert page.index["folds"][0]["plays"][0][2] == (
        "2 downloads, 2 requests, 18 B sent, nominally 6 GiB"
    )
    assert page.details[0]["steps"][0]["rows"] == []


def test_page_runs_its_own_script_alone(failed: PlayResult) -> None:
    """The content security policy permits only the page's own style and script, by their hashes."""
    page = ReadPage(html_report([failed]))
    (code,), (style,) = page.code, page.styles
    policy = next(value for value in page.values("content") if "default-src" in value)
    for directive, text in (("script-src", code), ("style-src", style)):
        digest = b64encode(sha256(text.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert page.values("src") == []
    assert page.values("style") == []
    assert {value for value in page.values("href") if not value.startswith("#")} == {"data:,"}
    assert not re.search(r"innerHTML|insertAdjacent|\beval\b|fetch\(|https?:", code)
    assert not re.search(r"@import|url\(", style)


def test_script_asks_for_elements_that_the_page_has(failed: PlayResult) -> None:
    """Each id that the script looks up is on the page."""
    page = ReadPage(html_report([failed]))
    wanted = set(re.findall(r'byId\("([\w-]+)"\)', page.code[0]))
    assert len(wanted) > 5
    assert wanted <= set(page.values("id"))


def test_texts_of_strangers_stay_texts(hostile: PlayResult) -> None:
    """Untrusted text can neither add a tag, attribute, link or invisible sign nor end a script."""
    text = html_report([replace(hostile, tags=("</script><i>",))], None, "\u202e</p><script>")
    page = ReadPage(text)
    assert len(page.code) == 1
    assert page.tags.count("script") == 3
    for sign in ("\x1b", "\u202e", "<i>", "<script>alert"):
        assert sign not in text
    assert "<script>alert(1)</script> \\x1b[31m \\u202e" in page.details[0]["steps"][0]["verb"]
    assert page.index["scenarios"][0]["link"] == ""


def test_report_of_nothing_says_so() -> None:
    """For a report without plays, the page says so."""
    page = ReadPage(html_report([]))
    assert "No scenario was played." in page.text
    assert page.scripts == []


def test_what_needs_a_look_comes_first(failed: PlayResult, passed: PlayResult) -> None:
    """Failed plays are listed before passed plays."""
    folds = ReadPage(html_report([passed, failed])).index["folds"]
    assert [fold["verdict"] for fold in folds] == ["failed", "passed"]


def test_very_many_plays_leave_out_the_output_of_those_that_behave(
    failed: PlayResult, passed: PlayResult
) -> None:
    """In a report of thousands of plays, only failed plays keep their output."""
    written = replace(passed, steps=(replace(passed.steps[0], output="said"),))
    many = [replace(written, scenario=f"s{number}.toml") for number in range(MOST_WITH_OUTPUT)]
    few = ReadPage(html_report(many))
    assert few.details[0]["steps"][0]["output"] == ["said"]
    page = ReadPage(html_report([failed, *many]))
    shown = [detail for detail in page.details if any(it["output"] for it in detail["steps"])]
    assert [["release", "0.8.11"] in detail["facts"] for detail in shown] == [True]


def test_folded_releases_say_how_many_were_played() -> None:
    """Neighbouring releases with equal results are one range, with the number of releases."""
    records = [play("uv-1", f"uv==0.8.{patch}", PASSED) for patch in range(12)]
    (shown,) = ReadPage(matrix_html(records)).index["folds"]
    assert shown["span"] == "0.8.0 - 0.8.11, 12 played"
    assert shown["plays"][0][0] == "0.8.11"
    assert shown["verdict"] == str(Verdict.PASSED)
