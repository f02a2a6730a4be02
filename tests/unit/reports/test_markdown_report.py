"""Results in Markdown, for the summary of a CI."""

from __future__ import annotations

import re
from dataclasses import replace

from pytest_indexcache.reports.markdown_report import LIMIT_BYTES, markdown_report
from pytest_indexcache.run.plays.results import Change, PlayResult, Verdict


def test_report_is_a_count_a_table_and_what_failed(failed: PlayResult, passed: PlayResult) -> None:
    """The Markdown report shows a table of scenarios by installers, and folded failures."""
    text = markdown_report([failed, passed])
    assert text.startswith(
        "## Index caching\n\n"
        "**1 failed, 1 passed**: 3 requests, 3 downloads, nominally 9 GiB\n\n"
        "| scenario | uv==0.8.11 (wire) | uv==0.9.0 (wire) |\n"
        "| --- | --- | --- |\n"
        "| [pytorch/uv-1](<https://example.org/1>) | ❌ failed at step 2 | ✅ passed |\n\n"
        "<details><summary>pytorch/uv-1, played by uv==0.8.11 (wire): failed at step 2</summary>"
        "\n\n```text\nA title\n"
    )
    assert "  downloads.a  0         1\n" in text
    assert text.endswith("```\n\n</details>\n\n")
    assert text.count("<details>") == 1


def test_what_the_baseline_knows_is_told_apart(failed: PlayResult, passed: PlayResult) -> None:
    """A known failure has no cross; worse plays are first, and better plays are listed."""
    known = replace(failed, change=Change.SAME, known="failed at step 2")
    worse = replace(failed, installer="pip", change=Change.WORSE, known="passed")
    better = replace(passed, change=Change.BETTER, known="failed at step 1")
    text = markdown_report([known, worse, better])
    row = next(line for line in text.splitlines() if line.startswith("| [pytorch"))
    assert row.split(" | ")[1:] == [
        "🐛 failed at step 2 (known)",
        "❌ failed at step 2 (worse)",
        "🎉 passed (better) |",
    ]
    assert re.findall("<summary>.*, played by (.*) ", text) == [
        "pip (wire): failed at step 2",
        "uv==0.9.0 (wire): passed",
        "uv==0.8.11 (wire): failed at step 2",
    ]


def test_containment_is_named_once(failed: PlayResult, passed: PlayResult) -> None:
    """The Markdown report names the containment of the installers exactly once."""
    words = "contained: landlock 7 + seccomp"
    text = markdown_report([replace(it, containment=words) for it in (failed, passed)])
    assert text.count(f"\n{words}\n") == 1


def test_summary_of_a_play_names_its_unasked_crash(failed: PlayResult) -> None:
    """The folded line of a play with an unexpected crash shows the reason."""
    reason = "step 2: uv 0.8.11 hung: it did not end within 120 s"
    report = markdown_report([replace(failed, reason=reason)])
    assert f"failed at step 2; {reason}</summary>" in report


def test_reasons_of_skips_are_listed(failed: PlayResult) -> None:
    """The report lists the reasons of skipped plays."""
    skipped = replace(failed, verdict=Verdict.SKIPPED, reason="pip has no extras", steps=())
    text = markdown_report([skipped])
    assert "| ⚪ skipped |" in text
    assert "1 skipped</summary>\n\n- pytorch/uv-1, uv==0.8.11 (wire): pip has no extras\n" in text


def test_report_of_nothing_says_so() -> None:
    """For a report without plays, the Markdown says so."""
    assert "No scenario was played." in markdown_report([])


def test_texts_of_strangers_stay_texts(hostile: PlayResult) -> None:
    """Untrusted text cannot add a tag, link, cell, fence or invisible sign to the Markdown."""
    skipped = replace(hostile, verdict=Verdict.SKIPPED)
    text = markdown_report([hostile, skipped])
    outside = re.sub(r"^(`{4,})text\n.*?^\1\n", "", text, flags=re.DOTALL | re.MULTILINE)
    assert "````text\n" in text
    assert set(re.findall(r"(?<!\\)<[^>]*>", outside)) == {
        "<details>",
        "</details>",
        "<summary>",
        "</summary>",
    }
    as_markdown = re.sub("<summary>.*</summary>", "", outside)  # HTML until the blank line
    assert not re.search(r"(?<!\\)\]\(", as_markdown)
    assert "\x1b" not in text
    assert "\u202e" not in text
    rows = [line for line in outside.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {3}


def test_page_is_not_longer_than_github_takes(failed: PlayResult) -> None:
    """A report above GitHub's size limit keeps its table, and counts the failures left out."""
    step = replace(failed.steps[1], output="x" * 2000 + "\n")
    many = [replace(failed, scenario=f"a/{number}.toml", steps=(step,)) for number in range(1000)]
    text = markdown_report(many)
    assert LIMIT_BYTES * 0.9 < len(text.encode()) < LIMIT_BYTES + 100
    assert "| [a/999](" in text
    left_out = re.search(r"to keep the page short: (\d+) plays\.\n\Z", text)
    assert left_out is not None
    assert int(left_out[1]) == 1000 - text.count("<details>")
