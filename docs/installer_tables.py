"""Write the tables of docs/installers.md anew, from what the adapters say that they lack.

Run ``python docs/installer_tables.py``; a test demands that the page is as this would leave it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import tomli_w
from packaging.version import Version

from pytest_indexcache.errors import CapabilityError
from pytest_indexcache.installers.commands.capabilities import Capability
from pytest_indexcache.installers.commands.dialect import Dialect
from pytest_indexcache.scenario.loader import loads
from pytest_indexcache.scenario.model import Scenario

PAGE = Path(__file__).with_name("installers.md")
INSTALLERS: Final = ("uv", "pip", "poetry", "pdm", "nab")
FIRST: Final = Version("0.0.1")
LAST: Final = Version("9999")

LOCK: Final = {"do": "lock"}
SYNC: Final = {"do": "sync"}
INSTALL: Final = {"do": "install", "requirements": ["torch"]}
ADD: Final = {"do": "add", "requirements": ["torch"]}
TORCH: Final = ["torch"]
EXTRAS: Final = {"a": ["six"], "b": ["rich"]}
PATCHES: Final = 40
"""More patch releases than any minor release has had."""
OTHER: Final = {"torch": {"index": "other", "explicit": True}}


def _scenario(step: Mapping[str, Any], **tables: Any) -> Scenario:
    """Make a scenario of one step; ``tables`` are those that differ from a small project."""
    packages: dict[str, Any] = {
        "torch": {"1.0": {}, "2.0": {}},
        "six": {"1.0": {}},
        "rich": {"1.0": {}},
    }
    indexes = {
        "pypi": {"url": "https://pypi.org/simple", "packages": packages},
        "other": {"url": "https://other.example.com/simple", "packages": packages},
    }
    has_project = step["do"] not in ("install", "uninstall", "compile", "sync-requirements")
    common: dict[str, Any] = {"title": "a", "indexes": indexes}
    common |= {"project": {"dependencies": TORCH}} if has_project else {}
    steps = [{"expect": {"downloads": {}}, **step}]
    return loads(tomli_w.dumps({**common, **tables, "steps": steps}))


def _both(**options: Any) -> tuple[Scenario, ...]:
    """Make scenarios that use options with a project, and without one."""
    return tuple(_scenario({**step, **options}) for step in (SYNC, INSTALL, LOCK))


def _with_project(**keys: Any) -> tuple[Scenario, ...]:
    """Make scenarios of a project with these keys, which is synced, or locked alone."""
    return tuple(_scenario(step, project=_project(**keys)) for step in (SYNC, LOCK))


def _project(**keys: Any) -> dict[str, Any]:
    return {"dependencies": TORCH, **keys}


def _features() -> Iterator[tuple[str, tuple[Scenario, ...]]]:
    """Yield what there is to have, and the scenarios of which one must be possible."""
    yield "lock", (_scenario(LOCK),)
    yield "sync", (_scenario(SYNC),)
    yield "add, remove", (_scenario(ADD),)
    yield "run", (_scenario({"do": "run", "import": ["torch"]}),)
    yield "install, uninstall", (_scenario(INSTALL),)
    yield "compile", (_scenario({"do": "compile", "requirements": TORCH}),)
    pinned = {"project/requirements.txt": "torch==2.0\n"}
    yield "sync of a requirements file", (_scenario({"do": "sync-requirements"}, files=pinned),)
    yield "clear-cache", (_scenario({"do": "clear-cache"}),)
    yield "clear-cache of one project", (_scenario({"do": "clear-cache", "projects": TORCH}),)
    yield "prune-cache", (_scenario({"do": "prune-cache"}),)
    yield "extras", _with_project(**{"optional-dependencies": EXTRAS})
    twice = {"a": ["torch==1.0"], "b": ["torch==2.0"]}
    conflicts = {"optional-dependencies": twice, "conflicts": [["a", "b"]]}
    yield "extras that exclude each other", (_scenario(SYNC, project=_project(**conflicts)),)
    yield "dependency groups", _with_project(**{"dependency-groups": {"a": ["six"]}})
    yield "overrides", _overrides("overrides")
    yield "constraints", _overrides("constraints")
    own = {"torch": {"index": "other"}}
    yield "an index for one project", tuple(_scenario(it, sources=own) for it in (SYNC, LOCK))
    yield "an index added by a command", (_scenario({**ADD, "index": "other"}),)
    yield "an override of `cache-control`", _cache_control()
    yield "offline", _both(offline=True)
    yield "refresh", _both(refresh=True)
    yield "refresh of one project", _both(refresh=TORCH)
    for what, chosen in (("reinstall", True), ("reinstall of one project", TORCH)):
        yield what, tuple(_scenario({**step, "reinstall": chosen}) for step in (SYNC, INSTALL))
    yield "no cache", _both(**{"no-cache": True})
    for kinds in (("page", "metadata", "wheel"), ("unpacked",)):
        named = ", ".join(f"`{kind}`" for kind in kinds)
        yield (
            f"known place of {named} in its cache",
            _both(expect={"cached": dict.fromkeys(kinds, 0)}),
        )
    yield "index strategies", _both(**{"index-strategy": "first-index"})
    yield "exclude-newer by a date", _both(**{"exclude-newer": "2026-08-01T12:00:00Z"})
    yield "exclude-newer by an age", _both(**{"exclude-newer": "7 days ago"})
    yield "pre-releases by a step", _both(prereleases=True)
    yield "pre-releases by a project", _with_project(prereleases=True)
    yield "lowest releases", _both(resolution="lowest")
    yield "lowest releases of what is named", _both(resolution="lowest-direct")
    for mode in ("hardlink", "symlink"):
        linked = _project(**{"link-mode": mode})
        yield f"{mode}s into its cache", (_scenario(SYNC, project=linked),)
    yield "another platform", _both(**{"python-platform": "linux"})


def _overrides(kind: str) -> tuple[Scenario, ...]:
    in_project = _with_project(**{kind: ["torch==1.0"]})
    return *in_project, _scenario({**INSTALL, kind: ["torch==1.0"]})


def _cache_control() -> tuple[Scenario, ...]:
    table = {"other": {"files": "max-age=600"}}
    return (_scenario(SYNC, sources=OTHER, **{"cache-control": table}),)


def _since(dialect: type[Dialect], scenario: Scenario) -> Version | None:
    """Return the first release that can play a scenario, None if the last cannot."""
    if _lack(dialect, LAST, scenario) is not None:
        return None
    release = FIRST
    while (lack := _lack(dialect, release, scenario)) is not None:
        came = re.search(r"it came with (\S+)$", lack)
        if came is None or Version(came[1]) <= release:
            raise AssertionError(f"{dialect.name} {release} says nothing of later ones: {lack}")
        release = _earlier(dialect, release, Version(came[1]), scenario)
    return release


def _lack(dialect: type[Dialect], release: Version, scenario: Scenario) -> str | None:
    try:
        dialect(release).check(scenario)
    except CapabilityError as error:
        return error.problem
    return None


def _earlier(dialect: type[Dialect], old: Version, came: Version, scenario: Scenario) -> Version:
    """Return the first release between two that has another way, or ``came``."""
    minors = range(came.minor + 1) if came.major == old.major else ()
    between = (Version(f"{old.major}.{minor}.{n}") for minor in minors for n in range(PATCHES))
    others = (it for it in between if old < it < came and _lack(dialect, it, scenario) is None)
    return next(others, came)


def _dialects() -> list[type[Dialect]]:
    found = []
    for name in INSTALLERS:
        adapter = getattr(
            import_module(f"pytest_indexcache.installers.{name}.dialect"),
            f"{name.capitalize()}Adapter",
        )
        found.append(adapter.dialect_class)
    return found


def _rows() -> Iterator[tuple[str, ...]]:
    dialects = _dialects()
    yield ("", *(dialect.name for dialect in dialects))
    yield ("---",) * (1 + len(dialects))
    found = {
        name: [[_since(dialect, scenario) for scenario in scenarios] for dialect in dialects]
        for name, scenarios in _features()
    }
    firsts = [
        min(one for row in found.values() for one in row[place] if one is not None)
        for place in range(len(dialects))
    ]
    yield ("any of it", *(_from(first) for first in firsts))
    for name, row in found.items():
        yield (name, *(_cell(many, first) for many, first in zip(row, firsts, strict=True)))


def _from(release: Version) -> str:
    return "every release" if release == FIRST else f"from {release}"


def _cell(many: list[Version | None], first: Version) -> str:
    there = [one for one in many if one is not None]
    if not there:
        return "no"
    return "yes" if min(there) <= first else f"from {min(there)}"


def _capabilities(dialect: type[Dialect]) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the table of one installer, as its checks use them."""
    yield (f"capability of {dialect.name}", "releases that have it")
    yield ("---",) * 2
    for name, row in dialect.capabilities.items():
        yield (f"`{name}`" if name[0] in "-[" else name, _releases(row))


def _releases(row: Capability) -> str:
    if row.since is None:
        return "none"
    gap = f", not from {row.gone} until before {row.back}" if row.gone else ""
    return f"from {row.since}{gap}"


def _table(rows: Iterator[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |".replace("|  |", "| |") for row in rows)


def with_table(page: str) -> str:
    """Return a page with its marked places filled in."""
    tables = {"capabilities": _rows()}
    tables |= {f"capabilities of {it.name}": _capabilities(it) for it in _dialects()}
    for name, rows in tables.items():
        text = f"<!-- {name} -->\n{_table(rows)}\n<!-- end -->"
        marked = re.compile(rf"<!-- {name} -->\n.*?<!-- end -->", re.DOTALL)
        page = marked.sub(lambda _, text=text: text, page)
    return page


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text("utf-8")), encoding="utf-8")
