"""The ledger of exchanges."""

from __future__ import annotations

import threading

from pytest_indexcache.messages import Exchange, Headers
from pytest_indexcache.run.plays.records.step_ledger import StepLedger


def exchange(url: str) -> Exchange:
    """Return an exchange of a URL."""
    return Exchange(at=0.0, method="GET", url=url, request_headers=Headers(), status=200)


def test_exchanges_are_kept_by_step() -> None:
    """Exchanges belong to the step that has begun; earlier ones are listed latest first."""
    ledger = StepLedger()
    for step in (1, 2, 3):
        ledger.begin(step)
        ledger.record(exchange(f"{step}a"))
        ledger.record(exchange(f"{step}b"))
    assert [one.url for one in ledger.of(2)] == ["2a", "2b"]
    assert [(step, one.url) for step, one in ledger.before(3)] == [
        (2, "2b"),
        (2, "2a"),
        (1, "1b"),
        (1, "1a"),
    ]
    assert len(ledger) == 6


def test_steps_at_once_have_exchanges_of_their_own() -> None:
    """Exchanges of a concurrent step are found by its name, and among those of all steps."""
    ledger = StepLedger()
    ledger.begin(1)
    ledger.record(exchange("a"), by="together[1]")
    ledger.record(exchange("b"), by="together[2]")
    assert [one.url for one in ledger.of(1, "together[2]")] == ["b"]
    assert [(one.url, one.by) for one in ledger.of(1)] == [
        ("a", "together[1]"),
        ("b", "together[2]"),
    ]


def test_a_step_without_exchanges_is_empty() -> None:
    """A step without requests has no exchanges."""
    ledger = StepLedger()
    ledger.begin(1)
    assert ledger.of(1) == ()
    assert ledger.of(7) == ()


def test_many_threads_lose_nothing() -> None:
    """No exchange is lost when sixteen threads record at once."""
    ledger = StepLedger()
    ledger.begin(1)

    def record_many() -> None:
        for _ in range(200):
            ledger.record(exchange("x"))

    threads = [threading.Thread(target=record_many) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ledger.of(1)) == 3200
