"""Read the distributions and other files in a venv."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname


def installed(venv: Path) -> dict[str, dict[str, Any]]:
    """Return the distributions in a venv, keyed by normalised project name."""
    found = {}
    for folder in venv.glob("[Ll]ib/**/site-packages/*.dist-info"):
        name, _, version = folder.name[: -len(".dist-info")].partition("-")
        direct = _direct_url(folder)
        status = folder.stat()
        found[normal(name)] = {
            "name": normal(name),
            "version": version,
            "url": direct.get("url"),
            "is_folder": "dir_info" in direct,
            "editable": bool(direct.get("dir_info", {}).get("editable")),
            "folder": folder.parent,
            "metadata": folder / "METADATA",
            "time": (status.st_mtime_ns, status.st_ino),  # both change with each installation
        }
    return found


def _direct_url(folder: Path) -> dict[str, Any]:
    try:
        text = (folder / "direct_url.json").read_text(encoding="utf-8")
        found = json.loads(text)  # noqa: TID251 - the package is not there
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def origin_of(found: dict[str, Any]) -> str:
    """Return the origin of a distribution, as recorded in ``direct_url.json`` (PEP 610)."""
    if found["url"] is None:
        return "index"
    if found["is_folder"]:
        return "editable" if found["editable"] else "path"
    return "path" if found["url"].startswith("file:") else "url"


def build_of(project: str, found: dict[str, Any]) -> str:
    """Return the value of ``__build__`` in a distribution's module, which each build changes."""
    module = project.replace("-", "_")
    roots = [found["folder"]]
    if found["editable"]:
        roots.append(Path(url2pathname(urlsplit(found["url"]).path)))
    for path in (
        folder
        for root in roots
        for folder in (root / f"{module}.py", root / module / "__init__.py")
    ):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            marker = re.search(r"^__build__ = (['\"].*['\"])$", text, re.MULTILINE)
            return str(ast.literal_eval(marker[1])) if marker else "no marker"
    return "no marker"


def files_of(venv: Path, pattern: str) -> set[Path]:
    """Return the files in a venv that match a pattern, each once, even if folders are linked."""
    whole = f"{pattern}/*" if pattern.endswith("**") else pattern
    return {path.parent.resolve() / path.name for path in venv.glob(whole) if path.is_file()}


def normal(name: str) -> str:
    """Return the normalised name of a project (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
