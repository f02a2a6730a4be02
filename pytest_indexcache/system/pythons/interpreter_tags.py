"""Compute the wheel tags of a Python from the facts that it printed (PEP 425)."""

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


def tags_of(told: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the tags of the wheels that a Python can use, best first.

    ``told`` is the result of :func:`~.interpreter_facts.facts` in that Python.
    """
    return tuple(map(str, _tags(told)))


def _tags(told: Mapping[str, Any]) -> Iterator[Tag]:
    platforms = _platforms(told)
    major, minor = told["markers"]["python_version"].split(".")
    version = (int(major), int(minor))
    if told["markers"]["implementation_name"] == "cpython":
        abis = _cpython_abis(f"cp{major}{minor}", told)
        yield from cpython_tags(version, abis, platforms)
        yield from compatible_tags(version, f"cp{major}{minor}", platforms)
        return
    name = {"pypy": "pp"}.get(told["markers"]["implementation_name"])
    name = name or str(told["markers"]["implementation_name"])
    yield from generic_tags(f"{name}{major}{minor}", _other_abis(told), platforms)
    yield from compatible_tags(version, "pp3" if name == "pp" else None, platforms)


def _cpython_abis(name: str, told: Mapping[str, Any]) -> list[str]:
    flags = "t" if told["is_free_threaded"] else ""
    debug = "d" if told["is_debug"] else ""
    pymalloc = "m" if told["has_pymalloc"] else ""
    abis = [f"{name}{flags}{debug}{pymalloc}"]
    # Since CPython 3.8, a debug build also loads extension modules of a release build.
    return [*abis, f"{name}{flags}"] if debug and not pymalloc else abis


def _other_abis(told: Mapping[str, Any]) -> list[str]:
    """Return the ABI in a suffix such as ``.pypy310-pp73-x86_64-linux-gnu.so``."""
    parts = str(told["extension_suffix"]).split(".")
    if len(parts) < 3:
        return []
    length = 3 if parts[1].startswith("graalpy") else 2
    return ["_".join(parts[1].split("-")[:length])]


def _platforms(told: Mapping[str, Any]) -> list[str]:
    """Return the platform tags: those of the running Python if the platform is the same."""
    if (told["platform"], told["libc"]) == _running_platform():
        return list(platform_tags())
    if told["markers"]["sys_platform"] == "darwin":
        return list(mac_platforms(arch=told["markers"]["platform_machine"]))
    return [told["platform"].replace("-", "_").replace(".", "_")]


@cache
def _running_platform() -> tuple[object, object]:
    ours = facts()
    return ours["platform"], ours["libc"]
