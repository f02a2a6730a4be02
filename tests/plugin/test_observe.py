"""Runs that observe scenarios instead of judging them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.plugin.conftest import Run, Write

BARE = """\
title = "bare"
[indexes.pypi]
url = "https://pypi.org/simple"
[indexes.pypi.packages]
six."1.17.0" = {}
[project]
dependencies = ["six"]
[[steps]]
do = "sync" # mine
"""
SEEN = 'expect = { downloads = { six = 1 }, installed = { six = "1.17.0" } }'


def test_what_is_seen_is_shown_and_nothing_is_written(run: Run, write: Write) -> None:
    """With ``show``, observed values are printed as a diff, and no file is written."""
    bare = write("scenarios/bare.toml", BARE)
    write("scenarios/wrong.toml", write.scenario_text(again=1))
    result = run("scenarios", "--indexcache-observe=show")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [
            "*what was seen*",
            "--- scenarios/bare.toml",
            f"+{SEEN}".replace("[", "[[]"),
            "scenarios/bare.toml: nothing is written",
            "-expect = { downloads = { torch = 1 } }",
            "scenarios/wrong.toml: nothing is written",
        ]
    )
    assert bare.read_text() == BARE
    assert sorted(path.name for path in bare.parent.iterdir()) == ["bare.toml", "wrong.toml"]


def test_what_is_seen_is_written_beside(run: Run, write: Write) -> None:
    """With ``beside``, a second file is written, which is not played with its folder."""
    bare = write("scenarios/bare.toml", BARE)
    run("scenarios", "--indexcache-observe=beside").assert_outcomes(passed=1)
    assert bare.read_text() == BARE
    assert (bare.parent / "bare.observed.toml").read_text() == f"{BARE}{SEEN}\n"
    write("scenarios/bare.toml", f"{BARE}{SEEN}\n")
    run("scenarios").assert_outcomes(passed=1)
    run("scenarios/bare.observed.toml").assert_outcomes(passed=1)


def test_what_is_seen_is_written_into_the_file(run: Run, write: Write) -> None:
    """With ``write``, the observed file passes, and a second run does not change it."""
    bare = write("bare.toml", BARE)
    run("bare.toml", "--indexcache-observe=write").assert_outcomes(passed=1)
    assert bare.read_text() == f"{BARE}{SEEN}\n"
    result = run("bare.toml", "--indexcache-observe=write")
    result.stdout.fnmatch_lines(["bare.toml: every step expects what reference does"])
    run("bare.toml").assert_outcomes(passed=1)


def test_two_installers_are_only_shown(run: Run, write: Write) -> None:
    """Observations of two installers can be shown; writing them is a usage error."""
    write("bare.toml", BARE)
    two = ("--indexcache-installer=reference", "--indexcache-installer=reference:obey-no-store")
    result = run("bare.toml", "--indexcache-observe=write", *two)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*takes only one installer, not 2: name one*"])
    run("bare.toml", "--indexcache-observe=show", *two).assert_outcomes(passed=2)


def test_what_cannot_be_observed_fails(run: Run, write: Write) -> None:
    """An invalid scenario fails with its file and line, and is not changed."""
    broken = write("broken.toml", BARE.replace("sync", "nonesuch"))
    result = run("broken.toml", "--indexcache-observe=write")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*broken.toml:9: steps*nonesuch*"])
    assert "nonesuch" in broken.read_text()
