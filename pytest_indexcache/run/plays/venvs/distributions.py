"""Read the distributions in a venv from its files, without running any code in the venv."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.parser import HeaderParser
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from urllib.request import url2pathname

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from pytest_indexcache.data_formats import loads_json
from pytest_indexcache.system.venvs.environment import Environment

OriginKind = Literal["index", "path", "editable", "url"]


@dataclass(frozen=True)
class Distribution:
    """A distribution that is installed in a venv, as described by its ``.dist-info`` folder.

    ``identity`` consists of the folder's modification time and its inode number. It changes with
    each installation, even if the files are the same.
    """

    name: str
    version: str
    folder: Path
    identity: tuple[int, int] | None = None

    @cached_property
    def direct_url(self) -> Mapping[str, Any] | None:
        """The object in ``direct_url.json`` (PEP 610), or None if there is no such object."""
        try:
            data = loads_json(_content(self.folder, "direct_url.json"))
        except FileNotFoundError:
            return None
        return data if isinstance(data, dict) else None

    @property
    def origin(self) -> OriginKind:
        """The origin of the distribution; an index unless there is a ``direct_url.json``."""
        if self.direct_url is None:
            return "index"
        if "dir_info" in self.direct_url:
            return "editable" if self.direct_url["dir_info"].get("editable") else "path"
        # A wheel or an sdist in the workspace has a file URL, but no "dir_info".
        return "path" if str(self.direct_url.get("url")).startswith("file:") else "url"

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """The requirements in the distribution's core metadata."""
        return _requirements(_content(self.folder, "METADATA"))

    @cached_property
    def build(self) -> str | None:
        """The value of ``__build__`` in the project's module, or None if there is none.

        It differs between builds of the same release.
        """
        module = re.sub(r"[-_.]+", "_", self.name)
        for root in (self.folder.parent, self._project_folder):
            for path in (root / f"{module}.py", root / module / "__init__.py") if root else ():
                if path.is_file():
                    return _assigned_text(path, "__build__")
        return None

    @property
    def _project_folder(self) -> Path | None:
        if self.origin != "editable" or self.direct_url is None:
            return None
        return Path(url2pathname(urlsplit(self.direct_url["url"]).path))

    @cached_property
    def fingerprint(self) -> tuple[str, str, str | None]:
        """A value that changes whenever the version, the origin or the URL changes."""
        url = self.direct_url.get("url") if self.direct_url else None
        return self.version, self.origin, url


def _content(folder: Path, name: str) -> bytes:
    with open(os.path.join(folder, name), "rb", buffering=0) as file:
        return file.read()


@lru_cache(maxsize=1024)
def _requirements(metadata: bytes) -> tuple[Requirement, ...]:
    # Cached: successive steps find the same distributions installed.
    message = HeaderParser().parsestr(metadata.decode("utf-8"))
    return tuple(Requirement(text) for text in message.get_all("Requires-Dist", ()))


def _assigned_text(path: Path, name: str) -> str | None:
    for node in ast.parse(path.read_bytes()).body:
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == name for target in node.targets
        ):
            return str(ast.literal_eval(node.value))
    return None


def read_venv(venv: Path) -> dict[str, Distribution]:
    """Return the distributions in a venv by project; the result is empty if there is no venv."""
    found: dict[str, Distribution] = {}
    for site_packages in [*venv.glob("lib/python3*/site-packages"), venv / "Lib/site-packages"]:
        for folder in _dist_infos(site_packages):
            name, _, version = folder.removesuffix(".dist-info").partition("-")
            project = canonicalize_name(name)
            path = site_packages / folder
            found[project] = Distribution(project, version, path, _identity(path))
            # Read now: the folder may be gone when the value is compared.
            found[project].fingerprint  # noqa: B018
    return found


def _identity(folder: Path) -> tuple[int, int]:
    # Not the time of RECORD: uv links that file from its cache, where its time does not change.
    status = os.stat(folder)
    return status.st_mtime_ns, status.st_ino


def _dist_infos(site_packages: Path) -> list[str]:
    try:
        return [name for name in os.listdir(site_packages) if name.endswith(".dist-info")]
    except OSError:
        return []


def venv_environment(venv: Path) -> dict[str, str] | None:
    """Return the marker environment for a venv's Python, without extras.

    The environment combines this machine's platform with the Python version in ``pyvenv.cfg``. The
    result is None if there is no venv.
    """
    opened = Environment.open(venv)
    if opened is None:
        return None
    environment = {key: str(value) for key, value in default_environment().items()}
    environment["extra"] = ""
    environment["python_full_version"] = opened.full_version
    environment["python_version"] = ".".join(opened.full_version.split(".")[:2])
    return environment


def marker_environment(site_packages: Path) -> dict[str, str]:
    """Return the marker environment for the venv that contains a site-packages folder.

    If there is no such venv, the environment of the running Python is returned.
    """
    for parent in site_packages.parents[:3]:
        found = venv_environment(parent)
        if found is not None:
            return found
    return {**{key: str(value) for key, value in default_environment().items()}, "extra": ""}


def inconsistencies(venv: Mapping[str, Distribution]) -> list[str]:
    """Return the unmet requirements of installed projects, as ``pip check`` reports them."""
    found = []
    for distribution in venv.values():
        environment = marker_environment(distribution.folder.parent)
        for requirement in distribution.requirements:
            if requirement.marker and not requirement.marker.evaluate(environment):
                continue
            other = venv.get(canonicalize_name(requirement.name))
            if other is None:
                found.append(f"{distribution.name} requires {requirement}, which is not installed")
            elif not requirement.specifier.contains(Version(other.version), prereleases=True):
                found.append(
                    f"{distribution.name} requires {requirement}, but {other.version} is installed"
                )
    return sorted(found)
