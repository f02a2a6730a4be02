"""An oracle that reads accepted commands and files as installers do, without the checks.

Each function raises :class:`LeadsOutError` for a value that names a path outside the workspace, a
host that the scenario does not have, or a program.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from posixpath import normpath
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import httpx

from pytest_indexcache.scenario.commands.grammar import grammar_of

from ..parser_models import MODELS, UnreadableError, read_by_model
from ..requirements_by_pip import places_by_pip

SERVED: Final = {("a.example", 443), ("b.example", 8080)}

DANGEROUS: Final[Mapping[str, Mapping[str, str]]] = {
    "uv": {
        **dict.fromkeys(
            ("--target", "--prefix", "--env-file", "--config-file", "--script"), "text"
        ),
        **dict.fromkeys(("--module", "--gui-script", "--custom-compile-command"), "text"),
        **dict.fromkeys(("--install-dir", "--mirror", "--python-downloads-json-url"), "text"),
        **dict.fromkeys(("--system", "--break-system-packages", "--user", "--global"), "flags"),
    },
    "pip": {
        **dict.fromkeys(
            ("--target", "-t", "--prefix", "--root", "--src", "--log", "--proxy"), "text"
        ),
        **dict.fromkeys(("--cert", "--client-cert", "--python", "--global-option"), "text"),
        **dict.fromkeys(("--build-option", "--editor", "--path", "--config-file"), "text"),
        **dict.fromkeys(("--user", "--break-system-packages", "--isolated"), "flags"),
    },
    "poetry": {
        **dict.fromkeys(("--cert", "--client-cert", "--repository"), "text"),
        **dict.fromkeys(("--build", "--skip-existing"), "flags"),
    },
    "pdm": {
        **dict.fromkeys(("--config", "--venv", "--copier", "--cookiecutter", "--site"), "text"),
        **dict.fromkeys(
            ("--global", "--site-packages", "--pep582", "--plugins", "--edit"), "flags"
        ),
    },
}
"""Options of installers that can lead out of a workspace or start programs, with their arity."""

BASES: Final = {
    "uv": ("--directory", "--project"),
    "pip": (),
    "poetry": ("--directory", "-C", "--project", "-P"),
    "pdm": ("--project", "-p"),
}
"""Options by which a command changes its folder."""

FREE_TEXT: Final = {
    *("--prompt", "--description", "--author", "--username", "--password", "-u", "--token", "-t"),
    *("--marker", "-m", "--markers"),
}
"""Options whose text an installer shows, sends to its index, or evaluates without a file."""

_URL: Final = re.compile(
    r"[a-z][\w+.-]*:(?=/)|(?<![\w.])(git|hg|svn|bzr)\+\w+:(?=\S*/)|(?<![^\s=@,])file:(?=\.\./)",
    re.I,
)
_SEPARATORS: Final = re.compile(r"[=,;@\s\[\]'\"]|(?<=[\w\]]):(?!\\)")
_SEPARATORS_IN_FILES: Final = re.compile(r"[=;@\s'\"]|(?<=[\w\]]):(?!\\)")
"""Separators in files, without commas (lists are arrays) and brackets (patterns contain them)."""


class LeadsOutError(AssertionError):
    """An accepted value leads out of the workspace, to an unknown host, or to a program."""


def judge_command(installer: str, words: Sequence[str]) -> None:
    """Parse the arguments of an installer as the installer does, and judge each value."""
    if any("\0" in word for word in words):
        raise LeadsOutError("no process can be given NUL in a word")
    grammar = grammar_of(installer)
    try:
        options, arguments = read_by_model(grammar, words, DANGEROUS[installer])
    except (UnreadableError, KeyError, IndexError):
        return  # the installer refuses it, and does nothing
    rest = MODELS[installer]({**DANGEROUS[installer], **grammar.leading}, words, False)[1]
    folders = ["project"]
    for option, value in options:
        if option in DANGEROUS[installer]:
            raise LeadsOutError(f"{option} is dangerous")
        if option in BASES[installer]:
            folders += [normpath(f"{folder}/{value}") for folder in folders]
    judge_value(".", folders)
    for option, value in options:
        if option not in (*FREE_TEXT, *BASES[installer]):
            judge_value(value, folders)
    if installer != "pip" and (rest[0] == "run" or rest[:2] == ["tool", "run"]):
        judge_program(arguments)
        return
    for argument in arguments:
        is_host = rest[0] == "auth" and "://" not in argument.partition("=")[0]
        judge_value(f"https://{argument}" if is_host else argument, folders)


def judge_program(words: Sequence[str]) -> None:
    """Check that Python code only prints its version, or attributes of the module ``six``."""
    words = words[words[:1] == ["--"] :]
    if not words or words[0] not in ("python", "python3"):
        raise LeadsOutError(f"starts {words[:1]}")
    if list(words[1:]) in (["-V"], ["--version"]):
        return
    if len(words) != 3 or words[1] != "-c":
        raise LeadsOutError(f"starts Python with {words[1:]}")
    allowed = (ast.Module, ast.Import, ast.alias, ast.Expr, ast.Call, ast.Name, ast.Attribute)
    for node in ast.walk(ast.parse(words[2])):
        if not isinstance(node, (*allowed, ast.Constant, ast.Load)):
            raise LeadsOutError(f"runs {type(node).__name__}")
        if isinstance(node, ast.alias) and node.name.partition(".")[0] != "six":
            raise LeadsOutError(f"imports {node.name}")
        if isinstance(node, ast.Call) and not (
            (isinstance(node.func, ast.Name) and node.func.id == "print")
            or (isinstance(node.func, ast.Attribute) and not node.args and not node.keywords)
        ):
            raise LeadsOutError("calls another function than print, or with arguments")


def judge_value(
    value: str,
    folders: Iterable[str] = ("project",),
    separators: re.Pattern[str] = _SEPARATORS,
) -> None:
    """Check that URLs in a value belong to indexes, and that other paths stay in the workspace."""
    # A URL may have a semicolon: behind one, white space begins the marker (PEP 508).
    place, *markers = re.split(r"\s;|;\s" if _URL.search(value) else ";", value, maxsplit=1)
    for part in separators.split(_judge_urls(place)):
        _judge_path(part, value, folders)
    if any(re.search(r"(?:^|[\s=])/|\.\.", marker) for marker in markers):
        raise LeadsOutError(f"the marker of {value!r}")


def _judge_urls(value: str) -> str:
    """Check that each URL in a value belongs to an index; return the value without its URLs."""
    # To pip the word is a folder in the root, and it makes the path plain before it looks.
    if re.search(r"\$\{PROJECT_ROOT\}\S*\.\.", value):
        raise LeadsOutError(f"the word in {value!r}")
    rest = value.replace("file:///${PROJECT_ROOT}/", "./")
    rest = re.sub(r"^(?:registry|direct|path|directory|editable|virtual)\+", "", rest)
    while found := _URL.search(rest):
        url = re.split(r"[\s,]", rest[found.start() :])[0]
        _judge_url(url)
        rest = rest.replace(url, " ")
    return rest


def _judge_url(url: str) -> None:
    scheme = url.partition(":")[0].lower()
    if scheme not in ("http", "https"):
        raise LeadsOutError(f"the scheme of {url!r}")
    port = {"http": 80, "https": 443}[scheme]
    parts, other = urlsplit(url), httpx.URL(url)
    for host, number in ((parts.hostname, parts.port), (other.host, other.port)):
        if ((host or "").rstrip("."), number or port) not in SERVED:
            raise LeadsOutError(f"the host of {url!r}")
    if ".." in unquote(url):
        raise LeadsOutError(f"the way up in {url!r}")


def _judge_path(part: str, value: str, folders: Iterable[str]) -> None:
    is_absolute = re.match(r"/|~(?:/|$)", part) or re.match(r"~[A-Za-z]", value)
    if is_absolute or any(character in part for character in "\\$`"):
        raise LeadsOutError(f"{part!r} in {value!r}")
    for folder in folders:
        place = normpath(f"{folder}/{part}")
        if place == ".." or place.startswith("../"):
            raise LeadsOutError(f"{part!r} in {value!r} from {folder!r}")


_INERT_KEYS: Final = {
    *("description", "urls", "authors", "maintainers", "keywords", "classifiers", "license"),
    *("markers", "marker", "content-hash", "content_hash", "hash", "environments", "conflicts"),
    *("metadata", "extras", "username", "password", "requires-python", "readme-text", "text"),
    *("resolution-markers", "supported-markers", "required-markers", "python", "hashes"),
    *("required-environments", "homepage", "repository", "documentation", "platform", "options"),
    *("summary", "requires_python", "python-versions", "targets", "inherit_metadata", "groups"),
    *("created-by", "version", "cache-control", "strategy", "optional", "reference"),
    *("lock-version", "size", "dynamic", "ignore_package_warnings"),
}
"""Keys whose values no installer treats as a path, a URL or a program."""

_FORBIDDEN_KEYS: Final = {
    *("target", "prefix", "log_dir", "plugins", "requires-plugins", "hooks", "custom-hook"),
    *("http-proxy", "https-proxy", "no-proxy", "custom-compile-command", "system-git-client"),
    *("build-frontend", "cmdclass", "python-install-mirror", "pypy-install-mirror", "git", "vcs"),
    *("extra-build-variables", "certificates", "env_file", "getter"),
}
"""Keys by which installers start programs or leave the workspace."""

_ACTING_TABLES: Final = {
    *("", "uv", "pip", "poetry", "pdm", "build", "build-system", "setuptools", "version", "venv"),
    *("source", "package", "packages"),
}
"""Tables in which ``_FORBIDDEN_KEYS`` have an effect, including the top level of a file."""

_BACKENDS: Final = {
    *("hatchling.build", "setuptools.build_meta", "flit_core.buildapi", "pdm.backend"),
    *("poetry.core.masonry.api", "uv_build", "in_tree_backend"),
}


_READ_TOOLS: Final = {
    *("uv", "poetry", "pdm", "pip", "indexcache"),
    *("hatch", "setuptools", "setuptools_scm", "distutils", "flit", "poetry-dynamic-versioning"),
}
"""Tools whose tables in a project file are read by an installer or by a build backend."""

_CONSTRAINTS: Final = {("dependencies",), ("overrides",)}
"""Tables of Poetry and PDM whose strings are versions or URLs, never paths."""

_INFORMATION: Final = ("packages", "dependencies")
"""The dependencies in a pylock.toml, which no installer uses (PEP 751)."""


def judge_toml(text: str) -> None:
    """Judge every string in a TOML file, except strings that are only displayed."""
    waiting: list[tuple[tuple[str, ...], Any]] = [((), tomllib.loads(text))]
    while waiting:
        path, value = waiting.pop()
        last = path[-1] if path else ""
        is_backend = path == ("build-system", "build-backend") and isinstance(value, str)
        if is_backend and value not in _BACKENDS:
            raise LeadsOutError(f"the build backend {value!r}")
        if len(path) > 1 and path[0] == "tool" and path[1] not in _READ_TOOLS:
            continue
        parent = path[-2] if len(path) > 1 else ""
        is_acting = parent in _ACTING_TABLES or path[-3:-2] in (("sources",), ("dependencies",))
        if last in _FORBIDDEN_KEYS and is_acting:
            raise LeadsOutError(f"the key {path}")
        if isinstance(value, str) and path[:2] != _INFORMATION:
            is_constraint = path[-2:-1] in _CONSTRAINTS and path[:1] == ("tool",)
            try:
                if is_constraint:
                    _judge_urls(value)
                else:
                    judge_value(value, separators=_SEPARATORS_IN_FILES)
            except LeadsOutError as error:
                raise LeadsOutError(f"{error}, at {'.'.join(path)}") from None
        elif isinstance(value, list):
            waiting += ((path, element) for element in value)
        elif isinstance(value, Mapping):
            inner = ((key, each) for key, each in value.items() if key not in _INERT_KEYS)
            waiting += (((*path, key), each) for key, each in inner)


def judge_requirements(text: str) -> None:
    """Judge each path and URL that pip's own parser finds in a requirements file."""
    for place in places_by_pip(text):
        judge_value(place)
