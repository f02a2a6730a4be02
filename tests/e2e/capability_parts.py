"""Tables and steps from which the examples of capabilities are assembled."""

from __future__ import annotations

from typing import Any, Final

Keys = dict[str, Any]

SIX: Final[Keys] = {"six": {"1.16.0": {}, "1.17.0": {}}, "idna": {"3.10": {}}}
SUCCESS: Final[Keys] = {"exit": "success"}
NEW: Final[Keys] = {"installed": {"six": "1.17.0"}}
OLD: Final[Keys] = {"installed": {"six": "1.16.0"}}
ELSEWHERE: Final[Keys] = {"installed": {"six": "1.15.0"}}
PROJECT: Final[Keys] = {"dependencies": ["six"]}
BUILT: Final[Keys] = {"built": {"1.0": {"files": [{"kind": "sdist"}, {"kind": "wheel"}]}}}
UV_FILE: Final = """\
[project]
name = "project"
version = "0.1.0"
requires-python = ">=3.8"
dependencies = ["six"]
"""


PYPI: Final[Keys] = {"url": "https://pypi.org/simple", "packages": {**SIX, **BUILT}}
OTHER: Final[Keys] = {
    "url": "https://other.example.com/simple",
    "packages": {"six": {"1.15.0": {}}, "idna": {"3.9": {}}},
}
TWO: Final[Keys] = {"indexes": {"pypi": PYPI, "other": OTHER}}


def hyphened(options: Keys) -> Keys:
    """Return options with hyphens in place of underscores, as in scenario files."""
    return {name.replace("_", "-"): value for name, value in options.items()}


def told(*steps: Keys, **tables: Any) -> Keys:
    """Return a scenario with these steps."""
    return {"title": "a capability", "indexes": {"pypi": PYPI}, "steps": [*steps], **tables}


def in_project(*steps: Keys, **tables: Any) -> Keys:
    """Return a scenario with a project that requires six."""
    return told(*steps, **{"project": PROJECT, **tables})


def sync(expect: Keys = NEW, **options: Any) -> Keys:
    """Return a sync step."""
    return {"do": "sync", **hyphened(options), "expect": expect}


def install(expect: Keys = NEW, **options: Any) -> Keys:
    """Return a step that installs six."""
    return {"do": "install", "requirements": ["six"], **hyphened(options), "expect": expect}


def add(expect: Keys, **options: Any) -> Keys:
    """Return a step that adds idna to the project."""
    return {"do": "add", "requirements": ["idna"], **hyphened(options), "expect": expect}


def compiled(**options: Any) -> Keys:
    """Return a step that compiles a requirements file for six."""
    return {"do": "compile", "requirements": ["six"], **hyphened(options), "expect": SUCCESS}


def synced(expect: Keys = NEW, **options: Any) -> tuple[Keys, Keys]:
    """Return steps that compile a requirements file for six, and sync a venv with it."""
    return compiled(), {"do": "sync-requirements", **hyphened(options), "expect": expect}


def experiment(command: str) -> Keys:
    """Return a scenario that fails if uv says that its command is experimental."""
    expect = {"exit": "any", "output": {"lacks": ["experimental"]}}
    return told(
        {"command": {"uv": command}, "expect": expect}, **{"project-files": {"uv": UV_FILE}}
    )


def with_variable(name: str) -> Keys:
    """Return a step in which a variable of uv selects the other index."""
    env = {name: OTHER["url"]}
    return {"command": {"uv": "uv pip install six"}, "env": env, "expect": ELSEWHERE}


def from_other(**source: Any) -> Keys:
    """Return sources that take six from the other index, which has only old releases."""
    return {"sources": {"six": {"index": "other", **source}}, **TWO}


def extras(**tables: Any) -> Keys:
    """Return tables of a project with two extras that require different releases of six."""
    chosen = {"a": ["six==1.16.0"], "b": ["six==1.17.0"]}
    return {"project": {"dependencies": [], "optional-dependencies": chosen, **tables}}


GROUP: Final[Keys] = {"project": {**PROJECT, "dependency-groups": {"g": ["idna"]}}}
IDNA: Final[Keys] = {"installed": {"idna": "3.10"}}
EXTRA: Final[Keys] = {"project": {"dependencies": [], "optional-dependencies": {"a": ["six"]}}}
OF_GROUP: Final[Keys] = {"project": {"dependencies": [], "dependency-groups": {"g": ["six"]}}}
LOCAL: Final[Keys] = {"local-projects": {"mine": {"path": "mine"}}}
OF_MINE: Final[Keys] = {"origin": {"mine": "path"}}
FLAT: Final[Keys] = {
    "indexes": {
        "pypi": {"url": PYPI["url"], "packages": SIX},
        "other": {
            "url": "https://other.example.com/links.html",
            "flat": True,
            "packages": {"six": {"1.15.0": {}}},
        },
    }
}
KEPT: Final[Keys] = {
    "indexes": {
        "pypi": {
            "url": PYPI["url"],
            "packages": SIX,
            "headers": {"profile": "none", "pages": {"cache-control": "no-store"}},
        },
    },
    "cache-control": {"pypi": {"pages": "max-age=600"}},
}
BEST: Final[Keys] = {"index-strategy": "unsafe-best-match", "extra-indexes": ["other"]}
FIRST: Final[Keys] = {"index-strategy": "first-index", "extra-indexes": ["other"]}
REFUSED: Final[Keys] = {"exit": "failure"}

BETWEEN: Final = "2026-02-01T00:00:00Z"
AFTER: Final = "2026-04-01T00:00:00Z"
UPLOADED: Final[Keys] = {
    "indexes": {
        "pypi": {
            "url": PYPI["url"],
            "packages": {
                "six": {
                    "1.16.0": {"upload-time": "2026-01-01T00:00:00Z"},
                    "1.17.0": {"upload-time": "2026-03-01T00:00:00Z"},
                },
                "idna": {"3.10": {}},
            },
        },
    }
}

EARLY: Final[Keys] = {
    "indexes": {
        "pypi": {
            "url": PYPI["url"],
            "packages": {"six": {"1.16.0": {}, "1.17.0rc1": {}}, "idna": {"3.10": {}}},
        }
    }
}
NEW_EARLY: Final[Keys] = {"installed": {"six": "1.17.0rc1"}}

LINUX: Final = "sys_platform == 'linux'"
NOT_LINUX: Final = "sys_platform != 'linux'"
WINDOWS: Final = "sys_platform == 'win32' and platform_machine == 'AMD64'"
NOT_OF_WINDOWS: Final[Keys] = {"1.0": {"tag": "py3-none-manylinux_2_17_x86_64"}}

PYLOCK: Final = 'lock-version = "1.0"\ncreated-by = "test"\npackages = []\n'
UV_CACHE_CONTROL: Final = """
[[tool.uv.index]]
name = "pypi"
url = "https://pypi.org/simple"
cache-control = "not a table"
"""


def linked(mode: str, *, stays: bool) -> Keys:
    """Return a scenario that checks whether six remains in the venv after the cache is cleared."""
    cleared = {"do": "clear-cache", "expect": {"exit": "any", "venv-files": {"**/six.py": stays}}}
    return told(install(), cleared, project={**PROJECT, "link-mode": mode})


def locked(expect: Keys, **options: Any) -> Keys:
    """Return a lock step."""
    return {"do": "lock", **hyphened(options), "expect": expect}
