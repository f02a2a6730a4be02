"""A small scenario for each row of the capability tables; it passes only with the capability."""

from __future__ import annotations

from collections.abc import Mapping
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
    """Return options with hyphens, as scenario files spell them."""
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
    """Return a step that adds idna."""
    return {"do": "add", "requirements": ["idna"], **hyphened(options), "expect": expect}


def compiled(**options: Any) -> Keys:
    """Return a step that compiles the requirement six to a requirements file."""
    return {"do": "compile", "requirements": ["six"], **hyphened(options), "expect": SUCCESS}


def synced(expect: Keys = NEW, **options: Any) -> tuple[Keys, Keys]:
    """Return steps that compile six and sync the requirements file."""
    return compiled(), {"do": "sync-requirements", **hyphened(options), "expect": expect}


def experiment(command: str) -> Keys:
    """Return a scenario that fails if uv calls its command experimental."""
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
    """Return a scenario that clears the cache, which breaks symlinks into it."""
    cleared = {"do": "clear-cache", "expect": {"exit": "any", "venv-files": {"**/six.py": stays}}}
    return told(install(), cleared, project={**PROJECT, "link-mode": mode})


PROOFS: Final[Mapping[tuple[str, str], Keys]] = {
    # uv 0.7.22 to 0.8.0 know the key, and do not obey it.
    ("uv", "override of an index's cache-control"): told(
        install({"output": {"contains": ["Failed to parse `pyproject.toml` during settings"]}}),
        **{"project-files": {"uv": UV_FILE + UV_CACHE_CONTROL}},
    )
}
"""Scenarios for rows of the capability tables that no single example can prove."""

UV: Final[Mapping[str, Keys]] = {
    "pip install --config-setting": told(install(config_settings={"a": "1"})),
    "pip install of pylock.toml": told(
        {"do": "install", "requirements-files": ["pylock.toml"], "expect": SUCCESS},
        install(),
        files={"project/pylock.toml": PYLOCK},
    ),
    "pip sync --exclude-newer": told(*synced(exclude_newer=AFTER), **UPLOADED),
    "exclude-newer by an age": told(install(exclude_newer="7 days ago"), **UPLOADED),
    "exclude-newer of a project": told(
        install(OLD), project={**PROJECT, "exclude-newer": BETWEEN}, **UPLOADED
    ),
    "pip sync --prerelease": told(*synced(OLD, prereleases=True), **EARLY),
    "pip sync --resolution": told(*synced(resolution="lowest")),
    "resolution of a project": told(install(OLD), project={**PROJECT, "resolution": "lowest"}),
    "link-mode of a project": linked("symlink", stays=False),
    "prerelease of a project": told(
        install(NEW_EARLY), project={**PROJECT, "prereleases": True}, **EARLY
    ),
    "environments of a project": told(
        {"do": "lock", "expect": {"locked": {"six": "1.17.0"}}},
        project={
            "dependencies": [f"six ; {LINUX}", f"six<1.17 ; {NOT_LINUX}"],
            "environments": [LINUX],
        },
    ),
    "required-environments of a project": told(
        {"do": "lock", "expect": REFUSED},
        project={"dependencies": ["app"], "required-environments": [WINDOWS]},
        indexes={"pypi": {"url": PYPI["url"], "packages": {"app": NOT_OF_WINDOWS}}},
    ),
    "SSL_CERT_FILE": told(install()),
    "lock": experiment("uv lock"),
    "sync": experiment("uv sync"),
    "run": experiment("uv run python -c 'print(1)'"),
    "add": experiment("uv add idna"),
    "remove": experiment("uv remove six"),
    "tree": experiment("uv tree"),
    "sync --no-install-project": in_project(sync()),
    "projects that are not built": in_project(add(IDNA)),
    "init of projects that are not built": told(
        {"command": {"uv": "uv init"}, "expect": SUCCESS},
        {"command": {"uv": "uv add six"}, "expect": NEW},
    ),
    "cache prune": told(install(), {"do": "prune-cache", "expect": SUCCESS}),
    "cache prune --ci": told(install(), {"do": "prune-cache", "ci": True, "expect": SUCCESS}),
    "UV_PROJECT_ENVIRONMENT": in_project(sync(venv="elsewhere")),
    "lock --reinstall": in_project({"do": "lock", "reinstall": True, "expect": SUCCESS}),
    "lock --no-deps": in_project({"do": "lock", "no-deps": True, "expect": SUCCESS}),
    "lock --python-platform": in_project(
        {"do": "lock", "python-platform": "linux", "expect": SUCCESS}
    ),
    "sync --no-deps": in_project(sync(no_deps=True)),
    "sync --python-platform": in_project(sync(python_platform="linux")),
    "sync --group": in_project(sync(IDNA, groups=["g"]), **GROUP),
    "run --no-deps": in_project({"do": "run", "no-deps": True, "expect": NEW}),
    "run --python-platform": in_project({"do": "run", "python-platform": "linux", "expect": NEW}),
    "run --group": in_project({"do": "run", "groups": ["g"], "expect": IDNA}, **GROUP),
    "add --no-deps": in_project(add(IDNA, no_deps=True)),
    "add --python-platform": in_project(add(IDNA, python_platform="linux")),
    "add --group": in_project(add(SUCCESS, group="g"), sync(IDNA, groups=["g"])),
    "add --index": in_project(
        {"do": "add", "requirements": ["six"], "index": "other", "expect": ELSEWHERE},
        project={"dependencies": []},
        **TWO,
    ),
    "remove --no-deps": in_project(
        {"do": "remove", "projects": ["six"], "no-deps": True, "expect": SUCCESS}
    ),
    "remove --python-platform": in_project(
        {"do": "remove", "projects": ["six"], "python-platform": "linux", "expect": SUCCESS}
    ),
    "remove --group": in_project(
        sync(IDNA, groups=["g"]),
        {"do": "remove", "projects": ["idna"], "group": "g", "expect": SUCCESS},
        {"do": "lock", "expect": {"locked": {"six": "1.17.0"}}},
        **GROUP,
    ),
    "pip install PATH": told(install(OF_MINE, requirements=[], paths=["mine"]), **LOCAL),
    "pip install --index-strategy": told(install(ELSEWHERE, **FIRST), **TWO),
    "pip install --require-hashes": told(
        install(IDNA, requirements=["idna"]), install(REFUSED, require_hashes=True)
    ),
    "pip install --python-platform": told(install(python_platform="linux")),
    "pip install --no-sources": told(install(no_sources=True)),
    "pip sync --upgrade": told(*synced(upgrade=True)),
    "pip sync --no-deps": told(*synced(no_deps=True)),
    "pip sync --index-strategy": told(*synced(index_strategy="first-index")),
    "pip sync --require-hashes": told(*synced(REFUSED, require_hashes=True)),
    "pip sync --python-platform": told(*synced(python_platform="linux")),
    "pip sync --no-sources": told(*synced(no_sources=True)),
    "pip compile --reinstall": told(compiled(reinstall=True)),
    "pip compile --index-strategy": told(compiled(index_strategy="first-index")),
    "pip compile --python-platform": told(compiled(python_platform="linux")),
    "pip compile --no-binary": told(compiled(requirements=["built"], no_binary=["built"])),
    "pip compile --no-sources": told(compiled(no_sources=True)),
    "--index-strategy unsafe-best-match": told(install(**BEST), **TWO),
    "UV_DEFAULT_INDEX": told(with_variable("UV_DEFAULT_INDEX"), **TWO),
    "UV_INDEX": told(with_variable("UV_INDEX"), **TWO),
    "support of Python 3.6": told(install(python="3.6")),
    "dependency groups": in_project(sync(IDNA, groups=["g"]), **GROUP),
    "conflicting extras": told(sync(OLD, extras=["a"]), **extras(conflicts=[["a", "b"]])),
    "explicit indexes": in_project(
        sync({"installed": {"six": "1.15.0", "idna": "3.10"}}),
        project={"dependencies": ["six", "idna"]},
        **from_other(explicit=True),
    ),
    "flat indexes in [[tool.uv.index]]": in_project(sync(ELSEWHERE), **{**from_other(), **FLAT}),
    "override of an index's cache-control": in_project(
        {"do": "lock", "expect": SUCCESS},
        {"do": "lock", "upgrade": True, "expect": {"requests": {"page": 0}}},
        **KEPT,
    ),
    "index for one project": in_project(
        sync(ELSEWHERE, index_strategy="unsafe-best-match"), **from_other()
    ),
    "sources for one extra": told(
        sync(ELSEWHERE, extras=["a"]), **EXTRA, **from_other(extra="a", explicit=True)
    ),
    "sources for one group": told(
        sync(ELSEWHERE, groups=["g"]), **OF_GROUP, **from_other(group="g", explicit=True)
    ),
    "sources for one marker": in_project(
        sync(NEW), **from_other(marker="sys_platform == 'none'", explicit=True)
    ),
    "lists of sources for a project": in_project(
        sync(ELSEWHERE),
        sources={
            "six": [
                {"index": "other", "explicit": True, "marker": "sys_platform != 'none'"},
                {"index": "pypi", "marker": "sys_platform == 'none'"},
            ]
        },
        **TWO,
    ),
}

SDIST: Final[Keys] = {"built": {"1.0": {"files": [{"kind": "sdist"}]}}}
ONLY_SDIST: Final[Keys] = {"indexes": {"pypi": {"url": PYPI["url"], "packages": SDIST}}}
OF_BUILT: Final[Keys] = {"project": {"dependencies": ["built"]}}
FROM_MINE: Final[Keys] = {"sources": {"mine": {"path": "mine"}}, **LOCAL}

PIP: Final[Mapping[str, Keys]] = {
    "install --config-settings": told(install(config_settings={"a": "1"})),
    "lock": in_project({"do": "lock", "expect": {"locked": {"six": "1.17.0"}}}),
    "install of pylock.toml": in_project(
        {"do": "lock"},
        {"do": "publish", "index": "pypi", "project": "six", "version": "1.18.0"},
        sync(),
    ),
    "install --dry-run --report": told(compiled()),
    "dependency groups": in_project(sync(groups=["g"]), **OF_GROUP),
    "cache purge": told(install(), {"do": "clear-cache", "expect": SUCCESS}),
    "--refresh-package": told(
        install(), {"do": "remove-venv"}, install({"requests": {"page": 1}}, refresh=True)
    ),
    "--uploaded-prior-to": told(install(OLD, exclude_newer=BETWEEN), **UPLOADED),
    "--uploaded-prior-to by an age": told(install(exclude_newer="7 days ago"), **UPLOADED),
    "builds by a backend within the project (backend-path)": told(
        install({"builds": {"mine": 1}}, requirements=[], paths=["mine"], python="3.8"), **LOCAL
    ),
    "editable installs by build backends (PEP 660)": told(
        install({"origin": {"mine": "editable"}}, requirements=[], editable=["mine"]), **LOCAL
    ),
}

EXCLUSIVE: Final[Keys] = {
    "project": {
        "dependencies": [],
        "optional-dependencies": {"a": ["six"], "b": ["six"]},
        "conflicts": [["a", "b"]],
    },
    "sources": {
        "six": [
            {"index": "other", "explicit": True, "extra": "a"},
            {"index": "pypi", "extra": "b"},
        ]
    },
    **TWO,
}
SOLO: Final[Keys] = {
    "project": {"dependencies": ["solo"]},
    "indexes": {"pypi": PYPI, "other": {"url": OTHER["url"], "packages": {"solo": {"1.0": {}}}}},
}

POETRY: Final[Mapping[str, Keys]] = {
    "package-mode": in_project(sync()),
    "installer.only-binary": told(
        {"do": "lock", "expect": SUCCESS},
        sync(REFUSED, no_build=True, frozen=True),
        **{**ONLY_SDIST, **OF_BUILT},
    ),
    "solver.min-release-age": in_project(
        {"do": "publish", "index": "pypi", "project": "six", "version": "1.18.0"},
        sync(exclude_newer="7 days ago"),
    ),
    "add to an extra that is locked with it": in_project(
        add({"installed": {"idna": "3.9"}}, index="other", optional="a"),
        sync({"absent": ["idna"]}),
        **TWO,
    ),
    "way to learn a source tree's metadata without pypa/build": told(
        sync({"installed": {"mine": "0.1.0"}}),
        project={"dependencies": ["mine"]},
        **FROM_MINE,
    ),
    "extras that exclude each other": told(
        sync(ELSEWHERE, extras=["a"]), sync(NEW, extras=["b"]), **EXCLUSIVE
    ),
    "several requirements on one project": told(
        sync(OLD),
        project={
            "dependencies": [
                "six==1.16.0 ; sys_platform != 'none'",
                "six==1.17.0 ; sys_platform == 'none'",
            ]
        },
    ),
    "sources for one extra": told(
        sync(ELSEWHERE, extras=["a"]), sync(NEW, extras=["b"]), **EXCLUSIVE
    ),
}

PDM: Final[Mapping[str, Keys]] = {
    "lock --check": in_project(
        {"do": "lock"}, {"do": "lock", "locked": True, "expect": {"lockfile": "unchanged"}}
    ),
    "lock --exclude-newer": in_project(
        {"do": "lock", "exclude-newer": BETWEEN, "expect": {"locked": {"six": "1.16.0"}}},
        **UPLOADED,
    ),
    "lock --strategy direct_minimal_versions": in_project(
        {"do": "lock", "resolution": "lowest-direct", "expect": {"locked": {"six": "1.16.0"}}},
    ),
    "lock --exclude-newer by an age": in_project(
        {"do": "lock", "exclude-newer": "7 days ago", "expect": {"locked": {"six": "1.17.0"}}},
        **UPLOADED,
    ),
    "exclude-newer of a project": in_project(
        add({"installed": {"six": "1.16.0", "idna": "3.10"}}),
        project={**PROJECT, "exclude-newer": BETWEEN},
        **UPLOADED,
    ),
    "install.cache in pdm.toml": linked("symlink", stays=False),
    "install.cache_method hardlink": linked("hardlink", stays=True),
    "venv of its project": in_project(sync()),
    "proxy": in_project(sync()),
    "proxy for the indexes of a project": told(sync({"installed": {"solo": "1.0"}}), **SOLO),
    "--no-cache": in_project(
        sync(NEW, no_cache=True),
        {"do": "remove-venv"},
        sync({"downloads": {"six": 1}}, frozen=True),
    ),
    "sources of single projects": in_project(
        sync({"installed": {"six": "1.15.0", "idna": "3.10"}}),
        project={"dependencies": ["six", "idna"]},
        **from_other(explicit=True),
    ),
}


def locked(expect: Keys, **options: Any) -> Keys:
    """Return a lock step."""
    return {"do": "lock", **hyphened(options), "expect": expect}


LOCKED: Final[Keys] = {"locked": {"six": "1.17.0"}}

NAB: Final[Mapping[str, Keys]] = {
    "lockfile without a path of this machine": in_project(
        locked(LOCKED), locked({**LOCKED, "requests": 0}, offline=True)
    ),
    "command that clears its cache": in_project(
        locked(LOCKED), {"do": "clear-cache"}, locked({"requests": {"page": ">=1"}})
    ),
}
