"""The Markdown block that a bisect writes for a tracker."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from pytest_indexcache.reports.trackers.bisect_markdown import bisect_markdown

from ..test_bisect_lines import BAD, BOUNDARY, FOUND

TOML = 'title = "A title"\n# ```\n'


def test_block_has_all_that_a_maintainer_asks_for() -> None:
    """The block contains title, changes, cause, file, versions and command."""
    block = bisect_markdown(FOUND, TOML, "indexcache bisect uv-1.toml uv")
    for part in (
        "### A title\\\\x1b\n",
        "**uv 0.8.14 mends it**\n",
        "- last bad: `uv 0.8.13` (2025-08-21), misbehaves at step 3: "
        "`downloads.torch 1, expected 0`\n",
        "- first good: `uv 0.8.14`, behaves\n",
        "- <https://github.com/astral-sh/uv/compare/0.8.13...0.8.14>\n",
        "Why 0.8.13 misbehaves:\n\n```text\ntorch.whl",
        "To reproduce it: `indexcache bisect uv-1.toml uv`\n",
        "CPython 3.13.0, pytest-indexcache 1.0+abc.\n",
    ):
        assert part in block


def test_file_cannot_end_its_fence() -> None:
    """A file with backquotes gets a longer fence, and control characters in it are escaped."""
    block = bisect_markdown(FOUND, TOML + 'x = "\x1b"\n</details>\n', "c")
    inside = block.partition("````toml\n")[2].partition("\n````\n")[0]
    assert inside.splitlines() == ['title = "A title"', "# ```", 'x = "\\x1b"', "</details>"]


def test_hostile_text_makes_no_markup() -> None:
    """Markup in a title, check or cause is shown as text, and an issue must be a web link."""
    bad = replace(
        BAD,
        failed=("downloads.` ]<img src=x> 1, expected 0",),
        causes=("@everyone ``` <script>",),
    )
    result = replace(
        FOUND,
        title="<b>x</b> ![x](http://y)",
        issue="javascript:alert(1)",
        boundaries=(replace(BOUNDARY, before=bad),),
    )
    block = bisect_markdown(result, TOML, "indexcache bisect '`x`' uv")
    shown = re.sub(r"(`+)[^`].*?[^`]\1(?!`)", "", block)
    assert r"### \<b\>x\</b\> \!\[x\](http://y)" in shown
    assert re.search(r"(?<!\\)<(b|img)", shown) is None
    assert "javascript:alert" not in block
    assert "````text\n@everyone ``` <script>\n````\n" in block
    assert "`` indexcache bisect '`x`' uv ``" in block


def test_line_for_programs_is_json_in_a_comment() -> None:
    """The changes are JSON in a comment, which no text in them can end."""
    bad = replace(BAD, signature="3:success:downloads.-->")
    boundary = replace(BOUNDARY, before=bad, again=())
    block = bisect_markdown(replace(FOUND, boundaries=(boundary,)), TOML, "c")
    line = block.splitlines()[-1]
    match = re.fullmatch(r"<!-- pytest-indexcache bisect (.*) -->", line)
    assert match is not None
    assert "--" not in match[1]
    assert json.loads(match[1])["changes"] == [
        {
            "kind": "mends",
            "before": "0.8.13",
            "after": "0.8.14",
            "signature": "3:success:downloads.-->",
            "flaky": False,
        }
    ]


def test_no_path_of_the_machine_is_told() -> None:
    """Paths of the machine's folders are removed from an installer's output."""
    bad = replace(BAD, causes=("no file '/var/tmp/a-1/play-x/project/uv.lock', see /simple/six/",))
    result = replace(FOUND, boundaries=(replace(BOUNDARY, before=bad),))
    block = bisect_markdown(result, TOML, "c", ("/var/tmp", "/home/me"))
    assert "/var/tmp" not in block
    assert "…/uv.lock" in block
    assert "/simple/six/" in block


def test_no_change_is_said() -> None:
    """If a bisect found no change, its Markdown says so."""
    assert "No change was found." in bisect_markdown(replace(FOUND, boundaries=()), TOML, "c")


def test_releases_of_which_nothing_is_known_are_told_whole() -> None:
    """Reasons of unjudged releases are not shortened, but contain no folder of the machine."""
    reason = f"uv==0.8.15: the file /var/tmp/{'a' * 90}/x.toml, and a setting that it does not know"
    odd = replace(BAD, release="0.8.15", behaves=None, reason=reason, failed=(), causes=())
    result = replace(
        FOUND,
        releases=("0.8.13", "0.8.14", "0.8.15", "0.8.16"),
        answers=(BAD, BOUNDARY.after, odd),
        lacking=(),
    )
    block = bisect_markdown(result, TOML, "c", ("/var/tmp",))
    assert "- not played: 1 release: 0.8.16\n" in block
    assert (
        "- not judged: 1 release: 0.8.15 (the file …/x.toml, and a setting that it does not know)"
        in block
    )
