"""Conditions: markers that say for which extras and groups a package is installed."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st
from packaging.markers import Marker

from pytest_indexcache.reference.resolve.conditions import Choice, Term, write_marker

NONE: Choice = frozenset()


def choice(*names: str) -> Choice:
    """Make a choice of names."""
    return frozenset(names)


def only(*choices: Choice, atom: str | None = None) -> Term:
    """Make a term that holds in one fork."""
    return Term(tuple(frozenset({it}) for it in choices), atom)


TORCH = (NONE, choice("cpu"), choice("cu128"), choice("pypi"))


def test_what_everybody_wants_in_every_fork_has_no_marker() -> None:
    """A package of the project itself is installed always."""
    assert write_marker([only(it) for it in TORCH], [TORCH]) is None


def test_what_one_fork_wants_has_its_extra_for_marker() -> None:
    """A package of one conflicting extra is installed for that extra."""
    assert write_marker([only(choice("cpu"))], [TORCH]) == '"cpu" in extras'


def test_what_several_forks_want_has_each_of_their_extras() -> None:
    """A package of two conflicting extras is installed for either."""
    terms = [only(choice("cpu")), only(choice("pypi"))]
    assert write_marker(terms, [TORCH]) == '"cpu" in extras or "pypi" in extras'


def test_what_all_but_one_fork_want_is_told_by_the_absence_of_that_one() -> None:
    """A package of every fork but one is installed unless that one's extra is selected."""
    terms = [only(it) for it in TORCH if it != choice("cpu")]
    assert write_marker(terms, [TORCH]) == '"cpu" not in extras'


def test_what_an_extra_wants_in_every_fork_needs_that_extra_alone() -> None:
    """An extra that excludes nothing stands alone in the marker."""
    terms = [only(it, atom="dev") for it in TORCH]
    assert write_marker(terms, [TORCH]) == '"dev" in extras'


def test_what_an_extra_wants_in_one_fork_needs_both() -> None:
    """Both the extra that wants it and the fork's own are named."""
    terms = [only(choice("cpu"), atom="dev")]
    assert write_marker(terms, [TORCH]) == '"dev" in extras and "cpu" in extras'


def test_groups_are_told_from_extras() -> None:
    """A group is looked for among the dependency groups."""
    assert write_marker([Term((), "group:dev")], []) == '"dev" in dependency_groups'


def test_terms_that_others_cover_are_dropped() -> None:
    """Who is wanted by everybody need not be wanted by an extra as well."""
    assert write_marker([Term((), "dev"), Term((), None)], []) is None


@given(data=st.data())
def test_the_marker_holds_where_a_term_does_and_nowhere_else(data: st.DataObject) -> None:
    """For every selection that is allowed, marker and terms agree."""
    dimensions = [TORCH, (NONE, choice("a"), choice("group:b"), choice("a", "group:b"))]
    forks = list(product(*dimensions))
    atoms: list[str | None] = [None, "dev", "group:test"]
    facts = data.draw(
        st.sets(st.tuples(st.sampled_from(forks), st.sampled_from(atoms)), min_size=1)
    )
    marker = write_marker([only(*fork, atom=atom) for fork, atom in facts], dimensions)
    free = [NONE, choice("dev"), choice("group:test"), choice("dev", "group:test")]
    for fork, others in product(forks, free):
        selected = others.union(*fork)
        expected = any(fact == fork and (atom is None or atom in selected) for fact, atom in facts)
        environment = {
            "extras": frozenset(it for it in selected if not it.startswith("group:")),
            "dependency_groups": frozenset(
                it.removeprefix("group:") for it in selected if it.startswith("group:")
            ),
        }
        holds = marker is None or Marker(marker).evaluate(environment, context="lock_file")
        assert holds == expected
