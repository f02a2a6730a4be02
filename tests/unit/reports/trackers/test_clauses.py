"""Clauses of RFCs about the header fields that an index sent."""

from __future__ import annotations

import pytest

from pytest_indexcache.reports.trackers.clauses import clauses_of


@pytest.mark.parametrize(
    ("name", "value", "clauses"),
    [
        ("cache-control", "No-Store, max-age=0", ["RFC 9111 §5.2.2.5", "RFC 9111 §5.2.2.1"]),
        ("cache-control", "nonesuch", []),
        ("vary", "Accept", ["RFC 9111 §4.1"]),
        ("x-served-by", "cache", []),
    ],
)
def test_each_directive_has_its_clause(name: str, value: str, clauses: list[str]) -> None:
    """Directives match their clauses in upper and lower case; those without one are left out."""
    assert [clause for _, clause, _ in clauses_of(name, value)] == clauses
