"""The kinds of values in commands, files and variables; none can point outside the workspace.

A kind is an entry in :data:`KINDS`. Its patterns allow only certain characters, so no installer can
read a value as something else, such as a list, a variable, or a URL with another scheme.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from typing import Final

from pytest_indexcache.scenario.values.places import (
    EXTRAS,
    NAME,
    ROOT,
    SCRIPT,
    is_below_project,
    is_editable_line,
    is_glob,
    is_lockfile,
    is_new_project,
    is_output,
    is_path,
    is_requirements_file,
    is_subfolder,
    is_venv,
    is_visible,
)
from pytest_indexcache.scenario.values.reach import STANDARD_MODULES, Reach
from pytest_indexcache.scenario.words import limits
from pytest_indexcache.scenario.words.plain_texts import read_requirement
from pytest_indexcache.scenario.words.wording import alternatives, shown

_BACKENDS: Final = (
    "flit_core.buildapi",
    "hatchling.build",
    "in_tree_backend",
    "pdm.backend",
    "poetry.core.masonry.api",
    "setuptools.build_meta",
    "uv_build",
)
"""The build backends that a scenario can use: common ones, and the in-tree backend."""

_DASHED: Final = ("editable-line",)
"""Kinds of values that begin with a dash; they are only used where no option is possible."""

_VERSIONS: Final = (
    # "@ ~x" is not a version for Poetry; for others it is a path that a shell would expand.
    r"(?: ?(?!@ ?~ ?[A-Za-z_])[<>=!~^@]{1,3} ?[\w*][\w.*+!-]*"
    r"(?: ?, ?[<>=!~^]{1,3} ?\d[\w.*+!-]*)*)?"
)
_MARKER_BODY: Final = r"(?!.*\.\.)[^\n\r\0$\\/,]*"
_MARKER: Final = rf" ?;{_MARKER_BODY}"
_URL: Final = (
    # A "subdirectory" of an archive is a path, too: it would be joined to the unpacked folder.
    r"https?://(?![^/]*/.*%(?:2[eEfF5]|5[cC]))(?!.*\.\.)[\w.~:/?\[\]@!&()*+;=%-]+"
    r"(?:#(?:\w+[=:])?\w[\w.-]*(?:/[\w.-]+)*(?:&\w+=\w[\w.-]*(?:/[\w.-]+)*)*)?"
)
_REPOSITORY: Final = r"(?:^|[\s@=])(?:git|hg|svn|bzr)(?:\+\w+)?:"
_WORD: Final = r"[\w:*][\w.:*+ ,-]*"
_PYTHON: Final = r"(?:(?:cpython|pypy|graalpy|python|cp|pp)[-@]?)?[<>=!~^]{0,3}\d[\w.,<>=!~*+ -]*"
_VERSION: Final = r"\w[\w.+!-]*"
_TEXT: Final = r"[^\n\r\0]*"

_NAMED: Final = rf"{NAME}{EXTRAS}{_VERSIONS}(?:{_MARKER})?"

_POETRY_SETTINGS: Final = (
    r"virtualenvs\.in-project|installer\.[a-z-]+|solver\.[a-z-]+|requests\.max-retries"
    rf"|(?:repositories|http-basic|pypi-token)\.{NAME}(?:\.url)?"
)
_PDM_SETTINGS: Final = (
    r"pypi\.(?:url|verify_ssl|json_api|username|password|ignore_stored_index)"
    rf"|pypi\.{NAME}\.(?:url|verify_ssl|username|password)|(?:install\.(?:cache|cache_method|parallel))"
    r"|strategy\.[a-z_]+|check_update|request_timeout|venv\.in_project"
)


def check_value(kind: str, value: str, reach: Reach) -> None:
    """Raise ValueError unless the value has the given kind.

    :raises ValueError: with the problem, and a description of the allowed values
    """
    test, meaning = KINDS[kind]
    if len(value) > limits.TEXT:
        raise ValueError(f"{shown(value)} has more than {limits.TEXT:,} characters")
    if has_control(value):
        raise ValueError(f"{shown(value)} has a line break or another control character")
    if value.startswith("-") and value != "-" and kind not in _DASHED:
        raise ValueError(f"{shown(value)} begins with a dash: it could be read as an option")
    if not test(value, reach):
        raise ValueError(_reason(value, reach) or f"{shown(value)} is not {meaning}")


def _reason(value: str, reach: Reach) -> str:
    """Return the reason why a value is not allowed, or an empty string if no reason is known."""
    if re.search(_REPOSITORY, value):
        return f"{shown(value)} names a repository, which cannot be fetched in a play"
    if ROOT in value and ".." in value:
        return (
            f"{shown(value)} has '..': an installer that does not know the variable would leave "
            "the workspace"
        )
    if "://" in value and "${" in value:
        return f"{shown(value)} has a variable: write the URL in full"
    return _missing_host(value, reach)


def _missing_host(value: str, reach: Reach) -> str:
    """Return a message if the URL in ``value`` has a host that no index has, or ""."""
    url = re.search(_URL, value, re.ASCII)
    host = reach.missing_host(url[0]) if url else None
    if not host:
        return ""
    there = f" (they are at {alternatives(reach.hosts, 'and')})" if reach.hosts else ""
    return f"no index of the scenario is at {shown(host)}{there}"


Test = Callable[[str, Reach], bool]


def _like(pattern: str) -> Test:
    compiled = re.compile(pattern, re.ASCII)
    return lambda value, reach: compiled.fullmatch(value) is not None  # noqa: ARG005


def _any_of(*tests: Test) -> Test:
    return lambda value, reach: any(test(value, reach) for test in tests)


def _requirement(value: str, reach: Reach) -> bool:
    if re.fullmatch(_NAMED, value, re.ASCII):
        return True
    name = re.match(rf"{NAME}{EXTRAS} ?@ ?", value, re.ASCII)
    place = value[name.end() :] if name else value
    before, has_marker, marker = place.rpartition(";")
    if name and has_marker and re.fullmatch(_MARKER_BODY, marker):
        place = before.removesuffix(" ")
    return _place(re.sub(r"\[[\w ,.-]*\]$", "", place, flags=re.ASCII), reach)


def _dependency(value: str, reach: Reach) -> bool:
    """Return whether a value is a requirement (PEP 508), a path or a permitted URL."""
    try:
        named = read_requirement(value).url is None
    except ValueError:
        named = False
    return named or _requirement(value, reach)


def _requirements(value: str, reach: Reach) -> bool:
    """Return whether a value is a list of requirements, separated by commas (``uv run --with``)."""
    parts: list[str] = []
    # A part such as "<2" continues the specifiers of the part before it, as extras do.
    for part in re.split(r", ?(?=[A-Za-z0-9.])", value):
        if parts and parts[-1].rfind("[") > parts[-1].rfind("]"):
            parts[-1] += f",{part}"
        else:
            parts.append(part)
    return _requirement(value, reach) or all(_requirement(part, reach) for part in parts)


def _index(value: str, reach: Reach) -> bool:
    name, has_name, url = value.partition("=")
    if has_name and re.fullmatch(NAME, name, re.ASCII):
        return _place(url, reach)
    return _place(value, reach)


def _group(value: str, reach: Reach) -> bool:
    path, has_path, name = value.rpartition(":")
    return bool(re.fullmatch(NAME, name, re.ASCII)) and (not has_path or reach.holds(path))


def _setting(value: str, reach: Reach) -> bool:
    """Return whether a value is ``key=value`` and contains no path that leaves the workspace."""
    key, has_value, text = value.partition("=")
    is_plain = text == "" or is_path(text, reach)
    return bool(has_value and re.fullmatch(NAME, key, re.ASCII) and is_plain)


def _package_setting(value: str, reach: Reach) -> bool:
    project, has_key, setting = value.partition(":")
    return bool(has_key and re.fullmatch(NAME, project, re.ASCII)) and _setting(setting, reach)


def _url(value: str, reach: Reach) -> bool:
    return bool(re.fullmatch(_URL, value, re.ASCII)) and reach.serves(value)


def _service(value: str, reach: Reach) -> bool:
    """Return whether a value is a URL or a bare host name, which uv treats as an https URL."""
    return _url(value if "://" in value else f"https://{value}", reach)


def _locked_source(value: str, reach: Reach) -> bool:
    """Return whether a value is a source in the form ``kind+place``, as used by uv before 0.4."""
    kind, _, place = value.partition("+")
    kinds = ("registry", "direct", "path", "directory", "editable", "virtual")
    return kind in kinds and _place(place, reach)


def _entry_point(value: str, reach: Reach) -> bool:
    """Return whether a value refers to an object in one of the scenario's own modules."""
    module, has_object, name = value.partition(":")
    return bool(has_object) and _is_in(f"{module}.{name}", reach.modules)


def _attribute(value: str, reach: Reach) -> bool:
    """Return whether a value refers to an object in a module next to the project file.

    setuptools imports the module and calls the object. A module from anywhere else would be code
    from outside the scenario.
    """
    module, has_name, name = value.rpartition(".")
    is_plain = re.fullmatch(r"\w+", name, re.ASCII) is not None
    return bool(has_name) and is_plain and module in reach.attributes


def _is_in(dotted: str, modules: Collection[str]) -> bool:
    module = dotted.partition(".")[0]
    is_plain = re.fullmatch(r"\w+(?:\.\w+)*", dotted, re.ASCII) is not None
    return is_plain and module in modules and module not in STANDARD_MODULES


def has_control(value: str) -> bool:
    """Return whether a string contains a line break or another control character."""
    return any(unicodedata.category(letter) in ("Cc", "Zl", "Zp") for letter in value)


def _preview_features(value: str, reach: Reach) -> bool:  # noqa: ARG001
    """Return whether a value lists only preview features that do not use the system keyring."""
    is_plain = re.fullmatch(r"[\w, -]*", value, re.ASCII)
    return bool(is_plain) and not re.search("native.?auth", value.lower())


_place: Final = _any_of(_url, is_path, is_below_project)
_python: Final = _any_of(_like(_PYTHON), is_venv)

KINDS: Final[Mapping[str, tuple[Test, str]]] = {
    "assigned": (_like(rf"{NAME}(?:=[\w.+-]+)?"), "a word, or word=value"),
    "attribute": (
        _attribute,
        "module.name, of a module whose file the scenario has beside this project file, or in its "
        "source folder",
    ),
    "backend": (_like("|".join(map(re.escape, _BACKENDS))), f"one of {', '.join(_BACKENDS)}"),
    "backend-folder": (
        _like("backend"),
        "'backend', as a local project has it",
    ),
    "base": (is_visible, "a folder within the workspace that is not hidden"),
    "cache-folder": (is_path, "a folder within the workspace"),
    "cache-name": (
        _like(r"\.|[\w-]+(?::[\w.-]+){0,2}"),
        "the name of a cache, of a project in it, or '.'",
    ),
    "constraint": (_like(r"[\w.*^~<>=!|,() +-]*"), "a version specifier"),
    "date": (_like(r"[\w:. +-]+"), "a date, a time or a duration"),
    "dates": (_like(rf"{NAME}=[\w:. +-]+"), "project=date"),
    "dependency": (_dependency, "a requirement, a path within the workspace or an http(s) URL"),
    "digest": (_like(r"[a-z0-9]+:[0-9A-Fa-f]+"), "an algorithm, : and a digest"),
    "editable-line": (is_editable_line, "-e and a path within the workspace"),
    "empty": (_like(""), "empty"),
    "entry-point": (_entry_point, "module:function, of a module that the scenario brings"),
    "filename": (_like(r"\w[\w.+!-]*"), "the name of a file"),
    "flag": (
        _like(r"(?i:0|1|t|f|y|n|true|false|yes|no|on|off)"),
        "true, false, 1, 0, or another word for them",
    ),
    "folder": (is_visible, "a folder within the workspace that is not hidden"),
    "glob": (is_glob, "a pattern of paths within the workspace"),
    "group": (_group, "a group, or a path within the workspace with :GROUP"),
    "hex": (_like(r"[0-9A-Fa-f]+"), "a digest"),
    "host": (_like(r"[\w*][\w.*-]*(?::\d+)?"), "a host, or host:port"),
    "index": (_index, "the URL of an index, with or without NAME= before it"),
    "keyring": (_like("disabled"), "'disabled', as a scenario cannot start a keyring"),
    "lockfile": (is_lockfile, "a .lock file of PDM, or a pylock.toml, within the workspace"),
    "locked-source": (
        _locked_source,
        "a source, + and a path within the workspace or a URL",
    ),
    "log-filter": (_like(r"[\w:=,-]*"), "levels of modules such as 'uv=debug'"),
    "marker": (_like(_MARKER_BODY), "an environment marker without '/', '\\', ',' or '$'"),
    "module": (_like(r"[A-Za-z_][\w.]*"), "the name of a module"),
    "name": (_like(NAME), "a name"),
    "number": (_like(r"\d{1,9}(?:\.\d{1,9})?"), "a number"),
    "output": (
        is_output,
        "a file within the workspace that ends in .txt, .in, .json or .xml, or a pylock.toml",
    ),
    "new-project": (
        is_new_project,
        "a folder within the workspace with a name for a script: it cannot be python, git or "
        "another program that installers start",
    ),
    "no-vcs": (_like("none"), "'none', as a scenario cannot start version control"),
    "off": (
        _like(r"(?i:0|f|n|false|no|off|never)"),
        "false or never, as the feature is not available in a play",
    ),
    "on": (_like(r"(?i:1|t|y|true|yes|on)"), "true: else it installs into a Python of the machine"),
    "package-setting": (_package_setting, "project:key=value"),
    "preview-features": (_preview_features, "words, but not native-auth: it asks a keyring"),
    "path": (is_path, "a path within the workspace"),
    "pattern": (_like(r"[\w*][\w.*?:\[\]-]*"), "a name or a pattern such as 'six*'"),
    "pdm-setting": (
        _like(_PDM_SETTINGS),
        "a setting of an index, of installs or of strategies",
    ),
    "place": (_place, "a path within the workspace or an http(s) URL"),
    "plain": (
        _any_of(_like(r"[A-Za-z0-9:][\w:-]*|[^\n\r\0/:\\$~]+"), _url),
        "a text without '/', ':', '$', '~' or '\\', or an http(s) URL",
    ),
    "poetry-setting": (
        _like(_POETRY_SETTINGS),
        "a setting of an index, of the installer or virtualenvs.in-project",
    ),
    "poetry-source-type": (_like("legacy|url|file|directory"), "legacy, url, file or directory"),
    "project": (_like(rf"{NAME}(?:[ ,]+{NAME})*"), "the name of a project, an extra or a group"),
    "projects": (_like(_WORD), "a name, or several with commas"),
    "prompt": (
        _like(r"(?:[\w .-]|\{project_name\}|\{python_version\})+"),
        "plain words, as the text is written into the scripts of the venv",
    ),
    "python": (_python, "a version of Python, or one within the workspace"),
    "requirement": (_requirements, "a requirement, a path within the workspace or an http(s) URL"),
    "requirements": (
        is_requirements_file,
        "a .txt or .in file, a pyproject.toml or a pylock.toml within the workspace (an index "
        "serves none)",
    ),
    "script": (_like(SCRIPT), "a name for a script"),
    "sentence": (
        _like(r"[^\n\r\0\"\\]*"),
        "text of one line without '\"' or '\\': it is written into a file as it is",
    ),
    "service": (_service, "the host of an index, or an http(s) URL without '..'"),
    "setting": (_setting, "key=value, with a plain word or a path within the workspace as value"),
    "setting-value": (_any_of(_like(""), is_path), "a plain word or a path within the workspace"),
    "subfolder": (is_subfolder, "a folder within what is unpacked, without '..'"),
    "text": (_like(_TEXT), "text of one line"),
    "torch": (_like(r"cpu|xpu|cu\d+|rocm[\d.]+"), "a backend such as 'cpu' or 'cu128'"),
    "url": (_url, "an http(s) URL without '..'"),
    "venv": (
        is_venv,
        "a path within the workspace: a command can change only a venv of the workspace",
    ),
    "version": (_like(_VERSION), "a version"),
    "version-source": (_like("regex|env"), "regex or env: any other value runs code"),
    "words": (_like(_WORD), "a plain word"),
}
"""For each kind of value, the function that tests values, and a description for messages."""
