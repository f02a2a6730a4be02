"""Many plays as a table, or as a list if the table would be too wide."""

from __future__ import annotations

from dataclasses import replace

from pytest_indexcache.reports.matrix_table import families, matrix_lines, skip_lines, trouble_lines
from pytest_indexcache.run.matrix.results import PlayRecord
from pytest_indexcache.run.plays.results import Verdict

from .plays import FAILED, HERE, PASSED, SKIPPED, play

BAD = {Verdict.FAILED, Verdict.ERROR, Verdict.FIXED}


def several() -> list[PlayRecord]:
    """Return plays of two scenarios with five uv releases, and of one scenario with pip."""
    verdicts = {
        "0.7.0": (SKIPPED, PASSED),
        "0.8.1": (FAILED, PASSED),
        "0.8.2": (FAILED, PASSED),
        "0.9.0": (PASSED, PASSED),
        "0.10.0": (PASSED, PASSED),
    }
    records = [
        play(name, f"uv=={release}", verdict, reason="no verb" if verdict is SKIPPED else "")
        for release, pair in verdicts.items()
        for name, verdict in zip(("uv-1", "uv-2"), pair, strict=True)
    ]
    return [*records[::-1], play("uv-1", "pip==26.3", PASSED)]


def test_equal_neighbours_are_one_column() -> None:
    """Releases are sorted by version, and neighbours with equal verdicts share a column."""
    assert list(matrix_lines(several(), 80)) == [
        "              pip     uv",
        "              26.3    0.7.0    0.8.1    0.9.0",
        "scenario                       - 0.8.2  - 0.10.0",
        "pytorch/uv-1  passed  skipped  failed   passed",
        "pytorch/uv-2  -       passed   passed   passed",
    ]


def test_what_is_too_wide_is_a_list_of_ranges() -> None:
    """A table that is too wide becomes a list of each scenario's ranges."""
    assert list(matrix_lines(several(), 47)) == [
        "pytorch/uv-1",
        "  pip  26.3                 passed",
        "  uv   0.7.0                skipped: no verb",
        "       0.8.1 - 0.8.2        failed at step 3",
        "       0.9.0 - 0.10.0       passed",
        "pytorch/uv-2",
        "  uv   0.7.0 - 0.10.0       passed",
    ]


def test_three_hundred_releases_stay_readable() -> None:
    """The number of lines depends on changes of behaviour, not on the number of releases."""
    records = [
        play("uv-1", f"uv==0.{minor}.{patch}", FAILED if minor < 8 else PASSED)
        for minor in range(15)
        for patch in range(20)
    ]
    (row,) = [line for line in matrix_lines(records, 80) if line.startswith("pytorch")]
    assert row.split() == ["pytorch/uv-1", "failed", "passed"]


def test_machines_and_transports_are_told_where_they_differ() -> None:
    """Machine and transport are printed only if plays differ in them."""
    mac = replace(HERE, platform="macosx-14.0-arm64")
    names = [
        [family.name for family in families(records)]
        for records in (
            [play("uv-1", "uv==1", PASSED)],
            [play("uv-1", "uv==1", PASSED), play("uv-1", "uv==1", PASSED, where=mac)],
            [play("uv-1", "x", PASSED), play("uv-1", "x", PASSED, transport="inprocess")],
            [play("uv-1", "uv==1", PASSED), play("uv-1", "x", PASSED, transport="inprocess")],
        )
    ]
    assert names == [
        ["uv"],
        ["uv (linux-x86_64)", "uv (macosx-14.0-arm64)"],
        ["x (inprocess)", "x (wire)"],
        ["uv", "x"],
    ]


def test_colours_do_not_move_columns() -> None:
    """Columns are aligned with and without colours."""
    painted = matrix_lines(several(), 80, lambda text, verdict: f"<{text}>" if verdict else text)
    assert list(painted)[3] == ("pytorch/uv-1  <passed>  <skipped>  <failed >  <passed  >")


def test_trouble_is_told_once_for_a_range() -> None:
    """A range is explained by its newest release, with the cause and a command to repeat it."""
    assert list(trouble_lines(several(), BAD, 80)) == [
        "failed at step 3: pytorch/uv-1 with uv 0.8.1 - 0.8.2",
        "  downloads.torch: expected 0, seen 1",
        "    it said no-store",
        "  … and 1 expectation more",
        "  $ pytest --indexcache-scenarios scenarios/pytorch/uv-1.toml "
        "--indexcache-installer uv==0.8.2",
    ]


def test_an_error_gives_its_reason_and_a_fixed_bug_what_to_do() -> None:
    """Errors and failures are shown with a reason, and fixed bugs with a remedy, all escaped."""
    broken = play("uv-1", "uv==1", Verdict.ERROR, reason="it broke\x1b[31m\n  hint: mend it")
    fixed = play("uv-2", "uv==1", Verdict.FIXED)
    lines = list(trouble_lines([broken, fixed], BAD, 80))
    assert lines[0] == "error: pytorch/uv-1 with uv 1"
    assert lines[1:3] == ["  it broke\\x1b[31m", "    hint: mend it"]
    assert "  every expectation holds, although [affected] lists it: update [affected]" in lines


def test_skips_with_one_reason_are_one_line() -> None:
    """Plays that were skipped for the same reason share one line."""
    reason = "uv {} has no verbs\x07: it came with 0.3\nmore"
    skipped = [
        play(name, f"uv=={release}", SKIPPED, reason=reason.format(release))
        for release in ("0.1.10", "0.1.9", "0.1.8")
        for name in ("uv-1", "uv-2")
    ]
    other = play("uv-1", "uv==0.2.0", SKIPPED, reason="uv has no other verb")
    assert list(skip_lines([*skipped, other, play("uv-1", "uv==1", PASSED)], 80)) == [
        "skipped, 6 plays: uv 0.1.8 - 0.1.10 has no verbs\\x07: it came with 0.3",
        "skipped, 1 play: uv has no other verb",
    ]


def test_a_lot_of_trouble_is_cut() -> None:
    """A long list of failures is cut, and the rest is counted."""
    records = [play(f"uv-{number}", "uv==1", FAILED) for number in range(40)]
    lines = list(trouble_lines(records, BAD, 80))
    assert lines[-1] == "… and 15 ranges more"
    assert sum(line.startswith("failed") for line in lines) == 25
