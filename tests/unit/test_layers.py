"""The layers and rooms in ARCHITECTURE.md, compared with the imports of the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "pytest_indexcache"
TESTS = Path(__file__).parent

ARCHITECTURE = (PACKAGE.parent / "ARCHITECTURE.md").read_text(encoding="utf-8")

MOST_ROOMS, MOST_FLOORS = 12, 6

Drawing = tuple[dict[str, int], set[tuple[str, str]]]


def _read_drawing(fence: str) -> Drawing:
    """Return the floors of a drawing in ARCHITECTURE.md, and the arrows within a floor."""
    block = ARCHITECTURE.partition(f"```{fence}\n")[2].partition("```")[0]
    floors: dict[str, int] = {}
    arrows: set[tuple[str, str]] = set()
    for line in block.splitlines():
        number, _, *parts = line.split()
        for place, part in enumerate(parts):
            if part == "->":
                arrows.add((parts[place - 1], parts[place + 1]))
            else:
                floors[part] = int(number)
    return floors, arrows


LAYERS, SIDEWAYS = _read_drawing("layers")

DRAWN_FOLDERS = tuple(re.findall(r"^```rooms (\w+)$", ARCHITECTURE, re.MULTILINE))

FORBIDDEN = {
    ("reference", "scenario"),
    ("reference", "headers"),
    ("index", "reference"),
    ("index", "installers"),
}
"""Imports that are forbidden although the drawing of the layers allows them."""

USERS_OF_REFERENCE = ("pytest_indexcache.installers.reference", "pytest_indexcache.run.causes")
"""Only these import the reference: its adapter, and causes, which use its RFC 9111 rules."""

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
    """A module imports only from lower layers, its own part, and parts to which its arrows lead."""
    own = _part(_name(path))
    if not own:
        assert _own_imports(path) == {"exports"}
        return
    for other in _own_imports(path) - {own}:
        assert other in LAYERS, f"{other} has no place in the drawing"
        below = LAYERS[other] < LAYERS[own] or (own, other) in SIDEWAYS
        assert below, f"{_name(path)} imports {other}, which is not below {own}"
        assert (own, other) not in FORBIDDEN, f"{_name(path)} must not know {other}"


def test_drawing_names_every_part_of_the_package() -> None:
    """ARCHITECTURE.md draws each part of the package once, and nothing else."""
    parts = {_part(_name(path)) for path in _modules()} - {""}
    assert set(LAYERS) == parts


@pytest.mark.parametrize("path", _modules(), ids=_name)
def test_reference_is_no_shelf_for_the_harness(path: Path) -> None:
    """Only the adapter imports the reference installer; causes may import its HTTP cache rules."""
    name = _name(path)
    used = {other for other in _imports(path) if _part(other) == "reference"}
    if _part(name) == "reference" or not used:
        return
    assert name.startswith(USERS_OF_REFERENCE)
    if _part(name) == "run":
        rules = "pytest_indexcache.reference.http_cache.rules."
        assert all(other.startswith(rules) for other in used)


def test_reports_read_results_alone() -> None:
    """The layer ``reports`` imports only the results of a run."""
    for path in (PACKAGE / "reports").glob("*.py"):
        run = {name for name in _imports(path) if name.startswith("pytest_indexcache.run.")}
        modules = {".".join(name.split(".")[:4]) for name in run}
        assert all(name.endswith(".results") for name in modules), path


def _graph() -> dict[str, set[str]]:
    """Return the modules of the package, each with its imported modules of the package."""
    graph = {_name(path): set(_imports(path)) for path in _modules()}
    return {name: {other for other in others if other in graph} for name, others in graph.items()}


def _rooms(folder: str) -> dict[str, set[str]]:
    """Return the rooms of a folder (modules and folders), each with the rooms it imports."""
    inside = {
        name.removeprefix(f"{folder}."): others
        for name, others in GRAPH.items()
        if name.startswith(f"{folder}.")
    }
    rooms: dict[str, set[str]] = {name.split(".")[0]: set() for name in inside}
    for name, others in inside.items():
        room = name.split(".")[0]
        for other in others:
            neighbour = other.removeprefix(f"{folder}.").split(".")[0]
            if other.startswith(f"{folder}.") and neighbour != room:
                rooms[room].add(neighbour)
    return rooms


def _refuse_cycles(graph: dict[str, set[str]]) -> None:
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, f"a cycle: {' -> '.join((*trail, name))}"
        if name not in done:
            for other in sorted(graph[name]):
                visit(other, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def _folder(path: Path) -> str:
    """Return the folder of a module, or the module itself at the top level of the package."""
    return _name(path) if path.parent == PACKAGE else _name(path.parent / "__init__.py")


GRAPH = _graph()

FOLDER_OF = {_name(path): _folder(path) for path in _modules()}

FOLDERS = sorted(
    name for name in (_name(path) for path in PACKAGE.rglob("__init__.py")) if "." in name
)


@pytest.mark.parametrize("folder", DRAWN_FOLDERS)
def test_room_imports_only_from_floors_below_its_own(folder: str) -> None:
    """A room of a layer imports from lower floors of its drawing, or along an arrow."""
    floors, arrows = _read_drawing(f"rooms {folder}")
    rooms = _rooms(f"pytest_indexcache.{folder}")
    assert set(floors) == set(rooms)
    for room, others in rooms.items():
        for other in others:
            below = floors[other] < floors[room] or (room, other) in arrows
            assert below, f"{folder}: {room} imports {other}, which is not below it"


@pytest.mark.parametrize("folder", FOLDERS)
def test_folder_is_small_and_has_no_circle(folder: str) -> None:
    """A folder has at most 12 modules and folders on 6 floors, without import cycles."""
    rooms = _rooms(folder)
    assert len(rooms) <= MOST_ROOMS
    floors: dict[str, int] = {}

    def floor(room: str, trail: tuple[str, ...]) -> int:
        assert room not in trail, f"{folder}: a circle: {' -> '.join((*trail, room))}"
        if room not in floors:
            below = [floor(other, (*trail, room)) for other in rooms[room]]
            floors[room] = 1 + max(below, default=0)
        return floors[room]

    for room in rooms:
        assert floor(room, ()) <= MOST_FLOORS


def test_no_folder_imports_another_that_imports_it() -> None:
    """Folders have no import cycle at any depth; each sub-folder counts on its own."""
    folders: dict[str, set[str]] = {}
    for name, others in GRAPH.items():
        own = FOLDER_OF[name]
        folders.setdefault(own, set()).update(FOLDER_OF[other] for other in others)
    _refuse_cycles({name: others - {name} for name, others in folders.items()})


def test_every_layer_is_drawn() -> None:
    """ARCHITECTURE.md contains a drawing of each layer with more than two modules and folders."""
    layers = {
        name.split(".")[1]
        for name in FOLDERS
        if len(_rooms(f"pytest_indexcache.{name.split('.')[1]}")) > 2
    }
    assert layers == set(DRAWN_FOLDERS)


def test_class_name_is_used_once_in_the_package() -> None:
    """No two classes of the package have the same name."""
    places: dict[str, list[str]] = {}
    for path in _modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(_name(path))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_glossary_has_at_most_25_rows() -> None:
    """The glossary of ARCHITECTURE.md has at most 25 words."""
    glossary = ARCHITECTURE.partition("## Glossary")[2].partition("\n## ")[0]
    assert 10 < glossary.count("\n| ") - 2 <= 25


@pytest.mark.parametrize("path", sorted(TESTS.rglob("test_*.py")), ids=lambda path: path.stem)
def test_unit_test_stands_where_its_module_does(path: Path) -> None:
    """tests/unit mirrors the package: ``a/test_b.py`` or ``a/test_b_….py`` tests ``a/b.py``."""
    folder = PACKAGE / path.parent.relative_to(TESTS)
    if path.parent == TESTS:
        return
    assert folder.is_dir(), f"{folder} is not a folder of the package"
    modules = [other.stem for other in folder.iterdir()]
    subject = path.stem.removeprefix("test_")
    assert any(subject == name or subject.startswith(f"{name}_") for name in modules)


def test_no_module_imports_another_that_imports_it() -> None:
    """The modules of the package have no import cycle."""
    _refuse_cycles({name: others - {name} for name, others in GRAPH.items()})


@pytest.mark.parametrize("path", _modules(), ids=_name)
def test_module_is_short_and_its_name_says_something(path: Path) -> None:
    """A file has at most 400 lines, a function at most 45, and no module is called utils."""
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 400
    assert path.stem not in {"utils", "helpers", "common", "misc"}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
            assert node.end_lineno - node.lineno < 45, f"{node.name} is too long"


@pytest.mark.parametrize("path", _modules(), ids=_name)
def test_loop_variables_say_what_they_hold(path: Path) -> None:
    """No loop variable is called ``it``; ``one`` is only used beside ``other``, for pairs."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.comprehension | ast.For):
            names = {each.id for each in ast.walk(node.target) if isinstance(each, ast.Name)}
            assert "it" not in names
            assert "one" not in names or "other" in names


def test_each_file_of_tests_is_short() -> None:
    """A file in the tests has at most 400 lines."""
    lines = {
        path: path.read_text(encoding="utf-8").count("\n") for path in TESTS.parent.rglob("*.py")
    }
    assert {path: count for path, count in lines.items() if count > 400} == {}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("__init__.py")), ids=_name)
def test_package_init_only_exports(path: Path) -> None:
    """An ``__init__`` module contains only a docstring, imports and names."""
    allowed = (ast.Expr, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        assert isinstance(node, allowed), f"line {node.lineno} is code"


@pytest.mark.parametrize("name", ["__init__", "plugin", "messages", "errors", "printable"])
def test_light_module_imports_nothing_heavy(name: str) -> None:
    """Modules that every pytest run loads import no heavy modules at their top level."""
    tree = ast.parse((PACKAGE / f"{name}.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = (
                [node.module]
                if isinstance(node, ast.ImportFrom)
                else [alias.name for alias in node.names]
            )
            assert not any((name or "").split(".")[0] in HEAVY for name in names)


def test_packages_of_tests_have_names_of_their_own() -> None:
    """Top-level packages of tests have different names, so that imports are unambiguous."""
    packages = [init.parent for init in (PACKAGE.parent / "tests").rglob("__init__.py")]
    tops = [folder.name for folder in packages if folder.parent not in packages]
    assert sorted(tops) == sorted(set(tops))
