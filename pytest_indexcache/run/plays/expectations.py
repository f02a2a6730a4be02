"""Checking what is expected of a step against what was observed; pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.installers.contract.installer import LockedPackage
from pytest_indexcache.messages import Exchange, Kind
from pytest_indexcache.run.plays.results import Check, CheckKind
from pytest_indexcache.run.plays.venv import Distribution, inconsistencies
from pytest_indexcache.scenario.tables.counts import holds
from pytest_indexcache.scenario.tables.expectation import Expectation
from pytest_indexcache.scenario.tables.fields import size_in_bytes
from pytest_indexcache.system.urls import without_credentials

Venv = Mapping[str, Distribution]
_EXITS_OF_SUCCESS = ("success", "any", 0)


@dataclass(frozen=True)
class Observation:
    """What was observed of a step.

    ``before`` and ``after`` are the venv's contents, ``locked`` the lockfile's, ``builds`` counts
    the distributions that build backends made, ``imports`` holds the values that were asked for.
    ``index_urls`` maps the names of the scenario's indexes to their URLs. ``missing`` says what the
    step asked for and the venv does not hold, None where that cannot be judged.
    """

    exit: ExitKind = ExitKind.SUCCESS
    exit_code: int = 0
    output: str = ""
    exchanges: Sequence[Exchange] = ()
    before: Venv = field(default_factory=dict)
    after: Venv = field(default_factory=dict)
    locked: Mapping[str, tuple[LockedPackage, ...]] = field(default_factory=dict)
    builds: Mapping[str, int] = field(default_factory=dict)
    imports: Mapping[str, Any] = field(default_factory=dict)
    index_urls: Mapping[str, str] = field(default_factory=dict)
    missing: Sequence[str] | None = None

    @property
    def succeeded(self) -> bool:
        """Whether its command ended in success."""
        return self.exit is ExitKind.SUCCESS

    @property
    def added(self) -> dict[str, str]:
        """What the step put into the venv, by project, with its version."""
        return _difference(self.after, self.before)

    @property
    def removed(self) -> dict[str, str]:
        """What the step took out of the venv, by project, with its version."""
        return _difference(self.before, self.after)

    @property
    def reinstalled(self) -> frozenset[str]:
        """The projects that the step installed anew although the venv held the same release."""
        return frozenset(
            name
            for name, distribution in self.after.items()
            if name in self.before
            and self.before[name].fingerprint == distribution.fingerprint
            and self.before[name].identity != distribution.identity
        )


def _difference(these: Venv, those: Venv) -> dict[str, str]:
    return {
        name: distribution.version
        for name, distribution in sorted(these.items())
        if name not in those or those[name].fingerprint != distribution.fingerprint
    }


def _comparison(expected: int | str) -> tuple[str, int]:
    """Return the operator and the number of a count."""
    if isinstance(expected, int):
        return "==", expected
    match = re.fullmatch(r"(<=|>=|==|!=|<|>)\s*(\d+)", expected)
    if match is None:
        raise ValueError(f"{expected!r} is no count")
    return match[1], int(match[2])


def check_step(expected: Expectation, seen: Observation) -> tuple[Check, ...]:
    """Check every expectation of a step; the success of its command comes first."""
    checks = [_exit(expected, seen)] if expected.exit != "any" else []
    if expected.satisfied and seen.missing is not None and expected.exit in _EXITS_OF_SUCCESS:
        checks.append(_satisfied(seen.missing))
    for checker in (_traffic, _venv_contents, _changes, _distributions, _lockfile, _effects):
        checks.extend(checker(expected, seen))
    return tuple(checks)


def _exit(expected: Expectation, seen: Observation) -> Check:
    if isinstance(expected.exit, int):
        shown = f"{seen.exit_code} ({seen.exit})"
        return Check(CheckKind.EXIT, str(expected.exit), shown, seen.exit_code == expected.exit)
    return Check(CheckKind.EXIT, expected.exit, str(seen.exit), seen.exit == expected.exit)


def _satisfied(missing: Sequence[str]) -> Check:
    shown = "; ".join(missing) or "installed"
    return Check(CheckKind.SATISFIED, "what the step asks for", shown, held=not missing)


def _traffic(expected: Expectation, seen: Observation) -> Iterator[Check]:
    downloads = [exchange for exchange in seen.exchanges if exchange.is_download]
    revalidated = [exchange for exchange in seen.exchanges if exchange.is_revalidated]
    yield from _tally(CheckKind.DOWNLOADS, expected.downloads, downloads)
    yield from _tally(CheckKind.REVALIDATED, expected.revalidated, revalidated)
    if expected.requests is not None:
        wanted = expected.requests
        kinds = wanted if isinstance(wanted, dict) else {"total": wanted}
        yield from _requests(None, kinds, seen.exchanges)
    for index, kinds in expected.requests_to.items():
        own = [exchange for exchange in seen.exchanges if exchange.subject.index == index]
        yield from _requests(index, kinds, own)
    if expected.nominal is not None:
        total = sum(exchange.subject.nominal_bytes for exchange in downloads)
        amount = _amount_in_bytes(expected.nominal)
        held = holds(amount, total)
        excess = None if held else _is_excess(amount, total)
        yield Check(CheckKind.NOMINAL, str(expected.nominal), f"{total} B", held, excess=excess)


def _counted(kind: CheckKind, expected: int | str, count: int, **parts: Any) -> Check:
    """Check a count."""
    held = holds(expected, count)
    excess = None if held else _is_excess(expected, count)
    return Check(kind, str(expected), str(count), held, excess=excess, **parts)


def _is_excess(expected: int | str, seen: int) -> bool:
    """Whether a count that is not as expected is too high."""
    sign, bound = _comparison(expected)
    return sign in ("<", "<=") or (sign in ("==", "!=") and seen >= bound)


def _amount_in_bytes(amount: int | str) -> int | str:
    if isinstance(amount, int):
        return amount
    match = re.fullmatch(r"(<=|>=|==|!=|<|>)?\s*(.+)", amount)
    if match is None:
        raise ValueError(f"{amount!r} is no amount")
    return f"{match[1] or '=='} {size_in_bytes(match[2])}"


def _tally(
    kind: CheckKind,
    expected: int | str | Mapping[str, int | str] | None,
    exchanges: Sequence[Exchange],
) -> Iterator[Check]:
    """Count exchanges by project or file name; whatever no key matches is not expected."""
    if expected is None:
        return
    if not isinstance(expected, Mapping):
        yield _counted(kind, expected, len(exchanges))
        return
    unmatched = list(exchanges)
    for pattern in sorted(expected, key=_breadth):
        matched = [exchange for exchange in unmatched if concerns(exchange, pattern)]
        unmatched = [exchange for exchange in unmatched if exchange not in matched]
        yield _count(kind, expected[pattern], matched, pattern)
    for project, count in sorted(Counter(_subject(exchange) for exchange in unmatched).items()):
        yield Check(kind, "0", str(count), held=False, subject=project, excess=True)


def _breadth(pattern: str) -> tuple[bool, bool, int]:
    """Order patterns from the narrowest to the broadest."""
    return "*" in pattern or "?" in pattern, pattern == "*", -len(pattern)


def concerns(exchange: Exchange, pattern: str) -> bool:
    """Whether an exchange is about a project or a file that the pattern matches."""
    names = (exchange.subject.project or "", exchange.subject.filename or "")
    return any(fnmatchcase(name, pattern) for name in names)


def _subject(exchange: Exchange) -> str:
    return exchange.subject.project or exchange.subject.filename or exchange.url


def _count(
    kind: CheckKind, expected: int | str, matched: Sequence[Exchange], pattern: str
) -> Check:
    if "*" not in pattern and "?" not in pattern:
        return _counted(kind, expected, len(matched), subject=pattern)
    counts = Counter(_subject(exchange) for exchange in matched)
    wrong = {name: count for name, count in counts.items() if not holds(expected, count)}
    missing = not counts and not holds(expected, 0)
    shown = ", ".join(f"{name} {count}" for name, count in sorted((wrong or counts).items()))
    held = not wrong and not missing
    excess = None if held else any(_is_excess(expected, count) for count in wrong.values())
    return Check(kind, f"{expected} each", shown or "none", held, subject=pattern, excess=excess)


_KINDS: dict[str, Callable[[Exchange], bool]] = {
    **{
        str(kind): lambda exchange, kind=kind: (  # type: ignore[misc]
            exchange.subject.kind == kind and exchange.subject.refused is None
        )
        for kind in Kind
    },
    "head": lambda exchange: exchange.method == "HEAD",
    "range": lambda exchange: exchange.is_range,
    "conditional": lambda exchange: exchange.is_conditional,
    "revalidated": lambda exchange: exchange.is_revalidated,
    "failed": lambda exchange: exchange.is_failed,
    "refused": lambda exchange: exchange.subject.refused is not None,
    "total": lambda exchange: True,  # noqa: ARG005
}


def is_of_kind(exchange: Exchange, kind: str) -> bool:
    """Whether a request counts under a kind of ``requests``."""
    return _KINDS[kind](exchange)


def _requests(
    index: str | None, kinds: Mapping[Any, int | str], exchanges: Sequence[Exchange]
) -> Iterator[Check]:
    check = CheckKind.REQUESTS if index is None else CheckKind.REQUESTS_TO
    for kind, count in kinds.items():
        seen = sum(1 for exchange in exchanges if is_of_kind(exchange, kind))
        yield _counted(check, count, seen, subject=kind, index=index)


def _venv_contents(expected: Expectation, seen: Observation) -> Iterator[Check]:
    for project, version in expected.installed.items():
        found = seen.after.get(project)
        shown = found.version if found else "not installed"
        yield Check(CheckKind.INSTALLED, version, shown, shown == version, subject=project)
    if expected.installed_count is not None:
        yield _counted(CheckKind.INSTALLED_COUNT, expected.installed_count, len(seen.after))
    for pattern in expected.absent:
        there = sorted(name for name in seen.after if fnmatchcase(name, pattern))
        shown = ", ".join(there) or "absent"
        yield Check(CheckKind.ABSENT, "absent", shown, not there, subject=pattern)


def _changes(expected: Expectation, seen: Observation) -> Iterator[Check]:
    for kind, wanted, found in (
        (CheckKind.ADDED, expected.added, seen.added),
        (CheckKind.REMOVED, expected.removed, seen.removed),
    ):
        if isinstance(wanted, int):
            yield _counted(kind, wanted, len(found))
        elif wanted is not None:
            yield from _versions(kind, wanted, found)


def _versions(
    kind: CheckKind, wanted: Mapping[str, str], found: Mapping[str, str]
) -> Iterator[Check]:
    for project in sorted({*wanted, *found}):
        expected, seen = wanted.get(project, "nothing"), found.get(project, "nothing")
        yield Check(kind, expected, seen, expected == seen, subject=project)
    if not wanted and not found:
        yield Check(kind, "nothing", "nothing", held=True)


def _distributions(expected: Expectation, seen: Observation) -> Iterator[Check]:
    wanted: list[tuple[CheckKind, str, str, Callable[[Distribution], str]]] = [
        *(
            (CheckKind.ORIGIN, name, kind, lambda d: d.origin)
            for name, kind in expected.origin.items()
        ),
        *(
            (CheckKind.EDITABLE, name, _yes(editable), lambda d: _yes(d.origin == "editable"))
            for name, editable in expected.editable.items()
        ),
        *(
            (CheckKind.BUILDS_OF, name, build, lambda d: d.build or "no marker")
            for name, build in expected.builds_of.items()
        ),
    ]
    for kind, project, value, read in wanted:
        found = seen.after.get(project)
        shown = read(found) if found else "not installed"
        yield Check(kind, value, shown, shown == value, subject=project)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _lockfile(expected: Expectation, seen: Observation) -> Iterator[Check]:
    for project, wanted in expected.locked.items():
        packages = seen.locked.get(project, ())
        if wanted.version is not None:
            versions = {wanted.version} if isinstance(wanted.version, str) else {*wanted.version}
            found = {package.version or "none" for package in packages}
            yield _texts(project, "version", versions, found)
        if wanted.hashes is not None:
            shown = {_yes(package.has_hashes) for package in packages}
            yield _texts(project, "hashes", {_yes(wanted.hashes)}, shown)
        if wanted.index is not None:
            url = seen.index_urls[wanted.index].rstrip("/")
            found_at = [without_credentials(package.index_url or "none") for package in packages]
            urls = {place.rstrip("/") for place in found_at}
            yield _texts(project, "index", {url}, urls)


def _texts(project: str, part: str, wanted: set[str], found: set[str]) -> Check:
    expected, shown = ", ".join(sorted(wanted)), ", ".join(sorted(found)) or "not locked"
    held = wanted == found
    return Check(CheckKind.LOCKED, expected, shown, held, subject=project, field=part)


def _effects(expected: Expectation, seen: Observation) -> Iterator[Check]:
    if expected.builds is not None:
        for project in sorted({*expected.builds, *seen.builds}):
            wanted, count = expected.builds.get(project, 0), seen.builds.get(project, 0)
            yield _counted(CheckKind.BUILDS, wanted, count, subject=project)
    for name, value in expected.imports.items():
        found = seen.imports.get(name)
        held = type(found) is type(value) and found == value
        yield Check(CheckKind.IMPORTS, repr(value), repr(found), held, subject=name)
    if expected.check is not None:
        problems = inconsistencies(seen.after)
        shown = "; ".join(problems) or "consistent"
        wanted_text = "consistent" if expected.check else "inconsistent"
        yield Check(CheckKind.CHECK, wanted_text, shown, expected.check == (not problems))
    if expected.output is not None:
        for text in expected.output.contains:
            yield _output("contains", text, seen, wanted=True)
        for text in expected.output.lacks:
            yield _output("lacks", text, seen, wanted=False)


def _output(part: str, text: str, seen: Observation, *, wanted: bool) -> Check:
    is_there = text in seen.output
    shown = "there" if is_there else "not there"
    return Check(CheckKind.OUTPUT, repr(text), shown, is_there == wanted, subject=text, field=part)
