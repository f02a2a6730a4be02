"""The estimated day of an issue, and the release that was the newest on that day."""

from __future__ import annotations

from datetime import date

import pytest

from pytest_indexcache.run.bisect.report_days import newest_then, opened_about

UV = "https://github.com/astral-sh/uv/issues"


@pytest.mark.parametrize(
    ("issue", "installer", "earliest", "latest"),
    [
        (f"{UV}/11397", "uv", "2025-02-05", "2025-02-15"),  # opened 2025-02-10
        (f"{UV}/15303#issuecomment-1", "uv", "2025-08-10", "2025-08-20"),
        ("https://github.com/astral-sh/uv/pull/2091", "uv", "2024-02-29", "2024-02-29"),
        (f"{UV}/21200", "uv", "2026-08-15", "2026-08-25"),  # after the last known number
        ("https://github.com/pypa/pip/issues/12373", "pip", "2023-12-17", "2023-12-17"),
    ],
)
def test_number_says_about_when_an_issue_was_opened(
    issue: str, installer: str, earliest: str, latest: str
) -> None:
    """The day of an issue is interpolated between issue numbers whose days are known."""
    day = opened_about(issue, installer)
    assert day is not None
    assert date.fromisoformat(earliest) <= day <= date.fromisoformat(latest)


@pytest.mark.parametrize(
    ("issue", "installer"),
    [
        (None, "uv"),
        (f"{UV}/15303", "pip"),
        (f"{UV}/7", "uv"),
        ("https://github.com/other/uv/issues/15303", "uv"),
        ("https://example.org/issues/15303", "uv"),
        (f"{UV}/15303", "ruled"),
    ],
)
def test_other_issues_have_no_day(issue: str | None, installer: str) -> None:
    """An issue of another repository, or before the first known number, has no day."""
    assert opened_about(issue, installer) is None


@pytest.mark.parametrize(
    ("day", "expected"), [("2024-01-01", None), ("2024-01-05", 1), ("2030-01-01", 3)]
)
def test_newest_release_of_a_day_is_the_last_uploaded(day: str, expected: int | None) -> None:
    """The newest release of a day is the last upload until then; undated releases are ignored."""
    uploads = [date(2024, 1, 2), date(2024, 1, 5), None, date(2024, 1, 9)]
    assert newest_then(date.fromisoformat(day), uploads) == expected


def test_without_a_day_there_is_no_newest_release() -> None:
    """If the day is unknown, there is no newest release."""
    assert newest_then(None, [date(2024, 1, 2)]) is None
