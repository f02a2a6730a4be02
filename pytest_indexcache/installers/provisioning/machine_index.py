"""The index that uv or pip is configured to use on this machine."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import shutil
import ssl
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from pytest_indexcache.data_formats import loads_toml

DEFAULT_URL: Final = "https://pypi.org/simple"

_HOW_TO_REACH_AN_INDEX: Final = re.compile(
    r"UV_(DEFAULT_INDEX|INDEX|INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|NO_INDEX|INDEX_STRATEGY"
    r"|INDEX_\w+_(USERNAME|PASSWORD)|KEYRING_PROVIDER|NATIVE_TLS|SYSTEM_CERTS|INSECURE_HOST"
    r"|HTTP_\w+|REQUEST_TIMEOUT|CACHE_DIR|OFFLINE|CONFIG_FILE|LINK_MODE)"
    r"|PIP_(INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|NO_INDEX|TRUSTED_HOST|CERT|CLIENT_CERT|PROXY"
    r"|TIMEOUT|DEFAULT_TIMEOUT|RETRIES|CACHE_DIR|CONFIG_FILE|KEYRING_PROVIDER|USE_FEATURE"
    r"|DISABLE_PIP_VERSION_CHECK)"
)
_HOW_TO_INSTALL: Final = ("UV_", "PIP_", "PYTHON", "VIRTUAL_ENV", "CONDA_", "__PYVENV")


@dataclass(frozen=True)
class MachineIndex:
    """The URL of this machine's index, possibly with credentials, and its CA certificates.

    ``is_pips`` is true if the URL comes from pip's configuration rather than uv's.
    """

    url: str = DEFAULT_URL
    ca_file: Path | None = None
    is_pips: bool = False

    def environment(self) -> dict[str, str]:
        """Return the environment for the uv or pip that installs into a provisioned venv.

        Variables that configure access to packages are inherited. Variables that determine which
        packages are installed, or where, are not.
        """
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(_HOW_TO_INSTALL) or _HOW_TO_REACH_AN_INDEX.fullmatch(name)
        }
        if self.is_pips:
            environment["UV_INDEX_URL"] = self.url
        if self.ca_file is not None:
            environment.setdefault("SSL_CERT_FILE", str(self.ca_file))
        return environment


@cache
def machine_index() -> MachineIndex:
    """Return this machine's index, as configured for uv or else for pip; PyPI by default."""
    pip = _pip_settings()
    named_certificate = pip.get("cert")
    trusted = named_certificate or ssl.get_default_verify_paths().cafile
    ca_file = Path(trusted) if trusted else None
    uvs = _uv_url(os.environ)
    if uvs:
        return MachineIndex(uvs, ca_file)
    if "index-url" in pip:
        return MachineIndex(pip["index-url"], ca_file, is_pips=True)
    return MachineIndex(DEFAULT_URL, ca_file)


def _uv_url(environment: Mapping[str, str]) -> str | None:
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        if environment.get(name):
            # In this variable, uv allows a name for the index: "internal=https://…".
            return re.sub(r"^[\w.-]+=(?=\w+://)", "", environment[name])
    folder = Path(environment.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    file = Path(environment.get("UV_CONFIG_FILE") or folder / "uv" / "uv.toml")
    try:
        settings = loads_toml(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return _default_index(settings)


def _default_index(settings: Mapping[str, Any]) -> str | None:
    indexes = settings.get("index")
    for index in indexes if isinstance(indexes, list) else ():
        if isinstance(index, dict) and index.get("default") and isinstance(index.get("url"), str):
            return str(index["url"])
    url = settings.get("index-url")
    return url if isinstance(url, str) else None


def pip_command() -> list[str] | None:
    """Return a command that runs pip, from the running Python or else from PATH.

    The result is None if neither exists.
    """
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip"]
    found = shutil.which("pip") or shutil.which("pip3")
    return [found] if found else None


def _pip_settings() -> dict[str, str]:
    """Return pip's configuration; ``install`` settings take precedence over ``global`` ones."""
    command = pip_command()
    if command is None:
        return {}
    try:
        done = subprocess.run(
            [*command, "config", "list"],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=60,
            check=True,
            text=True,
        )
    except (OSError, subprocess.SubprocessError):
        return {}
    return read_pip_settings(done.stdout)


def read_pip_settings(text: str) -> dict[str, str]:
    """Parse the output of ``pip config list``, which has one ``section.key='value'`` per line."""
    sections: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        match = re.fullmatch(r"(global|install|:env:)\.([a-z-]+)=(['\"].*['\"])", line.strip())
        if match:
            section, key, literal = match.groups()
            sections.setdefault(section, {})[key] = str(ast.literal_eval(literal))
    ordered = ("global", "install", ":env:")
    return {key: value for name in ordered for key, value in sections.get(name, {}).items()}
