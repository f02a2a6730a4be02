"""Generate the core metadata and the modules for a release."""

from __future__ import annotations

import keyword
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

Value = str | int | float | bool | None
"""The types that a module's attributes can have."""


_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", re.ASCII)


@dataclass(frozen=True)
class ReleaseSpec:
    """The properties of a release that determine the contents of its files.

    ``name`` is spelled as in the metadata. ``extras`` contains pairs of an extra and its
    requirements. ``attributes`` contains pairs of a dotted name and a value:
    ``("version.cuda", "12.8")`` gives the package a submodule ``version`` with the attribute
    ``cuda``. A name with ``()``, such as ``cuda.is_available()``, becomes a function that returns
    the value. ``build`` is written to the module as ``__build__``; it tells builds of the same
    release apart. ``called`` is the filename; by default, it is derived from the other properties.

    :raises ValueError: if the name is invalid, or an attribute's name cannot be used in Python
    """

    name: str
    version: str
    requires: tuple[str, ...] = ()
    extras: tuple[tuple[str, tuple[str, ...]], ...] = ()
    requires_python: str | None = None
    attributes: tuple[tuple[str, Value], ...] = ()
    build: str = ""
    called: str | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is not a project's name")
        if self.attributes:
            self.module_files()

    @cached_property
    def module(self) -> str:
        """The name of the module or package, such as ``nvidia_cublas_cu12``."""
        return canonicalize_name(self.name).replace("-", "_")

    @cached_property
    def stem(self) -> str:
        """The name and the version in the form used in filenames, such as ``torch-2.8.0+cpu``.

        The components of a filename are separated by hyphens (binary distribution format, PEP 625).
        Therefore, hyphens in the name are replaced by underscores; a normalised version has no
        hyphens.
        """
        return f"{self.module}-{self.version}"

    def metadata(self) -> bytes:
        """Return core metadata 2.2, with the same fields for wheels as for sdists (PEP 643)."""
        lines = ["Metadata-Version: 2.2", f"Name: {self.name}", f"Version: {self.version}"]
        if self.requires_python:
            lines.append(f"Requires-Python: {_one_line(self.requires_python)}")
        lines += [f"Requires-Dist: {_one_line(text)}" for text in self.requires]
        for extra, requirements in self.extras:
            lines.append(f"Provides-Extra: {canonicalize_name(extra)}")
            lines += [f"Requires-Dist: {with_extra(text, extra)}" for text in requirements]
        return "\n".join([*lines, ""]).encode()

    def module_files(self) -> dict[str, bytes]:
        """Return the contents of the importable files, keyed by path.

        There is a single module, or a package if an attribute belongs to a submodule.
        """
        tree: dict[str, Any] = {"__version__": self.version, "__build__": self.build}
        for dotted, value in self.attributes:
            _plant(tree, dotted, value)
        return {path: text.encode() for path, text in _written(self.module, tree)}


def with_extra(requirement: str, extra: str) -> str:
    """Add a marker such as ``extra == "socks"`` to a requirement, and return the result."""
    parsed = Requirement(requirement)
    condition = f'extra == "{canonicalize_name(extra)}"'
    parsed.marker = Marker(f"({parsed.marker}) and {condition}" if parsed.marker else condition)
    return str(parsed)


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _plant(tree: dict[str, Any], dotted: str, value: Value) -> None:
    """Insert a value into a tree of modules; raise ValueError if the dotted name is invalid."""
    *parents, name = dotted.split(".")
    for part in (*parents, name.removesuffix("()")):
        if not (part.isascii() and part.isidentifier()) or keyword.iskeyword(part):
            raise ValueError(f"attribute {dotted!r}: {part!r} is not a name in Python")
    clash = ValueError(f"attribute {dotted!r}: a module and a value cannot have the same name")
    for parent in parents:
        if f"{parent}()" in tree:
            raise clash
        tree = tree.setdefault(parent, {})
        if type(tree) is not dict:
            raise clash
    bare = name.removesuffix("()")
    if type(tree.get(name)) is dict or ({bare, f"{bare}()"} - {name}) & tree.keys():
        raise clash
    tree[name] = value


def _written(path: str, tree: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    modules = [name for name, value in tree.items() if isinstance(value, dict)]
    lines = [f"from . import {name}\n" for name in modules]
    lines += [_assigned(name, tree[name]) for name in tree if name not in modules]
    yield f"{path}/__init__.py" if modules else f"{path}.py", "".join(lines)
    for name in modules:
        yield from _written(f"{path}/{name}", tree[name])


def _assigned(name: str, value: Value) -> str:
    """Return the source line that assigns the value, or that defines a function returning it."""
    if name.endswith("()"):
        return f"def {name}: return {_literal(value)}\n"
    return f"{name} = {_literal(value)}\n"


def _literal(value: Value) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return f"float({str(value)!r})"
    return ascii(value)
