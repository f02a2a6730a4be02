"""Write the lockfile marker for the extras and groups with which a package is installed.

Extras and groups may exclude each other, so a project is resolved several times. Each of these
resolutions, called a *fork*, is for one set of names that can be selected together. In some of the
forks, a package is needed, either always or only if certain extras or groups are also selected.
This module converts this information to a short PEP 751 marker, such as ``"cpu" in extras or "dev"
in dependency_groups``.
"""

from __future__ import annotations

from collections.abc import Collection, Set

from pytest_indexcache.reference.project.project import GROUP_PREFIX

Choice = frozenset[str]
"""The names of the selected extras, and of the selected groups as ``group:NAME``."""

Condition = Set[tuple[str, bool]]
"""Names of extras and groups, each with True if it must be selected or False if it must not be."""


def write_marker(wanted: Collection[Choice], choices: Collection[Choice]) -> str | None:
    """Return a marker for the selections that need a package; None if all of them do.

    ``choices`` contains the choice for each fork. Each member of ``wanted`` is the choice for a
    fork that needs the package. If the fork needs it only when a further extra or group is
    selected, the name of that extra or group is added to the member.
    """
    forked = frozenset[str]().union(*choices)
    free = [frozenset({name}) for name in frozenset[str]().union(*wanted) - forked]
    possible = {choice | other for choice in choices for other in (frozenset[str](), *free)}
    right = {choice for choice in possible if choice in wanted or choice & forked in wanted}

    def meeting(condition: Condition) -> set[Choice]:
        return {
            choice for choice in possible if all((name in choice) == on for name, on in condition)
        }

    conditions: list[Condition] = []
    covered = set[Choice]()
    for selected in sorted(wanted, key=lambda choice: (len(choice), sorted(choice))):
        if selected in covered:
            continue
        condition = {(name, name in selected) for name in forked | selected}
        for part in sorted(condition, key=lambda pair: (pair[1], pair[0])):
            if meeting(condition - {part}) <= right:  # the part is redundant
                condition.remove(part)
        conditions.append(condition)
        covered |= meeting(condition)
    if any(not condition for condition in conditions):
        return None
    texts = [" and ".join(_selected(*part) for part in sorted(term)) for term in conditions]
    if len(texts) == 1:
        return texts[0]
    return " or ".join(f"({text})" if " and " in text else text for text in texts)


def _selected(name: str, is_on: bool) -> str:
    operator = "in" if is_on else "not in"
    if name.startswith(GROUP_PREFIX):
        return f'"{name.removeprefix(GROUP_PREFIX)}" {operator} dependency_groups'
    return f'"{name}" {operator} extras'
