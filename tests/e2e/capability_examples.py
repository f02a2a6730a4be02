"""Small scenarios, one for each row of the capability tables, that need the row's capability."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests.e2e.capability_parts import (
    AFTER,
    BEST,
    BETWEEN,
    EARLY,
    ELSEWHERE,
    EXTRA,
    FIRST,
    FLAT,
    GROUP,
    IDNA,
    KEPT,
    LINUX,
    LOCAL,
    NEW,
    NEW_EARLY,
    NOT_LINUX,
    NOT_OF_WINDOWS,
    OF_GROUP,
    OF_MINE,
    OLD,
    OTHER,
    PROJECT,
    PYLOCK,
    PYPI,
    REFUSED,
    SUCCESS,
    TWO,
    UPLOADED,
    UV_CACHE_CONTROL,
    UV_FILE,
    WINDOWS,
    Keys,
    add,
    compiled,
    experiment,
    extras,
    from_other,
    in_project,
    install,
    linked,
    locked,
    sync,
    synced,
    told,
    with_variable,
)

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


LOCKED: Final[Keys] = {"locked": {"six": "1.17.0"}}

NAB: Final[Mapping[str, Keys]] = {
    "lockfile without a path of this machine": in_project(
        locked(LOCKED), locked({**LOCKED, "requests": 0}, offline=True)
    ),
    "command that clears its cache": in_project(
        locked(LOCKED), {"do": "clear-cache"}, locked({"requests": {"page": ">=1"}})
    ),
}
