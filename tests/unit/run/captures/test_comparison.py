"""The comparison of the exchanges of two plays."""

from __future__ import annotations

from pytest_indexcache.messages import Exchange, Headers
from pytest_indexcache.run.captures.comparison import compared
from pytest_indexcache.run.plays.results import StepResult

REAL, FAKE = "https://real.corp", "https://index1.example"


def _step(number: int, *exchanges: Exchange) -> StepResult:
    return StepResult(number, "sync", "", exchanges=exchanges)


def _get(url: str, status: int | None = 200, **fields: str) -> Exchange:
    headers = Headers(tuple((name.replace("_", "-"), value) for name, value in fields.items()))
    return Exchange(0.0, "GET", url, headers, status)


def _replaced(url: str) -> str:
    return url.replace(REAL, FAKE)


def test_same_exchanges_in_another_order_are_the_same() -> None:
    """The order of exchanges is ignored, because installers send requests concurrently."""
    real = [_step(1, _get(f"{REAL}/a"), _get(f"{REAL}/b", 304, If_None_Match="x"))]
    fake = [_step(1, _get(f"{FAKE}/b", 304, If_None_Match="y"), _get(f"{FAKE}/a"))]
    found = compared(real, fake, _replaced)
    assert found.is_same
    assert (found.exchanges, found.same, found.in_order) == (2, 2, 1)


def test_query_is_a_signature() -> None:
    """The value of a signature in a URL is ignored, but a missing signature is not."""
    real = [_step(1, _get(f"{REAL}/a?s=1"))]
    assert compared(real, [_step(1, _get(f"{FAKE}/a?s=2"))], _replaced).is_same
    assert not compared(real, [_step(1, _get(f"{FAKE}/a"))], _replaced).is_same


def test_plus_of_a_local_version_is_written_in_two_ways() -> None:
    """A plus sign in a URL's path may be encoded, because servers write both forms."""
    real = [_step(1, _get(f"{REAL}/a-1+cpu.whl"))]
    assert compared(real, [_step(1, _get(f"{FAKE}/a-1%2Bcpu.whl"))], _replaced).is_same


def test_differences_are_told() -> None:
    """A different status, condition or step is reported as a missing and a new exchange."""
    real = [_step(1, _get(f"{REAL}/a", None), _get(f"{REAL}/b", 206, Range="bytes=0-1")), _step(2)]
    fake = [_step(1, _get(f"{FAKE}/b", 206)), _step(2, _get(f"{FAKE}/c", 404))]
    found = compared(real, fake, _replaced)
    assert [each.text for each in found.differences] == [
        f"step 1: - GET {FAKE}/a no response",
        f"step 1: - GET {FAKE}/b 206 (Range)",
        f"step 1: + GET {FAKE}/b 206",
        f"step 2: + GET {FAKE}/c 404",
    ]
    assert (found.exchanges, found.same) == (2, 0)


def test_step_that_was_not_reached_offline_is_missing() -> None:
    """If the offline play does not reach a step, all exchanges of the step are missing."""
    found = compared([_step(3, _get(f"{REAL}/a"))], [], _replaced)
    assert [each.is_missing for each in found.differences] == [True]
