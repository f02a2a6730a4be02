"""Estimate from an issue's number when it was opened, and thus which release it is about."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from pytest_indexcache.run.bisect.repositories import repository_of

_NUMBERS: Final = {
    "uv": (
        ("2024-02-29", 2091),
        ("2024-03-28", 2712),
        ("2024-04-27", 3268),
        ("2024-05-28", 3884),
        ("2024-06-29", 4649),
        ("2024-07-30", 5635),
        ("2024-08-30", 6865),
        ("2024-09-27", 7724),
        ("2024-10-30", 8707),
        ("2024-11-27", 9468),
        ("2024-12-27", 10187),
        ("2025-01-30", 11118),
        ("2025-02-24", 11756),
        ("2025-03-30", 12560),
        ("2025-04-30", 13237),
        ("2025-05-30", 13736),
        ("2025-06-29", 14346),
        ("2025-07-30", 14977),
        ("2025-08-28", 15575),
        ("2025-09-23", 16004),
        ("2025-10-30", 16521),
        ("2025-11-26", 16861),
        ("2025-12-30", 17265),
        ("2026-01-29", 17724),
        ("2026-02-27", 18200),
        ("2026-03-26", 18710),
        ("2026-04-27", 19146),
        ("2026-05-28", 19596),
        ("2026-06-30", 20056),
        ("2026-07-31", 20847),
        ("2026-08-14", 21138),
    ),
    "pip": (
        ("2018-10-05", 5819),
        ("2019-05-06", 6440),
        ("2019-10-17", 7219),
        ("2020-05-21", 8207),
        ("2020-12-15", 9269),
        ("2021-06-26", 10031),
        ("2021-10-22", 10585),
        ("2022-05-31", 11136),
        ("2022-11-05", 11547),
        ("2023-04-22", 11987),
        ("2023-12-17", 12373),
        ("2024-06-12", 12713),
        ("2024-10-27", 13046),
        ("2025-05-02", 13372),
        ("2025-10-24", 13588),
        ("2026-05-31", 14012),
        ("2026-08-04", 14227),
    ),
    "poetry": (
        ("2019-12-12", 1683),
        ("2020-06-09", 2526),
        ("2020-10-23", 3264),
        ("2021-06-25", 4203),
        ("2021-11-27", 4831),
        ("2022-06-07", 5771),
        ("2022-12-09", 7121),
        ("2023-05-29", 7995),
        ("2023-11-16", 8672),
        ("2024-05-08", 9335),
        ("2024-12-06", 9888),
        ("2025-05-04", 10374),
        ("2025-09-21", 10561),
        ("2026-05-09", 10887),
    ),
    "pdm": (
        ("2024-03-30", 2747),
        ("2024-06-26", 2974),
        ("2024-09-23", 3178),
        ("2024-12-19", 3354),
        ("2025-03-07", 3392),
        ("2025-06-30", 3561),
        ("2025-08-22", 3612),
        ("2025-12-24", 3700),
        ("2026-03-24", 3752),
        ("2026-06-23", 3808),
        ("2026-08-11", 3832),
    ),
}
"""For each installer, pairs of a day and the highest issue or pull request number on that day.

Each number is the highest in the changelog of a release, as of August 2026: CHANGELOG.md of uv,
poetry and pdm, NEWS.rst of pip.
"""


def opened_about(issue: str | None, installer: str) -> date | None:
    """Return the estimated day on which an issue in an installer's repository was opened.

    Between two issues with known days, and after the last one, issues are assumed to be opened at a
    constant rate. The result is None for other URLs, and for issues before the first known issue.
    """
    repository, known = repository_of(installer), _NUMBERS.get(installer)
    match = re.match(r"(https://github\.com/[^/]+/[^/]+)/(?:issues|pull)/(\d{1,7})\b", issue or "")
    if match is None or known is None or match[1].lower() != repository:
        return None
    number = int(match[2])
    numbers = [highest for _, highest in known]
    if number < numbers[0]:
        return None
    place = min(max(bisect_left(numbers, number), 1), len(known) - 1)
    (first, low), (last, high) = known[place - 1], known[place]
    since, until = date.fromisoformat(first), date.fromisoformat(last)
    days = (until - since).days * (number - low) / (high - low)
    return since + timedelta(days=min(days, 3650))


def newest_then(day: date | None, uploads: Sequence[date | None]) -> int | None:
    """Return the position of the newest release at the end of a given day.

    The result is None if no day is given, or if no release is known to have been uploaded by then.
    ``uploads`` contains the upload day of each release, oldest release first.
    """
    if day is None:
        return None
    places = [place for place, uploaded in enumerate(uploads) if uploaded and uploaded <= day]
    return max(places, default=None)
