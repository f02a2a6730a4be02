"""A scenario with one file, and the problems that the check reports for it."""

from __future__ import annotations

from pytest_indexcache.errors import ScenarioError
from pytest_indexcache.scenario import loads

HEAD = """title = "A file that a stranger wrote"
[indexes.a]
url = "https://a.example/simple"
[indexes.a.packages.six."1.0"]
"""
USES = """
[[steps]]
command = { uv = "uv pip install -rr.txt", pip = "pip install -r r.txt -c sub/c.txt" }
expect = { installed-count = 1 }
"""


def problems(name: str, text: str, *, in_edit: bool = False) -> str:
    """Return the problems of a scenario with this file; the name ``uv`` means uv's project file."""
    place = "project-files" if name == "uv" else "files"
    table = f"{place} = {{ {name!r} = {quoted(text)} }}"
    edit = (
        f'[[steps]]\ndo = "edit"\n{table}\n'
        if in_edit
        else f"[{place}]\n{table[len(place) + 5 : -2]}\n"
    )
    try:
        loads(f"{HEAD}{edit}{USES}" if in_edit else f"{HEAD}{USES}{edit}")
    except ScenarioError as error:
        return str(error)
    return ""


def quoted(text: str) -> str:
    """Return a string in TOML notation."""
    import json

    return json.dumps(text)
