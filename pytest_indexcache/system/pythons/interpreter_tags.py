"""Compute the wheel tags of a Python interpreter from facts about it (PEP 425)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from packaging.tags import (
    Tag,
    compatible_tags,
    cpython_tags,
    generic_tags,
    mac_platforms,
    platform_tags,
)

from pytest_indexcache.system.pythons.interpreter_facts import facts


def tags_of(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the tags of the wheels that a Python interpreter can use, best first.

    ``facts`` is what :func:`~.interpreter_facts.facts` returned in that interpreter.
    """
    return tuple(map(str, _tags(facts)))


def _tags(facts: Mapping[str, Any]) -> Iterator[Tag]:
    platforms = _platforms(facts)
    major, minor = facts["markers"]["python_version"].split(".")
    version = (int(major), int(minor))
    if facts["markers"]["implementation_name"] == "cpython":
        abis = _cpython_abis(f"cp{major}{minor}", facts)
        yield from cpython_tags(version, abis, platforms)
        yield from compatible_tags(version, f"cp{major}{minor}", platforms)
        return
    name = {"pypy": "pp"}.get(facts["markers"]["implementation_name"])
    name = name or str(facts["markers"]["implementation_name"])
    yield from generic_tags(f"{name}{major}{minor}", _other_abis(facts), platforms)
    yield from compatible_tags(version, "pp3" if name == "pp" else None, platforms)


def _cpython_abis(name: str, facts: Mapping[str, Any]) -> list[str]:
    flags = "t" if facts["is_free_threaded"] else ""
    debug = "d" if facts["is_debug"] else ""
    pymalloc = "m" if facts["has_pymalloc"] else ""
    abis = [f"{name}{flags}{debug}{pymalloc}"]
    # Since CPython 3.8, a debug build also loads extension modules of a release build.
    return [*abis, f"{name}{flags}"] if debug and not pymalloc else abis


def _other_abis(facts: Mapping[str, Any]) -> list[str]:
    """Return the ABI tag of an interpreter other than CPython, or an empty list if it is unknown.

    The tag comes from a file suffix such as ``.pypy310-pp73-x86_64-linux-gnu.so``.
    """
    parts = str(facts["extension_suffix"]).split(".")
    if len(parts) < 3:
        return []
    length = 3 if parts[1].startswith("graalpy") else 2
    return ["_".join(parts[1].split("-")[:length])]


def _platforms(facts: Mapping[str, Any]) -> list[str]:
    """Return the platform tags of a Python interpreter."""
    if (facts["platform"], facts["libc"]) == _running_platform():
        return list(platform_tags())
    if facts["markers"]["sys_platform"] == "darwin":
        return list(mac_platforms(arch=facts["markers"]["platform_machine"]))
    return [facts["platform"].replace("-", "_").replace(".", "_")]


@cache
def _running_platform() -> tuple[object, object]:
    ours = facts()
    return ours["platform"], ours["libc"]
