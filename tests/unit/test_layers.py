"""The layers of the design, held against the imports of the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "pytest_indexcache"

DRAWING = PACKAGE.parent / "ARCHITECTURE.md"


def _read_drawing() -> tuple[dict[str, int], set[tuple[str, str]]]:
    """Read the layers, and the arrows within a layer, out of ARCHITECTURE.md."""
    text = DRAWING.read_text(encoding="utf-8")
    block = text.partition("```layers\n")[2].partition("```")[0]
    layers: dict[str, int] = {}
    arrows: set[tuple[str, str]] = set()
    for line in block.splitlines():
        number, _, *parts = line.split()
        for place, part in enumerate(parts):
            if part == "->":
                arrows.add((parts[place - 1], parts[place + 1]))
            else:
                layers[part] = int(number)
    return layers, arrows


LAYERS, SIDEWAYS = _read_drawing()

FORBIDDEN = {
    ("reference", "scenario"),
    ("reference", "headers"),
    ("index", "reference"),
    ("index", "installers"),
}
"""What the layers alone would allow, or what is worth saying twice."""

HEAVY = ("httpx", "respx", "pydantic", "pytest_httpserver", "virtualenv", "resolvelib", "trustme")


def _modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def _part(dotted: str) -> str:
    return dotted.split(".")[1] if "." in dotted else ""


def _name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path} imports relatively"
            yield node.module
            if node.module.startswith("pytest_indexcache"):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def _own_imports(path: Path) -> set[str]:
    names = (name for name in _imports(path) if name.startswith("pytest_indexcache."))
    return {_part(name) for name in names if not _part(name).startswith("__")}


@pytest.mark.parametrize("path", _modules(), ids=_name)
def test_module_imports_only_from_layers_below_its_own(path: Path) -> None:
    """A module imports from lower layers, from its own part, and from the neighbours drawn."""
    own = _part(_name(path))
    if not own:
        assert not _own_imports(path)
        return
    for other in _own_imports(path) - {own}:
        assert other in LAYERS, f"{other} has no place in the drawing"
        below = LAYERS[other] < LAYERS[own] or (own, other) in SIDEWAYS
        assert below, f"{_name(path)} imports {other}, which is not below {own}"
        assert (own, other) not in FORBIDDEN, f"{_name(path)} must not know {other}"


def test_drawing_names_every_part_of_the_package() -> None:
    """ARCHITECTURE.md draws each part once, and none that is not there."""
    parts = {_part(_name(path)) for path in _modules()} - {""}
    assert set(LAYERS) == parts


def test_reports_read_results_alone() -> None:
    """Reports know of the run nothing but its results."""
    for path in (PACKAGE / "reports").glob("*.py"):
        run = {name for name in _imports(path) if name.startswith("pytest_indexcache.run")}
        assert all(name.startswith("pytest_indexcache.run.results") for name in run), path


def test_no_module_imports_another_that_imports_it() -> None:
    """The imports of the package have no cycle."""
    graph = {
        _name(path): {name for name in _imports(path) if name.startswith("pytest_indexcache")}
        for path in _modules()
    }
    graph = {name: {other for other in others if other in graph} for name, others in graph.items()}
    seen: dict[str, str] = {}

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, f"a cycle: {' -> '.join((*trail, name))}"
        if seen.get(name) == "done":
            return
        for other in sorted(graph[name] - {name}):
            visit(other, (*trail, name))
        seen[name] = "done"

    for name in graph:
        visit(name, ())


@pytest.mark.parametrize("path", _modules(), ids=_name)
def test_module_is_short_and_its_name_says_something(path: Path) -> None:
    """No file has more than 400 lines, no function more than 45, and none is called utils."""
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 400
    assert path.stem not in {"utils", "helpers", "common", "misc"}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
            assert node.end_lineno - node.lineno < 45, f"{node.name} is too long"


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("__init__.py")), ids=_name)
def test_package_init_only_exports(path: Path) -> None:
    """An ``__init__`` holds a docstring, imports, and names; no code."""
    allowed = (ast.Expr, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        assert isinstance(node, allowed), f"line {node.lineno} is code"


@pytest.mark.parametrize("name", ["__init__", "plugin", "messages", "errors", "printable"])
def test_light_module_imports_nothing_heavy(name: str) -> None:
    """What every pytest run loads names no heavy module at its top."""
    tree = ast.parse((PACKAGE / f"{name}.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = (
                [node.module]
                if isinstance(node, ast.ImportFrom)
                else [alias.name for alias in node.names]
            )
            assert not any((name or "").split(".")[0] in HEAVY for name in names)
