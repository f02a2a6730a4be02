"""Under which choice of extras and groups a package is installed, as a marker of a lockfile.

A resolution is made for each *fork*: one choice in every *dimension*, which is a set of extras and
groups that exclude each other. A package is wanted in some forks, and there by everybody or only by
those who select certain extras or groups. Here these facts become the shortest marker that a little
work finds, in the words of PEP 751: ``'cpu' in extras or 'dev' in dependency_groups``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, product

from pytest_indexcache.reference.project.project import GROUP_PREFIX

Choice = frozenset[str]
"""What of one dimension is selected: names of extras, and of groups as ``group:NAME``."""


@dataclass(frozen=True, slots=True)
class Term:
    """One way to want a package: by ``atom``, or by everybody; in these choices of a dimension."""

    choices: tuple[frozenset[Choice], ...]
    atom: str | None = None

    def covers(self, other: Term) -> bool:
        """Whether the other term says nothing that this one does not."""
        return self.atom in (None, other.atom) and all(
            theirs <= ours for ours, theirs in zip(self.choices, other.choices, strict=True)
        )


def write_marker(terms: Iterable[Term], dimensions: Sequence[Collection[Choice]]) -> str | None:
    """Write a marker that holds where any of the terms does; None if that is always.

    ``dimensions`` lists for each dimension every choice that it allows.
    """
    conjunctions = {
        literals
        for term in _merge(set(terms), len(dimensions))
        for literals in _conjunctions(term, dimensions)
    }
    if () in conjunctions:
        return None
    texts = [" and ".join(literals) for literals in sorted(conjunctions)]
    if len(texts) == 1:
        return texts[0]
    return " or ".join(f"({text})" if " and " in text else text for text in texts)


def _merge(terms: set[Term], dimensions: int) -> set[Term]:
    """Join terms that differ in one dimension alone, then drop those that others cover."""
    before: set[Term] = set()
    while terms != before:
        before = terms
        for dimension in range(dimensions):
            terms = _join_along(terms, dimension)
    return {term for term in terms if not any(it.covers(term) for it in terms if it != term)}


def _join_along(terms: set[Term], dimension: int) -> set[Term]:
    joined: dict[Term, frozenset[Choice]] = {}
    for term in terms:
        rest = replace(term, choices=_put(term.choices, dimension, frozenset()))
        joined[rest] = joined.get(rest, frozenset()) | term.choices[dimension]
    return {
        replace(rest, choices=_put(rest.choices, dimension, allowed))
        for rest, allowed in joined.items()
    }


def _put(
    choices: tuple[frozenset[Choice], ...], dimension: int, allowed: frozenset[Choice]
) -> tuple[frozenset[Choice], ...]:
    return (*choices[:dimension], allowed, *choices[dimension + 1 :])


def _conjunctions(
    term: Term, dimensions: Sequence[Collection[Choice]]
) -> Iterator[tuple[str, ...]]:
    """Yield what has to hold at once, in each of the ways in which a term can hold."""
    atom = () if term.atom is None else (_selected(term.atom),)
    ways = [_ways(*pair) for pair in zip(term.choices, dimensions, strict=True)]
    for parts in product(*ways):
        yield tuple(dict.fromkeys(chain(atom, *parts)))


def _ways(allowed: frozenset[Choice], possible: Collection[Choice]) -> Iterator[list[str]]:
    """Yield what has to hold at once, so that one of the ways holds in just the allowed choices."""
    if len(allowed) == len(possible):
        yield []
        return
    told: list[tuple[Choice, Choice]] = []
    for choice in sorted(allowed, key=lambda it: (len(it), sorted(it))):
        if any(wanted <= choice and not unwanted & choice for wanted, unwanted in told):
            continue
        larger = [it for it in possible if choice < it and it not in allowed]
        unwanted = frozenset().union(*larger) - choice
        told.append((choice, unwanted))
        yield [
            *(_selected(name) for name in sorted(choice)),
            *(_selected(name, no=True) for name in sorted(unwanted)),
        ]


def _selected(name: str, *, no: bool = False) -> str:
    operator = "not in" if no else "in"
    if name.startswith(GROUP_PREFIX):
        return f'"{name.removeprefix(GROUP_PREFIX)}" {operator} dependency_groups'
    return f'"{name}" {operator} extras'
